//! Flags of `build` and `verify`.

use clap::Args;

use crate::plan::ProgramType;

/// `orchestrator build`
#[derive(Debug, Args)]
pub struct BuildArgs {
    /// Implementations by name or alias [default: all]
    #[arg(value_name = "IMPL")]
    pub implementations: Vec<String>,

    /// Remove what earlier builds made instead of building
    #[arg(long)]
    pub clean: bool,

    /// Build a copy of the sources from nothing, touch every source file and build again: how long both take
    #[arg(long, conflicts_with = "clean")]
    pub time: bool,

    /// Print the outcome as JSON
    #[arg(long)]
    pub json: bool,
}

/// `orchestrator verify`
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Implementations by name or alias, separated by commas [default: all]
    #[arg(short, long, value_name = "LIST", value_delimiter = ',')]
    pub implementations: Vec<String>,

    /// Kinds of BPF program: `tracepoint`, `raw_tracepoint`, `kprobe`, `fentry` [default: all]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub program_types: Vec<ProgramType>,

    /// Do not build first
    #[arg(long)]
    pub no_build: bool,

    /// Number from which sizes and counts are drawn, to repeat them [default: random, and printed]
    #[arg(long, value_name = "N")]
    pub seed: Option<u32>,

    /// Print the outcome as JSON
    #[arg(long)]
    pub json: bool,
}
