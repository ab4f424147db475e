//! Statistics over blocks: estimates with intervals, paired comparisons, verdicts, groups. Pure, and without randomness.
//!
//! The sample is one runner process. Within a block every implementation ran once, so that drift of the machine hits all;
//! comparisons pair the trials of a block and look at the logarithm of their ratio (docs/METHODOLOGY.md).

mod analysis;
mod benchmark;
mod cost;
mod cost_rows;
mod curves;
mod diff;
mod estimate;
mod family;
mod groups;
mod holm;
mod interval;
mod pair;
mod quantity;
mod row;
mod score;
mod settings;
mod sign_flip;
#[cfg(test)]
mod simulation;
mod student;
#[cfg(test)]
pub(crate) mod testing;

pub use crate::arithmetic::{deviation, mean, median};
pub use crate::facts::{Direction, Quantity};
pub use analysis::{Analysis, analyse};
pub use benchmark::{BenchmarkAnalysis, NoiseFloor};
pub use cost::{AddedCost, added_costs};
pub use cost_rows::{CostRow, Costs, costs};
pub use curves::{Coefficient, Curve, CurvePoint, Law, RowFit};
pub use diff::{Basis, DiffCell, Figure, Finding, Side, diff, findings, lacking};
pub use estimate::Estimate;
pub use groups::letters;
pub use holm::{holm, shaffer};
pub use interval::{Interval, MIN_REPETITIONS};
pub use pair::{Pair, PairVerdict, compare};
pub use row::{Row, RowStatus, TrialCounts, merge_latency};
pub use score::Score;
pub use settings::{Settings, Tiers};
pub use sign_flip::{blocks_for_sign_flip, sign_flip_p};
pub use student::{t_cdf, t_quantile};
