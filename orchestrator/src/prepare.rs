//! Builds implementations with the commands of their manifests, and proves that what was built runs.
//!
//! One implementation at a time, each by itself: a failure is that implementation's, the others go on. Started as root
//! through sudo, everything here happens as the user who called sudo: only measuring needs root.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::config::{Argv, Implementation};
use crate::visible::visible_line;

mod environment;
mod error;
mod install;
mod owner;
mod process;
mod receipt;
mod tools;

pub use error::Error;
pub use owner::Owner;
pub use process::{Workplace, capture};
pub use receipt::{BuiltProgram, Receipt, UsedTool, read_receipt, replaced_programs};
pub use tools::{Probed, probe_tool};

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

/// Where everything that the last build printed is, relative to the project folder.
#[must_use]
pub fn log_path(implementation: &str) -> PathBuf {
    PathBuf::from(format!("build/logs/{implementation}.log"))
}

/// The last line with something in it that the last build printed; none where there is no log. Long lines are cut.
#[must_use]
pub fn last_words(root: &Path, implementation: &str) -> Option<String> {
    const TAIL: i64 = 4096;
    const LONGEST: usize = 200;
    let mut file = File::open(root.join(log_path(implementation))).ok()?;
    // Fails for a shorter file, which is then read from its start.
    file.seek(SeekFrom::End(-TAIL)).or_else(|_| file.rewind().map(|()| 0)).ok()?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).ok()?;
    let tail = String::from_utf8_lossy(&tail);
    let last = tail.lines().map(str::trim).rfind(|line| !line.is_empty())?;
    let mut words: String = visible_line(last).chars().take(LONGEST).collect();
    if last.chars().count() > LONGEST {
        words.push('…');
    }
    Some(words)
}

struct Log(File);

impl Log {
    fn create(root: &Path, implementation: &str, owner: Option<&Owner>) -> Result<Self, Error> {
        install::create_file(&root.join(log_path(implementation)), owner).map(Self)
    }

    /// A log that cannot be written must not stop a build that can go on.
    fn line(&mut self, line: &str) {
        writeln!(self.0, "{line}").ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_a_build_are_one_harmless_line() {
        let root = tempfile::tempdir().expect("a folder");
        assert_eq!(last_words(root.path(), "x"), None);
        let log = root.path().join(log_path("x"));
        std::fs::create_dir_all(log.parent().expect("a folder")).expect("made");
        std::fs::write(&log, format!("{}\nerror: no \u{1b}[31mlinker\n\n  \n", "a".repeat(9_000)))
            .expect("written");
        assert_eq!(last_words(root.path(), "x").as_deref(), Some("error: no [U+001B][31mlinker"));
        std::fs::write(&log, "é".repeat(5_000)).expect("written");
        assert_eq!(last_words(root.path(), "x").map(|words| words.chars().count()), Some(201));
        std::fs::write(&log, "\n").expect("written");
        assert_eq!(last_words(root.path(), "x"), None);
    }
}
