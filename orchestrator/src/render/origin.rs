//! Where a result comes from: the machine, and the command that repeats it.

use serde_json::Value;

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
}
