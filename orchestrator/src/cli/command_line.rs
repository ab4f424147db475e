//! The commands and what is common to them.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::files::{DiffArgs, ExportArgs, ReportArgs, ResumeArgs};
use super::inspect::{DoctorArgs, ListArgs, SchemaArgs};
use super::load::LoadArgs;
use super::options::{CompareArgs, RunArgs};
use super::select::{BuildArgs, VerifyArgs};
use super::walk::WalkArgs;
use crate::exit_code;

/// Builds, runs, checks and compares eBPF programs across frameworks
///
/// Every event is caused by the load generator, counted in the kernel, counted and summed up by its mark in user space, and
/// the three must balance, or the trial is shown as invalid.
#[derive(Debug, Parser)]
#[command(name = "orchestrator", version, after_help = exit_code::HELP, max_term_width = 100)]
pub struct Cli {
    /// The project folder [default: found from the current folder, then from the executable]
    #[arg(long, value_name = "DIR", global = true, env = "ORCHESTRATOR_ROOT", hide_env_values = true)]
    pub root: Option<PathBuf>,

    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Measure every implementation and compare them: capacity, the rate without loss, latency; more by `--questions`
    Compare(CompareArgs),
    /// Run the benchmarks of configuration files
    Run(RunArgs),
    /// Build implementations
    Build(BuildArgs),
    /// Check each implementation with exact small counts
    Verify(VerifyArgs),
    /// List the implementations
    List(ListArgs),
    /// Find out what this machine can do, with the fix for what it cannot
    Doctor(DoctorArgs),
    /// Cause triggers, and report exactly how many
    Load(LoadArgs),
    /// Show an earlier run again
    Report(ReportArgs),
    /// Run what an interrupted run has not measured yet
    Resume(ResumeArgs),
    /// Compare two runs: a regression gate
    Diff(DiffArgs),
    /// Give a run to other tools: CSV, Markdown, benchmark trackers
    Export(ExportArgs),
    /// Print a JSON Schema of what the orchestrator reads or writes
    Schema(SchemaArgs),
    /// The privileged half, started by the orchestrator itself
    #[command(hide = true)]
    Helper,
    /// Time a bare walk over records: what a consumer costs at least
    #[command(hide = true)]
    Walk(WalkArgs),
}
