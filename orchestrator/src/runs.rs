//! A run as a whole: from its trials to its result, as it was stored, or parsed and analysed anew; and what is missing of it.
//!
//! Showing a stored result needs no raw facts: they are read from `events.jsonl` where there is no result for all of the trials, or
//! where somebody asks for a new one.

mod progress;
mod result;
mod usage;

pub use progress::{each_took_ns, is_complete, measured_ns, missing, missing_of, plan};
pub use result::{analysed, parsed_again, result};
pub use usage::{TrialUsage, UsagePoint, usage};
