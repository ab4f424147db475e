//! Flags of the commands that measure nothing.

use clap::Args;

/// `orchestrator list`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `orchestrator doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `orchestrator schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Which one [default: list them]
    pub name: Option<String>,
}
