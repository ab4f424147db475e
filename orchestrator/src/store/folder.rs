//! Writing a run: create, append each trial, finish.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use super::chain::Chain;
use super::clock::Utc;
use super::csv::{positions_csv, snapshots_csv, summary_csv, trials_csv};
use super::error::StoreError;
use super::open::{OpenedRun, open};
use super::run::{Event, Header, NewRun, Resumption, Run, RunEnd, SCHEMA_VERSION, StoredTrial};
use super::{EVENTS, RUN};
use crate::files::{Folder, Ids};
use crate::identity::Difference;
use crate::plan::PlannedTrial;
use crate::visible::visible;

/// What is in the folder beside `events.jsonl` while a run is measured.
const SAMPLES: &str = "samples";
const LOGS: &str = "logs";
/// Where raw facts go that would be lost, should another file stand in their place.
const RESCUED: &str = "events.rescued.jsonl";

/// A result folder that is being written. It is held open: what becomes of its name does not matter.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    folder: Folder,
    samples: Folder,
    logs: Folder,
    events: Flock<File>,
    chain: Chain,
}

/// A run that nobody else goes on with as long as this is there.
#[derive(Debug)]
pub struct Claim {
    path: PathBuf,
    folder: Folder,
    events: Flock<File>,
}

impl Claim {
    /// Takes the folder of a run that was begun.
    pub fn take(path: &Path) -> Result<Self, StoreError> {
        let folder = Folder::open(path).map_err(StoreError::write(path))?;
        let events_path = path.join(EVENTS);
        let events = folder.append(OsStr::new(EVENTS)).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => StoreError::NotARun { path: path.to_owned(), file: EVENTS },
            _ => StoreError::write(&events_path)(source),
        })?;
        Ok(Self { path: path.to_owned(), folder, events: locked(events, path)? })
    }
}

/// A second process that appends to the same run would mix two measurements.
fn locked(events: File, path: &Path) -> Result<Flock<File>, StoreError> {
    Flock::lock(events, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| match errno {
        Errno::EWOULDBLOCK => StoreError::InUse { path: path.to_owned() },
        errno => StoreError::write(&path.join(EVENTS))(errno.into()),
    })
}

impl RunFolder {
    /// Makes a new folder below `results`, named by the time, and writes the header. Never overwrites.
    pub fn create(results: &Path, new: NewRun) -> Result<(Self, Header), StoreError> {
        let parent = Folder::make(results, None).map_err(StoreError::create(results))?;
        let now = Utc::now();
        let (run, folder) = new_folder(&parent, now).map_err(StoreError::create(results))?;
        let path = results.join(&run);
        let made = |name: &str| {
            folder.make_folder(OsStr::new(name), None).map_err(StoreError::create(&path.join(name)))
        };
        let (samples, logs) = (made(SAMPLES)?, made(LOGS)?);
        let events = folder.create_new(OsStr::new(EVENTS)).map_err(StoreError::create(&path.join(EVENTS)))?;
        let events = locked(events, &path)?;
        let mut folder = Self { path, folder, samples, logs, events, chain: Chain::default() };
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
        folder.append(Event::Header(&header))?;
        folder.folder.sync().map_err(StoreError::write(&folder.path))?;
        Ok((folder, header))
    }

