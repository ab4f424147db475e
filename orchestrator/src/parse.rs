//! Turns the raw facts of one trial into a measurement: how it ended, what was counted, whether that balances, and the
//! figures. Pure: no input or output, and the same record always gives the same measurement.

mod accounting;
mod clocks;
mod counts;
mod disturbance;
mod disturbed;
mod figures;
mod format;
mod latency;
mod limit;
mod load_ran;
mod measurement;
mod outcome;
mod outliers;
mod processes;
mod protocol;
mod quiet;
#[cfg(test)]
pub(crate) mod testing;
mod text;
mod watched;

pub use accounting::{Equation, Relation, Verdict};
pub use counts::Counts;
pub use disturbance::{Disturbance, Disturbed};
pub use figures::{Figures, RingFigures};
pub use format::Format;
pub use latency::{Latency, LatencyError, decode_histogram, encode_histogram};
pub use limit::{Limit, LimitedBy};
pub use measurement::{Measurement, RunnerIdentity, measure};
pub use outcome::Outcome;
pub use outliers::flag_outliers;
pub use processes::{CpuBalance, CpuSource};
pub use protocol::{Counters, Hello, Ready, RunnerError, Summary, Transcript, Violation, read_transcript};
pub use text::{TextFormat, TextFormatError};
