//! How a run ended, in words.

use std::fmt::Write as _;
use std::time::Duration;

use crate::plan::{Plan, StopReason, StopRule};

/// The end in words, for a run whose rule is more than a number of blocks; empty for the others.
pub(super) fn end_in_words(plan: &Plan) -> String {
    let (Some(rule), Some(end)) = (&plan.rule, &plan.ended) else { return String::new() };
    if rule.precision.is_none() && rule.max_time_ns.is_none() && rule.early.is_empty() {
        return String::new();
    }
    let why = if rule.early.is_empty() || end.reason == StopReason::Interrupted {
        why(end.reason, rule)
    } else {
        "each benchmark has ended".to_owned()
    };
    let mut text = format!("ended    {}", after(end.blocks, &why, end.widest_half_width, rule));
    for own in &end.benchmarks {
        let found = plan.benchmarks.iter().position(|benchmark| benchmark.name == own.benchmark);
        let rule = plan.rule_of(found.unwrap_or(usize::MAX));
        let words = after(own.blocks, &self::why(own.reason, &rule), own.widest_half_width, &rule);
        // Writing to a string cannot fail.
        write!(text, "\n         {} {words}", own.benchmark).ok();
    }
    if !end.undecided.is_empty() {
        write!(text, "\n         undecided: {}", end.undecided.join(", ")).ok();
    }
    text.push('\n');
    text
}

/// What is going to end a benchmark by a rule of its own, as a line; empty where nothing but its blocks does.
pub(super) fn own_rule_in_words(rule: &StopRule) -> String {
    let precision = rule.precision.map(|wanted| format!("every interval is within ±{:.1} %", wanted * 100.0));
    let time = rule.max_time_ns.map(|ns| format!("one more would end after {} s", seconds(ns)));
    let ends: Vec<String> = precision.into_iter().chain(time).collect();
    if ends.is_empty() {
        return String::new();
    }
    format!("    at most {} blocks, until {}\n", rule.most_blocks, ends.join(" or "))
}

fn seconds(ns: u64) -> f64 {
    Duration::from_nanos(ns).as_secs_f64()
}

/// Why measuring ended by this rule.
fn why(reason: StopReason, rule: &StopRule) -> String {
    match reason {
        StopReason::Blocks => "that is as many as the rule allows".to_owned(),
        StopReason::Precision => "every interval is narrow enough".to_owned(),
        StopReason::MaxTime => {
            format!("one more would have ended after {} s", seconds(rule.max_time_ns.unwrap_or(0)))
        }
        StopReason::Interrupted => "it was interrupted".to_owned(),
    }
}

fn after(blocks: u32, why: &str, widest: Option<f64>, rule: &StopRule) -> String {
    let mut text = format!("after {blocks} {}: {why}", if blocks == 1 { "block" } else { "blocks" });
    // Writing to a string cannot fail.
    if let Some(widest) = widest {
        write!(text, "; the widest interval is ±{:.1} %", widest * 100.0).ok();
    }
    if let Some(wanted) = rule.precision {
        write!(text, " (wanted: ±{:.1} %)", wanted * 100.0).ok();
    }
    text
}
