//! Where a result comes from: the machine, the command that repeats it, and what measuring itself cost.

use serde_json::Value;

use super::number::{bytes, percent};
use crate::store::Run;

/// The machine's facts that are plain values, as `name value`; structures are in `run.json`.
pub(super) fn machine(facts: &Value) -> String {
    let Some(facts) = facts.as_object() else { return "unknown".into() };
    let known: Vec<String> = facts.iter().filter_map(|(name, value)| fact(name, value)).collect();
    if known.is_empty() { "unknown".into() } else { known.join(", ") }
}

fn fact(name: &str, value: &Value) -> Option<String> {
    let name = name.replace('_', " ");
    match value {
        Value::String(text) => Some(format!("{name} {text}")),
        Value::Number(number) => Some(format!("{name} {number}")),
        Value::Bool(yes) => Some(format!("{name} {}", if *yes { "yes" } else { "no" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What the machine's warnings say, each with its remedy on a line below it.
pub(super) fn warnings(facts: &Value) -> Vec<String> {
    let warnings = facts["warnings"].as_array().into_iter().flatten();
    let texts = warnings.filter_map(|warning| {
        let what = warning["what"].as_str()?;
        let remedy = warning["remedy"].as_str().map(|remedy| format!("\n    remedy: {remedy}"));
        Some(format!("{what}{}", remedy.unwrap_or_default()))
    });
    texts.collect()
}

/// The supervisor's own cost: the worst of all trials.
pub(super) fn overhead(run: &Run) -> Option<String> {
    let figures = || run.trials.iter().map(|trial| &trial.measurement.figures);
    let cpu = figures().filter_map(|figures| figures.supervisor_cpu_percent).reduce(f64::max)?;
    let memory = figures().filter_map(|figures| figures.supervisor_peak_rss_bytes).max();
    let memory = memory.map(|peak| format!(", {}", bytes(peak as f64))).unwrap_or_default();
    Some(format!("supervisor at most {} of a core{memory}", percent(cpu / 100.0)))
}

/// The fastest bare walk, with the record that it read: what no consumer can do in much less.
pub(super) fn floor(run: &Run) -> Option<String> {
    let walks = run.trials.iter().filter_map(|trial| trial.measurement.walk);
    let fastest = walks.min_by(|a, b| a.fastest_ns.total_cmp(&b.fastest_ns))?;
    let (ns, record) = (fastest.fastest_ns, fastest.record_bytes);
    Some(format!("a bare walk takes {ns:.2} ns for a record of {record} bytes that another core wrote"))
}

/// The command as a shell takes it.
pub(super) fn command(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,%+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_a_shell_would_split_are_quoted() {
        let words = ["orchestrator", "run", "my file.yaml", "it's", "", "--delta=5%"].map(str::to_owned);
        assert_eq!(command(&words), r"orchestrator run 'my file.yaml' 'it'\''s' '' --delta=5%");
    }

    #[test]
    fn plain_facts_are_listed_and_unknown_ones_left_out() {
        let facts =
            serde_json::json!({"kernel": "6.18", "cpus": 2, "jit_enabled": true, "steal": null, "tools": {}});
        assert_eq!(machine(&facts), "cpus 2, jit enabled yes, kernel 6.18");
        assert_eq!(machine(&Value::Null), "unknown");
    }

    #[test]
    fn warnings_come_with_their_remedies() {
        let facts = serde_json::json!({"warnings": [
            {"what": "the governor is `powersave`", "remedy": "use `performance`"}, {"what": "hot"}, {}
        ]});
        assert_eq!(warnings(&facts), ["the governor is `powersave`\n    remedy: use `performance`", "hot"]);
        assert!(warnings(&Value::Null).is_empty());
    }
}
