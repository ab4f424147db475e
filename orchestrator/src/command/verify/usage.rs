//! Whether a program refuses what it does not understand: a flag that is ignored makes another benchmark of it.

use serde::Deserialize;
use serde_json::Value;

use super::asked::Asked;

/// Name of the check.
pub(super) const NAME: &str = "usage errors";
/// Exit status of a usage error (docs/PROTOCOL.md).
const STATUS: i32 = 64;
/// Command lines that are wrong; the runners' unit tests read them too.
const CASES: &str = include_str!("../../../../impls/testdata/usage.json");

/// A command line that is wrong.
#[derive(Debug, Deserialize)]
struct Case {
    args: Vec<String>,
    /// The flag that the error must name, if one is to blame.
    flag: Option<String>,
    /// The value that it must name, if one is to blame.
    value: Option<String>,
}

/// What is wrong with the answers to all cases.
pub(super) fn faults(asked: &Asked<'_>) -> Vec<String> {
    match serde_json::from_str::<Vec<Case>>(CASES) {
        Ok(cases) => cases.iter().filter_map(|case| fault(asked, case)).collect(),
        Err(error) => vec![format!("the cases cannot be read: {error}")],
    }
}

fn fault(asked: &Asked<'_>, case: &Case) -> Option<String> {
    let shown = case.args.join(" ");
    // First, so that what follows is a mistake of a program that knows how it is to say so.
    let line: Vec<&str> =
        ["--output", "jsonl"].into_iter().chain(case.args.iter().map(String::as_str)).collect();
    let (status, said) = match asked.answer(&line) {
        Ok(answer) => answer,
        Err(error) => return Some(format!("`{shown}`: {error}")),
    };
    if status.code() != Some(STATUS) {
        return Some(format!("`{shown}` ends with {status}, not with status {STATUS}"));
    }
    let (messages, text): (Vec<&str>, Vec<&str>) = said.lines().partition(|line| line.starts_with('{'));
    let unnamed = [
        case.flag.as_deref().filter(|flag| !names_flag(&text, flag)),
        case.value.as_deref().filter(|value| !names_value(&text, value)),
    ];
    if let Some(unnamed) = unnamed.into_iter().flatten().next() {
        return Some(format!("the error of `{shown}` does not name `{unnamed}`"));
    }
    // What the form of the answer was to be may be the mistake itself.
    let of_form = case.flag.as_deref() == Some("--output");
    let last = messages.last().and_then(|line| serde_json::from_str::<Value>(line).ok());
    let kind = last.as_ref().and_then(|message| message.get("kind")).and_then(Value::as_str);
    (!of_form && kind != Some("usage"))
        .then(|| format!("the last message of `{shown}` is no error of the kind `usage`"))
}

/// Whether the flag stands there as a whole word, with one dash or two.
pub(super) fn names_flag(lines: &[&str], flag: &str) -> bool {
    let word = format!("-{}", flag.trim_start_matches('-'));
    let goes_on = |next: char| next.is_ascii_alphanumeric() || next == '-';
    stands(lines, &word, |_| false, goes_on)
}

fn names_value(lines: &[&str], value: &str) -> bool {
    value.is_empty()
        || stands(lines, value, |before| before.is_ascii_alphanumeric(), |next| next.is_ascii_alphanumeric())
}

/// Whether a word stands in one of the lines, with nothing beside it that makes another word of it.
fn stands(lines: &[&str], word: &str, before: impl Fn(char) -> bool, after: impl Fn(char) -> bool) -> bool {
    lines.iter().any(|line| {
        line.match_indices(word).any(|(at, _)| {
            let preceded = line[..at].chars().next_back().is_some_and(&before);
            let followed = line[at + word.len()..].chars().next().is_some_and(&after);
            !preceded && !followed
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::asked::tests::{Fake, GOOD};
    use super::*;

    #[test]
    fn every_wrong_line_is_refused_by_a_good_program() {
        let fake = Fake::new(GOOD);
        assert_eq!(faults(&fake.asked()), Vec::<String>::new());
    }

    #[rstest::rstest]
    #[case("exit 64", "exit 1", "ends with exit status: 1, not with status 64")]
    #[case("exit 64", "kill -9 $$", "ends with signal: 9")]
    #[case("usage: \"$*\"", "no", "does not name `--foo`")]
    #[case("usage: \"$*\"", "usage: \"${*%%=*}\"", "the error of `--duration=abc` does not name `abc`")]
    #[case("\"kind\":\"usage\"", "\"kind\":\"internal\"", "is no error of the kind `usage`")]
    #[case("message=", "#", "is no error of the kind `usage`")]
    #[case("*)", "--output*--work*) ;; *)", "`--work 10001` ends with exit status: 0")]
    fn a_program_that_errs_is_told_how(#[case] good: &str, #[case] bad: &str, #[case] fault: &str) {
        let fake = Fake::with(good, bad);
        let found = faults(&fake.asked());
        assert!(found.iter().any(|text| text.contains(fault)), "{found:#?}");
    }

    #[test]
    fn a_flag_is_named_as_a_whole_word() {
        assert!(names_flag(&["invalid value \"0\" for flag -batch: bad"], "--batch"));
        assert!(names_flag(&["argument -d/--duration: invalid"], "--duration"));
        assert!(!names_flag(&["see --record-size"], "--record"));
        assert!(!names_flag(&["the batch is bad"], "--batch"));
        assert!(names_value(&["invalid value `-1` for"], "-1"));
        assert!(!names_value(&["expected 1 to 1000"], "0"));
    }
}
