//! Writing a run: create, append each trial, finish.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::atomic;
use super::clock::Utc;
use super::csv::{snapshots_csv, summary_csv, trials_csv};
use super::error::StoreError;
use super::open::{OpenedRun, open};
use super::run::{Event, Header, NewRun, Resumption, Run, RunEnd, SCHEMA_VERSION, StoredTrial};
use super::{Difference, EVENTS, RUN};
use crate::plan::PlannedTrial;

/// A result folder that is being written.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    events: File,
}

impl RunFolder {
    /// Makes a new folder below `results`, named by the time, and writes the header. Never overwrites.
    pub fn create(results: &Path, new: NewRun) -> Result<(Self, Header), StoreError> {
        fs::create_dir_all(results).map_err(StoreError::create(results))?;
        let now = Utc::now();
        let (run, path) = new_folder(results, now)?;
        for folder in ["samples", "logs"] {
            let folder = path.join(folder);
            fs::create_dir(&folder).map_err(StoreError::create(&folder))?;
        }
        let events_path = path.join(EVENTS);
        let events = OpenOptions::new().append(true).create_new(true).open(&events_path);
        let mut folder = Self { events: events.map_err(StoreError::create(&events_path))?, path };
        let header = Header {
            schema_version: SCHEMA_VERSION,
            run,
            started_utc: now.rfc3339(),
            command: new.command,
            machine: new.machine,
            settings: new.settings,
            text_patterns: new.text_patterns,
            plan: new.plan,
        };
        folder.append(&Event::Header(Box::new(header.clone())))?;
        atomic::sync_folder(Some(&folder.path)).map_err(StoreError::write(&folder.path))?;
        Ok((folder, header))
    }

    /// Opens an existing folder to append the trials that are missing. A last line that was cut is removed.
    pub fn resume(path: &Path) -> Result<(Self, OpenedRun), StoreError> {
        let opened = open(path)?;
        let events_path = path.join(EVENTS);
        let events =
            OpenOptions::new().append(true).open(&events_path).map_err(StoreError::write(&events_path))?;
        events.set_len(opened.intact_bytes).map_err(StoreError::write(&events_path))?;
        let folder = Self { path: path.to_owned(), events };
        // A trial is safe before the files beside it are written.
        if let Some(last) = opened.trials.last() {
            folder.write_companions(last)?;
        }
        Ok((folder, opened))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts a finished trial on disk.
    pub fn append_trial(&mut self, trial: &StoredTrial) -> Result<(), StoreError> {
        self.append(&Event::Trial(Box::new(trial.clone())))?;
        self.write_companions(trial)
    }

    /// Notes that the run goes on with the trial `next`, although some things have `changed`.
    pub fn append_resumption(
        &mut self,
        next: &PlannedTrial,
        changed: Vec<Difference>,
    ) -> Result<Resumption, StoreError> {
        let resumed_utc = Utc::now().rfc3339();
        let resumption = Resumption { resumed_utc, trial: next.number, block: next.block, changed };
        self.append(&Event::Resumed(resumption.clone()))?;
        Ok(resumption)
    }

    /// The files beside `events.jsonl` that show a trial's readings and its standard error.
    fn write_companions(&self, trial: &StoredTrial) -> Result<(), StoreError> {
        let number = trial.planned.number;
        let samples = self.path.join("samples").join(format!("{number:04}.csv"));
        atomic::write(&samples, snapshots_csv(&trial.record.snapshots).as_bytes())?;
        if trial.record.stderr_tail.is_empty() {
            return Ok(());
        }
        let log = self.path.join("logs").join(format!("{number:04}.stderr"));
        atomic::write(&log, trial.record.stderr_tail.as_bytes())
    }

    /// Notes how the run ended, if its plan says so, and writes `run.json` and the tables. May be called again, after more
    /// trials.
    pub fn finish(&mut self, run: Run) -> Result<Run, StoreError> {
        let ended_utc = Utc::now().rfc3339();
        if let Some(end) = &run.header.plan.ended {
            self.append(&Event::Ended(RunEnd { ended_utc: ended_utc.clone(), end: end.clone() }))?;
        }
        let run = Run { finished_utc: Some(ended_utc), ..run };
        write_result(&self.path, &run)?;
        Ok(run)
    }

    /// One write a line, so that a crash can cut only the last one.
    fn append(&mut self, event: &Event) -> Result<(), StoreError> {
        let mut line = serde_json::to_vec(event).expect("results have string keys only");
        line.push(b'\n');
        let written = self.events.write_all(&line).and_then(|()| self.events.sync_data());
        written.map_err(StoreError::write(&self.path.join(EVENTS)))
    }
}

/// Writes what can be made again from `events.jsonl`: `run.json` and the tables. Nothing else is touched.
///
/// # Panics
/// Never: all that is written has string keys only, as JSON wants.
pub fn write_result(path: &Path, run: &Run) -> Result<(), StoreError> {
    let mut json = serde_json::to_vec_pretty(run).expect("results have string keys only");
    json.push(b'\n');
    atomic::write(&path.join("trials.csv"), trials_csv(run).as_bytes())?;
    atomic::write(&path.join("summary.csv"), summary_csv(run).as_bytes())?;
    atomic::write(&path.join(RUN), &json)
}

/// The time to the second, and a short suffix that is counted up while the name is taken.
fn new_folder(results: &Path, now: Utc) -> Result<(String, PathBuf), StoreError> {
    let mut suffix = std::process::id() % 0x1_0000;
    loop {
        let name = format!("{}-{suffix:04x}", now.compact());
        let path = results.join(&name);
        match fs::create_dir(&path) {
            Ok(()) => return Ok((name, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => suffix = (suffix + 1) % 0x1_0000,
            Err(error) => return Err(StoreError::create(&path)(error)),
        }
    }
}

#[cfg(test)]
mod tests;
