//! The flags of a runner and their values, as docs/PROTOCOL.md defines them.

use crate::failure::Kind;
use crate::kernel::FIRST_REGISTER;
use crate::program_type::{LOG_HINT, TRACEPOINT, TYPES};
use crate::{Failure, Identity, ProgramType, cpu};
use lexopt::Arg::{Long, Short};
use lexopt::Parser;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The checked flags of one measurement.
#[expect(clippy::struct_excessive_bools, reason = "flags that are given or not")]
#[derive(Debug, Clone)]
pub struct Args {
    /// How long to consume, counted from `ready`.
    pub duration: Duration,
    /// Whether to show progress and the framework's own log on standard error.
    pub verbose: bool,
    /// What standard output is for.
    pub output: Output,
    /// The BPF program to load.
    pub program_type: &'static ProgramType,
    /// Where to attach it; the default of the program type is filled in.
    pub attach_target: String,
    /// Count only this process; 0 counts every process.
    pub target_pid: u32,
    /// Size of the ring buffer in bytes: a power of two.
    pub ring_size: u32,
    /// Size of a record in bytes, without the kernel's header.
    pub record_size: u32,
    /// Records per trigger.
    pub batch: u32,
    /// When the producer wakes the consumer.
    pub wakeup: Wakeup,
    /// Rounds of extra work in the BPF program, per trigger.
    pub work: u32,
    /// Only triggers whose cookie is a multiple of this make records.
    pub keep_one_in: u32,
    /// Lookups in a hash map, per trigger.
    pub lookups: u32,
    /// Whether each CPU has a ring buffer of its own.
    pub own_rings: bool,
    /// Whether each of those is read by a thread of its own.
    pub threads: bool,
    /// Whether to record the delay of each event; on whenever the output is text.
    pub latency: bool,
    /// The CPU to pin the runner to.
    pub cpu: Option<u32>,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            duration: Duration::from_secs(10),
            verbose: false,
            output: Output::Text,
            program_type: &TRACEPOINT,
            attach_target: TRACEPOINT.default_target.to_owned(),
            target_pid: 0,
            ring_size: 16 * 1024 * 1024,
            record_size: 64,
            batch: 1,
            wakeup: Wakeup::Adaptive,
            work: 0,
            keep_one_in: 1,
            lookups: 0,
            own_rings: false,
            threads: false,
            latency: false,
            cpu: None,
        }
    }
}

/// What standard output is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// A report for a person.
    Text,
    /// The messages of the protocol.
    Jsonl,
}

/// When a submitted record wakes the consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wakeup {
    /// The kernel decides: when the consumer has caught up.
    Adaptive,
    /// Forced once this many bytes are waiting, otherwise never.
    Sampled(u32),
    /// Never: the consumer looks on a timer of its own, this long after it has found the ring empty.
    Timer(Duration),
}

impl Wakeup {
    /// The policy as bench.h numbers it (`enum bench_wakeup`), and the backlog that forces a wakeup (0 unless sampled).
    #[must_use]
    pub fn knobs(self) -> (u32, u64) {
        match self {
            Self::Adaptive => (0, 0),
            Self::Sampled(bytes) => (1, u64::from(bytes)),
            Self::Timer(_) => (2, 0),
        }
    }
}

impl Args {
    /// Whether the usual program, which is without the filter, the lookups and a ring buffer for each CPU, does not do.
    #[must_use]
    pub fn more(&self) -> bool {
        self.keep_one_in > 1 || self.lookups > 0 || self.own_rings
    }

    /// `knobs.cookie` and `knobs.cookie_offset`: where the program finds a trigger's cookie on this machine, one of
    /// `enum bench_cookie`, and the offset of the first argument's register in `struct pt_regs`.
    #[must_use]
    pub fn cookie(&self) -> (u32, u32) {
        ((self.program_type.cookie)(&self.attach_target), FIRST_REGISTER.unwrap_or(0))
    }

    /// The kernel refuses the program at load or attach: by the `verdict` of its verifier, which is a bug of the program or too
    /// much for this verifier, or for something that it lacks.
    #[must_use]
    pub fn refused(&self, verdict: bool, reason: &str) -> Failure {
        let (ProgramType { name, hint, .. }, target) = (self.program_type, &self.attach_target);
        let (who, kind, hint) = if verdict {
            ("the verifier", Kind::Internal, LOG_HINT)
        } else {
            ("this kernel", Kind::Unsupported, *hint)
        };
        Failure::new(kind, format!("{who} refuses the `{name}` program for `{target}`: {reason}"), hint)
    }

