//! Reading a run, finished or not.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::chain::{self, ChainRead};
use super::error::StoreError;
use super::run::{Event, FIRST_WITH_EVIDENCE, Header, Resumption, Run, RunEnd, SCHEMA_VERSION, StoredTrial};
use super::{EVENTS, RUN};
use crate::files::read_plain;

/// A result folder as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenedRun {
    /// Its folder.
    pub path: PathBuf,
    /// How it began.
    pub header: Header,
    /// Its finished trials, with all raw facts.
    pub trials: Vec<StoredTrial>,
    /// Each time that it went on after it had been cut short.
    pub resumed: Vec<Resumption>,
    /// How it ended; none when it was killed, or in results of older versions.
    pub ended: Option<RunEnd>,
    /// The final file; none when the run was cut short.
    pub run: Option<Run>,
    /// Whether the last line was cut, so that its trial is lost.
    pub cut: bool,
    /// Whether each line has the hash of the one before it.
    pub chain: ChainRead,
    /// Length of `events.jsonl` up to the last whole line.
    pub(super) intact_bytes: u64,
}

/// Opens the folder of a run.
pub fn open(path: &Path) -> Result<OpenedRun, StoreError> {
    Ok(OpenedRun { run: read_run(&path.join(RUN))?, ..open_raw(path)? })
}

/// Opens the raw facts only, as if the run had no result yet: `run.json` may be damaged or missing.
pub fn open_raw(path: &Path) -> Result<OpenedRun, StoreError> {
    let events_path = path.join(EVENTS);
    let content = match read_plain(&events_path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Err(StoreError::NotARun { path: path.to_owned(), file: EVENTS });
        }
        read => read.map_err(StoreError::read(&events_path))?,
    };
    let damaged =
        |line: usize, reason: String| StoreError::Damaged { path: events_path.clone(), line, reason };
    let intact = content.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let mut lines = content[..intact].split_inclusive(|byte| *byte == b'\n').enumerate();

    let first = lines.next().ok_or_else(|| damaged(1, "there is no header".into()))?.1;
    check_version(&events_path, first)?;
    let Event::Header(header) = serde_json::from_slice(first).map_err(|error| damaged(1, reason(&error)))?
    else {
        return Err(damaged(1, "the first line is not a header".into()));
    };
    if header.plan.trials.iter().any(|trial| trial.benchmark >= header.plan.benchmarks.len()) {
        return Err(damaged(1, "the plan has a trial of a benchmark that it does not have".into()));
    }
    let (mut trials, mut resumed, mut ended) = (Vec::new(), Vec::new(), None);
    for (index, line) in lines {
        match serde_json::from_slice(line).map_err(|error| damaged(index + 1, reason(&error)))? {
            Event::Trial(trial) if trial.planned.benchmark >= header.plan.benchmarks.len() => {
                return Err(damaged(index + 1, "a trial of a benchmark that the plan does not have".into()));
            }
            // What ended a part that another follows did not end the run.
            Event::Trial(trial) => {
                trials.push(*trial);
                ended = None;
            }
            Event::Resumed(resumption) => {
                resumed.push(resumption);
                ended = None;
            }
            Event::Ended(end) => ended = Some(end),
            Event::Header(_) => return Err(damaged(index + 1, "a second header".into())),
            Event::Unknown => {}
        }
    }
    Ok(OpenedRun {
        path: path.to_owned(),
        trials,
        resumed,
        ended,
        run: None,
        chain: match header.schema_version {
            ..FIRST_WITH_EVIDENCE => ChainRead::default(),
            _ => chain::read(content[..intact].split_inclusive(|byte| *byte == b'\n')),
        },
        header: *header,
        cut: intact < content.len(),
        intact_bytes: intact as u64,
    })
}

/// Whether the folder's raw facts begin with a whole header, which may be of a newer version.
pub(super) fn has_header(path: &Path) -> bool {
    let Ok(file) = File::open(path.join(EVENTS)) else { return false };
    let mut line = Vec::new();
    let read = BufReader::new(file).read_until(b'\n', &mut line);
    let is_header = |value: Value| value["event"] == "header" && value["schema_version"].is_u64();
    read.is_ok() && line.ends_with(b"\n") && serde_json::from_slice(&line).is_ok_and(is_header)
}

impl OpenedRun {
    /// Fails when the raw facts are no longer those that were measured: a line that does not fit the line before it, or a last line
    /// that is not the one that `run.json` knows. Results of version 1 cannot be checked.
    pub fn check_chain(&self) -> Result<(), StoreError> {
        let edited = |line| Err(StoreError::Edited { path: self.path.join(EVENTS), line });
        if self.chain.broken.is_some() {
            return edited(self.chain.broken);
        }
        let known = self.stored().and_then(|run| run.events_sha256.as_ref());
        if known.is_some() && known != self.chain.last.as_ref() { edited(None) } else { Ok(()) }
    }
}

fn read_run(path: &Path) -> Result<Option<Run>, StoreError> {
    let content = match read_plain(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(StoreError::read(path))?,
    };
    check_version(path, &content)?;
    let run = serde_json::from_slice(&content);
    run.map(Some).map_err(|error| StoreError::Damaged {
        path: path.to_owned(),
        line: error.line(),
        reason: reason(&error),
    })
}

/// Without the place, which is that of the line within itself.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

/// Before anything else, so that a newer file is not reported as a damaged one.
fn check_version(path: &Path, json: &[u8]) -> Result<(), StoreError> {
    let version =
        serde_json::from_slice::<Value>(json).ok().and_then(|value| value["schema_version"].as_u64());
    match version {
        Some(version) if version > u64::from(SCHEMA_VERSION) => {
            Err(StoreError::NewerSchema { path: path.to_owned(), version, known: SCHEMA_VERSION })
        }
        _ => Ok(()),
    }
}
