//! `orchestrator verify`: every implementation and program type against exact small counts.

mod answers;
mod asked;
mod judge;
mod line;
mod usage;

use std::fmt::Write as _;

use rand::SeedableRng as _;
use rand::rngs::ChaCha12Rng;
use rand::seq::IndexedRandom as _;
use serde::Serialize;

use super::build::build_all;
use super::output::{print, print_json};
use super::planning::new_seed;
use super::session::{Handling, Session, runtime};
use crate::cli::VerifyArgs;
use crate::config::{Catalogue, Implementation, Topology};
use crate::error::Error;
use crate::exit_code;
use crate::parse::Outcome;
use crate::plan::{
    Benchmark, Check, CheckKind, Mechanism, Placement, Plan, PlannedTrial, ProgramType, conformance_checks,
    place, place_on,
};
use crate::prepare::log_path;
use crate::supervise::StopBy;
use line::{Line, Status, failed, passed, skipped};

/// The program that is checked.
const PROGRAM: &str = Mechanism::USUAL.facts().program;

#[derive(Debug, Default, Serialize)]
struct Report {
    /// Number from which sizes and counts were drawn.
    seed: u64,
    passed: usize,
    /// Those among them in which events were counted.
    #[serde(skip)]
    passed_with_counts: usize,
    failed: usize,
    skipped: usize,
    checks: Vec<Line>,
}

/// Runs the command.
pub fn run(args: &VerifyArgs, catalogue: &Catalogue) -> Result<u8, Error> {
    let selected = catalogue.select(&args.implementations)?;
    let broken = if args.no_build { Vec::new() } else { not_built(&selected, catalogue)? };
    let types =
        if args.program_types.is_empty() { ProgramType::all().collect() } else { args.program_types.clone() };
    let seed = args.seed.map_or_else(new_seed, u64::from);
    let checks: Vec<Check> = types.iter().flat_map(|kind| conformance_checks(PROGRAM, *kind, seed)).collect();
    let topology = Topology::read();
    let plan = plan(&selected, &checks, seed, &topology);

    let mut report = Report { seed, ..Report::default() };
    let runtime = runtime()?;
    let interrupted = runtime.block_on(async {
        let mut session = Session::open(&plan, catalogue).await?;
        for implementation in &selected {
            if let Some(reason) =
                broken.iter().find(|(name, _)| name == implementation.name()).map(|(_, why)| why)
            {
                report.add(failed(implementation.name(), "build", reason.clone()), args.json)?;
                continue;
            }
            for line in on_command_line(implementation, catalogue) {
                report.add(line, args.json)?;
            }
            verify_one(implementation, &plan, &checks, &mut session, &mut report, args.json).await?;
        }
        let interrupted = session.interrupted_by();
        session.close().await?;
        Ok::<_, Error>(interrupted)
    })?;

    if args.json {
        print_json(&report)?;
    } else {
        print(&format!(
            "\n{} passed, {} failed, {} skipped; `--seed {seed}` repeats them\n",
            report.passed, report.failed, report.skipped
        ))?;
    }
    Ok(match interrupted {
        Some(signal) => exit_code::for_signal(signal),
        None if report.failed > 0 => exit_code::TRIAL_FAILED,
        // Nothing was shown.
        None if report.passed_with_counts == 0 => exit_code::REQUIREMENT,
        None => exit_code::SUCCESS,
    })
}

/// Implementations that cannot be built, with the reason: their checks fail, the others' go on.
fn not_built(selected: &[&Implementation], catalogue: &Catalogue) -> Result<Vec<(String, String)>, Error> {
    let built = build_all(selected, &catalogue.root)?;
    Ok(selected
        .iter()
        .filter(|implementation| !built.iter().any(|(done, _)| done.name() == implementation.name()))
        .map(|implementation| {
            (
                implementation.name().to_owned(),
                format!(
                    "it could not be built; the output of its build is in `{}`",
                    log_path(implementation.name()).display()
                ),
            )
        })
        .collect())
}

/// One trial for each implementation and check.
fn plan(selected: &[&Implementation], checks: &[Check], seed: u64, topology: &Topology) -> Plan {
    let mut trials = Vec::new();
    for implementation in selected {
        for benchmark in 0..checks.len() {
            trials.push(PlannedTrial {
                number: u32::try_from(trials.len()).unwrap_or(u32::MAX).saturating_add(1),
                block: 1,
                position: 1,
                benchmark,
                label: implementation.name().to_owned(),
                implementation: implementation.name().to_owned(),
                predecessor: None,
            });
        }
    }
    let placement = place(topology, 1);
    let elsewhere = elsewhere(&placement, seed, topology);
    let benchmarks = checks.iter().map(|check| {
        let placement = elsewhere.clone().filter(|_| check.kind == CheckKind::OtherCpu);
        Benchmark { placement, ..check.benchmark.clone() }
    });
    Plan {
        seed,
        blocks: 1,
        baseline: None,
        benchmarks: benchmarks.collect(),
        trials,
        placement,
        rule: None,
        ended: None,
    }
}

