//! Whether a program answers a person: help, version, a report that can be read; and whether it notices that nobody listens.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nix::fcntl::{AT_FDCWD, OpenHow, openat2};
use regex::Regex;

use super::asked::Asked;
use super::usage::names_flag;

/// Name of the check.
pub(super) const NAME: &str = "help, version, report";

/// The flags that have a long name (docs/PROTOCOL.md).
const FLAGS: [&str; 15] = [
    "--duration",
    "--verbose",
    "--output",
    "--program-type",
    "--attach-target",
    "--target-pid",
    "--ring-size",
    "--record-size",
    "--batch",
    "--wakeup",
    "--work",
    "--latency",
    "--cpu",
    "--version",
    "--help",
];
/// Exit status where standard output cannot be written.
const NOT_WRITTEN: i32 = 70;
/// Exit status where the kernel or the privileges do not allow to measure.
const UNSUPPORTED: i32 = 69;
/// What a shell does to have the program write to where there is no room.
const NO_ROOM: &str = "exec \"$0\" \"$@\" > /dev/full";
/// The same to a pipe that nobody reads any more: its reader is the standard input, which is replaced. The shell around it may have it
/// open for a moment longer, so this one tries until it is gone.
const NO_READER: &str = "true | { exec > /proc/self/fd/0 < /dev/null; \
                         (trap '' PIPE; while echo; do sleep 0.01; done) 2> /dev/null; exec \"$0\" \"$@\"; }";
/// Figures that the report must have: what it calls them, and whether one that is zero shows that nothing was counted.
const FIGURES: [(&str, bool); 5] =
    [("events", true), ("events/s", true), ("dropped", false), ("P50", false), ("P99", false)];

/// What is wrong with the answers.
pub(super) fn faults(asked: &Asked<'_>) -> Vec<String> {
    let closed = [NO_ROOM, NO_READER].iter().flat_map(|shell| {
        [&["--help"][..], &["--version"], &["--output", "jsonl", "-d", "0.1"]]
            .map(|line| not_written(asked, shell, line))
    });
    [help(asked), version(asked)].into_iter().chain(closed).flatten().chain(report(asked)).collect()
}

fn help(asked: &Asked<'_>) -> Option<String> {
    let said = match good(asked, &["--help"]) {
        Ok(said) => said,
        Err(fault) => return Some(fault),
    };
    let lines: Vec<&str> = said.lines().collect();
    // That help has itself need not be said.
    let silent: Vec<&str> =
        FLAGS.into_iter().filter(|flag| *flag != "--help" && !names_flag(&lines, flag)).collect();
    (!silent.is_empty()).then(|| format!("`--help` does not name `{}`", silent.join("`, `")))
}

fn version(asked: &Asked<'_>) -> Option<String> {
    let said = match good(asked, &["--version"]) {
        Ok(said) => said,
        Err(fault) => return Some(fault),
    };
    let form = format!(r"^\S+ \S+ \({}, .*\S \S+, protocol 2\)\n$", regex::escape(asked.implementation));
    let holds = Regex::new(&form).is_ok_and(|form| form.is_match(&said));
    (!holds).then(|| {
        let wanted = format!("PROGRAM VERSION ({}, FRAMEWORK VERSION, protocol 2)", asked.implementation);
        format!("`--version` says `{}`, not one line `{wanted}`", said.trim_end())
    })
}

/// What it said, where it ended well.
fn good(asked: &Asked<'_>, line: &[&str]) -> Result<String, String> {
    let shown = line.join(" ");
    match asked.answer(line) {
        Ok((status, said)) if status.success() => Ok(said),
        Ok((status, _)) => Err(format!("`{shown}` ends with {status}")),
        Err(error) => Err(format!("`{shown}`: {error}")),
    }
}

fn not_written(asked: &Asked<'_>, shell: &str, line: &[&str]) -> Option<String> {
    let shown = line.join(" ");
    match asked.answer_in_shell(shell, line) {
        Ok((status, _)) if status.code() == Some(NOT_WRITTEN) => None,
        Ok((status, _)) => Some(format!(
            "`{shown}` ends with {status}, not with status {NOT_WRITTEN}, when standard output cannot be written"
        )),
        Err(error) => Some(format!("`{shown}`: {error}")),
    }
}

