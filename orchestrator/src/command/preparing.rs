//! What is there to be measured: built now, built before, or not at all. None of it in silence.

use std::path::Path;

use serde_json::{Value, json};

use super::build::build_each;
use crate::config::{Catalogue, Implementation};
use crate::error::{Error, warn};
use crate::prepare::{self, Receipt, log_path, read_receipt, replaced_programs};

/// What is there to be measured.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// Of everything that has a program, with which it was built.
    pub(super) receipts: Vec<Receipt>,
    /// How many builds failed.
    pub(super) failures: usize,
    /// What a reader of the figures must know: programs that are not those which a build has just made.
    pub(super) warnings: Vec<Warning>,
}

/// Something that stands below the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Warning {
    what: String,
    remedy: String,
}

/// Builds what is to be measured, unless `no_build`. An implementation whose build fails takes part with the program of an earlier
/// build, if there is one; an error when nothing can take part.
pub(super) fn prepare(
    selected: &[&Implementation],
    no_build: bool,
    catalogue: &Catalogue,
) -> Result<Prepared, Error> {
    let root = &catalogue.root;
    let mut prepared = Prepared::default();
    if no_build {
        for implementation in selected {
            prepared.take_as_found(implementation, root);
        }
        return Ok(prepared);
    }
    for (implementation, result) in build_each(selected, root) {
        if let Ok(receipt) = result {
            prepared.receipts.push(receipt);
        } else {
            prepared.failures += 1;
            prepared.take_earlier(implementation, root);
        }
    }
    if prepared.receipts.is_empty() {
        return Err(prepare::Error::NothingBuilt.into());
    }
    Ok(prepared)
}

impl Prepared {
    fn take_earlier(&mut self, implementation: &Implementation, root: &Path) {
        let name = implementation.name();
        let remedy = format!("the output of its build is in `{}`", log_path(name).display());
        let Ok(receipt) = read_receipt(implementation, root) else {
            self.warn(format!("the build of `{name}` failed: it is not measured"), remedy);
            return;
        };
        let of = versions(&receipt);
        self.warn(
            format!("the build of `{name}` failed: measured is the program of an earlier build{of}"),
            remedy,
        );
        self.add(receipt, root);
    }

    fn take_as_found(&mut self, implementation: &Implementation, root: &Path) {
        if let Ok(receipt) = read_receipt(implementation, root) {
            self.add(receipt, root);
        }
    }

    fn add(&mut self, receipt: Receipt, root: &Path) {
        for path in replaced_programs(&receipt, root) {
            let (path, name) = (path.display(), &receipt.implementation);
            self.warn(
                format!("`{path}` is not what the last build of `{name}` made"),
                format!("run `orchestrator build {name}`, unless that is what you want to measure"),
            );
        }
        self.receipts.push(receipt);
    }

    /// At once, and again below the table.
    fn warn(&mut self, what: String, remedy: String) {
        warn(&format!("{what}; {remedy}"));
        self.warnings.push(Warning { what, remedy });
    }
}

/// `, VERSION; VERSION` of the programs, as far as they tell.
fn versions(receipt: &Receipt) -> String {
    let versions: Vec<_> = receipt.programs.iter().filter_map(|program| program.version.as_deref()).collect();
    if versions.is_empty() { String::new() } else { format!(", {}", versions.join("; ")) }
}

/// Puts warnings before those of the machine.
pub(super) fn note_first(machine: &mut Value, warnings: &[Warning]) {
    let mut all: Vec<Value> =
        warnings.iter().map(|Warning { what, remedy }| json!({"what": what, "remedy": remedy})).collect();
    if let Some(others) = machine["warnings"].as_array_mut() {
        all.append(others);
    }
    machine["warnings"] = all.into();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_doubtful_about_the_programs_comes_before_the_machine() {
        let mut machine = json!({"warnings": [{"what": "hot", "remedy": "cool it"}]});
        note_first(&mut machine, &[Warning { what: "old".into(), remedy: "build it".into() }]);
        let expected = json!([{"what": "old", "remedy": "build it"}, {"what": "hot", "remedy": "cool it"}]);
        assert_eq!(machine["warnings"], expected);
    }
}
