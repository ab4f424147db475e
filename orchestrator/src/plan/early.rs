//! What ends a benchmark before it has all of its blocks, as its entry says it.

use super::error::Error;
use super::rule::{EarlyEnd, PRECISION_BLOCKS};
use super::spec::Question;
use crate::arithmetic::nanoseconds;
use crate::config::BenchmarkEntry;

/// The rule of an entry's own. `open_ended`: the whole run has such a rule too, which a greatest number of blocks belongs to as well.
pub fn early_end(entry: &BenchmarkEntry, open_ended: bool) -> Result<EarlyEnd, Error> {
    let wrong = |key: &str, message: String, hint: &str| Err(Error::impossible(entry, key, message, hint));
    let early = EarlyEnd {
        precision: entry.precision.map(|percent| percent.0 / 100.0),
        max_time_ns: entry.max_time.map(|time| nanoseconds(time.0)),
    };
    let given = [
        ("precision", entry.precision.is_some()),
        ("max_time", entry.max_time.is_some()),
        ("max_blocks", entry.max_blocks.is_some()),
    ];
    if let Some((key, _)) = given.into_iter().find(|(_, given)| *given && entry.blocks.is_some()) {
        let message = format!("`blocks` is a fixed number of blocks, and stands beside `{key}`");
        return wrong("blocks", message, "`max_blocks` is the number that it may not go beyond");
    }
    if entry.max_blocks.is_some() && !early.is_said() && !open_ended {
        let message = "`max_blocks` goes with `precision` or `max_time`".to_owned();
        return wrong("max_blocks", message, "say `blocks` for a fixed number");
    }
    let most = entry.max_blocks.map_or(u32::MAX, |blocks| blocks.0);
    if early.precision.is_some() && most <= PRECISION_BLOCKS.0 {
        let least = PRECISION_BLOCKS.0;
        let message = format!(
            "`precision` is looked at after {least} blocks at the earliest, and `max_blocks: {most}` ends it by then"
        );
        return wrong("max_blocks", message, "say more, or `blocks` for a fixed number");
    }
    let question = entry.question.unwrap_or_else(|| Question::asked_by(&entry.metrics));
    if early.precision.is_some() && !question.facts().judged {
        let message = format!("`precision` cannot be reached: figures of {question} have no verdict");
        return wrong("precision", message, "leave it out, or say `blocks` or `max_time`");
    }
    Ok(early)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::super::builtin::builtin_entries;
    use super::*;
    use crate::config::Seconds;

    fn of(question: Question, keys: &str, open_ended: bool) -> Result<EarlyEnd, String> {
        let mut entry = builtin_entries(&[question], Seconds(Duration::from_secs(1))).remove(0);
        for key in keys.split(' ') {
            let value = "12".parse();
            match key {
                "blocks" => entry.blocks = value.ok(),
                "max_blocks" => entry.max_blocks = value.ok(),
                "few_blocks" => entry.max_blocks = "8".parse().ok(),
                "precision" => entry.precision = "2%".parse().ok(),
                "max_time" => entry.max_time = "90s".parse().ok(),
                other => assert_eq!(other, "nothing"),
            }
        }
        early_end(&entry, open_ended).map_err(|error| error.to_string())
    }

    #[rstest]
    #[case("nothing", None, None)]
    #[case("blocks", None, None)]
    #[case("precision", Some(0.02), None)]
    #[case("max_time few_blocks", None, Some(90_000_000_000))]
    #[case("precision max_blocks", Some(0.02), None)]
    #[case("max_time max_blocks", None, Some(90_000_000_000))]
    fn what_an_entry_says_ends_it(
        #[case] keys: &str,
        #[case] precision: Option<f64>,
        #[case] max_time_ns: Option<u64>,
    ) {
        assert_eq!(of(Question::Capacity, keys, false), Ok(EarlyEnd { precision, max_time_ns }));
    }

    #[test]
    fn a_greatest_number_of_blocks_belongs_to_the_rule_of_the_run_too() {
        assert_eq!(of(Question::Capacity, "max_blocks", true), Ok(EarlyEnd::default()));
    }

    #[rstest]
    #[case(Question::Capacity, "max_blocks", "`max_blocks` goes with `precision` or `max_time`")]
    #[case(
        Question::Capacity,
        "blocks precision",
        "`blocks` is a fixed number of blocks, and stands beside `precision`"
    )]
    #[case(
        Question::Capacity,
        "blocks max_blocks",
        "`blocks` is a fixed number of blocks, and stands beside `max_blocks`"
    )]
    #[case(
        Question::Capacity,
        "precision few_blocks",
        "`precision` is looked at after 8 blocks at the earliest, and `max_blocks: 8` ends it by then"
    )]
    #[case(
        Question::Saturation,
        "precision",
        "`precision` cannot be reached: figures of saturation have no verdict"
    )]
    fn what_does_not_go_together_is_refused(
        #[case] question: Question,
        #[case] keys: &str,
        #[case] message: &str,
    ) {
        let error = of(question, keys, false).expect_err("refused");
        assert!(error.contains(message), "{error}");
    }
}