    /// Goes on with a run, to append the trials that are missing. A last line that was cut is removed.
    pub fn resume(claim: Claim) -> Result<(Self, OpenedRun), StoreError> {
        let Claim { path, folder, events } = claim;
        let opened = open(&path)?;
        opened.check_chain()?;
        let events_path = path.join(EVENTS);
        // What was read must be what is appended to.
        if !folder.holds(OsStr::new(EVENTS), &events).map_err(StoreError::read(&events_path))? {
            return Err(StoreError::InUse { path });
        }
        events.set_len(opened.intact_bytes).map_err(StoreError::write(&events_path))?;
        let inner = |name: &str| {
            let opened = folder.folder(OsStr::new(name));
            let opened = opened.or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => folder.make_folder(OsStr::new(name), None),
                _ => Err(error),
            });
            opened.map_err(StoreError::write(&path.join(name)))
        };
        let (samples, logs) = (inner(SAMPLES)?, inner(LOGS)?);
        let chain = Chain::after(opened.chain.last.clone());
        let folder = Self { path, folder, samples, logs, events, chain };
        // A trial is safe before the files beside it are written.
        if let Some(last) = opened.raw_trials()?.last() {
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
        self.append(Event::Trial(trial))?;
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
        self.append(Event::Resumed(&resumption))?;
        Ok(resumption)
    }

    /// The files beside `events.jsonl` that show a trial's readings and its standard error.
    fn write_companions(&self, trial: &StoredTrial) -> Result<(), StoreError> {
        let number = trial.planned.number;
        let write = |folder: &Folder, place: &str, name: String, content: &[u8]| {
            let written = folder.write(OsStr::new(&name), content);
            written.map_err(StoreError::write(&self.path.join(place).join(name)))
        };
        let snapshots = snapshots_csv(&trial.record.snapshots);
        write(&self.samples, SAMPLES, format!("{number:04}.csv"), snapshots.as_bytes())?;
        let positions = positions_csv(&trial.record.readings.positions);
        if !positions.is_empty() {
            write(&self.samples, SAMPLES, format!("{number:04}-ring.csv"), positions.as_bytes())?;
        }
        if trial.record.stderr_tail.is_empty() {
            return Ok(());
        }
        write(&self.logs, LOGS, format!("{number:04}.stderr"), trial.record.stderr_tail.as_bytes())
    }

    /// Gives all of it to the user for whom it was measured. What stays root's can still be read.
    pub fn give(&self, owner: Ids) -> io::Result<()> {
        self.folder.give_all(owner)
    }

    /// Notes how the run ended, if its plan says so, and writes `run.json` and the tables. May be called again, after more
    /// trials.
    pub fn finish(&mut self, run: Run) -> Result<Run, StoreError> {
        let ended_utc = Utc::now().rfc3339();
        if let Some(end) = &run.header.plan.ended {
            self.append(Event::Ended(&RunEnd { ended_utc: ended_utc.clone(), end: end.clone() }))?;
        }
        let events_sha256 = self.chain.last().map(str::to_owned);
        let run = Run { finished_utc: Some(ended_utc), events_sha256, ..run };
        write_result_in(&self.folder, &self.path, &run)?;
        Ok(run)
    }

    /// One write a line, so that a crash can cut only the last one.
    fn append(&mut self, event: Event<'_>) -> Result<(), StoreError> {
        let line = self.chain.line(event);
        let path = self.path.join(EVENTS);
        let written = self.events.write_all(&line).and_then(|()| self.events.sync_data());
        written.map_err(StoreError::write(&path))?;
        self.chain.written(&line);
        // A file that was removed takes every byte without a word.
        match self.folder.holds(OsStr::new(EVENTS), &self.events) {
            Ok(true) => Ok(()),
            Ok(false) => Err(StoreError::Replaced { path, rescued: self.rescue() }),
            Err(source) => Err(StoreError::Write { path, source }),
        }
    }

    /// Writes all that was appended to a new file, in its place if that is free, and goes on there; none if that cannot be done.
    fn rescue(&mut self) -> Option<PathBuf> {
        let mut content = Vec::new();
        self.events.seek(SeekFrom::Start(0)).ok()?;
        self.events.read_to_end(&mut content).ok()?;
        let mut free = [EVENTS, RESCUED].into_iter();
        let (name, mut file) =
            free.find_map(|name| Some((name, self.folder.create_new(OsStr::new(name)).ok()?)))?;
        file.write_all(&content).and_then(|()| file.sync_all()).and_then(|()| self.folder.sync()).ok()?;
        if name == EVENTS {
            self.events = locked(file, &self.path).ok()?;
        }
        Some(self.path.join(name))
    }
}

/// Writes what can be made again from `events.jsonl`: `run.json` and the tables. Nothing else is touched.
///
/// # Panics
/// Never: all that is written has string keys only, as JSON wants.
pub fn write_result(path: &Path, run: &Run) -> Result<(), StoreError> {
    let folder = Folder::open(path).map_err(StoreError::write(path))?;
    write_result_in(&folder, path, run)
}

fn write_result_in(folder: &Folder, path: &Path, run: &Run) -> Result<(), StoreError> {
    let mut json = serde_json::to_vec_pretty(run).expect("results have string keys only");
    json.push(b'\n');
    let tables = [("trials.csv", trials_csv(run)), ("summary.csv", summary_csv(run))];
    let tables = tables.map(|(name, text)| (name, visible(&text).into_owned().into_bytes()));
    for (name, content) in tables.into_iter().chain([(RUN, json)]) {
        folder.write(OsStr::new(name), &content).map_err(StoreError::write(&path.join(name)))?;
    }
    Ok(())
}

/// The time to the second, and a short suffix that is counted up while the name is taken.
fn new_folder(results: &Folder, now: Utc) -> io::Result<(String, Folder)> {
    let mut suffix = std::process::id() % 0x1_0000;
    loop {
        let name = format!("{}-{suffix:04x}", now.compact());
        match results.make_folder(OsStr::new(&name), None) {
            Ok(folder) => return Ok((name, folder)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => suffix = (suffix + 1) % 0x1_0000,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
