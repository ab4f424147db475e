//! What the kernel offers. `system` is `/`, or a fake tree in tests.

use std::fs;
use std::path::Path;

use procfs::{FromRead as _, MountEntry};

use super::finding::Finding;

const AREA: &str = "kernel";
/// The first kernel with a BPF ring buffer.
const OLDEST: (u32, u32) = (5, 8);

pub(super) fn look(system: &Path) -> Vec<Finding> {
    vec![
        version(system),
        btf(system),
        jit(system),
        unprivileged(system),
        lockdown(system),
        tracefs(system),
        bpffs(system),
    ]
}

pub(super) fn read(system: &Path, path: &str) -> Option<String> {
    fs::read_to_string(system.join(path)).ok().map(|text| text.trim().to_owned())
}

fn version(system: &Path) -> Finding {
    let release = read(system, "proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split(|letter: char| !letter.is_ascii_digit()).map(|part| part.parse().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), Some(minor)) if (major, minor) >= OLDEST => Finding::ok(AREA, "version", release),
        _ => {
            let advice = format!("the ring buffer needs {}.{} or newer", OLDEST.0, OLDEST.1);
            Finding::missing(AREA, "version", release, advice)
        }
    }
}

fn btf(system: &Path) -> Finding {
    match fs::metadata(system.join("sys/kernel/btf/vmlinux")) {
        Ok(metadata) => {
            Finding::ok(AREA, "BTF", format!("/sys/kernel/btf/vmlinux, {} KiB", metadata.len() / 1024))
        }
        Err(_) => Finding::warn(
            AREA,
            "BTF",
            "/sys/kernel/btf/vmlinux is not there",
            "fentry programs need it: use a kernel with CONFIG_DEBUG_INFO_BTF=y",
        ),
    }
}

fn jit(system: &Path) -> Finding {
    match read(system, "proc/sys/net/core/bpf_jit_enable").as_deref() {
        Some("0") => Finding::warn(
            AREA,
            "BPF JIT",
            "off: programs are interpreted",
            "run `sysctl net.core.bpf_jit_enable=1` as root",
        ),
        Some("2") => Finding::warn(
            AREA,
            "BPF JIT",
            "on, and prints every program to the kernel log",
            "run `sysctl net.core.bpf_jit_enable=1` as root",
        ),
        Some(_) => Finding::ok(AREA, "BPF JIT", "on"),
        None => {
            Finding::warn(AREA, "BPF JIT", "unknown", "check CONFIG_BPF_JIT in the kernel's configuration")
        }
    }
}

fn unprivileged(system: &Path) -> Finding {
    let detail = match read(system, "proc/sys/kernel/unprivileged_bpf_disabled").as_deref() {
        Some("0") => "allowed; not needed here",
        Some("1") => "off until the next boot; not needed here",
        Some(_) => "off; not needed here",
        None => "unknown; not needed here",
    };
    Finding::ok(AREA, "unprivileged BPF", detail)
}

fn lockdown(system: &Path) -> Finding {
    let Some(modes) = read(system, "sys/kernel/security/lockdown") else {
        return Finding::ok(AREA, "lockdown", "not visible (no lockdown, or securityfs is not mounted)");
    };
    let mode = modes.split(['[', ']']).nth(1).unwrap_or(&modes);
    if mode == "confidentiality" {
        let advice =
            "BPF programs cannot read kernel memory in this mode: boot with `lockdown=integrity` or less";
        return Finding::missing(AREA, "lockdown", mode, advice);
    }
    Finding::ok(AREA, "lockdown", mode)
}

fn tracefs(system: &Path) -> Finding {
    // Debugfs mounts its own at the first look into it.
    let below_debugfs = || {
        let events = system.join("sys/kernel/debug/tracing/events");
        events.is_dir().then(|| "/sys/kernel/debug/tracing (below debugfs)".to_owned())
    };
    match mounted(system, "tracefs").or_else(below_debugfs) {
        Some(place) => Finding::ok(AREA, "tracefs", place),
        None => Finding::missing(
            AREA,
            "tracefs",
            "not mounted: tracepoints cannot be found",
            "run `mount -t tracefs tracefs /sys/kernel/tracing` as root",
        ),
    }
}

fn bpffs(system: &Path) -> Finding {
    let advice = "pinning is not possible; run `mount -t bpf bpf /sys/fs/bpf` as root if you need it";
    mounted(system, "bpf").map_or_else(
        || Finding::warn(AREA, "bpffs", "not mounted", advice),
        |place| Finding::ok(AREA, "bpffs", place),
    )
}

fn mounted(system: &Path, kind: &str) -> Option<String> {
    let mounts = Vec::<MountEntry>::from_file(system.join("proc/self/mounts")).ok()?;
    mounts.into_iter().find(|mount| mount.fs_vfstype == kind).map(|mount| mount.fs_file)
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        folder
    }

    #[test]
    fn a_good_kernel_is_good() {
        let tree = tree(&[
            ("proc/sys/kernel/osrelease", "6.1.0-18-cloud-amd64\n"),
            ("proc/self/mounts", "tracefs /sys/kernel/tracing tracefs rw 0 0\nbpf /sys/fs/bpf bpf rw 0 0\n"),
            ("proc/sys/net/core/bpf_jit_enable", "1\n"),
            ("sys/kernel/btf/vmlinux", "x"),
            ("sys/kernel/security/lockdown", "none [integrity] confidentiality\n"),
        ]);
        let findings = look(tree.path());
        assert!(findings.iter().all(|finding| finding.state == State::Ok), "{findings:?}");
        assert!(findings.iter().any(|finding| finding.detail == "integrity"));
    }

    #[test]
    fn an_old_kernel_without_tracefs_lacks_what_is_needed() {
        let tree = tree(&[("proc/sys/kernel/osrelease", "5.4.0\n"), ("proc/self/mounts", "")]);
        let missing: Vec<_> =
            look(tree.path()).into_iter().filter(|finding| finding.state == State::Missing).collect();
        assert_eq!(
            missing.iter().map(|finding| finding.name.as_str()).collect::<Vec<_>>(),
            ["version", "tracefs"]
        );
    }
}
