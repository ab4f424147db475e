//! `orchestrator doctor`: what this machine can do, found out by trying, and the fix for what it cannot.

mod finding;
mod kernel;
mod namespaces;
mod privileges;
mod processors;
mod programs;
mod tools;

use std::path::Path;

use finding::{Finding, State};
use serde::Serialize;

use super::output::{print, print_json};
use crate::cli::DoctorArgs;
use crate::config::Catalogue;
use crate::error::Error;
use crate::exit_code;

#[derive(Debug, Serialize)]
struct Report {
    missing: usize,
    findings: Vec<Finding>,
}

/// Looks at everything and prints what it found.
pub fn run(args: &DoctorArgs, catalogue: &Catalogue) -> Result<u8, Error> {
    let system = Path::new("/");
    let findings = [
        kernel::look(system),
        privileges::look(system),
        namespaces::look(system),
        programs::look(catalogue),
        processors::look(system),
        tools::look(catalogue),
    ]
    .concat();
    let missing = findings.iter().filter(|finding| finding.state == State::Missing).count();
    let report = Report { missing, findings };
    if args.json {
        print_json(&report)?;
    } else {
        print(&finding::render(&report.findings))?;
    }
    Ok(if missing == 0 { exit_code::SUCCESS } else { exit_code::REQUIREMENT })
}
