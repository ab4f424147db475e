use super::*;
use crate::identity::Difference;
use crate::parse::testing::benchmark;
use crate::parse::{CpuBalance, Equation, Latency, Measurement, Outcome, Relation, Verdict};
use crate::plan::{NOTHING_ATTACHED, Plan, PlannedTrial, Point, Question, Wakeup};
use crate::sample::Walk;
use crate::stats::testing::{measurement, plan};
use crate::store::Resumption;
use crate::store::testing::{finished, new_run};

/// Five implementations with figures of the size that real ones have.
fn usual(plan: &Plan, trial: &PlannedTrial) -> Measurement {
    let question = plan.benchmarks[trial.benchmark].question;
    let wobble = 1.0 + 0.01 * f64::from((trial.block * 7 + trial.position * 3) % 5);
    let (cost, delivered, delay, rss) = match trial.implementation.as_str() {
        "middle" => (41.0, 3.1e6, 31_000, 14 << 20),
        "slow" => (410.0, 0.9e6, 140_000, 180 << 20),
        "quick" => (10.6, 8.4e6, 9_500, 3 << 20),
        _ => (11.3, 8.1e6, 9_800, 2 << 20),
    };
    let mut measurement = measurement(question, cost * wobble, delivered * wobble);
    measurement.figures.runner_cpu_percent = Some(99.0);
    measurement.figures.peak_rss_bytes = Some(rss);
    if question == Question::Latency {
        let mut histogram = hdrhistogram::Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("bounds");
        for step in 0..2_000 {
            histogram.record(delay + delay * step / 1_000).expect("within bounds");
        }
        measurement.latency = Some(Latency::from_histogram(&histogram, None));
    }
    measurement
}

fn run_of(labels: &[&str], blocks: u32, measure: impl Fn(&Plan, &PlannedTrial) -> Measurement) -> Run {
    let questions = [Question::Capacity, Question::Saturation, Question::Latency];
    let mut new = new_run(blocks);
    let mut benchmarks: Vec<_> = questions.into_iter().map(benchmark).collect();
    for benchmark in &mut benchmarks {
        benchmark.implementations = labels.iter().map(|label| (*label).to_owned()).collect();
    }
    new.plan = plan(benchmarks, labels, blocks);
    finished(new, measure)
}

const FIVE: [&str; 5] = ["a", "a-variant", "middle", "slow", "quick"];

fn not_completed(measurement: &mut Measurement, outcome: Outcome) {
    let figures = crate::parse::Figures::default();
    *measurement = Measurement { outcome, verdict: None, figures, latency: None, ..measurement.clone() };
}

#[test]
fn comparison_of_five() {
    let report = comparison_report(&run_of(&FIVE, 5, usual));
    let tables = report.lines().take_while(|line| !line.starts_with("figures:"));
    assert!(tables.into_iter().all(|line| line.chars().count() <= 80), "fits 80 columns:\n{report}");
    insta::assert_snapshot!(report);
}

#[test]
fn a_loss_that_was_allowed_stands_with_the_rate() {
    let mut run = run_of(&["a", "slow"], 5, usual);
    let note = "a rate counts as carried while at most";
    assert!(!comparison_report(&run).contains(note));
    run.header.plan.benchmarks[0].most_loss = Some(0.02);
    let report = comparison_report(&run);
    assert!(report.contains(&format!("{note} 2.0 % of its events are dropped")), "{report}");
}

#[test]
fn comparison_with_every_kind_of_trouble() {
    let labels = ["a", "miscounts", "text-only", "no-kprobes", "crashes", "hangs-once"];
    let report = comparison_report(&run_of(&labels, 3, |plan, trial| {
        let mut m = usual(plan, trial);
        match trial.label.as_str() {
            "miscounts" if trial.block == 2 => {
                m.verdict = Some(Verdict::Invalid { failed: vec!["submitted 9900 != received 9901".into()] });
            }
            "text-only" => {
                m.verdict = Some(Verdict::Unverified { missing: vec!["submitted ? = received 9900".into()] });
            }
            "no-kprobes" => {
                let hint = Some("use `--program-type tracepoint`".into());
                not_completed(
                    &mut m,
                    Outcome::Unsupported { message: "this kernel has no kprobes".into(), hint },
                );
            }
            "crashes" => {
                let status = Some(crate::supervise::ExitStatus::Signal(11));
                not_completed(&mut m, Outcome::Crashed { status, stderr_tail: "boom\n".into() });
            }
            "hangs-once" if trial.number < 8 => {
                not_completed(&mut m, Outcome::TimedOut { phase: "drain".into() });
            }
            _ => {}
        }
        m
    }));
    insta::assert_snapshot!(report);
}

#[test]
fn one_block_says_that_it_is_not_enough() {
    insta::assert_snapshot!(comparison_report(&run_of(&["a", "middle"], 1, usual)));
}

