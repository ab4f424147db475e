//! Who we are and what we may do.

use std::path::Path;
use std::time::Duration;

use nix::unistd::{Uid, User};
use procfs::FromRead as _;
use procfs::process::Status;

use super::finding::Finding;
use crate::prepare::{Owner, Workplace, capture};

const AREA: &str = "privileges";
const SUDO_LIMIT: Duration = Duration::from_secs(5);
/// Numbers of capabilities (`include/uapi/linux/capability.h`) and what they are for.
const CAPABILITIES: [(u32, &str, &str); 4] = [
    (21, "CAP_SYS_ADMIN", "to load BPF programs and to read the kernel's counters by id"),
    (5, "CAP_KILL", "to end the load"),
    (6, "CAP_SETGID", "to run the load without privileges"),
    (7, "CAP_SETUID", "to run the load without privileges"),
];
/// Enough for some loaders of BPF programs, and not for the supervisor.
const NOT_ENOUGH: [(u32, &str); 2] = [(38, "CAP_PERFMON"), (39, "CAP_BPF")];

pub(super) fn look(system: &Path) -> Vec<Finding> {
    let root = Uid::effective().is_root();
    let mut findings = vec![if root { as_root() } else { through_sudo() }];
    match Status::from_file(system.join("proc/self/status")) {
        Ok(Status { capeff, .. }) if root => findings.push(capabilities(capeff)),
        Ok(Status { capeff, .. }) => findings.extend(capabilities_of_user(capeff)),
        Err(_) => {
            let advice = "check that `/proc/self/status` can be read";
            findings.push(Finding::warn(AREA, "capabilities", "unknown", advice));
        }
    }
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
        capture(&argv, Workplace::plain(Path::new("/")), SUDO_LIMIT).is_ok_and(|(status, _)| status.success())
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

fn capabilities(mask: u64) -> Finding {
    let lacking: Vec<String> = CAPABILITIES
        .iter()
        .filter(|(bit, ..)| mask & (1 << bit) == 0)
        .map(|(_, name, purpose)| format!("{name} ({purpose})"))
        .collect();
    if lacking.is_empty() {
        let names: Vec<&str> = CAPABILITIES.iter().map(|(_, name, _)| *name).collect();
        return Finding::ok(AREA, "capabilities", names.join(", "));
    }
    let advice = "give this container more privileges (`--privileged`, or `--cap-add` for each)";
    Finding::missing(AREA, "capabilities", format!("root lacks {}", lacking.join(", ")), advice)
}

/// A user whom somebody gave the newer capabilities expects them to suffice.
fn capabilities_of_user(mask: u64) -> Option<Finding> {
    let held: Vec<&str> =
        NOT_ENOUGH.iter().filter(|(bit, _)| mask & (1 << bit) != 0).map(|(_, name)| *name).collect();
    (!held.is_empty()).then(|| {
        let detail = format!(
            "{}: the supervisor needs root, which reads the kernel's counters by id",
            held.join(", ")
        );
        Finding::warn(AREA, "capabilities", detail, "run it as root or with sudo")
    })
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn says_which_capabilities_are_missing_or_not_enough() {
        assert_eq!(capabilities(0x01ff_feff_ffff).state, State::Ok);
        let lacking = capabilities(0xa804_25fb);
        assert_eq!(lacking.state, State::Missing);
        assert_eq!(
            lacking.detail,
            "root lacks CAP_SYS_ADMIN (to load BPF programs and to read the kernel's counters by id)"
        );
        assert_eq!(capabilities_of_user(0), None);
        let newer = capabilities_of_user(0x00c0_0000_0000).expect("named");
        assert!(
            newer.detail.starts_with("CAP_PERFMON, CAP_BPF: the supervisor needs root"),
            "{}",
            newer.detail
        );
    }
}
