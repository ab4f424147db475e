//! Reads the messages of docs/PROTOCOL.md: strict where a number depends on it, lenient where only a label does.
//!
//! The first line that breaks the contract ends the reading; what came before it is kept.

mod message;

pub use message::{Counters, Hello, Ready, RunnerError, Summary};

use crate::supervise::TimedLine;
use message::Message;

/// Lines must be shorter than this many bytes.
const LINE_LIMIT: usize = 64 * 1024;

/// Everything a runner said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    /// Who it is; empty when it did not say.
    pub hello: Hello,
    /// What it loaded and attached.
    pub ready: Option<Ready>,
    /// Its cumulative counters, in order.
    pub counters: Vec<Counters>,
    /// The last word of a good runner.
    pub summary: Option<Summary>,
    /// The last word of one that could not do it.
    pub error: Option<RunnerError>,
}

/// A line that breaks the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads all lines up to the first that breaks the contract.
#[must_use]
pub fn read_transcript(lines: &[TimedLine]) -> (Transcript, Option<Violation>) {
    let mut transcript = Transcript::default();
    for (index, line) in lines.iter().enumerate() {
        let result = parse_line(&line.line).and_then(|message| transcript.accept(message, index == 0));
        if let Err(reason) = result {
            return (transcript, Some(Violation { line: index + 1, reason }));
        }
    }
    (transcript, None)
}

fn parse_line(line: &str) -> Result<Message, String> {
    let value: Result<serde_json::Value, _> = serde_json::from_str(line);
    // Each ring that it tells of may take as much again.
    let rings = value.as_ref().ok().and_then(|value| value["rings"].as_array()).map_or(0, Vec::len);
    let limit = LINE_LIMIT.saturating_mul(1 + rings);
    if line.len() >= limit {
        return Err(format!("the line has {} bytes; fewer than {limit} are allowed", line.len()));
    }
    let value = value.map_err(|error| not_json(&error))?;
    let object = value.as_object().ok_or("not a JSON object")?;
    Message::from_object(object)
}

/// The JSON reader's own words end in `at line 1 column N`; the line is ours to number.
fn not_json(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or(&text);
    format!("not JSON: {reason} (column {})", error.column())
}

impl Transcript {
    /// Whether the last message of the contract (`summary` or `error`) was seen.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.summary.is_some() || self.error.is_some()
    }

    fn accept(&mut self, message: Message, first: bool) -> Result<(), String> {
        let name = message.name();
        if self.is_complete() {
            let last = if self.summary.is_some() { "summary" } else { "error" };
            return Err(format!("`{name}` after `{last}`, which must be the last message"));
        }
        match message {
            Message::Hello(_) if !first => return Err("`hello` must be the first message, once".into()),
            Message::Hello(hello) => self.hello = hello,
            Message::Ready(_) if first => return Err("`ready` before `hello`".into()),
            Message::Ready(_) if self.ready.is_some() => return Err("a second `ready`".into()),
            Message::Ready(ready) => self.ready = Some(ready),
            Message::Counters(_) | Message::Summary(_) if self.ready.is_none() => {
                return Err(format!("`{name}` before `ready`"));
            }
            Message::Counters(counters) => {
                if let Some(last) = self.counters.last() {
                    counters.check_after(last)?;
                }
                self.counters.push(counters);
            }
            Message::Summary(summary) => self.summary = Some(summary),
            Message::Error(error) => self.error = Some(error),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<TimedLine> {
        text.lines().map(|line| TimedLine { t_ns: 0, line: line.to_owned() }).collect()
    }

    fn violation(text: &str) -> String {
        let (_, violation) = read_transcript(&lines(text));
        let violation = violation.expect("the text breaks the contract");
        format!("{}: {}", violation.line, violation.reason)
    }

    #[test]
    fn reads_the_shared_vectors_of_the_contract() {
        let vectors = include_str!("../../../impls/testdata/protocol.jsonl");
        let good: String = vectors.lines().take(4).fold(String::new(), |text, line| text + line + "\n");
        let (transcript, violation) = read_transcript(&lines(&good));
        assert_eq!(violation, None);
        assert_eq!(transcript.hello.framework_version.as_deref(), Some("1.2.3"));
        assert_eq!(transcript.ready.expect("ready").map_ids, [11, 12, 13]);
        assert_eq!(transcript.counters[0].received, 23);
        assert_eq!(transcript.summary.expect("summary").marks, u64::MAX);

        for line in vectors.lines().skip(4) {
            let (transcript, violation) = read_transcript(&lines(line));
            assert_eq!(violation, None);
            assert!(transcript.error.is_some());
        }
    }

    #[test]
    fn a_line_of_exactly_64_kib_is_too_long() {
        let padding = "x".repeat(LINE_LIMIT);
        let line = format!(r#"{{"type":"error","kind":"internal","message":"{padding}"}}"#);
        assert!(violation(&line[..LINE_LIMIT]).starts_with("1: the line has 65536 bytes"));
        assert!(violation(&line[..LINE_LIMIT - 1]).starts_with("1: not JSON"));
    }

    #[test]
    fn each_ring_may_take_as_much_again() {
        let padding = "x".repeat(LINE_LIMIT);
        let told = |rings: &str| {
            violation(&format!(r#"{{"type":"unheard of","more":"{padding}","rings":{rings}}}"#))
        };
        assert!(told("[1]").contains("unknown message type"), "{}", told("[1]"));
        assert!(told("[]").starts_with("1: the line has "), "{}", told("[]"));
    }

    #[test]
    fn what_came_before_a_violation_is_kept() {
        let (transcript, violation) =
            read_transcript(&lines("{\"type\":\"hello\",\"protocol_version\":2}\nnonsense"));
        assert_eq!(transcript.hello.protocol_version, Some(2));
        assert_eq!(violation.expect("violation").line, 2);
    }
}
