//! The unprivileged side: starts the helper and asks it for trials.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::error::Error;
use super::limits;
use super::message::{Phase, Report, Request};
use super::privileges::check_namespaces;
use super::record::{OtherProgram, TrialRecord, TrialSpec};
use crate::sample::Namespaces;

/// What a user's Ctrl-C is to the running trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialEnd {
    /// Stop politely.
    Stop,
    /// Kill now.
    Kill,
}

/// Called when a trial comes to its next phase.
pub type Progress<'a> = &'a mut dyn FnMut(Phase);

/// A running helper. Dropping it ends the helper and everything it started.
#[derive(Debug)]
pub struct Client {
    process: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    root: bool,
    other_programs: Option<Vec<OtherProgram>>,
}

impl Client {
    /// Starts the helper, as root if that is possible without or with `sudo` (which may ask for a password), and allows it
    /// to run `programs` (absolute paths) and nothing else.
    ///
    /// `executable` is the orchestrator itself. With `unprivileged` no attempt is made to become root: for programs that
    /// need none, as in tests.
    pub async fn start(executable: &Path, programs: &[String], unprivileged: bool) -> Result<Self, Error> {
        check_namespaces(&Namespaces::read(Path::new("/")), unprivileged)?;
        limits::check()?;
        let helper = [executable.as_os_str().to_owned(), OsString::from("helper")];
        let argv: Vec<OsString> = if unprivileged || nix::unistd::geteuid().is_root() {
            helper.into()
        } else if on_path("sudo") {
            ["sudo", "--"].into_iter().map(OsString::from).chain(helper).collect()
        } else {
            return Err(Error::NoPrivileges);
        };
        let command = argv.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(" ");
        let start_failed = |source| Error::Start { command: command.clone(), source };
        let mut process = Command::new(&argv[0])
            .args(&argv[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(start_failed)?;
        let missing = || start_failed(std::io::Error::other("no pipe"));
        let stdin = process.stdin.take().ok_or_else(missing)?;
        let lines = BufReader::new(process.stdout.take().ok_or_else(missing)?).lines();
        let mut client = Self { process, stdin, lines, root: false, other_programs: None };
        match client.receive().await {
            Ok(Report::Hello { lacking, .. }) if !unprivileged && !lacking.is_empty() => {
                return Err(Error::Capabilities { names: lacking });
            }
            Ok(Report::Hello { root, other_programs, .. }) => {
                (client.root, client.other_programs) = (root, other_programs);
            }
            Ok(_) | Err(Error::Nonsense { .. }) => return Err(Error::Nonsense { line: "no hello".into() }),
            Err(_) => return Err(Error::NoHello { status: client.exit_status().await }),
        }
        client.send(&Request::Allow { programs: programs.to_vec() }).await?;
        Ok(client)
    }

    /// Whether the helper may load BPF programs.
    #[must_use]
    pub fn root(&self) -> bool {
        self.root
    }

    /// BPF programs that were loaded when the helper started; none without privileges to ask.
    #[must_use]
    pub fn other_programs(&self) -> Option<&[OtherProgram]> {
        self.other_programs.as_deref()
    }

    /// Runs one trial to its end. `interrupts` yields what the user asks for meanwhile.
    pub async fn trial(
        &mut self,
        spec: &TrialSpec,
        progress: Progress<'_>,
        interrupts: &mut tokio::sync::mpsc::UnboundedReceiver<TrialEnd>,
    ) -> Result<TrialRecord, Error> {
        self.send(&Request::Trial { spec: Box::new(spec.clone()) }).await?;
        loop {
            let report = tokio::select! {
                report = self.lines.next_line() => self.understand(report).await?,
                Some(end) = interrupts.recv() => {
                    let request = match end {
                        TrialEnd::Stop => Request::Stop,
                        TrialEnd::Kill => Request::Kill,
                    };
                    self.send(&request).await?;
                    continue;
                }
            };
            match report {
                Report::Phase { phase } => progress(phase),
                Report::Record { record } => return Ok(*record),
                Report::Refused { message } => return Err(Error::Refused { message }),
                Report::Hello { .. } => {}
            }
        }
    }

    /// Ends the helper and waits for it.
    pub async fn finish(mut self) -> Result<(), Error> {
        drop(self.stdin);
        self.process.wait().await.map(|_| ()).map_err(Error::Talk)
    }

    async fn send(&mut self, request: &Request) -> Result<(), Error> {
        let mut line = serde_json::to_vec(request).map_err(|error| Error::Talk(error.into()))?;
        line.push(b'\n');
        self.stdin.write_all(&line).await.map_err(Error::Talk)?;
        self.stdin.flush().await.map_err(Error::Talk)
    }

    async fn receive(&mut self) -> Result<Report, Error> {
        let line = self.lines.next_line().await;
        self.understand(line).await
    }

    async fn understand(&mut self, line: std::io::Result<Option<String>>) -> Result<Report, Error> {
        match line.map_err(Error::Talk)? {
            Some(line) => serde_json::from_str(&line)
                .map_err(|_| Error::Nonsense { line: line.chars().take(120).collect() }),
            None => Err(Error::Ended { status: self.exit_status().await }),
        }
    }

    async fn exit_status(&mut self) -> String {
        self.process.wait().await.map_or_else(|error| error.to_string(), |status| status.to_string())
    }
}

fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}
