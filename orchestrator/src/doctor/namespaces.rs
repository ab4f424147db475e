//! What a namespace changes for measuring.

use std::path::Path;

use super::finding::Finding;
use crate::sample::Namespaces;

const AREA: &str = "namespaces";

pub(super) fn look(system: &Path) -> Vec<Finding> {
    let found = Namespaces::read(system);
    if found.others.is_empty() && !found.shifted() {
        return vec![Finding::ok(AREA, "namespaces", "the initial ones")];
    }
    let mut findings: Vec<Finding> = found.others.iter().map(|kind| other(kind)).collect();
    if found.shifted() {
        let seconds = found.clock_offsets_ns.map(|offset| offset as f64 / 1e9);
        findings.push(Finding::missing(
            AREA,
            "clocks",
            format!("shifted by {} s (boot time: {} s) against the kernel's", seconds[0], seconds[1]),
            "run outside of the time namespace: `nsenter --target 1 --time COMMAND` as root, or without `unshare --time`",
        ));
    }
    findings
}

fn other(kind: &str) -> Finding {
    let (name, detail) =
        (format!("{kind} namespace"), format!("not the initial one: {}", Namespaces::effect(kind)));
    match kind {
        "pid" => Finding::missing(
            AREA,
            name,
            detail,
            "run outside of the container (or of `unshare --pid`), or start it with `--pid=host`",
        ),
        "user" => Finding::missing(
            AREA,
            name,
            detail,
            "run outside of the container (or of `unshare --user`), as root or with sudo; a rootless container cannot do it",
        ),
        "cgroup" => {
            Finding::warn(AREA, name, detail, "see that no limit of processor time holds for the container")
        }
        _ => Finding::ok(AREA, name, detail),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn each_kind_says_what_it_changes() {
        let states = ["pid", "user", "cgroup", "mount", "time"].map(|kind| other(kind).state);
        assert_eq!(states, [State::Missing, State::Missing, State::Warn, State::Ok, State::Ok]);
        assert!(
            other("user").detail.starts_with("not the initial one: root here is not root for the kernel")
        );
    }

    #[test]
    fn without_any_there_is_one_line() {
        let nowhere = tempfile::tempdir().expect("a folder");
        assert_eq!(look(nowhere.path()).len(), 1);
    }
}
