//! `orchestrator verify`: every implementation and program type against exact small counts.

use std::fmt::Write as _;

use serde::Serialize;

use super::build::build_all;
use super::output::{print, print_json};
use super::session::{Done, Manner, Session, runtime};
use crate::cli::VerifyArgs;
use crate::config::{Catalogue, Implementation, Topology};
use crate::error::Error;
use crate::exit_code;
use crate::parse::{Outcome, Verdict};
use crate::plan::{Check, Plan, PlannedTrial, ProgramType, conformance_checks, place};
use crate::prepare::log_path;

/// The program that is checked.
const PROGRAM: &str = "ringbuf_throughput";
const ALL_TYPES: [ProgramType; 4] =
    [ProgramType::Tracepoint, ProgramType::RawTracepoint, ProgramType::Kprobe, ProgramType::Fentry];

/// What came of one check, or of all checks of a program type that the kernel does not have.
#[derive(Debug, Serialize)]
struct Line {
    implementation: String,
    check: String,
    status: Status,
    /// Why it failed or was skipped.
    reason: Option<String>,
    hint: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Passed,
    Failed,
    Skipped,
}

#[derive(Debug, Default, Serialize)]
struct Report {
    passed: usize,
    failed: usize,
    skipped: usize,
    checks: Vec<Line>,
}

/// Runs the command.
pub fn run(args: &VerifyArgs, catalogue: &Catalogue) -> Result<u8, Error> {
    let selected = catalogue.select(&args.implementations)?;
    let broken = if args.no_build { Vec::new() } else { not_built(&selected, catalogue)? };
    let types = if args.program_types.is_empty() { ALL_TYPES.to_vec() } else { args.program_types.clone() };
    let checks: Vec<Check> = types.iter().flat_map(|kind| conformance_checks(PROGRAM, *kind)).collect();
    let plan = plan(&selected, &checks);

    let mut report = Report::default();
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
            "\n{} passed, {} failed, {} skipped\n",
            report.passed, report.failed, report.skipped
        ))?;
    }
    Ok(match interrupted {
        Some(signal) => exit_code::for_signal(signal),
        None if report.failed > 0 => exit_code::TRIAL_FAILED,
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
fn plan(selected: &[&Implementation], checks: &[Check]) -> Plan {
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
    Plan {
        seed: 0,
        blocks: 1,
        baseline: None,
        benchmarks: checks.iter().map(|check| check.benchmark.clone()).collect(),
        trials,
        placement: place(&Topology::read(), 1),
        rule: None,
        ended: None,
    }
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
        let speaks =
            implementation.program_for(&check.benchmark).map(crate::config::Program::speaks_protocol);
        let line = if speaks == Ok(false) {
            missing.push(kind);
            let reason = "it does not speak the protocol, so there are no exact counts".to_owned();
            skipped(implementation.name(), kind, reason, None)
        } else {
            let done = session
                .trial(plan, trial, Manner { hold_runner: check.hold_runner, ..Manner::default() })
                .await?;
            match &done.measurement.outcome {
                Outcome::Interrupted => continue,
                Outcome::Unsupported { message, hint } => {
                    missing.push(kind);
                    skipped(implementation.name(), kind, message.clone(), hint.clone())
                }
                _ => judge(implementation.name(), check, &done),
            }
        };
        report.add(line, quiet)?;
    }
    Ok(())
}

fn judge(name: &str, check: &Check, done: &Done) -> Line {
    let measurement = &done.measurement;
    if measurement.outcome != Outcome::Completed {
        return failed(name, &check.benchmark.name, measurement.outcome.text());
    }
    let wrong = match &measurement.verdict {
        Some(Verdict::Valid) => wrong_counts(check, done),
        Some(Verdict::Invalid { failed }) => failed.clone(),
        Some(Verdict::Unverified { missing }) => {
            missing.iter().map(|what| format!("not known: {what}")).collect()
        }
        None => vec!["nothing was measured".into()],
    };
    if wrong.is_empty() {
        let (name, check) = (name.to_owned(), check.benchmark.name.clone());
        Line { implementation: name, check, status: Status::Passed, reason: None, hint: None }
    } else {
        failed(name, &check.benchmark.name, wrong.join("; "))
    }
}

/// A balanced account may still be of the wrong number.
fn wrong_counts(check: &Check, done: &Done) -> Vec<String> {
    let counts = &done.measurement.counts;
    let expected = [
        ("attempted", counts.attempted, check.attempted),
        ("submitted", counts.submitted, check.submitted),
        ("received", counts.received, check.submitted),
        ("dropped", counts.dropped, check.attempted - check.submitted),
    ];
    expected
        .into_iter()
        .filter(|(_, found, wanted)| *found != Some(*wanted))
        .map(|(name, found, wanted)| {
            let found = found.map_or_else(|| "unknown".to_owned(), |found| found.to_string());
            format!("{name} is {found}, not {wanted}")
        })
        .collect()
}

fn failed(name: &str, check: &str, reason: String) -> Line {
    let (implementation, check) = (name.to_owned(), check.to_owned());
    Line { implementation, check, status: Status::Failed, reason: Some(reason), hint: None }
}

fn skipped(name: &str, kind: ProgramType, reason: String, hint: Option<String>) -> Line {
    let (implementation, check) = (name.to_owned(), kind.to_string());
    Line { implementation, check, status: Status::Skipped, reason: Some(reason), hint }
}

impl Report {
    /// Counts a line and shows it at once, unless the report will be JSON.
    fn add(&mut self, line: Line, quiet: bool) -> Result<(), Error> {
        let word = match line.status {
            Status::Passed => {
                self.passed += 1;
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
