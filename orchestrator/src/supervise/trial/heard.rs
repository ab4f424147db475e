//! What a runner says, as far as supervising needs it. Nonsense is judged later, by the parser, which names the line.

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use crate::supervise::record::{PROTOCOL_VERSION, Speaks};

/// Without a look at the ring: counters that stay equal for so many messages mean that the buffer is empty.
const QUIET_COUNTERS: u32 = 3;

/// A message of the runner.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum RunnerMessage {
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
        ("ready", false) => serde_json::from_value::<RunnerMessage>(message.clone())
            .is_err()
            .then(|| "`program_ids` is not an array of program ids".into()),
        (_, false) => Some(format!("`{name}` before `ready`")),
    }
}

/// What has been heard of the runner.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Of a program that speaks text: what a line looks like that says that it is ready.
    ready_pattern: Option<Regex>,
    is_ready: bool,
    program_ids: Vec<u32>,
    /// Last `received` and how many messages in a row said the same.
    counters: Option<(u64, u32)>,
}

impl Heard {
    /// Nothing yet, of a runner that speaks so.
    pub(super) fn nothing(speaks: &Speaks) -> Result<Self, regex::Error> {
        let ready_pattern = match speaks {
            Speaks::Protocol => None,
            Speaks::Text { ready } => Some(Regex::new(ready)?),
        };
        Ok(Self { ready_pattern, ..Self::default() })
    }

    /// Takes a line; answers whether it is the one that says that the runner is ready.
    pub(super) fn hear(&mut self, line: &str) -> bool {
        let was_ready = self.is_ready;
        if let Some(pattern) = &self.ready_pattern {
            self.is_ready = was_ready || pattern.is_match(line);
            return self.is_ready && !was_ready;
        }
        match serde_json::from_str(line) {
            Ok(RunnerMessage::Ready { program_ids }) if !was_ready => {
                self.program_ids = program_ids;
                self.is_ready = true;
            }
            Ok(RunnerMessage::Counters { received }) => {
                self.counters = Some(match self.counters {
                    Some((last, equal)) if last == received => (received, equal + 1),
                    _ => (received, 1),
                });
            }
            _ => {}
        }
        self.is_ready && !was_ready
    }

    /// The programs that it announced.
    pub(super) fn program_ids(&self) -> &[u32] {
        &self.program_ids
    }

    /// Counts equal counters from here on.
    pub(super) fn forget_counters(&mut self) {
        self.counters = None;
    }

    /// Whether the counters have stood still.
    pub(super) fn counters_stand_still(&self) -> bool {
        self.counters.is_some_and(|(_, equal)| equal >= QUIET_COUNTERS)
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

    #[test]
    fn the_first_line_that_says_so_means_ready() {
        let mut text = Heard::nothing(&Speaks::Text { ready: "^on$".into() }).expect("a good pattern");
        assert_eq!(["off", "on", "on"].map(|line| text.hear(line)), [false, true, false]);
        let mut runner = Heard::nothing(&Speaks::Protocol).expect("none");
        let lines = [
            r#"{"type":"hello"}"#,
            r#"{"type":"ready","program_ids":[7]}"#,
            r#"{"type":"ready","program_ids":[8]}"#,
        ];
        assert_eq!(lines.map(|line| runner.hear(line)), [false, true, false]);
        assert_eq!(runner.program_ids(), [7]);
        assert!(Heard::nothing(&Speaks::Text { ready: "(".into() }).is_err());
    }

    #[test]
    fn counters_stand_still_once_three_in_a_row_are_equal() {
        let mut runner = Heard::nothing(&Speaks::Protocol).expect("none");
        let mut hear = |received: u64| {
            runner.hear(&format!(r#"{{"type":"counters","received":{received}}}"#));
            runner.counters_stand_still()
        };
        assert_eq!([4, 5, 5, 5].map(&mut hear), [false, false, false, true]);
        runner.forget_counters();
        assert!(!runner.counters_stand_still());
    }
}
