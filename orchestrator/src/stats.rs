//! Statistics over blocks: estimates with intervals, paired comparisons, verdicts, groups. Pure, and without randomness.
//!
//! The sample is one runner process. Within a block every implementation ran once, so that drift of the machine hits all;
//! comparisons pair the trials of a block and look at the logarithm of their ratio (docs/METHODOLOGY.md).

mod analysis;
mod cost;
mod diff;
mod estimate;
mod groups;
mod holm;
mod pair;
mod quantity;
mod row;
mod score;
mod settings;
mod sign_flip;
mod student;
#[cfg(test)]
pub(crate) mod testing;
mod welch;

pub use analysis::{Analysis, BenchmarkAnalysis, NoiseFloor, analyse};
pub use cost::{AddedCost, added_costs};
pub use diff::{Basis, DiffCell, Figure, Side, diff};
pub use estimate::{Estimate, LogInterval, MIN_REPETITIONS};
pub use groups::groups;
pub use holm::holm;
pub use pair::{Pair, PairVerdict, compare};
pub use quantity::{Direction, Quantity};
pub use row::{Row, RowStatus, TrialCounts, merge_latency};
pub use score::Score;
pub use settings::{Settings, Tiers};
pub use sign_flip::{blocks_for_sign_flip, sign_flip_p};
pub use student::{t_cdf, t_quantile};
pub use welch::{LogMean, welch};
