//! The proof of a build: what each program says of itself.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Error, Owner, Workplace, capture, install};
use crate::config::{Implementation, Program};
use crate::files::file_hash;

/// Starting an interpreter on a busy machine takes a while; more than this is a program that hangs.
const VERSION_LIMIT: Duration = Duration::from_secs(30);

/// What a build made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// The implementation.
    pub implementation: String,
    /// Its programs.
    pub programs: Vec<BuiltProgram>,
    /// What it was built with.
    #[serde(default)]
    pub tools: Vec<UsedTool>,
    /// What of the caller's environment its build saw because the manifest names it, besides what every build sees; a null value
    /// is not recorded, since it may be a secret. Null: an older receipt, which does not say.
    #[serde(default)]
    pub environment: Option<BTreeMap<String, Option<String>>>,
}

/// A tool that a build used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UsedTool {
    /// What the manifest calls it.
    pub name: String,
    /// Its version, as the manifest finds it.
    pub version: Option<String>,
}

/// One program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BuiltProgram {
    /// Its name.
    pub name: String,
    /// Where it is, relative to the project folder.
    pub path: PathBuf,
    /// First line of its `--version`; null when it does not speak the protocol and has none.
    pub version: Option<String>,
    /// Whether the last build changed it.
    pub changed: bool,
    /// SHA-256 of the file that the build made, in hexadecimal; null in older receipts.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// Asks a program for its version, with the variables that its manifest gives it. A program that speaks the protocol must answer.
pub(super) fn try_program(
    implementation: &Implementation,
    name: &str,
    program: &Program,
    changed: bool,
    place: Workplace<'_>,
) -> Result<BuiltProgram, Error> {
    let path = implementation.executable(Path::new(""), name);
    let argv = vec![place.root.join(&path).display().to_string(), "--version".to_owned()];
    let place = Workplace { added: Some(&implementation.manifest.environment), ..place };
    let first_line = |output: &str| output.lines().next().unwrap_or_default().trim().to_owned();
    let answer = match capture(&argv, place, VERSION_LIMIT) {
        Ok((status, output)) if status.success() => Ok(first_line(&output)),
        Ok((status, output)) => Err(format!("{status}: {}", first_line(&output))),
        Err(error) => Err(error.to_string()),
    };
    let version = match answer {
        Ok(line) => Some(line),
        Err(reason) if program.speaks_protocol() => return Err(Error::DoesNotRun { path, reason }),
        Err(_) => None,
    };
    let sha256 = file_hash(&place.root.join(&path)).ok();
    Ok(BuiltProgram { name: name.to_owned(), path, version, changed, sha256 })
}

fn file(root: &Path, implementation: &str) -> PathBuf {
    root.join("build").join(implementation).join("receipt.json")
}

pub(super) fn write(receipt: &Receipt, root: &Path, owner: Option<&Owner>) -> Result<(), Error> {
    let path = file(root, &receipt.implementation);
    let mut text = serde_json::to_string_pretty(receipt)
        .map_err(|error| Error::Write { path: path.clone(), source: error.into() })?;
    text.push('\n');
    install::create_file(&path, owner)?
        .write_all(text.as_bytes())
        .map_err(|source| Error::Write { path, source })
}

/// The receipt of the last build; an error when the implementation was not built or its programs are gone.
pub fn read_receipt(implementation: &Implementation, root: &Path) -> Result<Receipt, Error> {
    let not_built =
        |path: PathBuf| Error::NotBuilt { implementation: implementation.name().to_owned(), path };
    let path = file(root, implementation.name());
    let receipt = fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str::<Receipt>(&text).ok());
    let first = implementation.manifest.programs.keys().next().map_or("", String::as_str);
    let receipt = receipt.ok_or_else(|| not_built(implementation.executable(Path::new(""), first)))?;
    match implementation
        .manifest
        .programs
        .keys()
        .find(|name| !implementation.executable(root, name).is_file())
    {
        Some(name) => Err(not_built(implementation.executable(Path::new(""), name))),
        None => Ok(receipt),
    }
}

/// The programs in place that are not those which the last build made, by their paths. One of an older receipt, which has no hash,
/// cannot be told.
#[must_use]
pub fn replaced_programs(receipt: &Receipt, root: &Path) -> Vec<PathBuf> {
    let replaced = receipt.programs.iter().filter(|program| {
        program.sha256.is_some() && program.sha256 != file_hash(&root.join(&program.path)).ok()
    });
    replaced.map(|program| program.path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_replaced_after_its_build_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = PathBuf::from("program");
        fs::write(folder.path().join(&path), "built").expect("written");
        let program = BuiltProgram {
            name: "program".into(),
            sha256: file_hash(&folder.path().join(&path)).ok(),
            path: path.clone(),
            version: None,
            changed: true,
        };
        let receipt = Receipt {
            implementation: "some".into(),
            programs: vec![program],
            tools: Vec::new(),
            environment: None,
        };
        assert!(replaced_programs(&receipt, folder.path()).is_empty());
        fs::write(folder.path().join(&path), "another").expect("written");
        assert_eq!(replaced_programs(&receipt, folder.path()), [path]);
    }
}