#[test]
fn a_run_that_was_resumed_says_when_and_where() {
    let mut run = run_of(&["a", "middle"], 3, usual);
    let resumption = |resumed_utc: &str, trial, block, changed| Resumption {
        resumed_utc: resumed_utc.into(),
        trial,
        block,
        changed,
    };
    let governor = Difference {
        what: "frequency governor".into(),
        old: "performance".into(),
        new: "powersave".into(),
        prevents: false,
    };
    run.resumed = vec![
        resumption("2026-11-24T07:00:00Z", 4, 1, Vec::new()),
        resumption("2026-11-25T07:00:00Z", 13, 3, vec![governor]),
    ];
    insta::assert_snapshot!(comparison_report(&run));
}

#[test]
fn an_a_a_pair_shows_the_noise_floor() {
    insta::assert_snapshot!(comparison_report(&run_of(&["a", "middle", "a'"], 8, usual)));
}

#[test]
fn a_single_question_leaves_out_the_columns_of_the_others() {
    let mut new = new_run(3);
    new.plan = plan(vec![benchmark(Question::Saturation)], &["a", "quick"], 3);
    insta::assert_snapshot!(comparison_report(&finished(new, usual)));
}

#[test]
fn a_single_implementation_has_no_ratio() {
    let mut run = run_of(&["middle"], 3, usual);
    run.header.plan.baseline = None;
    insta::assert_snapshot!(comparison_report(&run));
}

#[test]
fn a_table_for_each_benchmark() {
    insta::assert_snapshot!(benchmark_report(&run_of(&["a", "slow"], 3, usual)));
}

#[test]
fn a_run_without_trials_says_so_and_does_not_panic() {
    let mut run = run_of(&["a", "middle"], 2, usual);
    run.trials.clear();
    run.analysis = crate::stats::analyse(&run.header.plan, &[], &run.header.settings);
    insta::assert_snapshot!(comparison_report(&run));
}

#[test]
fn a_baseline_without_data_says_so_in_every_row_that_needed_it() {
    let report = comparison_report(&run_of(&["a", "middle", "slow"], 5, |plan, trial| {
        let mut m = usual(plan, trial);
        if trial.label == "a" {
            not_completed(&mut m, Outcome::TimedOut { phase: "drain".into() });
        }
        m
    }));
    assert_eq!(report.matches("no baseline\n").count(), 4, "{report}");
    assert!(
        report.contains(
            "no ratios and no verdicts in capacity, latency: the baseline a has no valid row there"
        ),
        "{report}"
    );
}

#[test]
fn what_is_known_of_a_run_is_said() {
    let mut run = run_of(&["a", "middle"], 8, |plan, trial| {
        let mut m = usual(plan, trial);
        if trial.block <= 3 && trial.label == "a" && trial.benchmark == 0 {
            m.disturbed = vec![crate::parse::Disturbance::Steal { share: 0.1 }.into()];
        }
        m.warm_up_steady = (trial.benchmark == 0).then_some(trial.label == "a");
        m
    });
    run.header.machine["other_bpf_programs"] =
        serde_json::json!([{"id": 3, "name": "sneaky", "kind": "kprobe"}]);
    run.header.machine["implementation_notes"] =
        serde_json::json!({"middle": ["reads slowly"], "absent": ["x"]});
    let report = comparison_report(&run);
    for note in [
        "a (capacity): 3 of 8 trials disturbed, and kept: steal 3\n",
        "middle (capacity): the warm-up did not get steady in 8 of 8 trials\n",
        "others had 1 BPF program loaded: sneaky\n",
        "middle: reads slowly\n",
    ] {
        assert!(report.contains(note), "{note} is not in\n{report}");
    }
    assert!(!report.contains("absent"));
    let disturbed =
        crate::store::trials_csv(&run).lines().filter(|line| line.contains("the hypervisor took")).count();
    assert_eq!(disturbed, 3);
}

#[test]
fn why_a_trial_is_not_believed_has_a_note_of_its_own() {
    let run = run_of(&["a", "middle"], 5, |plan, trial| {
        let mut m = usual(plan, trial);
        let not_believed = |m: &mut Measurement| {
            m.verdict = Some(Verdict::Unverified { missing: vec!["why".into()] });
        };
        if trial.benchmark == 0 && trial.label == "middle" && trial.block <= 2 {
            let unexplained_ns = Some(300 + u64::from(trial.block) * 10);
            m.cpu = Some(CpuBalance { window_ns: 1_000, unexplained_ns, ..CpuBalance::default() });
            not_believed(&mut m);
        }
        if trial.benchmark == 0 && trial.label == "middle" && trial.block == 3 {
            m.walk = Some(Walk {
                ring_bytes: 4096,
                record_bytes: 64,
                walks: 1,
                fastest_ns: 100.0,
                median_ns: 100.0,
                wake_ns: None,
            });
            m.figures.cpu_ns_per_event = Some(20.0);
            m.equations = vec![Equation {
                name: "floor".into(),
                left: "capacity".into(),
                relation: Relation::Equal,
                right: "what a reader can do".into(),
                holds: None,
                required: true,
            }];
            not_believed(&mut m);
        }
        m
    });
    let report = comparison_report(&run);
    for note in [
        "middle (capacity): in 2 of 5 trials up to 32.0 % of a core was used by nobody who is known; ",
        "middle (capacity): in 1 of 5 trials an event cost as little as 20.0 ns, where a bare walk over the same records takes 90.0 ns; ",
    ] {
        assert!(report.contains(note), "{note} is not in\n{report}");
    }
    assert_eq!(report.matches("are not believed").count(), 2);
}

