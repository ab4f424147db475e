//! Builds implementations with the commands of their manifests, and proves that what was built runs.
//!
//! One implementation at a time, each by itself: a failure is that implementation's, the others go on. Started as root
//! through sudo, everything here happens as the user who called sudo: only measuring needs root.

use std::io::Write;
use std::path::Path;

use crate::config::{Argv, Implementation};

mod environment;
mod error;
mod install;
mod log;
mod log_path;
mod owner;
mod process;
mod receipt;
mod tools;

pub use error::Error;
pub use log::last_words;
pub use log_path::log_path;
pub use owner::Owner;
pub use process::{Workplace, capture};
pub use receipt::{BuiltProgram, Receipt, UsedTool, read_receipt, replaced_programs};
pub use tools::{Probed, probe_tool};

use log::Log;
use process::Limit;

/// Lines of a failed build that are shown.
const TAIL_LINES: usize = 20;

/// Builds one implementation; `on_line` sees every line that the build prints.
pub fn build(
    implementation: &Implementation,
    root: &Path,
    owner: Option<&Owner>,
    on_line: &mut dyn FnMut(&str),
) -> Result<Receipt, Error> {
    let manifest = &implementation.manifest;
    let place = Workplace { root, owner, variables: &manifest.build_environment, added: None };
    let mut log = Log::create(root, implementation.name(), owner)?;
    let mut used = Vec::new();
    for tool in &manifest.tools {
        let found = tools::require(implementation.name(), tool, place);
        let version = found.inspect_err(|error| log.line(&error.to_string()))?;
        used.push(UsedTool { name: tool.name.clone(), version });
    }
    for argv in &manifest.build {
        run_logged(argv, implementation.name(), place, &mut log, on_line)?;
    }
    let mut programs = Vec::new();
    for (name, program) in &manifest.programs {
        let changed = install::install(implementation, name, program, root, owner)?;
        programs.push(receipt::try_program(implementation, name, program, changed, place)?);
    }
    let receipt = Receipt {
        implementation: implementation.name().to_owned(),
        programs,
        tools: used,
        environment: Some(environment::record(&manifest.build_environment)),
    };
    receipt::write(&receipt, root, owner)?;
    Ok(receipt)
}

/// Removes what earlier builds made: what the manifest's own commands remove, and the folder with the programs.
pub fn clean(
    implementation: &Implementation,
    root: &Path,
    owner: Option<&Owner>,
    on_line: &mut dyn FnMut(&str),
) -> Result<(), Error> {
    let name = implementation.name();
    let variables = &implementation.manifest.build_environment;
    let place = Workplace { root, owner, variables, added: None };
    let mut log = Log::create(root, name, owner)?;
    for argv in &implementation.manifest.clean {
        run_logged(argv, name, place, &mut log, on_line)?;
    }
    install::remove(root, name)
}

fn run_logged(
    argv: &Argv,
    implementation: &str,
    place: Workplace<'_>,
    log: &mut Log,
    on_line: &mut dyn FnMut(&str),
) -> Result<(), Error> {
    log.line(&format!("$ {}", argv.join(" ")));
    let mut tail = Vec::new();
    let status = process::run(argv, place, Limit::None, &mut |line| {
        log.line(line);
        if tail.len() == TAIL_LINES {
            tail.remove(0);
        }
        tail.push(line.to_owned());
        on_line(line);
    });
    let failed = |reason: String, tail| Error::BuildFailed {
        implementation: implementation.to_owned(),
        command: argv.join(" "),
        reason,
        tail,
    };
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(status.to_string(), tail)),
        Err(error) => Err(failed(error.to_string(), Vec::new())),
    }
}

/// Brings the log of a build in another folder to where the hint of its failure says that it is.
pub fn keep_log(
    elsewhere: &Path,
    implementation: &str,
    root: &Path,
    owner: Option<&Owner>,
) -> Result<(), Error> {
    let text = std::fs::read(elsewhere.join(log_path(implementation))).unwrap_or_default();
    let mut log = Log::create(root, implementation, owner)?;
    let path = root.join(log_path(implementation));
    log.0.write_all(&text).map_err(|source| Error::Write { path, source })
}
