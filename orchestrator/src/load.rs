//! The shared load generator: causes triggers and counts exactly how many it caused.

mod report;

pub use report::{LoadMessage, LoadReport};
