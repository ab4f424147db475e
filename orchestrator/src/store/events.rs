//! Reading `events.jsonl`, a line at a time: how the run went, without the raw facts of its trials, or those.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::EVENTS;
use super::chain::ChainRead;
use super::error::StoreError;
use super::json;
use super::run::{FIRST_WITH_EVIDENCE, Header, Resumption, RunEnd, StoredTrial};
use super::version::of_today;
use crate::files::open_plain;
use crate::plan::PlannedTrial;
use crate::sample::Snapshot;

/// How a run went: everything but the raw facts of its trials and what they showed.
#[derive(Debug)]
pub(super) struct Events {
    pub(super) header: Header,
    /// Of the finished trials.
    pub(super) done: Vec<PlannedTrial>,
    pub(super) resumed: Vec<Resumption>,
    pub(super) ended: Option<RunEnd>,
    /// Whether the last line was cut.
    pub(super) cut: bool,
    pub(super) chain: ChainRead,
    /// Length up to the last whole line.
    pub(super) intact_bytes: u64,
}

/// What kind of event a line is.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Kind {
    Header,
    Trial,
    Resumed,
    Ended,
    /// Of a later version, which would have raised the schema version if this were not to be ignored.
    #[serde(other)]
    Unknown,
}

/// A line, as far as it says what it is.
#[derive(Deserialize)]
struct Head {
    event: Kind,
}

/// A finished trial, as far as it says which it was.
#[derive(Deserialize)]
struct Done {
    planned: PlannedTrial,
}

/// A finished trial, as far as its number and the readings of its processes go.
#[derive(Deserialize)]
struct Read {
    planned: Numbered,
    record: Sampled,
}

#[derive(Deserialize)]
struct Numbered {
    number: u32,
}

#[derive(Deserialize)]
struct Sampled {
    #[serde(default)]
    snapshots: Vec<Snapshot>,
}

/// Reads how the run went.
pub(super) fn scan(folder: &Path) -> Result<Events, StoreError> {
    let mut lines = Lines::open(folder, u64::MAX)?;
    if !lines.next()? {
        return Err(lines.damaged("there is no header".into()));
    }
    lines.line = of_today(&lines.path, &lines.line)?.into_owned();
    if lines.kind()? != Kind::Header {
        return Err(lines.damaged("the first line is not a header".into()));
    }
    let header: Header = lines.parsed()?;
    let benchmarks = header.plan.benchmarks.len();
    if header.plan.trials.iter().any(|trial| trial.benchmark >= benchmarks) {
        return Err(lines.damaged("the plan has a trial of a benchmark that it does not have".into()));
    }
    let has_chain = header.schema_version >= FIRST_WITH_EVIDENCE;
    let mut chain = ChainRead::default();
    let (mut done, mut resumed, mut ended) = (Vec::new(), Vec::new(), None);
    loop {
        if has_chain {
            chain.follow(lines.number, &lines.line);
        }
        if !lines.next()? {
            break;
        }
        match lines.kind()? {
            // What ended a part that another follows did not end the run.
            Kind::Trial => {
                let Done { planned } = lines.parsed()?;
                if planned.benchmark >= benchmarks {
                    return Err(lines.damaged("a trial of a benchmark that the plan does not have".into()));
                }
                done.push(planned);
                ended = None;
            }
            Kind::Resumed => {
                resumed.push(lines.parsed()?);
                ended = None;
            }
            Kind::Ended => ended = Some(lines.parsed()?),
            Kind::Header => return Err(lines.damaged("a second header".into())),
            Kind::Unknown => {}
        }
    }
    Ok(Events { header, done, resumed, ended, cut: lines.cut, chain, intact_bytes: lines.read_bytes })
}

/// Reads the finished trials with all raw facts, of the first `bytes` of the file.
pub(super) fn trials(folder: &Path, bytes: u64) -> Result<Vec<StoredTrial>, StoreError> {
    let mut lines = Lines::open(folder, bytes)?;
    let mut trials = Vec::new();
    while lines.next()? {
        if lines.kind()? == Kind::Trial {
            trials.push(lines.parsed()?);
        }
    }
    Ok(trials)
}

/// Reads the number of each finished trial and the readings of its processes, of the first `bytes` of the file.
pub(super) fn readings(folder: &Path, bytes: u64) -> Result<Vec<(u32, Vec<Snapshot>)>, StoreError> {
    let mut lines = Lines::open(folder, bytes)?;
    let mut readings = Vec::new();
    while lines.next()? {
        if lines.kind()? == Kind::Trial {
            let Read { planned, record } = lines.parsed()?;
            readings.push((planned.number, record.snapshots));
        }
    }
    Ok(readings)
}

/// The whole lines of the file, of which one is in memory.
struct Lines {
    path: PathBuf,
    reader: io::Take<BufReader<File>>,
    /// The line that was read last, with its end.
    line: Vec<u8>,
    /// Its number, from 1.
    number: usize,
    /// Length of all whole lines so far.
    read_bytes: u64,
    /// Whether what came last is no whole line.
    cut: bool,
}

impl Lines {
    fn open(folder: &Path, bytes: u64) -> Result<Self, StoreError> {
        let path = folder.join(EVENTS);
        let file = match open_plain(&path) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(StoreError::NotARun { path: folder.to_owned(), file: EVENTS });
            }
            opened => opened.map_err(StoreError::read(&path))?,
        };
        let reader = io::Read::take(BufReader::new(file), bytes);
        Ok(Self { path, reader, line: Vec::new(), number: 0, read_bytes: 0, cut: false })
    }

    /// Whether there is another whole line, which is then the one in memory.
    fn next(&mut self) -> Result<bool, StoreError> {
        self.line.clear();
        self.number += 1;
        let read = self.reader.read_until(b'\n', &mut self.line).map_err(StoreError::read(&self.path))?;
        let whole = self.line.ends_with(b"\n");
        if whole {
            self.read_bytes += read as u64;
        }
        self.cut = read > 0 && !whole;
        Ok(whole)
    }

    fn kind(&self) -> Result<Kind, StoreError> {
        self.parsed::<Head>().map(|head| head.event)
    }

    fn parsed<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        json::read(&self.line).map_err(|flaw| self.damaged(flaw.reason))
    }

    fn damaged(&self, reason: String) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), line: self.number, reason }
    }
}
