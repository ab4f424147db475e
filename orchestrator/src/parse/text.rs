//! Programs that do not speak the protocol: named regular expressions find the same facts in their plain text.
//!
//! An expression is tried on every line and the last match counts, so that programs which print running totals do too.
//! What has no expression stays null.

use std::collections::BTreeMap;
use std::time::Duration;

use regex::Regex;

use super::counts::Counts;
use super::protocol::Violation;
use crate::arithmetic::nanoseconds;
use crate::supervise::TimedLine;

/// The facts that an expression can name.
const NAMES: [&str; 10] = [
    "attempted",
    "bytes",
    "dropped",
    "dropped_marks",
    "elapsed_s",
    "lost",
    "marks",
    "received",
    "submitted",
    "wakeups",
];

/// The compiled expressions of a manifest.
#[derive(Debug, Clone)]
pub struct TextFormat {
    patterns: Vec<(&'static str, Regex)>,
}

/// What is wrong with the expressions of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextFormatError {
    /// No such fact.
    #[error("unknown fact `{name}`; known are {}", NAMES.join(", "))]
    UnknownName {
        /// The name given.
        name: String,
    },
    /// Does not compile.
    #[error("the regular expression of `{name}` does not compile: {reason}")]
    BadPattern {
        /// The fact.
        name: String,
        /// Reason.
        reason: String,
    },
    /// Exactly one capture group says where the number is.
    #[error(
        "the regular expression of `{name}` has {groups} capture groups; one is needed, around the number"
    )]
    CaptureGroups {
        /// The fact.
        name: String,
        /// Groups found.
        groups: usize,
    },
}

impl TextFormat {
    /// Compiles expressions by the name of the fact that they find.
    pub fn new(patterns: &BTreeMap<String, String>) -> Result<Self, TextFormatError> {
        let patterns =
            patterns.iter().map(|(name, pattern)| compile(name, pattern)).collect::<Result<_, _>>()?;
        Ok(Self { patterns })
    }

    /// Finds the facts in a program's output.
    pub(super) fn read(&self, lines: &[TimedLine]) -> (Counts, Option<Violation>) {
        let mut counts = Counts::default();
        for (name, regex) in &self.patterns {
            let found = lines.iter().enumerate().rev().find_map(|(index, line)| {
                let number = regex.captures(&line.line)?.get(1)?.as_str();
                Some((index + 1, number))
            });
            let Some((line, number)) = found else { continue };
            if let Err(expected) = store(&mut counts, name, number) {
                let reason = format!("`{name}` is `{number}`, not {expected}");
                return (counts, Some(Violation { line, reason }));
            }
        }
        (counts, None)
    }
}

fn compile(name: &str, pattern: &str) -> Result<(&'static str, Regex), TextFormatError> {
    let Some(known) = NAMES.iter().find(|known| **known == name) else {
        return Err(TextFormatError::UnknownName { name: name.to_owned() });
    };
    let regex = Regex::new(pattern)
        .map_err(|error| TextFormatError::BadPattern { name: name.to_owned(), reason: error.to_string() })?;
    let groups = regex.captures_len() - 1;
    if groups != 1 {
        return Err(TextFormatError::CaptureGroups { name: name.to_owned(), groups });
    }
    Ok((known, regex))
}

fn store(counts: &mut Counts, name: &str, number: &str) -> Result<(), &'static str> {
    if name == "elapsed_s" {
        counts.elapsed_ns = Some(seconds(number).ok_or("a number of seconds")?);
        return Ok(());
    }
    let value = Some(whole(number).ok_or("a whole number from 0 to 2^64 - 1")?);
    match name {
        "attempted" => counts.attempted = value,
        "bytes" => counts.bytes = value,
        "dropped_marks" => counts.dropped_marks = value,
        "marks" => counts.marks = value,
        "dropped" => counts.dropped = value,
        "lost" => counts.lost = value,
        "received" => counts.received = value,
        "submitted" => counts.submitted = value,
        "wakeups" => counts.wakeups = value,
        _ => unreachable!("`compile` lets only the names of NAMES pass"),
    }
    Ok(())
}

