//! Reads what people write and what the machine says: implementations, benchmarks, processors.
//!
//! Strict on purpose: whatever is not understood is an error that names file, line, key and the nearest valid key.

mod benchmarks;
mod catalogue;
mod error;
mod manifest;
mod place;
mod reading;
mod root;
mod settings;
mod topology;
mod value;
mod variant;
mod yaml;

pub use benchmarks::{BenchmarkEntry, BenchmarkFile, LoadEntry, read_benchmarks};
pub use catalogue::{Catalogue, Implementation};
pub use error::Error;
pub use manifest::{
    Argv, Check, Manifest, Output, OutputProtocol, Processes, Program, TextField, Tool, Variant,
};
pub use place::{Origin, Place};
pub use reading::read_manifest;
pub use root::find_root;
pub use settings::{Batch, Blocks, BurstTriggers, Rate, RecordSize, RingSize, Threads, Work, parse_wakeup};
pub use topology::{Cpu, Topology};
pub use value::{Seconds, parse_size};
