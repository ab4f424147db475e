//! Flags of the commands that measure nothing.

use std::path::PathBuf;

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

/// `orchestrator report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Folder of the run
    #[arg(value_name = "RUN")]
    pub run: PathBuf,

    /// Print JSON on standard output instead of tables
    #[arg(long)]
    pub json: bool,
}

/// `orchestrator diff`
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Folder of the earlier run
    pub old: PathBuf,

    /// Folder of the later run
    pub new: PathBuf,

    /// Print JSON on standard output instead of tables
    #[arg(long)]
    pub json: bool,
}

/// `orchestrator schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Which one [default: list them]
    pub name: Option<String>,
}
