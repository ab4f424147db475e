//! What can happen in a trial.

use super::surroundings::Command;
use crate::load::LoadMessage;
use crate::supervise::child::{Child, ChildEvent, Output};
use crate::supervise::record::ExitStatus;

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
pub(super) async fn next(child: Option<&mut Child>) -> ChildEvent {
    match child {
        Some(child) => child.next().await,
        None => std::future::pending().await,
    }
}

/// What the load generator did, understood.
pub(super) fn load_event(event: ChildEvent) -> Event {
    match event {
        ChildEvent::Output(Output::Line(line)) => match serde_json::from_str(&line.line) {
            Ok(message) => Event::Load(message),
            Err(error) => Event::LoadFailed(format!("it said `{}`: {error}", line.line)),
        },
        ChildEvent::Output(Output::TooMuch) => Event::LoadFailed("it said too much".into()),
        ChildEvent::Exited(status) => Event::LoadExited(status),
    }
}
