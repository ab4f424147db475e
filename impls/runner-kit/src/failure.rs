//! Why a runner cannot measure: what it says and how it exits.

use serde::Serialize;
use std::error::Error;

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The command line.
    Usage,
    /// This kernel cannot do it.
    Unsupported,
    /// These privileges do not allow it.
    Permission,
    /// A bug.
    Internal,
}

/// The end of a runner that could not measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Who can mend it.
    pub kind: Kind,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

impl Failure {
    /// Something that can be mended.
    pub(crate) fn new(kind: Kind, message: impl Into<String>, hint: &'static str) -> Self {
        Self { kind, message: message.into(), hint: Some(hint) }
    }

    /// Something that should never happen.
    pub fn bug(message: impl Into<String>) -> Self {
        Self { kind: Kind::Internal, message: message.into(), hint: None }
    }

    /// A step that should never fail did.
    #[must_use]
    pub fn internal(step: &str, error: &(dyn Error + 'static)) -> Self {
        Self::bug(format!("{step}: {}", reason(error)))
    }

    /// The exit status of the process.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        match self.kind {
            Kind::Usage => 64,
            Kind::Unsupported | Kind::Permission => 69,
            Kind::Internal => 70,
        }
    }
}

/// What made it fail, without the steps on the way there and without the number that the standard library adds.
#[must_use]
pub fn reason(error: &(dyn Error + 'static)) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    let text = root.to_string();
    text.split_once(" (os error ").map_or(text.clone(), |(words, _)| words.to_owned())
}

/// Whether a log that came with a refused program is the verifier's verdict on it. It ends with `processed 109 insns …`, and
/// with 0 of them where the kernel found before that the program cannot be attached. A helper that this kernel has not, or
/// not when it is locked down, is no fault of the program; the words for that differ between versions.
#[must_use]
pub fn is_verdict(log: &str) -> bool {
    let number = |line: &str| line.strip_prefix("processed ")?.split(' ').next()?.parse::<u64>().ok();
    let lacks_helper =
        ["unknown func ", "invalid func ", "cannot use helper "].iter().any(|words| log.contains(words));
    !lacks_helper && log.lines().filter_map(number).any(|instructions| instructions > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn a_verdict_is_a_log_of_instructions_that_were_looked_at() {
        for (log, verdict) in [
            ("R0 !read_ok\nprocessed 1 insns (limit 1000000) max_states_per_insn 0", true),
            ("x() is not modifiable\nprocessed 0 insns (limit 1000000)", false),
            ("invalid func unknown#999\nprocessed 1 insns (limit 1000000)", false),
            ("program of this type cannot use helper bpf_x#113\nprocessed 9 insns (limit 1000000)", false),
            ("", false),
        ] {
            assert_eq!(is_verdict(log), verdict, "{log}");
        }
    }

    #[test]
    fn a_reason_is_the_root_cause_without_its_number() {
        #[derive(Debug, thiserror::Error)]
        #[error("a step")]
        struct Step(#[source] io::Error);
        let error = || io::Error::from_raw_os_error(libc::EPERM);
        assert_eq!(reason(&error()), "Operation not permitted");
        assert_eq!(reason(&Step(error())), "Operation not permitted");
        assert_eq!(reason(&io::Error::other("no such function")), "no such function");
    }
}
