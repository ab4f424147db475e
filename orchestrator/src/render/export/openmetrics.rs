//! `OpenMetrics` text: gauges in base units, one family a quantity, with the estimate and the ends of its interval.

use std::fmt::Write as _;

use super::valid_rows;
use crate::stats::{Quantity, RowStatus};
use crate::store::Run;

const NS_PER_SEC: f64 = 1e9;

/// A family: what it holds, the factor to its base unit, and the quantities with their percentile.
struct Family {
    name: &'static str,
    unit: Option<&'static str>,
    help: &'static str,
    divisor: f64,
    members: &'static [(Quantity, Option<&'static str>)],
}

const FAMILIES: [Family; 8] = [
    Family {
        name: "ebpf_benchmark_cpu_per_event_seconds",
        unit: Some("seconds"),
        help: "CPU time of the consumer for one event",
        divisor: NS_PER_SEC,
        members: &[(Quantity::CpuNsPerEvent, None)],
    },
    Family {
        name: "ebpf_benchmark_delivered_events_per_second",
        unit: None,
        help: "Events delivered while the load ran",
        divisor: 1.0,
        members: &[(Quantity::DeliveredPerSec, None)],
    },
    Family {
        name: "ebpf_benchmark_delivered_ratio",
        unit: Some("ratio"),
        help: "Share of the attempted events that was not dropped",
        divisor: 1.0,
        members: &[(Quantity::DeliveredShare, None)],
    },
    Family {
        name: "ebpf_benchmark_latency_seconds",
        unit: Some("seconds"),
        help: "Delay from the trigger to the reading of its record",
        divisor: NS_PER_SEC,
        members: &[
            (Quantity::LatencyP50, Some("50")),
            (Quantity::LatencyP95, Some("95")),
            (Quantity::LatencyP99, Some("99")),
            (Quantity::LatencyP999, Some("99.9")),
        ],
    },
    Family {
        name: "ebpf_benchmark_load_cpu_per_trigger_seconds",
        unit: Some("seconds"),
        help: "CPU time of the traced program for one trigger, with the program attached",
        divisor: NS_PER_SEC,
        members: &[(Quantity::LoadNsPerTrigger, None)],
    },
    Family {
        name: "ebpf_benchmark_program_run_seconds",
        unit: Some("seconds"),
        help: "Time of one run of the BPF program, by the statistics of the kernel",
        divisor: NS_PER_SEC,
        members: &[(Quantity::BpfRunNs, None)],
    },
    Family {
        name: "ebpf_benchmark_private_memory_bytes",
        unit: Some("bytes"),
        help: "Most private memory of the runner",
        divisor: 1.0,
        members: &[(Quantity::PrivateBytes, None)],
    },
    Family {
        name: "ebpf_benchmark_time_to_ready_seconds",
        unit: Some("seconds"),
        help: "From the start of the runner until it is ready",
        divisor: NS_PER_SEC,
        members: &[(Quantity::TimeToReadyNs, None)],
    },
];

/// The whole exposition. Rows that are not valid appear with `ebpf_benchmark_valid` 0 only.
#[must_use]
pub fn openmetrics(run: &Run) -> String {
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
    for family in &FAMILIES {
        push_family(&mut text, run, family);
    }
    text.push_str("# EOF\n");
    text
}

/// A family of which the run has nothing is left out.
fn push_family(text: &mut String, run: &Run, family: &Family) {
    let mut samples = String::new();
    for (benchmark, row) in valid_rows(run) {
        for (quantity, percentile) in family.members {
            let estimate = row.estimate(*quantity).filter(|_| quantity.is_tracked(benchmark.question));
            let Some(estimate) = estimate else { continue };
            let values = [("value", Some(estimate.value)), ("low", estimate.low), ("high", estimate.high)];
            for (statistic, value) in values {
                let Some(value) = value else { continue };
                let mut labels = vec![
                    ("benchmark", benchmark.name.as_str()),
                    ("implementation", row.label.as_str()),
                    ("statistic", statistic),
                ];
                labels.extend(percentile.map(|percentile| ("percentile", percentile)));
                sample(&mut samples, family.name, &labels, value / family.divisor);
            }
        }
    }
    if !samples.is_empty() {
        head(text, family.name, "gauge", family.unit, family.help);
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
