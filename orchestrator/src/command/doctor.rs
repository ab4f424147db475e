//! `orchestrator doctor`: what this machine can do, found out by trying, and the fix for what it cannot.

use serde::Serialize;

use super::output::{print, print_json};
use crate::cli::DoctorArgs;
use crate::config::Catalogue;
use crate::doctor::{Finding, State, look};
use crate::error::Error;
use crate::exit_code;
use crate::render::findings_report;

#[derive(Debug, Serialize)]
struct Report {
    missing: usize,
    findings: Vec<Finding>,
}

/// Looks at everything and prints what it found.
pub fn run(args: &DoctorArgs, catalogue: &Catalogue) -> Result<u8, Error> {
    let findings = look(catalogue);
    let missing = findings.iter().filter(|finding| finding.state == State::Missing).count();
    let report = Report { missing, findings };
    if args.json {
        print_json(&report)?;
    } else {
        print(&findings_report(&report.findings))?;
    }
    Ok(if missing == 0 { exit_code::SUCCESS } else { exit_code::REQUIREMENT })
}
