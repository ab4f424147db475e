//! The proof of a build: what each program says of itself.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Error, Owner, capture, install};
use crate::config::{Implementation, Program};

/// Starting an interpreter on a busy machine takes a while; more than this is a program that hangs.
const VERSION_LIMIT: Duration = Duration::from_secs(30);

/// What a build made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// The implementation.
    pub implementation: String,
    /// Its programs.
    pub programs: Vec<BuiltProgram>,
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
}

/// Asks a program for its version. A program that speaks the protocol must answer.
pub(super) fn try_program(
    implementation: &Implementation,
    name: &str,
    program: &Program,
    changed: bool,
    root: &Path,
    owner: Option<&Owner>,
) -> Result<BuiltProgram, Error> {
    let path = implementation.executable(Path::new(""), name);
    let argv = vec![root.join(&path).display().to_string(), "--version".to_owned()];
    let first_line = |output: &str| output.lines().next().unwrap_or_default().trim().to_owned();
    let answer = match capture(&argv, root, owner, VERSION_LIMIT) {
        Ok((status, output)) if status.success() => Ok(first_line(&output)),
        Ok((status, output)) => Err(format!("{status}: {}", first_line(&output))),
        Err(error) => Err(error.to_string()),
    };
    let version = match answer {
        Ok(line) => Some(line),
        Err(reason) if program.speaks_protocol() => return Err(Error::DoesNotRun { path, reason }),
        Err(_) => None,
    };
    Ok(BuiltProgram { name: name.to_owned(), path, version, changed })
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
