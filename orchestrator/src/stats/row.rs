//! One implementation in one benchmark, over all its blocks.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::estimate::Estimate;
use super::settings::Settings;
use crate::arithmetic::median;
use crate::facts::Quantity;
use crate::parse::{Latency, Limit, LimitedBy, Measurement, Outcome, Verdict, decode_histogram};

/// More than this share of a row's trials that did not complete, and the row is not ranked.
const FAILED_SHARE: f64 = 0.1;

/// Whether a row may be ranked, and if not, why. The worst trial decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RowStatus {
    /// Every trial that completed balances.
    Valid,
    /// A trial has equations that could not be checked.
    Unverified {
        /// Equations in words.
        missing: Vec<String>,
    },
    /// A trial does not balance.
    Invalid {
        /// Equations in words.
        failed: Vec<String>,
    },
    /// This kernel or these privileges cannot do it.
    Unsupported {
        /// Reason.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// No trial completed; or too many did not: those that did are survivors, and what they show is not what the program does.
    Failed {
        /// The first one's outcome in words, or how many failed and how.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// No trial was run.
    NotRun,
}

/// What became of the row's trials.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrialCounts {
    /// In the plan.
    pub planned: usize,
    /// Run, whatever came of it.
    pub run: usize,
    /// Ended as they should.
    pub completed: usize,
    /// Balance.
    pub valid: usize,
}

/// One row of a benchmark's table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Name of the row.
    pub label: String,
    /// Folder name of the implementation.
    pub implementation: String,
    /// Whether it may be ranked.
    pub status: RowStatus,
    /// What became of its trials.
    pub trials: TrialCounts,
    /// Failures of single trials, in words, each once.
    pub failures: Vec<String>,
    /// What is known, of trials that do not fail an equation.
    pub estimates: Vec<Estimate>,
    /// Delays of all these trials together.
    pub latency: Option<Latency>,
    /// Share of attempted events that were dropped, over all these trials.
    pub drop_ratio: Option<f64>,
    /// Events per second that the load caused, median.
    pub offered_per_sec: Option<f64>,
    /// Wakeups an event, over all these trials.
    pub wakeups_per_event: Option<f64>,
    /// What limited most of these trials, and the median of their shares.
    #[serde(default, alias = "limited_by")]
    pub limit: Option<Limit>,
    /// Open loop: median of the trials' 99th percentile of lateness, nanoseconds.
    #[serde(default)]
    pub lateness_p99_ns: Option<f64>,
    /// Open loop: share of the slots in which nothing was triggered, median.
    #[serde(default)]
    pub missed_share: Option<f64>,
    /// Letters of the headline quantity: rows that share one cannot be told apart; `a` is the best. Null when not ranked.
    #[serde(default)]
    pub letters: Option<String>,
    /// Whether the kernel itself was asked what the consumer released, in every completed trial.
    pub kernel_evidence: bool,
}

impl Row {
    /// Sums up a row's trials, block by block.
    pub(super) fn of(
        (label, implementation): (&str, &str),
        planned: usize,
        trials: &BTreeMap<u32, &Measurement>,
        settings: &Settings,
    ) -> Self {
        let completed: Vec<_> =
            trials.values().copied().filter(|m| m.outcome == Outcome::Completed).collect();
        let usable: Vec<_> = trials.values().copied().filter(|m| is_usable(m)).collect();
        let estimate = |quantity: Quantity| {
            let values: Vec<f64> = usable.iter().filter_map(|m| quantity.of(m)).collect();
            Estimate::of(quantity, &values, settings.confidence)
        };
        let lateness = usable.iter().filter_map(|m| Some(m.figures.lateness_p99_ns? as f64));
        Self {
            label: label.to_owned(),
            implementation: implementation.to_owned(),
            status: status(trials),
            trials: TrialCounts {
                planned,
                run: trials.len(),
                completed: completed.len(),
                valid: completed.iter().filter(|m| m.is_valid()).count(),
            },
            failures: failures(trials),
            estimates: Quantity::all().filter_map(estimate).collect(),
            latency: merge_latency(usable.iter().filter_map(|m| m.latency.as_ref())),
            drop_ratio: total_ratio(&usable, dropped, attempted),
            offered_per_sec: median(usable.iter().filter_map(|m| m.figures.offered_per_sec)),
            wakeups_per_event: total_ratio(
                &usable,
                |m| m.figures.wakeups,
                |m| m.figures.events_while_wakeups,
            ),
            limit: most_frequent(&usable),
            lateness_p99_ns: median(lateness),
            missed_share: median(usable.iter().filter_map(|m| m.figures.missed_share)),
            letters: None,
            kernel_evidence: !completed.is_empty() && completed.iter().all(|m| m.kernel_evidence),
        }
    }

