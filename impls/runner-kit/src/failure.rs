//! Why a runner cannot measure: what it says and how it exits.

use std::fmt;
use std::io;

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl Kind {
    /// The name in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Unsupported => "unsupported",
            Self::Permission => "permission",
            Self::Internal => "internal",
        }
    }
}

/// The end of a runner that could not measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    kind: Kind,
    message: String,
    hint: Option<String>,
}

impl Failure {
    fn new(kind: Kind, message: String, hint: &str) -> Self {
        Self { kind, message, hint: Some(hint.to_owned()) }
    }

    /// A bad command line.
    #[must_use]
    pub fn usage(message: String) -> Self {
        Self::new(Kind::Usage, message, "run `ringbuf_throughput --help` for the flags and their values")
    }

    /// A bug, or something that should never happen.
    pub fn internal(message: impl Into<String>) -> Self {
        Self { kind: Kind::Internal, message: message.into(), hint: None }
    }

    /// Neither root nor the two capabilities.
    #[must_use]
    pub fn no_privileges() -> Self {
        let message = "loading BPF programs needs root, or CAP_BPF and CAP_PERFMON";
        Self::new(Kind::Permission, message.to_owned(), "run it with sudo")
    }

    /// The file system that lists tracepoints is not there.
    #[must_use]
    pub fn no_tracefs() -> Self {
        Self::new(
            Kind::Unsupported,
            "tracefs is not mounted at `/sys/kernel/tracing`".to_owned(),
            "run `mount -t tracefs tracefs /sys/kernel/tracing` as root",
        )
    }

    /// It may be there, and this process may not look.
    #[must_use]
    pub fn tracefs_unreadable() -> Self {
        let message = "this process may not read `/sys/kernel/tracing`";
        Self::new(Kind::Permission, message.to_owned(), "run it with sudo")
    }

    /// The kernel does not list this tracepoint.
    #[must_use]
    pub fn no_tracepoint(target: &str) -> Self {
        let message = format!("this kernel has no tracepoint `{target}`");
        Self::new(Kind::Unsupported, message, "list them with `ls /sys/kernel/tracing/events`")
    }

    /// The kernel is built without kprobes.
    #[must_use]
    pub fn no_kprobes() -> Self {
        Self::new(
            Kind::Unsupported,
            "this kernel has no kprobes (CONFIG_KPROBES is off)".to_owned(),
            "use `--program-type tracepoint`, or a kernel built with CONFIG_KPROBES=y",
        )
    }

    /// The kernel has kprobes and refuses this one.
    #[must_use]
    pub fn kprobe_refused(target: &str, reason: &str) -> Self {
        let message = format!("this kernel cannot attach a kprobe to `{target}`: {reason}");
        Self::new(Kind::Unsupported, message, "check that the function is listed in `/proc/kallsyms`")
    }

    /// The kernel refuses to load or attach an fentry program.
    #[must_use]
    pub fn fentry_refused(target: &str, reason: &str) -> Self {
        let needs = "(it needs BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)";
        Self::new(
            Kind::Unsupported,
            format!("this kernel cannot attach fentry to `{target}`: {reason} {needs}"),
            "use `--program-type tracepoint`, or a kernel built with CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y",
        )
    }

    /// Anything else that the kernel refuses at load or attach.
    #[must_use]
    pub fn program_refused(program_type: &str, reason: &str) -> Self {
        let message = format!("this kernel refuses the `{program_type}` program: {reason}");
        Self::new(Kind::Unsupported, message, "run again with `--verbose` for the framework's log")
    }

    /// The program is wrong, or too much for this kernel's verifier: a bug, not something that the kernel lacks.
    #[must_use]
    pub fn verifier_refused(program_type: &str, reason: &str) -> Self {
        let message = format!("the verifier refuses the `{program_type}` program: {reason}");
        Self::new(Kind::Internal, message, "run again with `--verbose` for the framework's log")
    }

    /// Standard output is closed or full.
    #[must_use]
    pub fn output(error: &io::Error) -> Self {
        Self::internal(format!("cannot write to standard output: {}", reason(error)))
    }

    /// Who can mend it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What happened.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
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

/// As standard error shows it.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.message)?;
        match &self.hint {
            Some(hint) => writeln!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

/// The system's words for an error, without the number that the standard library adds.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" (os error ").map_or(text.clone(), |(words, _)| words.to_owned())
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

    #[test]
    fn shows_the_message_then_an_empty_line_then_the_hint() {
        let shown = Failure::no_privileges().to_string();
        assert_eq!(
            shown,
            "error: loading BPF programs needs root, or CAP_BPF and CAP_PERFMON\n\nhint: run it with sudo\n"
        );
        assert_eq!(Failure::internal("x").to_string(), "error: x\n");
    }

    #[test]
    fn each_kind_has_its_exit_status() {
        assert_eq!(Failure::usage(String::new()).exit_status(), 64);
        assert_eq!(Failure::no_kprobes().exit_status(), 69);
        assert_eq!(Failure::no_privileges().exit_status(), 69);
        assert_eq!(Failure::internal("").exit_status(), 70);
    }

    #[test]
    fn a_verdict_is_a_log_of_instructions_that_were_looked_at() {
        assert!(is_verdict(
            "0: (95) exit\nR0 !read_ok\nprocessed 1 insns (limit 1000000) max_states_per_insn 0"
        ));
        assert!(!is_verdict(
            "x() is not modifiable\nprocessed 0 insns (limit 1000000) max_states_per_insn 0"
        ));
        assert!(!is_verdict(
            "0: (85) call unknown#999\ninvalid func unknown#999\nprocessed 1 insns (limit 1000000)"
        ));
        assert!(!is_verdict(
            "program of this type cannot use helper bpf_x#113\nprocessed 9 insns (limit 1000000)"
        ));
        assert!(!is_verdict(""));
        assert_eq!(Failure::verifier_refused("kprobe", "x").exit_status(), 70);
    }

    #[test]
    fn a_reason_has_no_error_number() {
        assert_eq!(reason(&io::Error::from_raw_os_error(libc::EPERM)), "Operation not permitted");
        assert_eq!(reason(&io::Error::other("no such function")), "no such function");
    }
}
