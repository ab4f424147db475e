//! `OpenMetrics` text: gauges in base units, one family a quantity, with the estimate and the ends of its interval.

use std::fmt::Write as _;

use super::valid_rows;
use crate::stats::{Quantity, RowStatus};
use crate::store::Run;

/// Of this project among all metrics.
const PREFIX: &str = "ebpf_benchmark";

/// The whole exposition. Rows that are not valid appear with `ebpf_benchmark_valid` 0 only.
pub(super) fn openmetrics(run: &Run) -> String {
    let mut text = String::new();
    let fact = |key: &str| run.header.machine[key].as_str().unwrap_or_default();
    head(&mut text, "ebpf_benchmark_run", "info", None, "The run that the figures are of");
    let facts = [("run", run.header.run.as_str()), ("kernel", fact("kernel")), ("cpu", fact("cpu"))];
    sample(&mut text, "ebpf_benchmark_run_info", &facts, 1.0);

    head(&mut text, "ebpf_benchmark_valid", "gauge", None, "Whether every trial of the row balances");
    for benchmark in &run.analysis.benchmarks {
        for row in &benchmark.rows {
            let labels = [("benchmark", benchmark.name.as_str()), ("implementation", &row.label)];
            let valid = f64::from(u8::from(row.status == RowStatus::Valid));
            sample(&mut text, "ebpf_benchmark_valid", &labels, valid);
        }
    }
    let mut families: Vec<&str> = Vec::new();
    for name in Quantity::all().filter_map(|quantity| Some(quantity.facts().family?.name)) {
        if !families.contains(&name) {
            families.push(name);
            push_family(&mut text, run, name);
        }
    }
    text.push_str("# EOF\n");
    text
}

/// A family of which the run has nothing is left out.
fn push_family(text: &mut String, run: &Run, family: &str) {
    let members = || {
        let of_family = |quantity: Quantity| quantity.facts().family.filter(|found| found.name == family);
        Quantity::all().filter_map(move |quantity| Some((quantity, of_family(quantity)?)))
    };
    let Some((first, facts)) = members().next() else { return };
    let unit = first.facts().unit.facts();
    let name = [PREFIX, family].into_iter().chain(unit.base).collect::<Vec<_>>().join("_");
    let mut samples = String::new();
    for (benchmark, row) in valid_rows(run) {
        for (quantity, member) in members() {
            let estimate = row.estimate(quantity).filter(|_| benchmark.question.tracks(quantity));
            let Some(estimate) = estimate else { continue };
            let values = [("value", Some(estimate.value)), ("low", estimate.low), ("high", estimate.high)];
            for (statistic, value) in values {
                let Some(value) = value else { continue };
                let mut labels = vec![
                    ("benchmark", benchmark.name.as_str()),
                    ("implementation", row.label.as_str()),
                    ("statistic", statistic),
                ];
                labels.extend(member.percentile.map(|percentile| ("percentile", percentile)));
                sample(&mut samples, &name, &labels, value / unit.in_base);
            }
        }
    }
    if !samples.is_empty() {
        head(text, &name, "gauge", unit.base, facts.help);
        text.push_str(&samples);
    }
}

fn head(text: &mut String, name: &str, kind: &str, unit: Option<&str>, help: &str) {
    // Writing to a string cannot fail.
    writeln!(text, "# TYPE {name} {kind}").ok();
    if let Some(unit) = unit {
        writeln!(text, "# UNIT {name} {unit}").ok();
    }
    writeln!(text, "# HELP {name} {help}").ok();
}

fn sample(text: &mut String, name: &str, labels: &[(&str, &str)], value: f64) {
    let labels: Vec<String> =
        labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    writeln!(text, "{name}{{{}}} {value}", labels.join(",")).ok();
}

fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}
