//! The lines of `events.jsonl` are a chain: each has, under `previous`, the SHA-256 of the line before it. An edit shows at the line
//! after it.
//!
//! A chain shows edits, by accident or by hand. It is no signature: whoever recomputes all hashes after the edited line, and the
//! last one in `run.json`, leaves no trace in the folder.

use sha2::{Digest, Sha256};

use super::run::Event;
use crate::files::hexadecimal;

/// What the first line has in the place of a hash.
const START: &str = "start";

/// The end of a chain that is being written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Chain {
    /// Hash of the last line.
    last: Option<String>,
}

impl Chain {
    /// Goes on after a line with this hash.
    pub(super) fn after(last: Option<String>) -> Self {
        Self { last }
    }

    /// The next line, with its end.
    pub(super) fn line(&self, event: Event<'_>) -> Vec<u8> {
        let mut line = serde_json::to_vec(&event).expect("results have string keys only");
        let brace = line.pop();
        debug_assert_eq!(brace, Some(b'}'), "an event is an object");
        let previous = self.last.as_deref().unwrap_or(START);
        line.extend_from_slice(format!(",\"previous\":\"{previous}\"}}\n").as_bytes());
        line
    }

    /// The line has been written.
    pub(super) fn written(&mut self, line: &[u8]) {
        self.last = Some(hash(line));
    }

    /// Hash of the last line.
    pub(super) fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }
}

/// What a chain that was read is like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChainRead {
    /// Hash of the last line; none in results of version 1, which have no chain.
    pub last: Option<String>,
    /// Number of the first line, from 1, whose hash is not that of the line before it.
    pub broken: Option<usize>,
}

impl ChainRead {
    /// Goes on with the whole line of this number.
    pub(super) fn follow(&mut self, number: usize, line: &[u8]) {
        let expected = self.last.as_deref().unwrap_or(START);
        if self.broken.is_none() && previous(line).as_deref() != Some(expected) {
            self.broken = Some(number);
        }
        self.last = Some(hash(line));
    }
}

fn previous(line: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Link {
        previous: String,
    }
    serde_json::from_slice::<Link>(line).ok().map(|link| link.previous)
}

fn hash(line: &[u8]) -> String {
    hexadecimal(&Sha256::digest(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{PlanEnd, StopReason};
    use crate::store::run::RunEnd;

    fn lines() -> Vec<Vec<u8>> {
        let mut chain = Chain::default();
        let ended = |blocks| {
            let end = PlanEnd {
                reason: StopReason::Blocks,
                blocks,
                widest_half_width: None,
                undecided: Vec::new(),
                benchmarks: Vec::new(),
            };
            RunEnd { ended_utc: "now".into(), end }
        };
        (1..=4)
            .map(|blocks| {
                let line = chain.line(Event::Ended(&ended(blocks)));
                chain.written(&line);
                line
            })
            .collect()
    }

    fn broken(lines: &[Vec<u8>]) -> Option<usize> {
        let mut chain = ChainRead::default();
        for (number, line) in (1..).zip(lines) {
            chain.follow(number, line);
        }
        chain.broken
    }

    #[test]
    fn an_edit_a_line_that_is_gone_and_a_swap_show() {
        let whole = lines();
        assert_eq!(broken(&whole), None);
        assert_eq!(broken(&whole[..2]), None, "a line that was cut leaves a shorter chain");
        let mut edited = whole.clone();
        let at = edited[1].iter().position(|byte| *byte == b'2').expect("the number of blocks");
        edited[1][at] = b'9';
        assert_eq!(broken(&edited), Some(3));
        let mut gone = whole.clone();
        gone.remove(1);
        assert_eq!(broken(&gone), Some(2));
        let mut swapped = whole.clone();
        swapped.swap(1, 2);
        assert_eq!(broken(&swapped), Some(2));
        assert_eq!(broken(&whole[1..]), Some(1), "the first line is gone");
    }

    #[test]
    fn lines_stay_events() {
        for line in lines() {
            assert!(serde_json::from_slice::<RunEnd>(&line).is_ok_and(|end| end.ended_utc == "now"));
        }
    }
}
