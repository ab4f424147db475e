//! Text for people. Pure, without colour, and the same whether it goes to a terminal or a file.

mod cell;
mod charts;
mod cost;
mod diff;
pub mod export;
mod findings;
mod html;
mod notes;
mod number;
mod origin;
mod report;
mod svg;
mod table;
#[cfg(test)]
mod testing;
mod words;

pub use diff::{Comparison, GateResult, diff_report, gate_report};
pub use findings::findings_report;
pub use html::{ReportFiles, html_report};
pub use number::{bytes, duration_ns, percent, rate, ratio};
pub use report::{benchmark_report, comparison_report, comparison_tables};