/// A placement with the runner on another processor, so that one which is always on the same, told or not, is seen; none where there
/// is no other.
fn elsewhere(usual: &Placement, seed: u64, topology: &Topology) -> Option<Placement> {
    let usual = usual.runner?;
    let others: Vec<u32> = topology.cpus.iter().map(|cpu| cpu.id).filter(|cpu| *cpu != usual).collect();
    let cpu = *others.choose(&mut ChaCha12Rng::seed_from_u64(seed))?;
    place_on(cpu, topology, 1)
}

/// What the program does with its command line; nothing of a program that does not speak the protocol.
fn on_command_line(implementation: &Implementation, catalogue: &Catalogue) -> Vec<Line> {
    let program = implementation.manifest.programs.get(PROGRAM);
    if program.is_none_or(|program| !program.speaks_protocol()) {
        return Vec::new();
    }
    let executable = implementation.executable(&catalogue.root, PROGRAM).display().to_string();
    let name = implementation.name();
    let own_name = &implementation.own_name;
    let asked = asked::Asked { implementation: own_name, executable: &executable, root: &catalogue.root };
    let checks = [(usage::NAME, usage::faults(&asked)), (answers::NAME, answers::faults(&asked))];
    let lines = checks.map(|(check, faults)| match faults.as_slice() {
        [] => passed(name, check),
        faults => failed(name, check, faults.join("; ")),
    });
    lines.into()
}

async fn verify_one(
    implementation: &Implementation,
    plan: &Plan,
    checks: &[Check],
    session: &mut Session<'_>,
    report: &mut Report,
    quiet: bool,
) -> Result<(), Error> {
    let mut missing: Vec<ProgramType> = Vec::new();
    for trial in plan.trials.iter().filter(|trial| trial.implementation == implementation.name()) {
        let check = &checks[trial.benchmark];
        let kind = check.benchmark.program_type;
        if missing.contains(&kind) || session.interrupted_by().is_some() {
            continue;
        }
        let is_shown =
            check.kind != CheckKind::OtherCpu || plan.benchmarks[trial.benchmark].placement.is_some();
        let speaks =
            implementation.program_for(&check.benchmark).map(crate::config::Program::speaks_protocol);
        let line = if speaks == Ok(false) {
            missing.push(kind);
            let reason = "it does not speak the protocol, so there are no exact counts".to_owned();
            skipped(implementation.name(), kind, reason, None)
        } else if is_shown {
            let done = session.trial(plan, trial, handling(check.kind)).await?;
            match &done.measurement.outcome {
                Outcome::Interrupted => continue,
                Outcome::Unsupported { message, hint } => {
                    let line = skipped(implementation.name(), kind, message.clone(), hint.clone());
                    if let CheckKind::Further(_) = check.kind {
                        // What it need not know says nothing of the others.
                        Line { check: check.benchmark.name.clone(), ..line }
                    } else {
                        missing.push(kind);
                        line
                    }
                }
                _ => {
                    let cpu = plan.placement_of(trial.benchmark).runner;
                    judge::judge(implementation.name(), check, &done, cpu)
                }
            }
        } else {
            let reason = "this process may use one CPU only, so `--cpu` shows nothing".to_owned();
            skipped(implementation.name(), kind, reason, None)
        };
        report.add(line, quiet)?;
    }
    Ok(())
}

fn handling(kind: CheckKind) -> Handling {
    let stop = match kind {
        CheckKind::EndOfInput => StopBy::EndOfInput,
        CheckKind::Saturated => StopBy::SignalUnderLoad,
        _ => StopBy::Signal,
    };
    Handling { hold_runner: kind == CheckKind::Drops, stop, ..Handling::default() }
}

impl Report {
    /// Counts a line and shows it at once, unless the report will be JSON.
    fn add(&mut self, line: Line, quiet: bool) -> Result<(), Error> {
        let word = match line.status {
            Status::Passed => {
                self.passed += 1;
                self.passed_with_counts +=
                    usize::from(![usage::NAME, answers::NAME].contains(&line.check.as_str()));
                "ok"
            }
            Status::Failed => {
                self.failed += 1;
                "FAILED"
            }
            Status::Skipped => {
                self.skipped += 1;
                "skipped"
            }
        };
        let mut text = format!("{word:<8} {:<10} {}", line.implementation, line.check);
        if let Some(reason) = &line.reason {
            // Writing to a string cannot fail.
            write!(text, ": {reason}").ok();
        }
        text.push('\n');
        self.checks.push(line);
        if quiet { Ok(()) } else { print(&text) }
    }
}
