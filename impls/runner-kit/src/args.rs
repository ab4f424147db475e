//! The flags of a runner and their values, as docs/PROTOCOL.md defines them.

use crate::failure::Kind;
use crate::kernel::FIRST_REGISTER;
use crate::{Failure, ProgramType, cpu, program_type};
use lexopt::{Arg, Parser};
use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The checked flags of one measurement.
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
            program_type: &program_type::TRACEPOINT,
            attach_target: program_type::TRACEPOINT.default_target.to_owned(),
            target_pid: 0,
            ring_size: 16 * 1024 * 1024,
            record_size: 64,
            batch: 1,
            wakeup: Wakeup::Adaptive,
            work: 0,
            keep_one_in: 1,
            lookups: 0,
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
    /// Whether the usual program, which is without the filter and the lookups, does not do.
    #[must_use]
    pub fn more(&self) -> bool {
        self.keep_one_in > 1 || self.lookups > 0
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
        if verdict {
            let message = format!("the verifier refuses the `{name}` program: {reason}");
            return Failure::new(
                Kind::Internal,
                message,
                "run again with `--verbose` for the framework's log",
            );
        }
        let message = format!("this kernel refuses the `{name}` program at `{target}`: {reason}");
        Failure::new(Kind::Unsupported, message, hint)
    }
}

/// What `--help` prints.
#[must_use]
pub fn help(types: &[&ProgramType]) -> String {
    let types: Vec<&str> = types.iter().map(|program_type| program_type.name).collect();
    include_str!("help.txt").replace("{types}", &types.join(", "))
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Command {
    /// Measure.
    Run(Args),
    /// Print the versions.
    Version,
    /// Print the help.
    Help,
}

/// Reads the arguments after the program's name, for a runner that has these program types.
///
/// The output that was asked for before the first mistake is answered besides, since that is to be told in this form.
pub fn parse<I>(types: &[&'static ProgramType], words: I) -> (Output, Result<Command, Failure>)
where
    I: IntoIterator,
    I::Item: Into<OsString>,
{
    let mut args = Args::default();
    let command = read(types, &mut Parser::from_args(words), &mut args);
    (args.output, command.map(|command| command.unwrap_or(Command::Run(args))))
}

/// Reads all flags; answers what is to be done instead of measuring.
fn read(
    types: &[&'static ProgramType],
    parser: &mut Parser,
    args: &mut Args,
) -> Result<Option<Command>, Failure> {
    let (mut target, mut command) = (None, None);
    while let Some(flag) = parser.next()? {
        match flag {
            Arg::Short('V') | Arg::Long("version") => command = Some(Command::Version),
            Arg::Short('h') | Arg::Long("help") => command = Some(Command::Help),
            Arg::Short('v') | Arg::Long("verbose") => args.verbose = true,
            Arg::Long("latency") => args.latency = true,
            Arg::Short('d') | Arg::Long("duration") => {
                let expected = "a number of seconds above 0 and at most 1000000";
                args.duration = value(parser, "--duration", expected, seconds)?;
            }
            Arg::Long("output") => {
                args.output = value(parser, "--output", "text or jsonl", |text| match text {
                    "text" => Some(Output::Text),
                    "jsonl" => Some(Output::Jsonl),
                    _ => None,
                })?;
            }
            Arg::Long("program-type") => {
                let names = types.iter().map(|one| one.name).collect::<Vec<_>>().join(", ");
                let find = |text: &str| types.iter().copied().find(|one| one.name == text);
                args.program_type = value(parser, "--program-type", &format!("one of {names}"), find)?;
            }
            Arg::Long("attach-target") => target = Some(parser.value()?.to_string_lossy().into_owned()),
            Arg::Long("target-pid") => args.target_pid = whole(parser, "--target-pid", 0..=4_194_304)?,
            Arg::Long("ring-size") => {
                let size = |text: &str| digits(text, 4096..=1 << 30).filter(|n| n.is_power_of_two());
                args.ring_size =
                    value(parser, "--ring-size", "a power of two from 4096 to 1073741824", size)?;
            }
            Arg::Long("record-size") => {
                let size = |text: &str| digits(text, 48..=1024).filter(|n| *n == 48 || n.is_power_of_two());
                args.record_size = value(parser, "--record-size", "48, 64, 128, 256, 512 or 1024", size)?;
            }
            Arg::Long("batch") => args.batch = whole(parser, "--batch", 1..=1000)?,
            Arg::Long("wakeup") => {
                let expected = "adaptive, sampled:BYTES (1 to 1073741824), timer:TIME (100us to 1s) or none";
                args.wakeup = value(parser, "--wakeup", expected, wakeup)?;
            }
            Arg::Long("work") => args.work = whole(parser, "--work", 0..=10_000)?,
            Arg::Long("keep-one-in") => args.keep_one_in = whole(parser, "--keep-one-in", 1..=1000)?,
            Arg::Long("lookups") => args.lookups = whole(parser, "--lookups", 0..=100)?,
            Arg::Long("cpu") => {
                let usable = |text: &str| digits(text, 0..=cpu::MAX).filter(|cpu| cpu::allowed(*cpu));
                args.cpu = Some(value(parser, "--cpu", "a CPU on which this process may run", usable)?);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    // Which targets fit depends on the program type, which may come later.
    let ProgramType { default_target, target_is, takes, .. } = *args.program_type;
    if let Some(target) = target.as_deref().filter(|target| !takes(target)) {
        return Err(invalid(target, "--attach-target", target_is));
    }
    args.attach_target = target.unwrap_or_else(|| default_target.to_owned());
    args.latency |= args.output == Output::Text;
    Ok(command)
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

/// Plain decimal digits: no sign, no exponent, no blank.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn digits(text: &str, range: RangeInclusive<u32>) -> Option<u32> {
    is_plain(text).then(|| text.parse().ok())?.filter(|n| range.contains(n))
}

fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let number: f64 = (is_plain(whole) && is_plain(fraction)).then(|| text.parse().ok())??;
    (number > 0.0 && number <= 1e6).then(|| Duration::from_secs_f64(number))
}

fn wakeup(text: &str) -> Option<Wakeup> {
    match text {
        "adaptive" => return Some(Wakeup::Adaptive),
        "none" => return Some(Wakeup::Timer(Duration::from_millis(10))),
        _ => {}
    }
    let (policy, amount) = text.split_once(':')?;
    match policy {
        "sampled" => digits(amount, 1..=1 << 30).map(Wakeup::Sampled),
        "timer" => {
            let (number, unit) = amount.split_at(amount.find(|c: char| !c.is_ascii_digit())?);
            let unit = match unit {
                "us" => Duration::from_micros(1),
                "ms" => Duration::from_millis(1),
                "s" => Duration::from_secs(1),
                _ => return None,
            };
            let time = unit * digits(number, 0..=1_000_000)?;
            (Duration::from_micros(100)..=Duration::from_secs(1))
                .contains(&time)
                .then_some(Wakeup::Timer(time))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program_type::{KPROBE, TRACEPOINT};

    fn parse(words: &[&str]) -> (Output, Result<Command, Failure>) {
        super::parse(&[&TRACEPOINT, &KPROBE], words)
    }

    fn run(words: &[&str]) -> Args {
        match parse(words).1 {
            Ok(Command::Run(args)) => args,
            other => panic!("{words:?} gave {other:?}"),
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
        assert_eq!(parse(&["--output=jsonl", "--foo"]).0, Output::Jsonl);
        assert!(matches!(parse(&["-h"]).1, Ok(Command::Help)));
        assert!(parse(&["--version=2"]).1.is_err());
    }
}
