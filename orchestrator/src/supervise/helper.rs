//! The privileged side: reads requests, runs trials one at a time, reports.

use std::path::Path;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;

use super::error::Error;
use super::facts::{loaded_objects, loaded_programs};
use super::group::Groups;
use super::launch::Owner;
use super::message::{Report, Request};
use super::permitted::Permitted;
use super::privileges::lacking;
use super::trial::{self, Command, Surroundings};
use crate::sample::Mappings;

/// Serves one orchestrator until its end of the pipe closes. `load_argv` starts the load generator.
pub async fn serve(load_argv: Vec<String>) -> Result<(), Error> {
    // These go to the whole group, from a terminal or by `kill -- -GROUP`; the orchestrator decides what they mean and tells us.
    let of_group = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGTSTP];
    for ignored in of_group.into_iter().chain([Signal::SIGPIPE]) {
        // SAFETY: no handler is installed, only SIG_IGN.
        unsafe { signal(ignored, SigHandler::SigIgn) }.map_err(|errno| Error::Talk(errno.into()))?;
    }
    keep_from_children();
    nix::sys::prctl::set_child_subreaper(true).map_err(|errno| Error::Talk(errno.into()))?;
    let mut surroundings = Surroundings {
        load_argv,
        load_owner: nix::unistd::geteuid().is_root().then(unprivileged_owner),
        affinity: sched_getaffinity(Pid::from_raw(0)).ok(),
        bpf_base: loaded_objects(),
        walks: Vec::new(),
        groups: Groups::prepare(),
        mappings: Mappings::default(),
    };

    let (commands, mut command_receiver) = mpsc::unbounded_channel();
    let (trials, mut trial_receiver) = mpsc::unbounded_channel();
    let (reports, report_receiver) = mpsc::unbounded_channel();
    let writer = tokio::spawn(write_reports(report_receiver));
    let reader = tokio::spawn(read_requests(commands, trials, reports.clone()));
    // A report that cannot be sent means that the writer has seen a broken pipe; the reader will see the end as well.
    let _sent = reports.send(Report::Hello {
        root: nix::unistd::geteuid().is_root(),
        other_programs: loaded_programs(),
        lacking: lacking(),
    });

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
    let mut permitted: Option<Permitted> = None;
    let refuse = |message: String| {
        let _sent = reports.send(Report::Refused { message });
    };
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(Request::Allow { programs }) if permitted.is_none() => {
                permitted = Some(Permitted::of_run(programs));
            }
            Ok(Request::Allow { .. }) => refuse("the programs are allowed once and for all".into()),
            Ok(Request::Trial { spec }) => {
                let refusal = |program: &String| match &permitted {
                    Some(permitted) => permitted.refusal(Path::new(program)),
                    None => Some("no program was allowed yet".into()),
                };
                // Without a program only the load runs.
                match spec.argv.first().and_then(refusal) {
                    None => {
                        let _sent = trials.send(*spec);
                    }
                    Some(reason) => refuse(reason),
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
fn unprivileged_owner() -> Owner {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u32>().ok());
    match (number("SUDO_UID"), number("SUDO_GID")) {
        (Some(uid), Some(gid)) if uid != 0 => Owner { uid, gid },
        _ => nobody(nix::unistd::User::from_name("nobody").ok().flatten()),
    }
}

/// Where there is no such name, or it is a name of root's, the number that the kernel itself uses for nobody
/// (`DEFAULT_OVERFLOWUID` in include/linux/highuid.h): never root without a word.
fn nobody(named: Option<nix::unistd::User>) -> Owner {
    const OVERFLOW: u32 = 65_534;
    let named = named.filter(|user| !user.uid.is_root() && user.gid.as_raw() != 0);
    named.map_or(Owner { uid: OVERFLOW, gid: OVERFLOW }, |user| Owner {
        uid: user.uid.as_raw(),
        gid: user.gid.as_raw(),
    })
}

fn pin_self(cpus: &[u32]) {
    let mut set = CpuSet::new();
    let wanted = cpus.iter().filter_map(|cpu| usize::try_from(*cpu).ok());
    if wanted.flat_map(|cpu| set.set(cpu)).count() > 0 {
        // A CPU that went away leaves the helper where it is; the placement in the result says what was asked.
        let _pinned = sched_setaffinity(Pid::from_raw(0), &set);
    }
}

#[cfg(test)]
mod tests {
    use nix::unistd::{Gid, Uid, User};

    use super::*;

    #[test]
    fn the_load_never_runs_as_root_for_want_of_a_name() {
        let user = |uid, gid| {
            let mut user = User::from_uid(Uid::from_raw(0)).expect("asked").expect("root has a name");
            (user.uid, user.gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
            Some(user)
        };
        let became = |named| {
            let owner = nobody(named);
            (owner.uid, owner.gid)
        };
        assert_eq!(became(None), (65_534, 65_534));
        assert_eq!(became(user(0, 0)), (65_534, 65_534));
        assert_eq!(became(user(99, 98)), (99, 98));
    }
}
