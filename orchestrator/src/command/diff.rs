//! `orchestrator diff`: what changed from one run to another, and whether a gate lets it pass.

use std::path::Path;

use serde::Serialize;

use super::output::{print, print_json};
use super::runs::{read_run, with_settings};
use crate::cli::DiffArgs;
use crate::error::Error;
use crate::exit_code;
use crate::identity::{Difference, machine_differences, plan_differences, program_differences};
use crate::render::{Comparison, GateResult, diff_report, gate_report};
use crate::stats::{
    Analysis, Basis, BenchmarkAnalysis, DiffCell, Finding, Settings, Side, diff, findings, lacking,
};
use crate::store::{Header, Run};

/// What `--json` prints.
#[derive(Serialize)]
struct Outcome<'a> {
    old: &'a str,
    reference: &'a str,
    delta: f64,
    comparisons: &'a [Comparison],
    gate: Option<&'a GateResult>,
}

/// Runs the command.
pub fn run(args: &DiffArgs, root: Option<&Path>) -> Result<u8, Error> {
    let old = read_run(&args.old, root)?;
    let later: Vec<Run> = [Some(&args.new), args.confirm.as_ref()]
        .into_iter()
        .flatten()
        .map(|wanted| read_run(wanted, root))
        .collect::<Result<_, Error>>()?;
    let reference = reference(args, &old, &later)?;
    let settings = Settings { delta: args.delta.0 / 100.0, ..old.header.settings.clone() };
    let old = with_settings(old, Some(&reference), &settings)?;
    let mut comparisons = Vec::new();
    for new in later {
        let new = with_settings(new, Some(&reference), &settings)?;
        comparisons.push(compare(&old, &new, &reference, &settings, args.anyway)?);
    }
    let gate = args.fail_on.map(|fail_on| judge(&comparisons, fail_on.slower, &settings));
    if args.json {
        let (old, reference, delta) = (&old.header.run, &reference, settings.delta);
        print_json(&Outcome { old, reference, delta, comparisons: &comparisons, gate: gate.as_ref() })?;
    } else {
        let reports = comparisons
            .iter()
            .map(|comparison| diff_report(&old.header.run, comparison, &reference, settings.delta));
        let gate = gate.as_ref().map(gate_report);
        print(&reports.chain(gate).collect::<Vec<_>>().join("\n"))?;
    }
    match gate {
        Some(gate) if !gate.failed.is_empty() => Ok(exit_code::EXPECTATION),
        Some(gate) => match inconclusive(&gate) {
            Some(message) => Err(Error::NotComparable {
                message,
                hint: "measure the same benchmarks in both runs, with the reference and at least 5 blocks (12 for a real comparison)"
                    .into(),
            }),
            None => Ok(exit_code::SUCCESS),
        },
        None => Ok(exit_code::SUCCESS),
    }
}

/// The row that ratios refer to: the same in all runs.
fn reference(args: &DiffArgs, old: &Run, later: &[Run]) -> Result<String, Error> {
    if let Some(label) = &args.baseline {
        return Ok(label.clone());
    }
    let of = |run: &Run| run.header.plan.baseline.clone();
    let common = of(old).filter(|label| later.iter().all(|run| of(run).as_ref() == Some(label)));
    common.ok_or_else(|| Error::NotComparable {
        message: "the runs have no baseline in common, and only ratios to the same row can be compared"
            .into(),
        hint:
            "name a row that all of them have with `--baseline`, or measure again together with the baseline"
                .into(),
    })
}

