//! Names of files in the folder of a run.

/// The file to which trials are appended.
pub(super) const EVENTS: &str = "events.jsonl";
/// The final file.
pub(super) const RUN: &str = "run.json";