/// A whole number, perhaps with thousands separators (comma, underscore, apostrophe, space).
fn whole(number: &str) -> Option<u64> {
    let digits: String =
        number.trim().chars().filter(|c| !matches!(c, ',' | '_' | '\'' | ' ' | '\u{202f}')).collect();
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

/// Seconds with a fraction, in nanoseconds.
fn seconds(number: &str) -> Option<u64> {
    let seconds: f64 = number.trim().replace(',', "").parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok().map(nanoseconds)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn format(patterns: &[(&str, &str)]) -> Result<TextFormat, TextFormatError> {
        TextFormat::new(
            &patterns.iter().map(|(name, regex)| ((*name).to_owned(), (*regex).to_owned())).collect(),
        )
    }

    fn read(patterns: &[(&str, &str)], text: &str) -> (Counts, Option<Violation>) {
        let lines: Vec<_> = text.lines().map(|line| TimedLine { t_ns: 0, line: line.to_owned() }).collect();
        format(patterns).expect("good patterns").read(&lines)
    }

    #[test]
    fn the_report_of_a_runner_can_be_read_as_text() {
        let report = include_str!("../../../impls/testdata/report.txt");
        let patterns = [
            ("received", r"^events +([\d,]+) received"),
            ("attempted", r"of ([\d,]+) attempted"),
            ("dropped", r"^dropped +([\d,]+)"),
            ("wakeups", r"^wakeups +([\d,]+)"),
            ("elapsed_s", r"^elapsed +([\d.]+) s"),
        ];
        let (counts, violation) = read(&patterns, report);
        assert_eq!(violation, None);
        let expected = Counts {
            received: Some(1_234_567),
            attempted: Some(1_234_600),
            dropped: Some(33),
            wakeups: Some(12_345),
            elapsed_ns: Some(10_000_000_000),
            ..Counts::default()
        };
        assert_eq!(counts, expected);
    }

    #[test]
    fn the_last_match_counts_and_what_does_not_match_stays_unknown() {
        let patterns = [("received", r"got (\d+)"), ("lost", r"lost (\d+)")];
        let (counts, violation) = read(&patterns, "got 1\ngot 20\nbye");
        assert_eq!((counts.received, counts.lost, violation), (Some(20), None, None));
    }

    #[test]
    fn a_match_that_is_no_number_names_line_and_fact() {
        let (_, violation) = read(&[("received", r"got (.*)")], "hello\ngot 1.5M");
        let violation = violation.expect("not a number");
        assert_eq!(violation.line, 2);
        assert_eq!(violation.reason, "`received` is `1.5M`, not a whole number from 0 to 2^64 - 1");
    }

    #[rstest]
    #[case("1,234,567", Some(1_234_567))]
    #[case("1 234_567", Some(1_234_567))]
    #[case("18446744073709551615", Some(u64::MAX))]
    #[case("18446744073709551616", None)]
    #[case("-1", None)]
    #[case("+1", None)]
    #[case("", None)]
    #[case(",", None)]
    fn whole_numbers(#[case] text: &str, #[case] expected: Option<u64>) {
        assert_eq!(whole(text), expected);
    }

    #[rstest]
    #[case("received", "got", "has 0 capture groups")]
    #[case("received", "(a)(b)", "has 2 capture groups")]
    #[case("received", "(", "does not compile")]
    #[case("recieved", "(a)", "unknown fact `recieved`")]
    fn bad_patterns_are_refused(#[case] name: &str, #[case] pattern: &str, #[case] expected: &str) {
        let error = format(&[(name, pattern)]).expect_err("bad pattern").to_string();
        assert!(error.contains(expected), "{error}");
    }
}
