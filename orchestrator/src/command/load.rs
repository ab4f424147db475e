//! `orchestrator load`: the load generator by itself.

use std::time::Duration;

use crate::arithmetic::nanoseconds;
use crate::cli::{LoadArgs, LoadOutput, PatternName, ShapeName, SyscallName};
use crate::config::Seconds;
use crate::error::Error;
use crate::exit_code;
use crate::load::{self, LoadOptions, Output};
use crate::plan::{LoadPattern, LoadShape, LoadSpec, Syscall, SystemCall, Trigger};

const DEFAULT_DURATION: Seconds = Seconds(Duration::from_secs(10));
const DEFAULT_RATE_PER_SEC: u64 = 10_000;
const QUIET_RATE_PER_SEC: u64 = 1_000;
const DEFAULT_PAUSE: Seconds = Seconds(Duration::from_millis(20));

/// Runs the load that the flags describe.
pub fn run(args: &LoadArgs) -> Result<u8, Error> {
    load::run(&options(args)?).map_err(|error| match error {
        load::Error::OutputFailed { source } => Error::Output(source),
        other => other.into(),
    })?;
    Ok(exit_code::SUCCESS)
}

/// The flags as options; an error if they contradict each other.
fn options(args: &LoadArgs) -> Result<LoadOptions, load::Error> {
    let spec = LoadSpec {
        pattern: pattern(args)?,
        trigger: trigger(args),
        threads: args.threads.0,
        // A default duration would cut a count that takes longer, and "exactly" would be wrong.
        duration_ns: match (args.duration, args.count) {
            (None, Some(_)) => u64::MAX,
            (duration, _) => nanoseconds(duration.unwrap_or(DEFAULT_DURATION).0),
        },
        count: args.count.map(|count| count.0),
        keep_one_in: args.keep_one_in.0,
    };
    Ok(LoadOptions {
        spec,
        cpus: args.cpus.as_ref().map_or_else(Vec::new, |list| list.0.clone()),
        paused: args.paused,
        paced: args.paced,
        output: match args.output {
            LoadOutput::Text => Output::Text,
            LoadOutput::Jsonl => Output::Jsonl,
        },
    })
}

fn trigger(args: &LoadArgs) -> Trigger {
    Trigger::SystemCall(SystemCall {
        shape: match args.shape {
            ShapeName::FailFast => LoadShape::FailFast,
            ShapeName::OpenClose => LoadShape::OpenClose,
        },
        syscall: match args.syscall {
            SyscallName::Openat2 => Syscall::Openat2,
            SyscallName::Openat => Syscall::Openat,
        },
    })
}

