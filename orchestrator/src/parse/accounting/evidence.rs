//! What a trial is judged by.

use hdrhistogram::Histogram;

use crate::parse::counts::Counts;
use crate::parse::figures::Figures;
use crate::parse::protocol::Transcript;
use crate::plan::Benchmark;
use crate::supervise::TrialRecord;

/// Everything that is known of one trial.
#[derive(Debug, Clone, Copy)]
pub(in crate::parse) struct Evidence<'a> {
    pub(in crate::parse) record: &'a TrialRecord,
    pub(in crate::parse) benchmark: &'a Benchmark,
    /// None for a program that does not speak the protocol.
    pub(in crate::parse) transcript: Option<&'a Transcript>,
    /// What was counted, the kernel's part by the kernel.
    pub(in crate::parse) counts: &'a Counts,
    pub(in crate::parse) delays: Option<&'a Histogram<u64>>,
    /// What follows from them.
    pub(in crate::parse) figures: &'a Figures,
}