    /// Reads the command line; answers a text that it asks for instead of a measurement.
    ///
    /// What stands before a mistake is known then, since the mistake is to be told in the output that was asked for.
    pub(crate) fn read(
        &mut self,
        identity: Identity,
        parser: &mut Parser,
    ) -> Result<Option<String>, Failure> {
        let names = TYPES.map(|known| known.name).join(", ");
        let (mut target, mut text) = (None, None);
        while let Some(flag) = parser.next()? {
            match flag {
                Short('V') | Long("version") => text = Some(format!("{identity}\n")),
                Short('h') | Long("help") => text = Some(include_str!("help.txt").replace("{types}", &names)),
                Short('v') | Long("verbose") => self.verbose = true,
                Long("latency") => self.latency = true,
                Short('d') | Long("duration") => {
                    let expected = "a number of seconds above 0 and at most 1000000";
                    self.duration = value(parser, "--duration", expected, seconds)?;
                }
                Long("output") => {
                    let known = [("text", Output::Text), ("jsonl", Output::Jsonl)];
                    let read = |text: &str| known.into_iter().find(|(name, _)| *name == text);
                    (_, self.output) = value(parser, "--output", "text or jsonl", read)?;
                }
                Long("program-type") => {
                    let read = |text: &str| TYPES.into_iter().find(|known| known.name == text);
                    self.program_type = value(parser, "--program-type", &names, read)?;
                }
                Long("attach-target") => target = Some(parser.value()?.to_string_lossy().into_owned()),
                Long("target-pid") => self.target_pid = whole(parser, "--target-pid", 0..=4_194_304)?,
                Long("ring-size") => {
                    let read = |text: &str| digits(text, 4096..=1 << 30).filter(|n| n.is_power_of_two());
                    let expected = "a power of two from 4096 to 1073741824";
                    self.ring_size = value(parser, "--ring-size", expected, read)?;
                }
                Long("record-size") => {
                    let read =
                        |text: &str| digits(text, 48..=1024).filter(|n| *n == 48 || n.is_power_of_two());
                    let expected = "48, 64, 128, 256, 512 or 1024";
                    self.record_size = value(parser, "--record-size", expected, read)?;
                }
                Long("batch") => self.batch = whole(parser, "--batch", 1..=1000)?,
                Long("wakeup") => {
                    let expected =
                        "adaptive, sampled:BYTES (1 to 1073741824), timer:TIME (100us to 1s) or none";
                    self.wakeup = value(parser, "--wakeup", expected, wakeup)?;
                }
                Long("work") => self.work = whole(parser, "--work", 0..=10_000)?,
                Long("keep-one-in") => self.keep_one_in = whole(parser, "--keep-one-in", 1..=1000)?,
                Long("lookups") => self.lookups = whole(parser, "--lookups", 0..=100)?,
                Long("rings") => self.own_rings = either(parser, "--rings", ["one", "cpu"])?,
                Long("consumers") => self.threads = either(parser, "--consumers", ["one", "ring"])?,
                Long("cpu") => {
                    let read = |text: &str| digits(text, 0..=cpu::MAX).filter(|cpu| cpu::allowed(*cpu));
                    self.cpu = Some(value(parser, "--cpu", "a CPU on which this process may run", read)?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        // Which targets fit depends on the program type, which may come later.
        let ProgramType { default_target, target_is, takes, .. } = *self.program_type;
        if let Some(target) = target.as_deref().filter(|target| !takes(target)) {
            return Err(invalid(target, "--attach-target", target_is));
        }
        self.attach_target = target.unwrap_or_else(|| default_target.to_owned());
        self.latency |= self.output == Output::Text;
        Ok(text)
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        usage(error.to_string())
    }
}

fn usage(message: String) -> Failure {
    Failure::new(Kind::Usage, message, "run `ringbuf_throughput --help` for the flags and their values")
}

fn invalid(text: &str, flag: &str, expected: &str) -> Failure {
    usage(format!("invalid value `{text}` for `{flag}`: expected {expected}"))
}

/// Reads the value of a flag.
fn value<T>(
    parser: &mut Parser,
    flag: &str,
    expected: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Failure> {
    let text = parser.value()?;
    let text = text.to_string_lossy();
    read(&text).ok_or_else(|| invalid(&text, flag, expected))
}

fn whole(parser: &mut Parser, flag: &str, range: RangeInclusive<u32>) -> Result<u32, Failure> {
    let expected = format!("a whole number from {} to {}", range.start(), range.end());
    value(parser, flag, &expected, |text| digits(text, range))
}

/// Reads one of two words; whether it is the second.
fn either(parser: &mut Parser, flag: &str, words: [&str; 2]) -> Result<bool, Failure> {
    value(parser, flag, &words.join(" or "), |text| words.iter().position(|word| *word == text))
        .map(|at| at > 0)
}

/// Plain decimal digits: the standard library takes a sign too.
fn digits(text: &str, range: RangeInclusive<u32>) -> Option<u32> {
    text.parse().ok().filter(|n| !text.starts_with('+') && range.contains(n))
}

fn seconds(text: &str) -> Option<Duration> {
    // No sign, no exponent, no name of a number.
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let number = text.parse().ok().filter(|n| is_plain && *n > 0.0 && *n <= 1e6)?;
    Some(Duration::from_secs_f64(number))
}

fn wakeup(text: &str) -> Option<Wakeup> {
    let (policy, amount) = match text {
        "adaptive" => return Some(Wakeup::Adaptive),
        "none" => ("timer", "10ms"),
        _ => text.split_once(':')?,
    };
    if policy == "sampled" {
        return digits(amount, 1..=1 << 30).map(Wakeup::Sampled);
    }
    let (number, unit) = amount.split_at(amount.find(|c: char| !c.is_ascii_digit())?);
    let unit = match unit {
        "us" => Duration::from_micros(1),
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        _ => return None,
    };
    let time = unit * digits(number, 0..=1_000_000)?;
    let range = Duration::from_micros(100)..=Duration::from_secs(1);
    (policy == "timer" && range.contains(&time)).then_some(Wakeup::Timer(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> (Args, Result<Option<String>, Failure>) {
        let identity = Identity { implementation: "example", framework: "none", framework_version: "1" };
        let mut args = Args::default();
        let read = args.read(identity, &mut Parser::from_args(words));
        (args, read)
    }

    fn run(words: &[&str]) -> Args {
        match parse(words) {
            (args, Ok(None)) => args,
            (_, other) => panic!("{words:?} gave {other:?}"),
        }
    }

    #[test]
    fn takes_a_value_in_the_next_word_or_attached_to_the_flag_and_the_last_one() {
        for words in [
            &["-d", "2.5"][..],
            &["-d2.5"],
            &["-d=2.5"],
            &["--duration", "2.5"],
            &["-d", "3", "--duration=2.5"],
        ] {
            assert_eq!(run(words).duration, Duration::from_millis(2500), "{words:?}");
        }
    }

    #[test]
    fn latency_is_always_recorded_for_a_person() {
        assert!(run(&[]).latency);
        assert!(!run(&["--output", "jsonl"]).latency);
    }

    #[test]
    fn a_timer_has_a_unit_and_none_is_one_of_ten_milliseconds() {
        for (policy, micros) in
            [("timer:100us", 100), ("timer:1ms", 1000), ("timer:1s", 1_000_000), ("none", 10_000)]
        {
            assert_eq!(run(&["--wakeup", policy]).wakeup, Wakeup::Timer(Duration::from_micros(micros)));
        }
        assert_eq!(run(&["--wakeup=sampled:14400000"]).wakeup, Wakeup::Sampled(14_400_000));
        for policy in ["timer:1001ms", "timer:ms", "timer:1 ms", "timer:18446744073709551616us", "none:1ms"] {
            assert!(parse(&["--wakeup", policy]).1.is_err(), "{policy}");
        }
    }

    #[test]
    fn the_attach_target_may_come_before_its_program_type() {
        let args = run(&["--attach-target", "do_sys_openat2", "--program-type", "kprobe"]);
        assert_eq!((args.attach_target.as_str(), args.program_type.name), ("do_sys_openat2", "kprobe"));
    }

    #[test]
    fn the_output_stands_before_the_mistake() {
        assert_eq!(parse(&["--output=jsonl", "--foo"]).0.output, Output::Jsonl);
        assert!(matches!(parse(&["-h"]).1, Ok(Some(_))));
        assert!(parse(&["--version=2"]).1.is_err());
    }
}
