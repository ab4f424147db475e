use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::parse::testing::benchmark;
use crate::parse::{Figures, Latency, Outcome, Verdict};
use crate::plan::Question;
use crate::stats::testing::plan;
use crate::store::Run;
use crate::store::testing::{finished, new_run, usual};

/// The run in one of the formats.
fn written(name: &str, run: &Run) -> String {
    let export = EXPORTS.iter().find(|export| export.name == name).expect("a format");
    (export.write)(run)
}

/// `a` and `b` are well; `invalid` fails an equation once and `old-kernel` is unsupported.
fn run() -> Run {
    let mut new = new_run(3);
    let labels = ["a", "b", "invalid", "old-kernel"];
    let questions = [Question::Capacity, Question::Saturation, Question::Latency];
    new.plan = plan(questions.into_iter().map(benchmark).collect(), &labels, 3);
    finished(new, |plan, trial| {
        let mut measurement = usual(plan, trial);
        match trial.label.as_str() {
            // A value that stands nowhere else, to be searched for.
            "invalid" => {
                measurement.figures.cpu_ns_per_event = Some(777.125);
                measurement.figures.delivered_per_sec = Some(777.125);
                if trial.block == 2 {
                    let failed = vec!["submitted 9900 != received 9901".into()];
                    measurement.verdict = Some(Verdict::Invalid { failed });
                }
            }
            "old-kernel" => {
                measurement.outcome = Outcome::Unsupported { message: "no kprobes".into(), hint: None };
                (measurement.verdict, measurement.figures, measurement.latency) =
                    (None, Figures::default(), None);
            }
            _ => {
                let delays = plan.benchmarks[trial.benchmark].question == Question::Latency;
                measurement.latency = delays.then(|| {
                    let mut histogram =
                        hdrhistogram::Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("bounds");
                    (1..=2_000).for_each(|delay| histogram.record(10 * delay).expect("within bounds"));
                    Latency::from_histogram(&histogram, None)
                });
            }
        }
        measurement
    })
}

#[test]
fn every_format() {
    let run = run();
    for Export { name, write, .. } in EXPORTS {
        insta::assert_snapshot!(name, write(&run));
    }
}

#[test]
fn what_does_not_balance_is_never_a_number() {
    let run = run();
    for Export { name, write, .. } in EXPORTS {
        let text = write(&run);
        assert!(!text.contains("777") && !text.contains("NaN") && !text.contains("inf "), "{name}:\n{text}");
        for word in ["invalid", "old-kernel"] {
            let lines = text.lines().filter(|line| line.contains(word));
            for line in lines {
                let harmless = match name {
                    "csv" => line.ends_with(",,,,,,,"),
                    "markdown" => !line.starts_with('|') || line.contains(" - |"),
                    "openmetrics" => line.starts_with("ebpf_benchmark_valid{") && line.ends_with(" 0"),
                    _ => false,
                };
                assert!(harmless, "{name}: {line}");
            }
        }
    }
}

#[test]
fn a_run_without_trials_gives_valid_and_empty_exports() {
    let mut run = run();
    run.trials.clear();
    run.analysis = crate::stats::analyse(&run.header.plan, &[], &run.header.settings);
    for name in ["bmf", "github-action-benchmark", "hyperfine"] {
        let value: Value = serde_json::from_str(&written(name, &run)).expect("JSON");
        let content = if value["results"].is_array() { &value["results"] } else { &value };
        assert!(
            content.as_array().is_none_or(Vec::is_empty)
                && content.as_object().is_none_or(serde_json::Map::is_empty)
        );
    }
    assert!(written("openmetrics", &run).ends_with("# EOF\n"));
    assert_eq!(written("csv", &run).lines().count(), 1 + 3 * 4);
}

#[test]
fn openmetrics_follows_the_grammar() {
    let mut run = run();
    run.header.machine["cpu"] = "a \"quoted\\ name\"\nof two lines".into();
    let text = written("openmetrics", &run);
    let sample = regex::Regex::new(
        r#"^([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*\}) -?[0-9.]+(?:e-?[0-9]+)?$"#,
    )
    .expect("a valid expression");
    let (mut families, mut samples, mut family) = (BTreeSet::new(), BTreeSet::new(), String::new());
    for line in text.strip_suffix("# EOF\n").expect("the end is marked").lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split(' ').next().unwrap_or_default().to_owned();
            assert!(families.insert(family.clone()), "{family} occurs twice");
        } else if let Some(rest) = line.strip_prefix("# UNIT ") {
            let (name, unit) = rest.split_once(' ').expect("a unit");
            assert!(name == family && name.ends_with(&format!("_{unit}")), "{line}");
        } else if let Some(rest) = line.strip_prefix("# HELP ") {
            assert!(rest.starts_with(&family), "{line}");
        } else {
            let found = sample.captures(line).unwrap_or_else(|| panic!("not a sample: {line}"));
            assert!(found[1] == family || found[1] == format!("{family}_info"), "{line} is not of {family}");
            assert!(samples.insert(format!("{}{}", &found[1], &found[2])), "{line} occurs twice");
        }
    }
}
