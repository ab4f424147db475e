//! What can happen in a trial.

use serde::Deserialize;

use super::super::child::{Child, Happening, Output};
use super::super::record::ExitStatus;
use super::Command;
use crate::load::LoadMessage;

/// A message of the runner, as far as supervising needs it.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Glimpse {
    Ready {
        #[serde(default)]
        program_ids: Vec<u32>,
    },
    Counters {
        received: u64,
    },
    #[serde(other)]
    Other,
}

/// Everything that can happen, in one place.
pub(super) enum Event {
    Line,
    TooMuchOutput,
    RunnerExited(Option<ExitStatus>),
    Load(LoadMessage),
    LoadFailed(String),
    /// Normal after its report.
    LoadExited(Option<ExitStatus>),
    Asked(Command),
    /// Time for a snapshot.
    Tick,
    /// Time to look whether the buffer is empty.
    Look,
    Deadline,
}

/// Whatever the child does next; for ever nothing when there is none.
pub(super) async fn next(child: Option<&mut Child>) -> Happening {
    match child {
        Some(child) => child.next().await,
        None => std::future::pending().await,
    }
}

/// What the load generator did, understood.
pub(super) fn load_event(happening: Happening) -> Event {
    match happening {
        Happening::Output(Output::Line(line)) => match serde_json::from_str(&line.line) {
            Ok(message) => Event::Load(message),
            Err(error) => Event::LoadFailed(format!("it said `{}`: {error}", line.line)),
        },
        Happening::Output(Output::TooMuch) => Event::LoadFailed("it said too much".into()),
        Happening::Exited(status) => Event::LoadExited(status),
    }
}
