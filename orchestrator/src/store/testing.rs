//! A small run for tests: three blocks of capacity and throughput.

use std::collections::BTreeMap;

use super::run::{Header, NewRun, Run, SCHEMA_VERSION, StoredTrial, TrialResult};
use crate::parse::Measurement;
use crate::parse::testing::{benchmark, record};
use crate::plan::{Plan, PlannedTrial, Question};
use crate::stats::testing::{measurement, plan};
use crate::stats::{Settings, analyse};

pub(crate) fn new_run(blocks: u32) -> NewRun {
    NewRun {
        command: ["orchestrator", "compare", "--duration", "2"].map(str::to_owned).to_vec(),
        plan: plan(vec![benchmark(Question::Capacity), benchmark(Question::Saturation)], &["a", "b"], blocks),
        machine: serde_json::json!({"kernel": "6.18.0", "cpu": "Some CPU", "cpus": 2, "virtualisation": null,
            "warnings": [{"what": "the clock is slow", "remedy": "use another"}]}),
        settings: Settings::default(),
        text_patterns: BTreeMap::new(),
    }
}

/// `b` costs four times as much as `a` and delivers half; both wobble a little.
pub(crate) fn usual(plan: &Plan, trial: &PlannedTrial) -> Measurement {
    let question = plan.benchmarks[trial.benchmark].question;
    let wobble = 1.0 + 0.01 * f64::from((trial.block * 7 + trial.position * 3) % 5);
    match trial.implementation.as_str() {
        "b" => measurement(question, 40.0 * wobble, 2.4e6 * wobble),
        _ => measurement(question, 11.0 * wobble, 4.8e6 * wobble),
    }
}

pub(crate) fn stored(plan: &Plan, trial: &PlannedTrial) -> StoredTrial {
    let mut record = record();
    record.number = trial.number;
    let elapsed_ns = Some(u64::from(trial.number) * 1_000_000_000);
    StoredTrial { planned: trial.clone(), record, measurement: usual(plan, trial), elapsed_ns }
}

/// A finished run in which `measure` gives each trial's measurement.
pub(crate) fn finished(new: NewRun, measure: impl Fn(&Plan, &PlannedTrial) -> Measurement) -> Run {
    let NewRun { command, plan, machine, settings, text_patterns } = new;
    let results: Vec<TrialResult> = plan
        .trials
        .iter()
        .map(|planned| TrialResult { planned: planned.clone(), measurement: measure(&plan, planned) })
        .collect();
    let pairs: Vec<_> = results.iter().map(|result| (&result.planned, &result.measurement)).collect();
    let analysis = analyse(&plan, &pairs, &settings);
    let header = Header {
        schema_version: SCHEMA_VERSION,
        run: "20261124T061557Z-1a2b".into(),
        started_utc: "2026-11-24T06:15:57Z".into(),
        command,
        machine,
        settings,
        text_patterns,
        plan,
    };
    let finished_utc = Some("2026-11-24T06:16:57Z".into());
    Run { header, finished_utc, resumed: Vec::new(), events_sha256: None, trials: results, analysis }
}
