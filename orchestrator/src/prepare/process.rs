//! Runs the commands of a manifest: in the project folder, without a shell, their two outputs as one stream of lines.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, PipeReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::{Owner, environment};
use crate::config::Argv;

/// Where a command runs, as whom, and what of the caller's environment it sees.
#[derive(Debug, Clone, Copy)]
pub struct Workplace<'a> {
    /// The project folder.
    pub root: &'a Path,
    /// As whom, if not as the user of this process.
    pub owner: Option<&'a Owner>,
    /// Variables of the caller that it sees besides those that every command does; one that ends with a star stands for all that
    /// begin so.
    pub variables: &'a [String],
    /// Variables that it sees besides, by name: a program is tried with those that its manifest gives it.
    pub added: Option<&'a BTreeMap<String, String>>,
}

impl<'a> Workplace<'a> {
    /// A place where nothing of the caller's own is needed.
    #[must_use]
    pub fn plain(root: &'a Path) -> Self {
        Self { root, owner: None, variables: &[], added: None }
    }
}

/// How long a command may take.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    /// As long as it likes.
    None,
    /// This long; then it is killed.
    Within(Duration),
}

/// How often a silent command is looked at.
const TICK: Duration = Duration::from_millis(20);
/// How long output is still read after the end: something left in the background may hold the pipe for ever.
const LINGER: Duration = Duration::from_millis(300);
/// Output of [`capture`] beyond this is dropped.
const CAPTURE_BYTES: usize = 1 << 20;

/// Runs a command and returns how it ended and what it printed; an error when it cannot be started or takes too long.
pub fn capture(argv: &Argv, place: Workplace<'_>, limit: Duration) -> io::Result<(ExitStatus, String)> {
    let mut output = String::new();
    let status = run(argv, place, Limit::Within(limit), &mut |line| {
        if output.len() + line.len() < CAPTURE_BYTES {
            output.push_str(line);
            output.push('\n');
        }
    })?;
    Ok((status, output))
}

/// Runs a command and hands over every line that it prints.
pub(super) fn run(
    argv: &Argv,
    place: Workplace<'_>,
    limit: Limit,
    on_line: &mut dyn FnMut(&str),
) -> io::Result<ExitStatus> {
    let started = Instant::now();
    // A group of its own, so that a limit ends its children too; without a limit it stays in ours, where Ctrl-C reaches it.
    let own_group = matches!(limit, Limit::Within(_));
    let (mut child, output) = spawn(argv, place, own_group)?;
    let lines = read_lines(output);
    let status = loop {
        match lines.recv_timeout(TICK) {
            Ok(line) => on_line(&line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => thread::sleep(TICK),
        }
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if matches!(limit, Limit::Within(limit) if started.elapsed() > limit) {
            kill_group(&child);
            child.wait()?;
            return Err(io::Error::new(io::ErrorKind::TimedOut, "took too long"));
        }
    };
    let ended = Instant::now();
    while let Ok(line) = lines.recv_timeout(LINGER.saturating_sub(ended.elapsed())) {
        on_line(&line);
    }
    Ok(status)
}

fn spawn(argv: &Argv, place: Workplace<'_>, own_group: bool) -> io::Result<(Child, PipeReader)> {
    let Workplace { root, owner, variables, added } = place;
    let (program, arguments) = argv.split_first().ok_or_else(|| io::Error::other("the command is empty"))?;
    // A path is relative to the project folder; a bare name is searched in PATH.
    let program = if program.contains('/') { root.join(program) } else { program.into() };
    let (reader, writer) = io::pipe()?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root).stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    command.env_clear().envs(environment::of_command(variables)).envs(added.into_iter().flatten());
    if let Some(owner) = owner {
        owner.apply(&mut command);
    }
    if own_group {
        command.process_group(0);
    }
    Ok((command.spawn()?, reader))
}

/// Kills the process group that `child` leads.
fn kill_group(child: &Child) {
    if let Ok(leader) = i32::try_from(child.id()) {
        // Fails only when everything in it has ended already.
        killpg(Pid::from_raw(leader), Signal::SIGKILL).ok();
    }
}

fn read_lines(output: PipeReader) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while matches!(output.read_until(b'\n', &mut line), Ok(read) if read > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if sender.send(text).is_err() {
                return;
            }
            line.clear();
        }
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(words: &[&str]) -> Argv {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn both_outputs_are_one_stream() {
        let command = argv(&["sh", "-c", "echo out; echo err >&2; exit 3"]);
        let (status, output) =
            capture(&command, Workplace::plain(Path::new("/")), Duration::from_secs(10)).expect("started");
        assert_eq!((status.code(), output.as_str()), (Some(3), "out\nerr\n"));
    }

    #[test]
    fn children_of_a_command_that_takes_too_long_are_killed() {
        let marker = format!("300.{}", std::process::id());
        let command = argv(&["sh", "-c", &format!("sleep {marker} & wait")]);
        capture(&command, Workplace::plain(Path::new("/")), Duration::from_millis(100)).expect_err("killed");
        let deadline = Instant::now() + Duration::from_secs(5);
        let alive = || {
            let processes = procfs::process::all_processes().expect("procfs").flatten();
            processes.filter_map(|process| process.cmdline().ok()).any(|words| words.contains(&marker))
        };
        while alive() {
            assert!(Instant::now() < deadline, "`sleep {marker}` is left behind");
            thread::sleep(TICK);
        }
    }

    #[test]
    fn a_command_that_takes_too_long_is_killed() {
        let command = argv(&["sleep", "60"]);
        let error = capture(&command, Workplace::plain(Path::new("/")), Duration::from_millis(50))
            .expect_err("killed");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn something_left_in_the_background_does_not_hold_the_build() {
        let command = argv(&["sh", "-c", "sleep 5 & echo done"]);
        let started = Instant::now();
        let (status, output) =
            capture(&command, Workplace::plain(Path::new("/")), Duration::from_secs(10)).expect("started");
        assert!(status.success() && output == "done\n");
        assert!(started.elapsed() < Duration::from_secs(4));
    }

    #[test]
    fn a_command_that_is_not_there_is_an_error() {
        assert!(
            capture(
                &argv(&["no-such-command-here"]),
                Workplace::plain(Path::new("/")),
                Duration::from_secs(1)
            )
            .is_err()
        );
        assert!(capture(&Argv::new(), Workplace::plain(Path::new("/")), Duration::from_secs(1)).is_err());
    }
}
