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

/// Why measuring ended by this rule.
fn why(reason: StopReason, rule: &StopRule) -> String {
    match reason {
        StopReason::Blocks => "that is as many as the rule allows".to_owned(),
        StopReason::Precision => "every interval is narrow enough".to_owned(),
        StopReason::MaxTime => {
            let limit = Duration::from_nanos(rule.max_time_ns.unwrap_or(0));
            format!("one more would have ended after {} s", limit.as_secs_f64())
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
