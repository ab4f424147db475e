//! A program that is asked something on its command line, and ends by itself.

use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use crate::prepare::{Workplace, capture};

/// An interpreter on a busy machine takes a while to answer.
const LIMIT: Duration = Duration::from_secs(30);

/// Whom to ask.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Name of the implementation; of a variant, the implementation's own.
    pub implementation: &'a str,
    /// Its program.
    pub executable: &'a str,
    /// The project folder.
    pub root: &'a Path,
}

impl Asked<'_> {
    /// How it ended and what it said, on both outputs.
    ///
    /// # Errors
    ///
    /// When it cannot be started or takes too long.
    pub(super) fn answer(&self, line: &[&str]) -> io::Result<(ExitStatus, String)> {
        self.run(&[self.executable], line)
    }

    /// The same from a shell, for which the program is `"$0"` and its arguments are `"$@"`.
    ///
    /// # Errors
    ///
    /// The same.
    pub(super) fn answer_in_shell(&self, command: &str, line: &[&str]) -> io::Result<(ExitStatus, String)> {
        self.run(&["sh", "-c", command, self.executable], line)
    }

    fn run(&self, program: &[&str], line: &[&str]) -> io::Result<(ExitStatus, String)> {
        let argv = program.iter().chain(line).map(|word| (*word).to_owned()).collect();
        capture(&argv, Workplace::plain(self.root), LIMIT)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::PathBuf;
    use std::process::Command;

    use super::Asked;

    /// A program that answers everything as docs/PROTOCOL.md says, and measures nothing.
    pub(crate) const GOOD: &str = r#"#!/bin/sh
trap '' PIPE
say() { echo "$*" 2> /dev/null || exit 70; }
case "$*" in
--help)
    say '-d, --duration S, -v, --verbose, --output F, --program-type T, --attach-target T, --target-pid P, --ring-size B,'
    say '--record-size B, --batch N, --wakeup P, --work N, --latency, --cpu N, -V, --version';;
--version)
    say 'fake 1 (fake, none 1, protocol 2)';;
"--duration 0.5")
    say 'events 5 in half a second, at 10 a second'
    say 'that is 10 events/s, 0 dropped, P50 5 ns'
    say 'P99 9 ns';;
"--output jsonl -d 0.1")
    say '{"type":"hello"}';;
*)
    say '{"type":"hello"}'
    shift 2
    message='{"type":"error","kind":"usage","message":"bad","hint":null}'
    say "$message"
    echo usage: "$*" >&2
    exit 64;;
esac
"#;

    /// A program in a folder of its own.
    pub(crate) struct Fake {
        _folder: tempfile::TempDir,
        executable: PathBuf,
    }

    impl Fake {
        pub(crate) fn new(script: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let (written, executable) = (folder.path().join("written"), folder.path().join("fake"));
            fs::write(&written, script).unwrap();
            fs::set_permissions(&written, fs::Permissions::from_mode(0o755)).unwrap();
            // By a process of its own: a file that a test beside this one has inherited for writing cannot be started.
            assert!(Command::new("cp").args([&written, &executable]).status().unwrap().success());
            Self { _folder: folder, executable }
        }

        /// The good program with one thing changed.
        pub(crate) fn with(good: &str, bad: &str) -> Self {
            assert!(GOOD.contains(good), "{good}");
            Self::new(&GOOD.replace(good, bad))
        }

        pub(crate) fn asked(&self) -> Asked<'_> {
            Asked {
                implementation: "fake",
                executable: self.executable.to_str().unwrap(),
                root: self.executable.parent().unwrap(),
            }
        }
    }
}
