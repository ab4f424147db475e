//! `orchestrator load`: the load generator by itself.

use crate::cli::load::{LoadArgs, OutputName, PatternName, ShapeName, SyscallName};
use crate::load::{self, Error, LoadOptions, Output};
use crate::plan::{LoadPattern, LoadShape, LoadSpec, Syscall};

const DEFAULT_DURATION_NS: u64 = 10_000_000_000;
const DEFAULT_RATE_PER_SEC: u64 = 10_000;
const DEFAULT_PAUSE_NS: u64 = 20_000_000;

/// Runs the load that the flags describe.
pub fn run(args: &LoadArgs) -> Result<(), Error> {
    load::run(&options(args)?)
}

/// The flags as options; an error if they contradict each other.
fn options(args: &LoadArgs) -> Result<LoadOptions, Error> {
    let spec = LoadSpec {
        pattern: pattern(args)?,
        shape: match args.shape {
            ShapeName::FailFast => LoadShape::FailFast,
            ShapeName::OpenClose => LoadShape::OpenClose,
        },
        syscall: match args.syscall {
            SyscallName::Openat2 => Syscall::Openat2,
            SyscallName::Openat => Syscall::Openat,
        },
        threads: args.threads,
        // A default duration would cut a count that takes longer, and "exactly" would be wrong.
        duration_ns: args.duration.unwrap_or(if args.count.is_some() {
            u64::MAX
        } else {
            DEFAULT_DURATION_NS
        }),
        count: args.count,
    };
    Ok(LoadOptions {
        spec,
        cpus: args.cpus.as_ref().map_or_else(Vec::new, |list| list.0.clone()),
        paused: args.paused,
        output: match args.output {
            OutputName::Text => Output::Text,
            OutputName::Jsonl => Output::Jsonl,
        },
    })
}

fn pattern(args: &LoadArgs) -> Result<LoadPattern, Error> {
    let (pattern, name) = match args.pattern {
        PatternName::Closed => (LoadPattern::Closed, "closed"),
        PatternName::Open => {
            (LoadPattern::Open { rate_per_sec: args.rate.unwrap_or(DEFAULT_RATE_PER_SEC) }, "open")
        }
        PatternName::Bursts => {
            let triggers = args.burst.ok_or(Error::BurstSizeMissing);
            let pause_ns = args.pause.unwrap_or(DEFAULT_PAUSE_NS);
            (LoadPattern::Bursts { triggers: triggers?, pause_ns }, "bursts")
        }
    };
    let flags =
        [("--rate", args.rate, "open"), ("--burst", args.burst, "bursts"), ("--pause", args.pause, "bursts")];
    match flags.into_iter().find(|(_, value, needs)| value.is_some() && *needs != name) {
        Some((flag, _, needs)) => Err(Error::FlagOfOtherPattern { flag, pattern: name, needs }),
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

    fn parse(flags: &str) -> Result<LoadOptions, Error> {
        let harness = Harness::try_parse_from(format!("load {flags}").split_whitespace()).unwrap();
        options(&harness.load)
    }

    #[test]
    fn runs_a_closed_loop_for_ten_seconds_by_default() {
        let expected = LoadOptions {
            spec: LoadSpec {
                pattern: LoadPattern::Closed,
                shape: LoadShape::FailFast,
                syscall: Syscall::Openat2,
                threads: 1,
                duration_ns: DEFAULT_DURATION_NS,
                count: None,
            },
            cpus: vec![],
            paused: false,
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
    #[case("--pattern bursts --burst 7", LoadPattern::Bursts { triggers: 7, pause_ns: 20_000_000 })]
    #[case("--pattern bursts --burst 7 --pause 1s", LoadPattern::Bursts { triggers: 7, pause_ns: 1_000_000_000 })]
    fn reads_patterns(#[case] flags: &str, #[case] pattern: LoadPattern) {
        assert_eq!(parse(flags).unwrap().spec.pattern, pattern);
    }

    #[rstest]
    #[case("--rate 5", "`--rate` has no meaning with `--pattern closed`")]
    #[case("--pattern open --pause 1s", "`--pause` has no meaning with `--pattern open`")]
    #[case("--pattern open --burst 1", "`--burst` has no meaning with `--pattern open`")]
    #[case("--pattern bursts --burst 1 --rate 5", "`--rate` has no meaning with `--pattern bursts`")]
    #[case("--pattern bursts", "`--pattern bursts` needs `--burst N`, the number of triggers in a burst")]
    fn rejects_contradictions(#[case] flags: &str, #[case] message: &str) {
        let error = parse(flags).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(error.is_usage());
    }

    #[rstest]
    fn rejects_bad_values(
        #[values("-d 0", "-d -1", "-d abc", "--count 0", "--rate 0", "--threads 0", "--cpus x", "--pause 5")]
        flags: &str,
    ) {
        assert!(Harness::try_parse_from(format!("load {flags}").split_whitespace()).is_err());
    }
}
