//! Flags of the commands that measure.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use crate::config::{Batch, Blocks, Percent, RecordSize, RingSize, Seconds};
use crate::plan::{ProgramType, Question};

/// `orchestrator compare`
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// How long one trial measures
    #[arg(
        short,
        long,
        value_name = "SECONDS",
        default_value = "10",
        default_value_if("quick", "true", "0.5"),
        allow_negative_numbers = true
    )]
    pub duration: Seconds,

    /// What to ask: `capacity`, `throughput` (without loss), `saturation`, `latency`, `overhead` (at the same rate for all), `drop_curve`, `scalability`, `complexity`, `memory_usage`, `start_up` (also with an empty page cache: it empties that of the whole machine), `cost` (to the traced program), `run_time` (of the BPF program)
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "capacity,throughput,latency")]
    pub questions: Vec<Question>,

    /// Ask for the cost to the traced program as well, as `--questions cost` does
    #[arg(long)]
    pub cost: bool,

    /// Everything else
    #[command(flatten)]
    pub options: RunOptions,
}

/// `orchestrator run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Configuration files
    #[arg(value_name = "CONFIG", required = true)]
    pub configs: Vec<PathBuf>,

    /// How long one trial measures, instead of `duration_seconds`
    #[arg(short, long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub duration: Option<Seconds>,

    /// Everything else
    #[command(flatten)]
    pub options: RunOptions,
}

/// What `compare` and `run` have in common.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct RunOptions {
    /// Implementations by name or alias, separated by commas [default: all]
    #[arg(short, long, value_name = "LIST", value_delimiter = ',', help_heading = "Selection")]
    pub implementations: Vec<String>,

    /// Kind of BPF program: `tracepoint`, `raw_tracepoint`, `kprobe` or `fentry` [default: as configured]
    #[arg(long, value_name = "TYPE", help_heading = "Selection")]
    pub program_type: Option<ProgramType>,

    /// How often every implementation is measured, in random order [default: 3; with --precision or --max-time at most 40]
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Experiment")]
    pub blocks: Option<Blocks>,

    /// A look: one block, and `compare` measures trials of half a second; no intervals, no verdicts
    #[arg(long, help_heading = "Experiment")]
    pub quick: bool,

    /// Stop once half the width of every interval of capacity ratios and of the median delay is below this, in per cent; after 8 blocks at the earliest
    #[arg(long, value_name = "PCT", allow_negative_numbers = true, help_heading = "Experiment")]
    pub precision: Option<Percent>,

    /// Begin no block that would end later than this, such as 90s or 10m
    #[arg(long, value_name = "TIME", allow_negative_numbers = true, help_heading = "Experiment")]
    pub max_time: Option<Seconds>,

    /// Seed of the random order [default: a new one each time; results name it]
    #[arg(long, value_name = "N", help_heading = "Experiment")]
    pub seed: Option<u32>,

    /// Implementation that ratios refer to [default: the one whose manifest says so]
    #[arg(long, value_name = "IMPL", help_heading = "Experiment")]
    pub baseline: Option<String>,

    /// Run this implementation twice under two names: what they differ by is noise; `none`: run none twice [default: the
    /// baseline, from 8 blocks on]
    #[arg(long, value_name = "IMPL", help_heading = "Experiment")]
    pub aa: Option<String>,

    /// Smallest difference that matters, in per cent
    #[arg(
        long,
        value_name = "PCT",
        default_value = "5",
        allow_negative_numbers = true,
        help_heading = "Experiment"
    )]
    pub delta: Percent,

    /// Refused with a reason: tiers were of the closed loop, which has no verdict any more
    #[arg(long, value_name = "HIGH,LOW", help_heading = "Experiment", hide = true)]
    pub tiers: Option<Tiers>,

    /// Size of the ring buffer in bytes, a power of two: 65536, 16MiB [default: 16MiB, or as configured]
    #[arg(long, value_name = "BYTES", allow_negative_numbers = true, help_heading = "Experiment")]
    pub ring_size: Option<RingSize>,

    /// Bytes of a record: 48, 64, 128, 256, 512 or 1024 [default: 64, or as configured]
    #[arg(long, value_name = "BYTES", allow_negative_numbers = true, help_heading = "Experiment")]
    pub record_size: Option<RecordSize>,

    /// Records per trigger [default: 100, for latency 1, or as configured]
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Experiment")]
    pub batch: Option<Batch>,

    /// Leave it to the scheduler where everything runs
    #[arg(long, help_heading = "Experiment")]
    pub no_pin: bool,

    /// Do not build first
    #[arg(long, help_heading = "Experiment")]
    pub no_build: bool,

    /// Print the plan and stop
    #[arg(long, help_heading = "Output")]
    pub dry_run: bool,

    /// Folder that gets a folder for this run [default: `results` in the project]
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub output: Option<PathBuf>,

    /// Print JSON on standard output instead of tables
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// What `--tiers` took: nothing is a value of it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tiers {}

impl FromStr for Tiers {
    type Err = Gone;

    fn from_str(_text: &str) -> Result<Self, Gone> {
        Err(Gone {
            message: "there is no `--tiers` any more: tiers were of the closed loop, which has no verdict",
            hint: "leave it out",
        })
    }
}

/// A flag of an earlier version, without effect in this one. To take it in silence would pretend that it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Gone {
    /// What is not there, and why.
    pub message: &'static str,
    /// What to do.
    pub hint: &'static str,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    fn percent_is_within_its_limits(#[values("0", "100", "-5", "nan", "x", "")] text: &str) {
        assert!(text.parse::<Percent>().is_err());
    }
}