fn pattern(args: &LoadArgs) -> Result<LoadPattern, load::Error> {
    let (pattern, name) = match args.pattern {
        PatternName::Closed => (LoadPattern::Closed, "closed"),
        PatternName::Open => (
            LoadPattern::Open { rate_per_sec: args.rate.map_or(DEFAULT_RATE_PER_SEC, |rate| rate.0) },
            "open",
        ),
        PatternName::Bursts => {
            let triggers = args.burst.ok_or(load::Error::BurstSizeMissing);
            let pause_ns = nanoseconds(args.pause.unwrap_or(DEFAULT_PAUSE).0);
            (LoadPattern::Bursts { triggers: triggers?.0, pause_ns }, "bursts")
        }
        PatternName::Ladder if !args.paused => return Err(load::Error::LadderNotPaused),
        PatternName::Ladder => (LoadPattern::Ladder, "ladder"),
        PatternName::Beside => {
            let busy = args.busy.map_or(args.threads.0 - 1, |busy| busy.0);
            if busy >= args.threads.0 {
                return Err(load::Error::AllBusy { busy, threads: args.threads.0 });
            }
            let rate_per_sec = args.rate.map_or(QUIET_RATE_PER_SEC, |rate| rate.0);
            (LoadPattern::Beside { rate_per_sec, busy }, "beside")
        }
    };
    let flags = [
        ("--rate", args.rate.is_some() && name != "beside", "open"),
        ("--busy", args.busy.is_some(), "beside"),
        ("--burst", args.burst.is_some(), "bursts"),
        ("--pause", args.pause.is_some(), "bursts"),
        ("--paced", args.paced, "bursts"),
    ];
    match flags.into_iter().find(|(_, given, needs)| *given && *needs != name) {
        Some((flag, _, needs)) => Err(load::Error::FlagOfOtherPattern { flag, pattern: name, needs }),
        None => Ok(pattern),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use rstest::rstest;

    use super::*;

    #[derive(Parser)]
    struct Harness {
        #[command(flatten)]
        load: LoadArgs,
    }

    fn parse(flags: &str) -> Result<LoadOptions, load::Error> {
        let harness = Harness::try_parse_from(format!("load {flags}").split_whitespace()).unwrap();
        options(&harness.load)
    }

    #[test]
    fn runs_a_closed_loop_for_ten_seconds_by_default() {
        let expected = LoadOptions {
            spec: LoadSpec {
                pattern: LoadPattern::Closed,
                trigger: Trigger::CHEAPEST,
                threads: 1,
                duration_ns: 10_000_000_000,
                count: None,
                keep_one_in: 1,
            },
            cpus: vec![],
            paused: false,
            paced: false,
            output: Output::Text,
        };
        assert_eq!(parse("").unwrap(), expected);
    }

    #[test]
    fn count_alone_has_no_time_limit() {
        assert_eq!(parse("--count 23").unwrap().spec.duration_ns, u64::MAX);
        assert_eq!(parse("--count 23 -d 1").unwrap().spec.duration_ns, 1_000_000_000);
    }

    #[rstest]
    #[case("--pattern open", LoadPattern::Open { rate_per_sec: 10_000 })]
    #[case("--pattern open --rate 5", LoadPattern::Open { rate_per_sec: 5 })]
    #[case("--pattern ladder --paused", LoadPattern::Ladder)]
    #[case("--pattern beside --threads 3", LoadPattern::Beside { rate_per_sec: 1_000, busy: 2 })]
    #[case("--pattern beside --threads 2 --busy 0 --rate 7", LoadPattern::Beside { rate_per_sec: 7, busy: 0 })]
    #[case("--pattern bursts --burst 7", LoadPattern::Bursts { triggers: 7, pause_ns: 20_000_000 })]
    #[case("--pattern bursts --burst 7 --pause 1s", LoadPattern::Bursts { triggers: 7, pause_ns: 1_000_000_000 })]
    fn reads_patterns(#[case] flags: &str, #[case] pattern: LoadPattern) {
        assert_eq!(parse(flags).unwrap().spec.pattern, pattern);
    }

    #[rstest]
    #[case("--rate 5", "`--rate` has no meaning with `--pattern closed`")]
    #[case("--pattern open --pause 1s", "`--pause` has no meaning with `--pattern open`")]
    #[case("--pattern open --busy 1", "`--busy` has no meaning with `--pattern open`")]
    #[case("--pattern beside --threads 2 --busy 2", "`--busy 2` leaves none of 2 threads for the schedule")]
    #[case("--paced", "`--paced` has no meaning with `--pattern closed`")]
    #[case("--pattern open --burst 1", "`--burst` has no meaning with `--pattern open`")]
    #[case("--pattern bursts --burst 1 --rate 5", "`--rate` has no meaning with `--pattern bursts`")]
    #[case("--pattern ladder", "`--pattern ladder` needs `--paused`: its rates come from standard input")]
    #[case("--pattern bursts", "`--pattern bursts` needs `--burst N`, the number of triggers in a burst")]
    fn rejects_contradictions(#[case] flags: &str, #[case] message: &str) {
        let error = parse(flags).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(error.is_usage());
    }

    #[rstest]
    fn rejects_bad_values(
        #[values(
            "-d 0",
            "-d -1",
            "-d abc",
            "--count 0",
            "--rate 0",
            "--keep-one-in 0",
            "--keep-one-in 1001",
            "--threads 0",
            "--cpus x",
            "--pause 0"
        )]
        flags: &str,
    ) {
        assert!(Harness::try_parse_from(format!("load {flags}").split_whitespace()).is_err());
    }
}
