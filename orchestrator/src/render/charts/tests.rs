use proptest::prelude::*;
use regex::Regex;

use super::*;
use crate::plan::Question;
use crate::render::html::sources_of;
use crate::render::testing::{FIVE, run, usage, whole_run};
use crate::store::Run;
use crate::tables::Cell;

fn drawn(run: &Run) -> Vec<Drawn> {
    let usage = usage(run);
    charts(&sources_of(run, Some(&usage)))
}

fn only_charts(drawn: Vec<Drawn>) -> Vec<Chart> {
    let chart = |drawn| match drawn {
        Drawn::Chart(chart) => Some(*chart),
        Drawn::Absent { .. } => None,
    };
    drawn.into_iter().filter_map(chart).collect()
}

/// Everything that has a place in a drawing has it within the drawing, and nothing is no number.
fn is_sound(chart: &Chart) {
    let svg = chart.canvas.in_page(&chart.name, &chart.title, &chart.alternative);
    for word in ["NaN", "inf", "Infinity"] {
        assert!(
            !svg.contains(&format!("\"{word}")) && !svg.contains(&format!(" {word}")),
            "{}: {word}",
            chart.name
        );
    }
    let attribute = Regex::new(r#" (x|y|x1|x2|y1|y2|cx|cy)="(-?[0-9.]+)""#).expect("an expression");
    let within = |name: &str, value: f64| {
        let most = if name.contains('x') { chart.canvas.width } else { chart.canvas.height };
        assert!((-0.1..=most + 0.1).contains(&value), "{}: {name}={value} of {most}", chart.name);
    };
    for found in attribute.captures_iter(&svg) {
        within(&found[1], found[2].parse().expect("a number"));
    }
    let path = Regex::new(r#" d="M([^"Z]+)Z?""#).expect("an expression");
    for found in path.captures_iter(&svg) {
        for place in found[1].split('L') {
            let (x, y) = place.split_once(' ').expect("two numbers");
            within("x", x.parse().expect("a number"));
            within("y", y.parse().expect("a number"));
        }
    }
    // Text is as wide as it may be at most, and still inside.
    let text = Regex::new(r#"<text class="[^"]*" x="([0-9.]+)" y="[0-9.]+" text-anchor="(\w+)">([^<]*)<"#)
        .expect("an expression");
    for found in text.captures_iter(&svg) {
        let x: f64 = found[1].parse().expect("a number");
        let plain = found[3]
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#39;", "'")
            .replace("&quot;", "\"")
            .replace("&amp;", "&");
        let wide = crate::render::svg::width(&plain, 12.0) * 0.9;
        let (from, to) = match &found[2] {
            "start" => (x, x + wide),
            "end" => (x - wide, x),
            _ => (x - wide / 2.0, x + wide / 2.0),
        };
        assert!(
            from >= -12.0 && to <= chart.canvas.width + 12.0,
            "{}: {plain} from {from} to {to}",
            chart.name
        );
    }
    for cell in chart.data.rows.iter().flatten() {
        if let Cell::Figure(figure) = cell {
            assert!(figure.value.is_finite(), "{}", chart.name);
            if let Some(interval) = figure.interval {
                assert!(
                    interval.low <= figure.value && figure.value <= interval.high,
                    "{}: {figure:?}",
                    chart.name
                );
            }
        }
    }
    assert!(chart.alternative.len() > 5 && !chart.data.rows.is_empty(), "{}", chart.name);
    assert!(chart.data.rows.iter().all(|row| row.len() == chart.data.columns.len()), "{}", chart.name);
}

#[test]
fn drawings_of_fixed_data() {
    let five =
        [Question::Capacity, Question::Throughput, Question::Latency, Question::DropCurve, Question::StartUp];
    let run = run(&five, &["a", "a@2", "slow", "old-kernel", "miscounts"], 6);
    for name in [
        "ratio",
        "ratio-capacity",
        "throughput-comparison",
        "matrix-capacity",
        "summary-capacity",
        "event-counts",
        "latency-latency",
        "latency-ccdf-latency",
        "drop-curve",
        "spans-start-up",
        "usage-capacity",
        "timeline",
        "support",
    ] {
        let charts = only_charts(drawn(&run));
        let chart = charts.iter().find(|chart| chart.name == name).unwrap_or_else(|| panic!("no {name}"));
        insta::assert_snapshot!(
            format!("chart-{name}"),
            chart.canvas.in_page(name, &chart.title, &chart.alternative)
        );
    }
}

#[test]
fn every_question_has_its_charts_and_all_are_sound() {
    let charts = only_charts(drawn(&whole_run(&["a", "a@2", "slow"], 6)));
    let names: Vec<&str> = charts.iter().map(|chart| chart.name.as_str()).collect();
    for name in [
        "scalability",
        "complexity",
        "memory-usage",
        "drop-curve",
        "spans-start-up",
        "latency-latency",
        "usage-overhead",
    ] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    let mut unique = names.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), names.len());
    charts.iter().for_each(is_sound);
}

#[test]
fn what_does_not_balance_is_in_no_chart() {
    for chart in only_charts(drawn(&whole_run(&FIVE, 3))) {
        is_sound(&chart);
        let svg = chart.canvas.in_page("i", &chart.title, &chart.alternative);
        let is_wrong =
            |cell: &Cell| matches!(cell, Cell::Figure(figure) if (figure.value - 777.125).abs() < 1e-9);
        assert!(!chart.data.rows.iter().flatten().any(is_wrong), "{}", chart.name);
        assert!(!svg.contains("777 ns") && !svg.contains("777 /s"), "{}", chart.name);
        // Nor is it passed over in silence.
        assert!(!chart.name.starts_with("ratio-") || svg.contains(">invalid<"), "{}", chart.name);
    }
}

#[test]
fn a_run_of_any_size_has_charts_or_a_reason() {
    let twelve: Vec<String> = (0..12).map(|n| format!("{n}-{}", "long-name-".repeat(6))).collect();
    let twelve: Vec<&str> = twelve.iter().map(String::as_str).collect();
    let odd = ["<script>alert(1)</script>", "a&b\"'", "ünïcode-名前"];
    for (labels, blocks) in [
        (&twelve[..], 1),
        (&odd, 5),
        (&["a"], 1),
        (&["a"], 5),
        (&["old-kernel"], 1),
        (&["miscounts", "crashes"], 2),
    ] {
        for one in drawn(&whole_run(labels, blocks)) {
            match one {
                Drawn::Chart(chart) => is_sound(&chart),
                Drawn::Absent { title, why, .. } => assert!(!title.is_empty() && why.len() > 10),
            }
        }
    }
    let mut empty = run(&[Question::Capacity, Question::Complexity], &["a", "slow"], 1);
    empty.trials.clear();
    empty.analysis = crate::stats::analyse(&empty.header.plan, &[], &empty.header.settings);
    assert!(only_charts(charts(&sources_of(&empty, None))).iter().all(|chart| chart.name == "support"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]
    #[test]
    fn figures_of_any_size_are_drawn_inside(
        costs in prop::collection::vec(1e-3_f64..1e9, 3..5), blocks in 1_u32..7,
    ) {
        let labels: Vec<String> = (0..costs.len()).map(|n| format!("row{n}")).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let mut run = run(&[Question::Capacity, Question::StartUp, Question::MemoryUsage], &labels, blocks);
        for trial in &mut run.trials {
            let row = labels.iter().position(|label| *label == trial.planned.label).expect("a row");
            let value = costs[(row + trial.planned.block as usize) % costs.len()];
            trial.measurement.figures.cpu_ns_per_event = Some(value);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and at most 1e9")]
            let whole = value as u64;
            trial.measurement.figures.first_event_ns = Some(whole);
            trial.measurement.figures.private_bytes = Some(whole);
        }
        let pairs: Vec<_> = run.trials.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
        run.analysis = crate::stats::analyse(&run.header.plan, &pairs, &run.header.settings);
        only_charts(drawn(&run)).iter().for_each(is_sound);
    }
}
