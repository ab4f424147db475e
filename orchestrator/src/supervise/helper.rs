//! The privileged side: reads requests, runs trials one at a time, reports.

use std::path::PathBuf;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;

use super::error::Error;
use super::facts::{loaded_objects, loaded_programs};
use super::launch::Owner;
use super::message::{Report, Request};
use super::trial::{self, Command, Surroundings};

/// Serves one orchestrator until its end of the pipe closes. `load_argv` starts the load generator.
pub async fn serve(load_argv: Vec<String>) -> Result<(), Error> {
    // Ctrl-C goes to the whole foreground group; the orchestrator decides what it means and tells us.
    for ignored in [Signal::SIGINT, Signal::SIGHUP, Signal::SIGPIPE] {
        // SAFETY: no handler is installed, only SIG_IGN.
        unsafe { signal(ignored, SigHandler::SigIgn) }.map_err(|errno| Error::Talk(errno.into()))?;
    }
    keep_from_children();
    nix::sys::prctl::set_child_subreaper(true).map_err(|errno| Error::Talk(errno.into()))?;
    let mut surroundings = Surroundings {
        load_argv,
        load_owner: unprivileged_owner(),
        affinity: sched_getaffinity(Pid::from_raw(0)).ok(),
        bpf_base: loaded_objects(),
        walks: Vec::new(),
    };
    if !nix::unistd::geteuid().is_root() {
        surroundings.load_owner = None;
    }

    let (commands, mut command_receiver) = mpsc::unbounded_channel();
    let (trials, mut trial_receiver) = mpsc::unbounded_channel();
    let (reports, report_receiver) = mpsc::unbounded_channel();
    let writer = tokio::spawn(write_reports(report_receiver));
    let reader = tokio::spawn(read_requests(commands, trials, reports.clone()));
    // A report that cannot be sent means that the writer has seen a broken pipe; the reader will see the end as well.
    let _sent = reports
        .send(Report::Hello { root: nix::unistd::geteuid().is_root(), other_programs: loaded_programs() });

    while let Some(spec) = trial_receiver.recv().await {
        pin_self(&spec.placement.supervisor);
        let phases = reports.clone();
        let mut announce = move |phase| {
            let _sent = phases.send(Report::Phase { phase });
        };
        let record = trial::run(&spec, &mut surroundings, &mut command_receiver, &mut announce).await;
        while command_receiver.try_recv().is_ok() {}
        let _sent = reports.send(Report::Record { record: Box::new(record) });
    }
    drop(reports);
    let _done = reader.await;
    let _done = writer.await;
    Ok(())
}

/// Reads requests until the end of input, which stands for: kill everything and go.
async fn read_requests(
    commands: mpsc::UnboundedSender<Command>,
    trials: mpsc::UnboundedSender<super::record::TrialSpec>,
    reports: mpsc::UnboundedSender<Report>,
) {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut allowed: Option<Vec<PathBuf>> = None;
    let refuse = |message: String| {
        let _sent = reports.send(Report::Refused { message });
    };
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(Request::Allow { programs }) if allowed.is_none() => {
                allowed = Some(programs.into_iter().map(PathBuf::from).collect());
            }
            Ok(Request::Allow { .. }) => refuse("the programs are allowed once and for all".into()),
            Ok(Request::Trial { spec }) => {
                let program = spec.argv.first().map(PathBuf::from).unwrap_or_default();
                let known = |list: &Vec<PathBuf>| program.is_absolute() && list.contains(&program);
                // Without a program only the load runs.
                if spec.argv.is_empty() || allowed.as_ref().is_some_and(known) {
                    let _sent = trials.send(*spec);
                } else {
                    refuse(format!("`{}` is not a program of this run", program.display()));
                }
            }
            Ok(Request::Stop) => {
                let _sent = commands.send(Command::Stop);
            }
            Ok(Request::Kill) => {
                let _sent = commands.send(Command::Kill);
            }
            Err(error) => refuse(format!("not a request: {error}")),
        }
    }
    // Twice: the first ends the phase, the second the polite waiting for the exit.
    let _sent = commands.send(Command::Kill);
    let _sent = commands.send(Command::Kill);
}

/// What the caller had open must not reach the programs.
fn keep_from_children() {
    let open = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let numbers = open.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    for number in numbers.filter(|number| *number > 2).collect::<Vec<_>>() {
        // SAFETY: it sets a flag of a descriptor; one that is gone by now is refused.
        unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}

async fn write_reports(mut reports: mpsc::UnboundedReceiver<Report>) {
    let mut stdout = tokio::io::stdout();
    while let Some(report) = reports.recv().await {
        let Ok(mut line) = serde_json::to_vec(&report) else { continue };
        line.push(b'\n');
        if stdout.write_all(&line).await.is_err() || stdout.flush().await.is_err() {
            return;
        }
    }
}

/// The user behind sudo, else `nobody`: the load generator needs no privileges.
fn unprivileged_owner() -> Option<Owner> {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u32>().ok());
    match (number("SUDO_UID"), number("SUDO_GID")) {
        (Some(uid), Some(gid)) if uid != 0 => Some(Owner { uid, gid }),
        _ => nix::unistd::User::from_name("nobody")
            .ok()
            .flatten()
            .map(|user| Owner { uid: user.uid.as_raw(), gid: user.gid.as_raw() }),
    }
}

fn pin_self(cpus: &[u32]) {
    let mut set = CpuSet::new();
    let wanted = cpus.iter().filter_map(|cpu| usize::try_from(*cpu).ok());
    if wanted.flat_map(|cpu| set.set(cpu)).count() > 0 {
        // A CPU that went away leaves the helper where it is; the placement in the result says what was asked.
        let _pinned = sched_setaffinity(Pid::from_raw(0), &set);
    }
}
