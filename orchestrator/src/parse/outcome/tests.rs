use rstest::rstest;

use super::*;
use crate::parse::testing::{HELLO, benchmark, record, timed};
use crate::parse::{Format, measure};
use crate::plan::Question;

const UNSUPPORTED: &str =
    r#"{"type":"error","kind":"unsupported","message":"no kprobes","hint":"use another"}"#;
const INTERNAL: &str = r#"{"type":"error","kind":"internal","message":"a bug","hint":null}"#;

fn judged(record: &TrialRecord) -> String {
    let measurement = measure(record, &benchmark(Question::Saturation), &Format::Protocol);
    if measurement.outcome != Outcome::Completed {
        assert_eq!(measurement.verdict, None);
        assert_eq!(measurement.figures, crate::parse::Figures::default());
    }
    let hint = measurement.outcome.hint().map(|hint| format!(" (hint: {hint})")).unwrap_or_default();
    measurement.outcome.text() + &hint
}

#[rstest]
#[case::good(Ended::Exited, 0, None, "completed")]
#[case::unsupported(Ended::EndedEarly, 69, Some(UNSUPPORTED), "no kprobes (hint: use another)")]
#[case::permission(Ended::NeverReady, 69, Some(UNSUPPORTED), "no kprobes (hint: use another)")]
#[case::bug(Ended::EndedEarly, 70, Some(INTERNAL), "internal error: a bug")]
#[case::crash(Ended::EndedEarly, 1, None, "ended with status 1; its last words: boom")]
#[case::early(Ended::EndedEarly, 0, None, "ended before it was told to; its last words: boom")]
#[case::silent(Ended::NeverReady, 0, Some(HELLO), "was never ready; its last words: boom")]
#[case::garbage(
    Ended::NeverReady,
    0,
    Some("hello world"),
    "line 1 of its output: not JSON: expected value (column 1)"
)]
#[case::unreadable(
    Ended::Unreadable { line: 1, reason: "not JSON".into(), beginning: "a\u{1b}[31mb".into() },
    143,
    Some("a\u{1b}[31mb"),
    "line 1 of its output: not JSON: expected value (column 1); the line begins with `a[U+001B][31mb`"
)]
#[case::no_summary(Ended::Exited, 0, Some(HELLO), "line 1 of its output: the output ends without `summary`")]
#[case::hang(Ended::TimedOut { phase: "drain".into() }, 0, None, "timed out in phase `drain`")]
#[case::leak(Ended::LeakedProcess, 0, None, "left processes behind")]
#[case::flood(Ended::TooMuchOutput, 0, Some(UNSUPPORTED), "wrote more output than is read")]
#[case::ctrl_c(Ended::Interrupted, 0, None, "interrupted")]
#[case::not_built(Ended::NotBuilt { message: "no program".into(), hint: "build it".into() }, 0, None, "not built: no program (hint: build it)")]
#[case::spawn(Ended::SpawnFailed { message: "no such file".into() }, 0, None, "could not be started: no such file")]
#[case::load(Ended::LoadFailed { message: "died".into() }, 0, None, "the load generator failed: died")]
fn outcomes(
    #[case] ended: Ended,
    #[case] code: i32,
    #[case] only_line: Option<&str>,
    #[case] expected: &str,
) {
    let mut record = record();
    record.ended = ended;
    record.exit = Some(ExitStatus::Code(code));
    record.stderr_tail = "starting\nboom\n".into();
    if only_line == Some(UNSUPPORTED) {
        record.times.ready_ns = None;
    }
    if let Some(line) = only_line {
        record.stdout = timed(&[line]);
    }
    assert_eq!(judged(&record), expected);
}

#[test]
fn a_signal_is_a_crash_even_after_a_good_summary() {
    let mut record = record();
    record.exit = Some(ExitStatus::Signal(11));
    assert_eq!(judged(&record), "was ended by signal 11");
}

#[test]
fn unsupported_after_ready_is_a_failure() {
    let mut record = record();
    record.ended = Ended::EndedEarly;
    record.exit = Some(ExitStatus::Code(69));
    let last = record.stdout.len() - 1;
    record.stdout[last].line = UNSUPPORTED.into();
    let words =
        "internal error: said only after `ready` that it cannot do this: no kprobes (hint: use another)";
    assert_eq!(judged(&record), words);
}

#[test]
fn status_69_alone_is_unsupported_with_the_words_of_standard_error() {
    let mut record = record();
    record.ended = Ended::EndedEarly;
    record.exit = Some(ExitStatus::Code(69));
    record.times.ready_ns = None;
    record.stdout.clear();
    record.stderr_tail = "error: no tracefs\n\nhint: mount it\n".into();
    assert_eq!(judged(&record), "no tracefs (hint: mount it)");
    record.stderr_tail.clear();
    assert_eq!(judged(&record), "exit status 69, no message");
}

#[rstest]
#[case("invalid option: --lookups", Some("does not know `--lookups`"))]
#[case("unexpected argument '--lookups' found", Some("does not know `--lookups`"))]
#[case("flag provided but not defined: -lookups", Some("does not know `--lookups`"))]
#[case("invalid value `65` of --record-size", None)]
#[case("unknown flag --lookups-again", None)]
#[case("no lookups today", None)]
fn a_flag_that_a_runner_need_not_know_is_unsupported_where_it_does_not(
    #[case] words: &str,
    #[case] expected: Option<&str>,
) {
    let error =
        serde_json::json!({"type": "error", "kind": "usage", "message": words, "hint": null}).to_string();
    let mut told = benchmark(Question::Saturation);
    told.runner.lookups = 3;
    let outcome = |lines: &[&str], told: &_| {
        let mut record = record();
        (record.ended, record.exit) = (Ended::EndedEarly, Some(ExitStatus::Code(64)));
        record.times.ready_ns = None;
        record.stdout = timed(lines);
        record.stderr_tail = format!("error: {words}\n");
        measure(&record, told, &Format::Protocol).outcome
    };
    let unsupported =
        expected.map(|message| Outcome::Unsupported { message: message.to_owned(), hint: None });
    let said = outcome(&[HELLO, &error], &told);
    assert_eq!(Some(&said).filter(|said| matches!(said, Outcome::Unsupported { .. })), unsupported.as_ref());
    assert_eq!(said.text().contains(words), expected.is_none(), "{said:?}");
    // By the status and standard error alone.
    let silent = outcome(&[], &told);
    assert_eq!(
        Some(&silent).filter(|said| matches!(said, Outcome::Unsupported { .. })),
        unsupported.as_ref()
    );
    // Who was not told has another reason to complain.
    let untold = outcome(&[HELLO, &error], &benchmark(Question::Saturation));
    assert!(matches!(untold, Outcome::Failed { .. }), "{untold:?}");
}
