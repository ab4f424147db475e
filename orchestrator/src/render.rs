//! Text for people. Pure, without colour, and the same whether it goes to a terminal or a file.

mod columns;
mod notes;
mod number;
mod origin;
mod report;
mod table;
mod view;

pub use number::{bytes, duration_ns, percent, rate, ratio};
pub use report::{benchmark_report, comparison_report};