fn compare(
    old: &Run,
    new: &Run,
    reference: &str,
    settings: &Settings,
    anyway: bool,
) -> Result<Comparison, Error> {
    let differences = differences(&old.header, &new.header, reference);
    let decisive: Vec<String> =
        differences.iter().filter(|d| d.prevents).map(|d| format!("\n  {d}")).collect();
    if !decisive.is_empty() && !anyway {
        return Err(Error::NotComparable {
            message: format!(
                "the runs `{}` and `{}` cannot be compared:{}",
                old.header.run,
                new.header.run,
                decisive.concat()
            ),
            hint: "measure both on the same machine with the same options, or compare them with `--anyway`"
                .into(),
        });
    }
    let cells = diff(&old.analysis, &new.analysis, reference, settings);
    if cells.is_empty() && !old.analysis.benchmarks.iter().any(|b| in_both(b, &new.analysis)) {
        return Err(Error::NotComparable {
            message: format!(
                "the runs `{}` and `{}` have no benchmark in common",
                old.header.run, new.header.run
            ),
            hint: "compare two runs of the same configuration".into(),
        });
    }
    let lacking = lacking(&old.analysis, &new.analysis);
    Ok(Comparison { run: new.header.run.clone(), differences, lacking, cells })
}

fn in_both(benchmark: &BenchmarkAnalysis, other: &Analysis) -> bool {
    other.benchmarks.iter().any(|known| known.name == benchmark.name)
}

/// The reference is one row, but its program is that of an implementation.
fn differences(old: &Header, new: &Header, reference: &str) -> Vec<Difference> {
    let planned = old.plan.trials.iter().find(|trial| trial.label == reference);
    let implementation = planned.map_or(reference, |trial| &trial.implementation);
    let mut differences = machine_differences(&old.machine, &new.machine);
    differences.extend(plan_differences(&old.plan, &new.plan));
    differences.extend(program_differences(&old.machine, &new.machine, |name| name == implementation));
    differences
}

/// A cell fails when it does in every later run.
fn judge(comparisons: &[Comparison], slower: f64, settings: &Settings) -> GateResult {
    let found: Vec<Vec<(&DiffCell, Finding)>> = comparisons
        .iter()
        .map(|comparison| {
            let findings = findings(&comparison.cells, slower, settings);
            comparison.cells.iter().zip(findings).collect()
        })
        .collect();
    let fails = |finding: Finding| matches!(finding, Finding::Slower | Finding::Lost);
    let same = |a: &DiffCell, b: &DiffCell| {
        (&a.benchmark, &a.label, a.quantity) == (&b.benchmark, &b.label, b.quantity)
    };
    let (first, others) = found.split_first().map_or((&[][..], &[][..]), |(a, b)| (a, b));
    let confirmed = |(cell, finding): &&(&DiffCell, Finding)| {
        let there = |other: &Vec<(&DiffCell, Finding)>| {
            other.iter().any(|(there, finding)| same(there, cell) && fails(*finding))
        };
        fails(*finding) && others.iter().all(there)
    };
    let with = |wanted: &'static [Finding]| {
        let wanted = first.iter().filter(move |(_, finding)| wanted.contains(finding));
        wanted.map(|(cell, _)| *cell)
    };
    let mut not_judged: Vec<String> = with(&[Finding::NotCompared]).filter_map(not_compared).collect();
    let lacking = comparisons.iter().flat_map(|comparison| &comparison.lacking);
    let missing: Vec<String> =
        lacking.filter(|(_, side)| *side == Side::New).map(|(name, _)| name.clone()).collect();
    not_judged.dedup();
    GateResult {
        slower_by: slower,
        confirmed_by: others.len(),
        failed: first.iter().filter(confirmed).map(|(cell, _)| (*cell).clone()).collect(),
        judged: with(&[Finding::Slower, Finding::Lost, Finding::Kept]).count(),
        uncertain: with(&[Finding::Uncertain]).cloned().collect(),
        not_judged,
        missing_benchmarks: missing,
    }
}

fn not_compared(cell: &DiffCell) -> Option<String> {
    let Basis::Missing { side, reason, .. } = &cell.basis else { return None };
    let side = if *side == Side::Old { "old" } else { "new" };
    Some(format!("{} {}: in the {side} run {reason}", cell.benchmark, cell.label))
}

/// Why a gate does not pass although nothing failed it.
fn inconclusive(gate: &GateResult) -> Option<String> {
    if !gate.missing_benchmarks.is_empty() {
        let names = gate.missing_benchmarks.join(", ");
        return Some(format!("the gate did not judge what the new run lacks: {names}"));
    }
    (gate.judged == 0).then(|| "the gate could judge nothing".into())
}
