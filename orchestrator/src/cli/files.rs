//! Flags of the commands that work on finished runs.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::Tiers;
use crate::config::Percent;
use crate::render::export::{EXPORTS, Export};

/// `orchestrator report`
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags of a command line, which are independent of each other"
)]
pub struct ReportArgs {
    /// A run: its folder, its name below `results`, or `latest`
    #[arg(value_name = "RUN", default_value = "latest")]
    pub run: PathBuf,

    /// Parse the raw facts again, with the parser and the statistics of this version
    #[arg(long)]
    pub reanalyse: bool,

    /// Keep what `--reanalyse` gives: rewrite run.json and the tables, never the raw facts
    #[arg(long, requires = "reanalyse")]
    pub write: bool,

    /// Smallest difference that matters, in per cent [default: as measured]
    #[arg(long, value_name = "PCT", allow_negative_numbers = true)]
    pub delta: Option<Percent>,

    /// Row that ratios refer to [default: as measured]
    #[arg(long, value_name = "IMPL")]
    pub baseline: Option<String>,

    /// Refused with a reason: tiers were of the closed loop, which has no verdict any more
    #[arg(long, value_name = "HIGH,LOW", hide = true)]
    pub tiers: Option<Tiers>,

    /// Make report.html and its charts again, in the folder of the run, and print where the page is instead of tables
    #[arg(long, conflicts_with = "json")]
    pub html: bool,

    /// Print JSON on standard output instead of tables
    #[arg(long)]
    pub json: bool,
}

/// `orchestrator resume`
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// A run: its folder, its name below `results`, or `latest`
    #[arg(value_name = "RUN", default_value = "latest")]
    pub run: PathBuf,

    /// Print JSON on standard output instead of tables
    #[arg(long)]
    pub json: bool,
}

/// `orchestrator diff`
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier run: its folder, its name below `results`, or `latest`
    pub old: PathBuf,

    /// The later run
    pub new: PathBuf,

    /// A second later run: the gate fails only where both later runs do
    #[arg(value_name = "NEW2")]
    pub confirm: Option<PathBuf>,

    /// Exit with status 8 where the later run is slower by at least this, for certain: `slower:5%`
    #[arg(long, value_name = "WHAT")]
    pub fail_on: Option<FailOn>,

    /// Smallest difference that matters, in per cent
    #[arg(long, value_name = "PCT", default_value = "5", allow_negative_numbers = true)]
    pub delta: Percent,

    /// Row that ratios refer to in both runs [default: the baseline that both were measured with]
    #[arg(long, value_name = "IMPL")]
    pub baseline: Option<String>,

    /// Compare runs that should not be compared, with a warning
    #[arg(long)]
    pub anyway: bool,

    /// Print JSON on standard output instead of tables
    #[arg(long)]
    pub json: bool,
}

/// What a gate fails on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FailOn {
    /// Slower by at least this share.
    pub slower: f64,
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected `slower:` and per cent, such as `slower:5%`".to_owned();
        let percent = text.strip_prefix("slower:").ok_or_else(expected)?;
        let Percent(percent) = percent.parse().map_err(|_| expected())?;
        Ok(Self { slower: percent / 100.0 })
    }
}

/// `orchestrator export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// A run: its folder, its name below `results`, or `latest`
    #[arg(value_name = "RUN", default_value = "latest")]
    pub run: PathBuf,

    /// The format
    #[arg(long, value_enum)]
    pub format: Export,

    /// File to write, all at once or not at all [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

impl ValueEnum for Export {
    fn value_variants<'a>() -> &'a [Self] {
        &EXPORTS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name).help(self.help))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("slower:5%", Some(0.05))]
    #[case("slower:2.5", Some(0.025))]
    #[case("slower:0%", None)]
    #[case("slower", None)]
    #[case("faster:5%", None)]
    fn a_gate_is_slower_and_per_cent(#[case] text: &str, #[case] expected: Option<f64>) {
        assert_eq!(text.parse::<FailOn>().ok().map(|fail_on| fail_on.slower), expected);
    }
}
