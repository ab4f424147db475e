//! A project folder with one implementation of its own, for tests of whole runs.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use procfs::process::{Process, Stat};
use serde_json::Value;

use super::hostile_runner;

/// A project folder with one implementation, `sixth`: a script in a folder with a manifest, and nothing else.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    /// Processes of its runs, by number and start.
    seen: RefCell<BTreeSet<(i32, u64)>>,
}

impl Project {
    pub(crate) fn new(script: &str, output: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("impls/sixth");
        std::fs::create_dir_all(&home).unwrap();
        let manifest = format!(
            "name: sixth\ntitle: Sixth\nlanguage: Shell\nframework: none\nbaseline: true\ntools: []\nbuild: []\n\
             programs:\n  ringbuf_throughput:\n    from: impls/sixth/runner.sh\n    program_types: [tracepoint]\n    \
             mechanisms: [ring_buffer]\n    processes: many\n{output}"
        );
        std::fs::write(home.join("impl.yaml"), manifest).unwrap();
        let runner = home.join("runner.sh");
        // The build's proof: every runner answers `--version` at once.
        let version = "case $* in *--version*) echo sixth 1; exit ;; esac";
        std::fs::write(&runner, format!("#!/bin/sh\n{version}\n{script}\n")).unwrap();
        let mut mode = std::fs::metadata(&runner).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
        std::fs::set_permissions(&runner, mode).unwrap();
        Self { folder, seen: RefCell::default() }
    }

    /// `orchestrator` in this project, with a lock of its own: these runs may go side by side, since nobody compares their
    /// figures. The folder's path in the environment also marks everything that the run starts.
    pub(crate) fn orchestrator(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orchestrator"));
        command
            .args(["--root", &self.marker()])
            .args(arguments)
            .env("TMPDIR", self.folder.path())
            .env("ORCHESTRATOR_LOCK", self.marker());
        command
    }

    /// `orchestrator compare` in one block.
    pub(crate) fn compare_command(&self) -> Command {
        self.orchestrator(&["compare", "--blocks", "1"])
    }

    /// Runs one short block; answers the result.
    pub(crate) fn compare(&self, more: &[&str]) -> (Output, Value) {
        let output =
            self.compare_command().args(["--duration", "0.3", "--json"]).args(more).output().unwrap();
        let run = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        assert!(run.is_object(), "no result: {}", String::from_utf8_lossy(&output.stderr));
        (output, run)
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The path of the folder.
    pub(crate) fn marker(&self) -> String {
        self.folder.path().display().to_string()
    }

    /// The raw facts of the first run, once there is one.
    pub(crate) fn events_path(&self) -> Option<PathBuf> {
        let runs = std::fs::read_dir(self.folder.path().join("results")).ok()?;
        runs.flatten().next().map(|run| run.path().join("events.jsonl"))
    }

    /// How many lines they have: a header, then one a trial.
    pub(crate) fn events(&self) -> usize {
        let text = self.events_path().and_then(|path| std::fs::read_to_string(path).ok());
        text.unwrap_or_default().lines().count()
    }

    /// How many processes of this project's runs there are, the orchestrator itself included.
    pub(crate) fn processes(&self) -> usize {
        self.found().len()
    }

    /// The processes of this project's runs. Programs and load do not get the caller's environment: they are known as descendants,
    /// and from then on by their number and start.
    pub(crate) fn found(&self) -> Vec<Process> {
        let folder = std::ffi::OsString::from(self.marker());
        let all: Vec<(Process, Stat)> = procfs::process::all_processes()
            .unwrap()
            .flatten()
            .filter_map(|process| process.stat().ok().map(|stat| (process, stat)))
            .filter(|(_, stat)| stat.state != 'Z')
            .collect();
        let identity = |stat: &Stat| (stat.pid, stat.starttime);
        let marked = |process: &Process| {
            let environment = process.environ().unwrap_or_default();
            environment.get(std::ffi::OsStr::new("TMPDIR")) == Some(&folder)
        };
        let mut seen = self.seen.borrow_mut();
        let known = |(process, stat): &&(Process, Stat)| seen.contains(&identity(stat)) || marked(process);
        let mut ours: BTreeSet<(i32, u64)> =
            all.iter().filter(known).map(|(_, stat)| identity(stat)).collect();
        loop {
            let parents: BTreeSet<i32> = ours.iter().map(|(pid, _)| *pid).collect();
            let children = all.iter().filter(|(_, stat)| parents.contains(&stat.ppid));
            let before = ours.len();
            ours.extend(children.map(|(_, stat)| identity(stat)));
            if ours.len() == before {
                break;
            }
        }
        seen.extend(&ours);
        all.into_iter()
            .filter(|(_, stat)| ours.contains(&identity(stat)))
            .map(|(process, _)| process)
            .collect()
    }
}

/// The built runner of the baseline.
pub(crate) fn real_runner() -> PathBuf {
    let runner = Path::new(env!("CARGO_MANIFEST_DIR")).join("../build/c/ringbuf_throughput");
    assert!(runner.is_file(), "{} is missing: run `make build`", runner.display());
    runner
}

/// A script that runs the real runner through `hostile-runner RULE`.
pub(crate) fn tampering(rule: &str) -> String {
    format!("exec {} {rule} {} \"$@\"", hostile_runner().display(), real_runner().display())
}
