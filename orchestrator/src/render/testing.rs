//! Runs for tests of charts and pages: one of each question, with figures of the size that real ones have.

use crate::facts::Axis;
use crate::parse::testing::benchmark;
use crate::parse::{Disturbance, Figures, Latency, Limit, LimitedBy, Measurement, Outcome, Verdict};
use crate::plan::{Benchmark, Plan, PlannedTrial, Point, Question, SECOND_RUN_SUFFIX};
use crate::runs::{TrialUsage, UsagePoint};
use crate::stats::testing::{measurement, plan};
use crate::store::Run;
use crate::store::testing::{finished, new_run};

/// Names of rows that are well, unsupported, invalid, crashed, and one that could not be checked.
pub(super) const FIVE: [&str; 5] = ["a", "slow", "old-kernel", "miscounts", "crashes"];

/// A benchmark, and the same at each value where its question has a curve.
fn benchmarks(question: Question) -> Vec<Benchmark> {
    let one = || {
        let mut one = benchmark(question);
        one.name = question.to_string();
        one.runner.latency = question.facts().delays;
        one
    };
    let facts = question.facts();
    let axis = match question {
        Question::Scalability => Some((Axis::Threads, [1.0, 2.0, 4.0])),
        Question::Complexity => Some((Axis::Work, [0.0, 100.0, 10_000.0])),
        Question::DropCurve => Some((Axis::Rate, [1e3, 1e4, 1e5])),
        Question::MemoryUsage => Some((Axis::RingSize, [65_536.0, 1_048_576.0, 16_777_216.0])),
        _ => None,
    };
    let Some((axis, values)) = axis.filter(|_| !facts.curve.is_empty()) else { return vec![one()] };
    let point = |x: f64| Benchmark {
        name: format!("{question} {}={x}", axis.facts().key),
        point: Some(Point { series: question.to_string(), axis: axis.to_string(), x }),
        ..one()
    };
    values.map(point).to_vec()
}

/// A run of these questions, rows and blocks. What rows are like follows from their names.
pub(super) fn run(questions: &[Question], labels: &[&str], blocks: u32) -> Run {
    let mut new = new_run(blocks);
    let mut all: Vec<Benchmark> = questions.iter().flat_map(|question| benchmarks(*question)).collect();
    for benchmark in &mut all {
        benchmark.implementations = labels.iter().map(|label| (*label).to_owned()).collect();
    }
    new.plan = plan(all, labels, blocks);
    for trial in &mut new.plan.trials {
        trial.implementation = trial.label.trim_end_matches(SECOND_RUN_SUFFIX).to_owned();
    }
    finished(new, measured)
}

/// A run of all questions.
pub(super) fn whole_run(labels: &[&str], blocks: u32) -> Run {
    run(&Question::all().collect::<Vec<_>>(), labels, blocks)
}

fn measured(plan: &Plan, trial: &PlannedTrial) -> Measurement {
    let benchmark = &plan.benchmarks[trial.benchmark];
    let wobble = 1.0 + 0.01 * f64::from((trial.block * 7 + trial.position * 3) % 5);
    let factor = if trial.label == "slow" { 20.0 } else { 1.0 } * wobble;
    let x = benchmark.point.as_ref().map_or(1.0, |point| point.x);
    let mut m = measurement(benchmark.question, 11.0 * factor, 8e6 / factor);
    let whole = |value: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and not negative")]
        Some(value as u64)
    };
    let lost = if benchmark.question == Question::DropCurve && x > 5e4 { 0.5 } else { 0.0 };
    m.figures = Figures {
        cpu_ns_per_event: Some(11.0 * factor),
        loss_free_per_sec: Some(9e6 / factor),
        delivered_per_sec: Some(x * 10.0 * (1.0 - lost) / wobble),
        drop_ratio: Some(lost),
        limit: Some(Limit {
            by: if factor < 2.0 { LimitedBy::Load } else { LimitedBy::Consumer },
            share: Some(0.98),
        }),
        runner_cpu_percent: Some(2.5 * factor),
        load_ns_per_trigger: Some((300.0 + 0.1 * x) * wobble),
        bpf_run_ns: Some(150.0 * wobble),
        private_bytes: whole(200_000.0 * factor),
        private_at_rest_bytes: whole(190_000.0 * factor),
        map_memory_bytes: whole(x.max(4096.0)),
        minor_faults: whole(0.0),
        least_thread_share: (x > 1.0).then_some(0.9),
        first_event_ns: whole(20e6 * factor),
        time_to_ready_ns: whole(17e6 * factor),
        load_ns: whole(2.4e6 * factor),
        attach_ns: whole(3e5 * wobble),
        exit_ns: whole(8e7),
        ..m.figures
    };
    if benchmark.runner.latency {
        let mut histogram = hdrhistogram::Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("bounds");
        for step in 0..3_000 {
            histogram
                .record(whole((20_000.0 + f64::from(step * step) / 40.0) * factor).unwrap_or(1))
                .expect("within bounds");
        }
        m.latency = Some(Latency::from_histogram(&histogram, None));
    }
    if trial.block == 2 {
        m.disturbed = vec![Disturbance::Steal { share: 0.031 }.into()];
    }
    let nothing = Measurement { verdict: None, figures: Figures::default(), latency: None, ..m.clone() };
    match trial.label.as_str() {
        "old-kernel" => Measurement {
            outcome: Outcome::Unsupported { message: "no kprobes <here>".into(), hint: None },
            ..nothing
        },
        "crashes" => Measurement { outcome: Outcome::TimedOut { phase: "drain".into() }, ..nothing },
        // A value that stands nowhere else, to be searched for.
        "miscounts" => Measurement {
            verdict: Some(Verdict::Invalid { failed: vec!["submitted 9900 != received 9901".into()] }),
            figures: Figures {
                cpu_ns_per_event: Some(777.125),
                delivered_per_sec: Some(777.125),
                ..nothing.figures.clone()
            },
            ..nothing
        },
        _ => m,
    }
}

/// Readings of all trials.
pub(super) fn usage(run: &Run) -> Vec<TrialUsage> {
    let points = |number: u32| {
        (0..12).map(move |step| UsagePoint {
            seconds: f64::from(step) * 0.1,
            cpu_share: (step > 0).then_some(0.2 + f64::from((step + number) % 3) * 0.05),
            memory_bytes: (step > 2).then_some(200_000.0 + f64::from(step)),
        })
    };
    let of = |trial: &crate::store::TrialResult| {
        let number = trial.planned.number;
        TrialUsage { number, points: points(number).collect() }
    };
    run.trials.iter().map(of).collect()
}