#[test]
fn costs_stand_in_a_table_of_their_own() {
    let labels = ["a", "slow"];
    let mut new = new_run(5);
    let mut benchmarks: Vec<_> = [Question::Cost, Question::Cost, Question::RunTime].map(benchmark).into();
    benchmarks[1].name = "cost_without_wakeups".into();
    benchmarks[1].runner.wakeup = Wakeup::None;
    for benchmark in &mut benchmarks {
        benchmark.implementations = labels.map(str::to_owned).into();
    }
    new.plan = plan(benchmarks, &["a", NOTHING_ATTACHED, "slow"], 5);
    let run = finished(new, |plan, trial| {
        let mut measurement = usual(plan, trial);
        let wobble = 1.0 + 0.01 * f64::from((trial.block * 7 + trial.position * 3) % 5);
        let figures = &mut measurement.figures;
        let attached = if trial.label == NOTHING_ATTACHED { 0.0 } else { 100.0 };
        let woken = if trial.benchmark == 0 { 2.0 } else { 1.0 };
        figures.load_ns_per_trigger = Some((200.0 + attached * woken) * wobble);
        figures.bpf_run_ns = (trial.benchmark == 2).then_some(150.0 * wobble);
        figures.verified_instructions = (trial.label == "a").then_some(97);
        figures.jited_bytes = Some(500 + u64::from(trial.block));
        figures.load_ns = Some(2_500_000 + u64::from(trial.block) * 1_000);
        measurement
    });
    let report = comparison_report(&run);
    let costs = report.split("\n\n").find(|part| part.contains("JITed")).expect("a table of costs");
    insta::assert_snapshot!(costs);
}

#[test]
fn a_question_with_fewer_blocks_is_named() {
    let mut run = run_of(&["a", "middle"], 8, usual);
    run.header.plan.trials.retain(|trial| trial.benchmark != 1 || trial.block <= 3);
    let legend = "figures: medians over 8 blocks (3 of saturation); ± and `to`";
    let report = comparison_report(&run);
    assert!(report.contains(legend), "{report}");
}

/// Complexity at three values of a setting, with what a trigger costs rows a and b, nanoseconds.
fn curve_report(axis: &str, values: [f64; 3], cost: fn(&str, f64) -> f64) -> String {
    let point = |x: f64| {
        let mut point = benchmark(Question::Complexity);
        point.name = format!("complexity {axis}={x}");
        point.implementations = vec!["a".into(), "b".into()];
        point.point = Some(Point { series: "complexity".into(), axis: axis.into(), x });
        point
    };
    let mut new = new_run(5);
    new.plan = plan(values.map(point).to_vec(), &["a", "b"], 5);
    comparison_report(&finished(new, |_, trial| {
        let mut measurement = measurement(Question::Complexity, 1.0, 1.0);
        let wobble = 1.0 + 0.001 * f64::from(trial.block);
        let cost = cost(&trial.label, values[trial.benchmark]);
        measurement.figures.load_ns_per_trigger = Some(cost * wobble);
        measurement
    }))
}

#[test]
fn a_curve_has_a_table_its_fit_and_a_sentence() {
    let report = curve_report("work", [0.0, 100.0, 10_000.0], |label, work| {
        300.0 + work * if label == "a" { 0.07 } else { 0.08 }
    });
    for line in [
        "complexity: what a trigger costs, by what the program does\n\nCPU of the load a trigger\n",
        "      0   301 ns   301 ns\n",
        "  10000  1.00 µs  1.10 µs\n",
        "the widest interval: ±0.20 % (a at 0)\n",
        "a straight line: at 0, and what each 100 rounds of work adds\n",
        "→ each 100 rounds of work adds from 7.02 ns (a) to 8.02 ns (b)\n",
    ] {
        assert!(report.contains(line), "{line} is not in\n{report}");
    }
    // What the first benchmark has said the others do not say again.
    assert_eq!(report.matches("CPU of the load a trigger").count(), 1, "{report}");
}

#[test]
fn a_filter_is_a_straight_line_over_the_share_that_it_keeps() {
    let report = curve_report("keep_one_in", [1.0, 10.0, 100.0], |label, one_in| {
        100.0 + if label == "a" { 200.0 } else { 250.0 } / one_in
    });
    for line in [
        " kept\none in       a       b\n     1  301 ns  351 ns\n    10  120 ns  125 ns\n   100  102 ns  103 ns\n",
        "a straight line: dropped, and what each trigger that the filter keeps adds\n",
        "→ each trigger that the filter keeps adds from 201 ns (a) to 251 ns (b)\n",
        "→ a trigger that the filter drops costs from 100 ns (a) to 100 ns (b), the\n  load's own work included\n",
    ] {
        assert!(report.contains(line), "{line} is not in\n{report}");
    }
}