/// What is wrong with the report of half a second in which there were events.
fn report(asked: &Asked<'_>) -> Vec<String> {
    let line = ["--duration", "0.5"];
    let answer = while_triggering(|| asked.answer(&line));
    match answer {
        // Other checks tell whether it is so.
        Ok((status, _)) if status.code() == Some(UNSUPPORTED) => Vec::new(),
        Ok((status, said)) if status.success() => figures(&said),
        Ok((status, _)) => vec![format!("`{}` ends with {status}", line.join(" "))],
        Err(error) => vec![format!("`{}`: {error}", line.join(" "))],
    }
}

fn figures(report: &str) -> Vec<String> {
    let missing = FIGURES.iter().filter(|(name, counts)| {
        let figure = report.lines().find_map(|line| beside(line, name));
        figure.is_none_or(|figure| *counts && figure <= 0.0)
    });
    missing.map(|(name, _)| format!("its report has no figure of `{name}`")).collect()
}

/// The number before the word on a line, or else the one after it.
fn beside(line: &str, word: &str) -> Option<f64> {
    let words: Vec<&str> =
        line.split_whitespace().map(|part| part.trim_matches([',', ';', ':', '(', ')'])).collect();
    let at = words.iter().position(|part| *part == word)?;
    let number = |at: usize| words.get(at)?.replace(',', "").parse().ok();
    at.checked_sub(1).and_then(number).or_else(|| number(at + 1))
}

/// Calls openat2 all the time, as any program may.
fn while_triggering<T>(action: impl FnOnce() -> T) -> T {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                // It counts even when it fails.
                openat2(AT_FDCWD, "/dev/null", OpenHow::new()).ok();
                thread::sleep(Duration::from_millis(1));
            }
        });
        let done = action();
        over.store(true, Ordering::Relaxed);
        done
    })
}

#[cfg(test)]
mod tests {
    use super::super::asked::tests::{Fake, GOOD};
    use super::*;

    #[test]
    fn a_good_program_has_no_faults() {
        let fake = Fake::new(GOOD);
        assert_eq!(faults(&fake.asked()), Vec::<String>::new());
    }

    #[rstest::rstest]
    #[case("--work N", "", "`--help` does not name `--work`")]
    #[case(
        "say 'fake 1",
        "say 'more'; say 'fake 1",
        "not one line `PROGRAM VERSION (fake, FRAMEWORK VERSION, protocol 2)`"
    )]
    #[case("(fake, ", "(other, ", "`--version` says `fake 1 (other, none 1, protocol 2)`")]
    #[case("protocol 2", "protocol 1", "`--version` says")]
    #[case("|| exit 70", "", "`--help` ends with exit status: 1, not with status 70")]
    #[case("trap '' PIPE", "", "`--help` ends with exit status: 141, not")]
    #[case("events 5", "events 0", "its report has no figure of `events`")]
    #[case("10 events/s", "many events/s", "its report has no figure of `events/s`")]
    #[case("0 dropped", "", "its report has no figure of `dropped`")]
    #[case("P99 9", "P99", "its report has no figure of `P99`")]
    #[case("say 'events", "exit 3 #", "`--duration 0.5` ends with exit status: 3")]
    fn a_program_that_errs_is_told_how(#[case] good: &str, #[case] bad: &str, #[case] fault: &str) {
        let fake = Fake::with(good, bad);
        let found = faults(&fake.asked());
        assert!(found.iter().any(|text| text.contains(fault)), "{found:#?}");
    }

    #[test]
    fn a_figure_stands_beside_its_word() {
        let latency = "latency      P50 10,000 ns, P95 20,000 ns, P99 30,000 ns";
        assert_eq!(beside(latency, "P99"), Some(30_000.0));
        assert_eq!(beside("throughput   123,457 events/s, 7.90 MB/s", "events/s"), Some(123_457.0));
        assert_eq!(beside("events       5 received of 7", "events"), Some(5.0));
        assert_eq!(beside("latency      none recorded, P99", "P99"), None);
    }

    #[test]
    fn a_report_is_not_asked_of_who_cannot_measure() {
        assert_eq!(faults(&Fake::with("say 'events", "exit 69 #").asked()), Vec::<String>::new());
    }
}
