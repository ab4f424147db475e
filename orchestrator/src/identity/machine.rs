//! The machine, the checkout and the programs as a result keeps them.

use std::path::Path;

use serde_json::{Value, json};

use super::environment::Environment;
use super::git::git_answer;
use super::programs::with_hashes;
use crate::config::Implementation;
use crate::prepare::Receipt;
use crate::supervise::ProgramSurroundings;

/// Short facts first, which the report prints in one line; the whole below them.
#[must_use]
pub fn machine(receipts: &[Receipt], selected: &[&Implementation], root: &Path) -> Value {
    let added = selected.iter().map(|found| (found.name().to_owned(), found.manifest.environment.clone()));
    let environment = Environment::read(Path::new("/"));
    json!({
        "kernel": environment.kernel_release,
        "cpu": environment.cpu_model,
        "cpus": environment.cpus,
        "virtual_machine": environment.hypervisor.is_some(),
        "distribution": environment.distribution,
        "warnings": environment.warnings(),
        "environment": environment,
        "program_surroundings": ProgramSurroundings::of(added.collect()),
        "source": {
            "orchestrator": env!("CARGO_PKG_VERSION"),
            "revision": git_answer(root, &["rev-parse", "HEAD"]),
            "changed": git_answer(root, &["status", "--porcelain"]).map(|status| !status.is_empty()),
        },
        "receipts": with_hashes(receipts, root),
    })
}
