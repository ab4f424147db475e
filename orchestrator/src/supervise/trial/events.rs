//! What can happen in a trial.

use serde::Deserialize;
use serde_json::Value;

use super::super::child::{Child, Happening, Output};
use super::super::record::{ExitStatus, PROTOCOL_VERSION};
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

/// What can only be wrong of a line that a runner says before it is ready, so that waiting for `ready` is in vain. `first`: it is the first
/// line. The parser has the last word and may know a better one.
pub(super) fn nonsense(line: &str, first: bool) -> Option<String> {
    let message: Value = match serde_json::from_str(line) {
        Ok(message) => message,
        Err(_) => return Some("not JSON".into()),
    };
    let Some(name) = message.get("type").and_then(Value::as_str) else {
        return Some("not a JSON object with the key `type`".into());
    };
    match (name, first) {
        ("hello", true) => {
            let spoken = message.get("protocol_version").unwrap_or(&Value::Null);
            (spoken.as_u64() != Some(PROTOCOL_VERSION)).then(|| {
                format!("the runner speaks protocol {spoken}, this supervisor protocol {PROTOCOL_VERSION}")
            })
        }
        ("hello", false) => Some("`hello` must be the first message, once".into()),
        ("error", _) => None,
        (_, true) => Some(format!("`{name}` before `hello`")),
        ("ready", false) => serde_json::from_value::<Glimpse>(message.clone())
            .is_err()
            .then(|| "`program_ids` is not an array of program ids".into()),
        (_, false) => Some(format!("`{name}` before `ready`")),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_waiting_for_ready_vain_is_seen_at_once() {
        let good = r#"{"type":"hello","protocol_version":2}"#;
        assert_eq!(nonsense(good, true), None);
        assert_eq!(nonsense(r#"{"type":"error","kind":"internal","message":"x"}"#, true), None);
        assert_eq!(nonsense(r#"{"type":"ready","program_ids":[7]}"#, false), None);
        let bad = [
            ("", true, "not JSON"),
            ("[1]", false, "not a JSON object"),
            (
                r#"{"type":"hello","protocol_version":1}"#,
                true,
                "speaks protocol 1, this supervisor protocol 2",
            ),
            (r#"{"type":"hello","protocol_version":2.0}"#, true, "speaks protocol 2.0"),
            (r#"{"type":"hello"}"#, true, "speaks protocol null"),
            (good, false, "must be the first"),
            (r#"{"type":"ready"}"#, true, "before `hello`"),
            (r#"{"type":"ready","program_ids":["7"]}"#, false, "not an array of program ids"),
            (
                r#"{"type":"ready","program_ids":[18446744073709551615]}"#,
                false,
                "not an array of program ids",
            ),
            (r#"{"type":"counters","received":1}"#, false, "`counters` before `ready`"),
        ];
        for (line, first, words) in bad {
            let found = nonsense(line, first).unwrap_or_default();
            assert!(found.contains(words), "{line}: {found}");
        }
    }
}
