//! Flags of `orchestrator walk`.

use clap::Args;

/// `orchestrator walk`
///
/// Times a bare walk over records that another processor wrote: what a consumer costs at least. Prints one JSON object.
#[derive(Debug, Args)]
pub struct WalkArgs {
    /// Size of the ring in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 16 << 20, value_parser = clap::value_parser!(u64).range(4096..=1 << 30))]
    pub ring_size: u64,

    /// Size of a record in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 64, value_parser = clap::value_parser!(u32).range(48..=1024))]
    pub record_size: u32,

    /// Processor that reads
    #[arg(long, value_name = "CPU")]
    pub reader: Option<u32>,

    /// Processor that writes
    #[arg(long, value_name = "CPU")]
    pub writer: Option<u32>,

    /// How often
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub walks: u32,
}
