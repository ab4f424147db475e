//! Reads what people write and what the machine says: implementations, benchmarks, processors.
//!
//! Strict on purpose: whatever is not understood is an error that names file, line, key and the nearest valid key.

mod benchmarks;
mod catalogue;
mod cpus;
mod entries;
mod error;
mod manifest;
mod origin;
mod place;
mod points;
mod reading;
mod root;
mod settings;
mod sweep;
mod topology;
mod value;
mod variant;
mod yaml;

pub use benchmarks::{BenchmarkEntry, BenchmarkFile, LoadEntry};
pub use catalogue::{Catalogue, Implementation};
pub use cpus::{Cpus, LoadCpus, PlacementEntry};
pub use entries::read_benchmarks;
pub use error::Error;
pub use manifest::{
    Argv, Check, Manifest, Output, OutputProtocol, Processes, Program, TextField, Tool, Variant,
};
pub use origin::Origin;
pub use place::Place;
pub use points::expand;
pub use reading::read_manifest;
pub use root::find_root;
pub use settings::{
    Batch, Blocks, BurstTriggers, Busy, KeepOneIn, Lookups, Percent, Rate, RecordSize, RingSize, Threads,
    Work, parse_wakeup,
};
pub use sweep::{Sweep, SweptPoint, Word};
pub use topology::{Cpu, Topology};
pub use value::{Seconds, parse_size};
