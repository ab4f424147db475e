//! Reading a run, finished or not.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::chain::ChainRead;
use super::error::StoreError;
use super::events::{self, Events};
use super::json;
use super::run::{Header, Resumption, Run, RunEnd, StoredTrial};
use super::version::of_today;
use super::{EVENTS, RUN};
use crate::files::read_plain;
use crate::plan::{PlanEnd, PlannedTrial};
use crate::sample::Snapshot;

/// A result folder as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenedRun {
    /// Its folder.
    pub path: PathBuf,
    /// How it began.
    pub header: Header,
    /// Its finished trials, without their raw facts, which stay in the file.
    pub done: Vec<PlannedTrial>,
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

/// The same as if the run had no result yet: `run.json` may be damaged or missing.
pub fn open_raw(path: &Path) -> Result<OpenedRun, StoreError> {
    let Events { header, done, resumed, ended, cut, chain, intact_bytes } = events::scan(path)?;
    Ok(OpenedRun { path: path.to_owned(), header, done, resumed, ended, run: None, cut, chain, intact_bytes })
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
    /// Reads the finished trials with all raw facts.
    pub fn raw_trials(&self) -> Result<Vec<StoredTrial>, StoreError> {
        events::trials(&self.path, self.intact_bytes)
    }

    /// Reads the number of each finished trial and the readings of its processes over time.
    pub fn readings(&self) -> Result<Vec<(u32, Vec<Snapshot>)>, StoreError> {
        events::readings(&self.path, self.intact_bytes)
    }

    /// The stored result, unless the run has gone on since it was stored.
    #[must_use]
    pub fn stored(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| {
            let same_end = |ended: &RunEnd| run.finished_utc.as_ref() == Some(&ended.ended_utc);
            let counts = |run: &Run| (run.trials.len(), run.resumed.len());
            counts(run) == (self.done.len(), self.resumed.len()) && self.ended.as_ref().is_none_or(same_end)
        })
    }

    /// When it ended.
    #[must_use]
    pub fn finished_utc(&self) -> Option<String> {
        let noted = self.ended.as_ref().map(|ended| ended.ended_utc.clone());
        noted.or_else(|| self.stored()?.finished_utc.clone())
    }

    /// How it ended. Older versions noted that in the result only.
    #[must_use]
    pub fn end(&self) -> Option<&PlanEnd> {
        let noted = self.ended.as_ref().map(|ended| &ended.end);
        noted.or_else(|| self.stored()?.header.plan.ended.as_ref())
    }

    /// What is wrong with the header, which was read without an error.
    pub(crate) fn damaged_header(&self, reason: String) -> StoreError {
        StoreError::Damaged { path: self.path.join(EVENTS), line: 1, reason }
    }

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
    json::read(&of_today(path, &content)?).map(Some).map_err(|flaw| StoreError::Damaged {
        path: path.to_owned(),
        line: flaw.line,
        reason: flaw.reason,
    })
}
