//! The result folder of a run: `results/<run>/`.
//!
//! ```text
//! events.jsonl     append-only: a header, then one line for each finished trial with all raw facts, and how the run went on
//! run.json         what `report` and scripts read: plan, machine, measurements, analysis (schema: `orchestrator schema`)
//! trials.csv       one line a trial
//! summary.csv      one line for each row and quantity
//! samples/N.csv    readings of procfs of trial N
//! samples/N-ring.csv  the kernel's counters and positions over time
//! logs/N.stderr    last lines of the runner's standard error
//! report.html      what to look at and to send around, in one file
//! charts/          its charts, each as SVG and as PNG
//! ```
//!
//! A crash loses at most the trial that is running: each line is on disk before the next trial starts, and the other files
//! can be made again from `events.jsonl`. Files that are rewritten appear all at once or not at all.

mod atomic;
mod chain;
mod clock;
mod csv;
mod error;
mod events;
mod folder;
mod json;
mod locate;
mod names;
mod open;
mod report;
mod run;
#[cfg(test)]
pub(crate) mod testing;
mod version;

pub use atomic::write_file;
pub use chain::ChainRead;
pub(crate) use csv::{csv_text, kind};
pub use csv::{positions_csv, snapshots_csv, summary_csv, trials_csv};
pub use error::StoreError;
pub use folder::{Claim, RunFolder, write_result};
pub use locate::{dated_later, locate};
pub use open::{OpenedRun, open, open_raw};
pub use report::write_report;
pub(crate) use run::FIRST_WITH_EVIDENCE;
pub use run::{Header, NewRun, Resumption, Run, RunEnd, SCHEMA_VERSION, StoredTrial, TrialResult};

use names::{EVENTS, RUN};