    /// The estimate of one quantity.
    #[must_use]
    pub fn estimate(&self, quantity: Quantity) -> Option<&Estimate> {
        self.estimates.iter().find(|estimate| estimate.quantity == quantity)
    }
}

/// Whether a trial's figures may be shown: it completed, and nothing contradicts it.
pub(super) fn is_usable(measurement: &Measurement) -> bool {
    matches!(measurement.verdict, Some(Verdict::Valid | Verdict::Unverified { .. }))
}

fn status(trials: &BTreeMap<u32, &Measurement>) -> RowStatus {
    let verdicts = || trials.values().filter_map(|m| m.verdict.as_ref());
    for verdict in verdicts() {
        if let Verdict::Invalid { failed } = verdict {
            return RowStatus::Invalid { failed: failed.clone() };
        }
    }
    for verdict in verdicts() {
        if let Verdict::Unverified { missing } = verdict {
            return RowStatus::Unverified { missing: missing.clone() };
        }
    }
    if verdicts().next().is_some() {
        return survivors(trials)
            .map_or(RowStatus::Valid, |message| RowStatus::Failed { message, hint: None });
    }
    match trials.values().next().map(|m| &m.outcome) {
        None => RowStatus::NotRun,
        Some(Outcome::Unsupported { message, hint }) => {
            RowStatus::Unsupported { message: message.clone(), hint: hint.clone() }
        }
        Some(outcome) => {
            RowStatus::Failed { message: outcome.text(), hint: outcome.hint().map(str::to_owned) }
        }
    }
}

/// Why trials that completed do not speak for their row: more than one in ten did not, or one said that it cannot be done at all.
fn survivors(trials: &BTreeMap<u32, &Measurement>) -> Option<String> {
    let counted = || trials.values().filter(|m| m.outcome != Outcome::Interrupted);
    let run = counted().count();
    let lost = counted().filter(|m| m.outcome != Outcome::Completed).count();
    let unsupported = counted().any(|m| matches!(m.outcome, Outcome::Unsupported { .. }));
    (unsupported || lost as f64 > FAILED_SHARE * run as f64)
        .then(|| format!("{lost} of {run} trials did not complete: {}", failures(trials).join("; ")))
}

fn failures(trials: &BTreeMap<u32, &Measurement>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for outcome in trials.values().map(|m| &m.outcome).filter(|outcome| **outcome != Outcome::Completed) {
        let text = outcome.text();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// Merges delays by adding the counts of their histograms; none without any, or when one cannot be added.
#[must_use]
pub fn merge_latency<'a>(parts: impl Iterator<Item = &'a Latency>) -> Option<Latency> {
    let mut merged = None;
    let mut planned = Some(0_u64);
    for part in parts {
        planned = planned.zip(part.planned).and_then(|(sum, part)| sum.checked_add(part));
        let part = decode_histogram(&part.histogram).ok()?;
        match &mut merged {
            None => merged = Some(part),
            Some(sum) => {
                // All runners use the contract's range, but an old result may have a narrower one.
                sum.auto(true);
                sum.add(part).ok()?;
            }
        }
    }
    merged.as_ref().map(|merged| Latency::from_histogram(merged, planned))
}

/// Of the measured part; results of version 1 know those of the whole trial.
fn dropped(measurement: &Measurement) -> Option<u64> {
    measurement.figures.events_dropped.or(measurement.counts.dropped)
}

fn attempted(measurement: &Measurement) -> Option<u64> {
    measurement.figures.events_attempted.or(measurement.counts.attempted)
}

fn total_ratio(
    usable: &[&Measurement],
    part: impl Fn(&Measurement) -> Option<u64>,
    whole: impl Fn(&Measurement) -> Option<u64>,
) -> Option<f64> {
    let known = usable.iter().filter_map(|m| part(m).zip(whole(m)));
    let (part, whole) = known.fold((0.0, 0.0), |(p, w), (part, whole)| (p + part as f64, w + whole as f64));
    (whole > 0.0).then(|| part / whole)
}

/// On a tie the one that stands first in the list of limits.
fn most_frequent(usable: &[&Measurement]) -> Option<Limit> {
    let mut counts: BTreeMap<LimitedBy, usize> = BTreeMap::new();
    let limits = || usable.iter().filter_map(|m| m.figures.limit);
    for limit in limits() {
        *counts.entry(limit.by).or_default() += 1;
    }
    let (by, _) = counts.into_iter().rev().max_by_key(|(_, count)| *count)?;
    let shares = limits().filter(|limit| limit.by == by).filter_map(|limit| limit.share);
    Some(Limit { by, share: median(shares) })
}
