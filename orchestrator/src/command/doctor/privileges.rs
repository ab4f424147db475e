//! Who we are and what we may do.

use std::fs;
use std::path::Path;
use std::time::Duration;

use nix::unistd::{Uid, User};

use super::finding::Finding;
use super::kernel::read;
use crate::prepare::{Owner, capture};

const AREA: &str = "privileges";
const SUDO_LIMIT: Duration = Duration::from_secs(5);
/// The initial pid namespace (`include/linux/proc_ns.h`).
const INITIAL_PID_NAMESPACE: &str = "pid:[4026531836]";
/// Numbers of capabilities (`include/uapi/linux/capability.h`).
const CAPABILITIES: [(u32, &str); 3] = [(21, "CAP_SYS_ADMIN"), (38, "CAP_PERFMON"), (39, "CAP_BPF")];

pub(super) fn look(system: &Path) -> Vec<Finding> {
    let root = Uid::effective().is_root();
    let mut findings = vec![if root { as_root() } else { through_sudo() }];
    if root {
        findings.push(capabilities(&read(system, "proc/self/status").unwrap_or_default()));
    }
    findings.push(pid_namespace());
    findings
}

fn as_root() -> Finding {
    let detail = Owner::behind_sudo().map_or_else(
        || "root".to_owned(),
        |owner| format!("root through sudo; builds run as {}", owner.name()),
    );
    Finding::ok(AREA, "root", detail)
}

fn through_sudo() -> Finding {
    let name =
        User::from_uid(Uid::effective()).ok().flatten().map_or_else(|| "user".to_owned(), |user| user.name);
    let sudo = |arguments: &[&str]| {
        let argv = std::iter::once("sudo").chain(arguments.iter().copied()).map(str::to_owned).collect();
        capture(&argv, Path::new("/"), None, SUDO_LIMIT).is_ok_and(|(status, _)| status.success())
    };
    if sudo(&["-n", "true"]) {
        return Finding::ok(AREA, "root", format!("{name}, with sudo that asks for no password"));
    }
    if sudo(&["-V"]) {
        return Finding::ok(
            AREA,
            "root",
            format!("{name}; sudo is there and wants a password, or may refuse (`sudo -v` tells)"),
        );
    }
    let advice = "install sudo (`make setup` does), or run as root: loading BPF programs needs it";
    Finding::missing(AREA, "root", format!("{name}, and `sudo` was not found"), advice)
}

fn capabilities(status: &str) -> Finding {
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default();
    let (held, lacking): (Vec<_>, Vec<_>) = CAPABILITIES.iter().partition(|(bit, _)| mask & (1 << bit) != 0);
    let names = |list: Vec<&(u32, &'static str)>| {
        list.into_iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
    };
    // CAP_SYS_ADMIN stands for the two newer ones.
    if mask & (1 << CAPABILITIES[0].0) != 0 {
        return Finding::ok(AREA, "capabilities", names(held));
    }
    let advice = "give this container more privileges (`--privileged`, or `--cap-add`)";
    Finding::missing(AREA, "capabilities", format!("root lacks {}", names(lacking)), advice)
}

fn pid_namespace() -> Finding {
    match fs::read_link("/proc/self/ns/pid") {
        Ok(link) if link.as_os_str() == INITIAL_PID_NAMESPACE => {
            Finding::ok(AREA, "pid namespace", "the initial one")
        }
        _ => Finding::missing(
            AREA,
            "pid namespace",
            "not the initial one: the pid that the kernel sees cannot be known",
            "run outside the container, or start it with `--pid=host`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn reads_capabilities_from_the_status_of_a_process() {
        assert_eq!(capabilities("Name:\tx\nCapEff:\t000001fffeffffff\n").state, State::Ok);
        let lacking = capabilities("CapEff:\t00000000a80425fb\n");
        assert_eq!(lacking.state, State::Missing);
        assert_eq!(lacking.detail, "root lacks CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF");
    }
}
