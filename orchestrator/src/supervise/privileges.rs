//! What the helper must be allowed to do, said before anything is started.

use procfs::process::Process;

use super::error::Error;
use crate::sample::Namespaces;

/// Capabilities of a root that lacks some (`include/uapi/linux/capability.h`), and what the helper does with each.
const NEEDED: [(u32, &str); 4] = [
    // CAP_BPF and CAP_PERFMON are enough to load programs, but not to open the maps of another process by their ids.
    (21, "CAP_SYS_ADMIN"),
    (5, "CAP_KILL"),
    (6, "CAP_SETGID"),
    (7, "CAP_SETUID"),
];

/// Those that this process lacks, by name; none where nobody can say.
pub(super) fn lacking() -> Vec<String> {
    let status = Process::myself().and_then(|process| process.status());
    status.map(|status| lacking_of(status.capeff)).unwrap_or_default()
}

fn lacking_of(mask: u64) -> Vec<String> {
    let lacks = |(bit, _): &&(u32, &str)| mask & (1 << bit) == 0;
    NEEDED.iter().filter(lacks).map(|(_, name)| (*name).to_owned()).collect()
}

/// Refuses namespaces in which a figure would be false or nothing can be loaded.
pub(super) fn check_namespaces(found: &Namespaces, unprivileged: bool) -> Result<(), Error> {
    if found.is_other("pid") {
        return Err(Error::PidNamespace);
    }
    if found.shifted() {
        let [monotonic_ns, boottime_ns] = found.clock_offsets_ns;
        let offset_ns = if monotonic_ns == 0 { boottime_ns } else { monotonic_ns };
        return Err(Error::TimeNamespace { offset_s: offset_ns as f64 / 1e9 });
    }
    if found.is_other("user") && !unprivileged {
        return Err(Error::UserNamespace);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_without_some_capabilities_is_told_which() {
        assert_eq!(lacking_of(0x01ff_feff_ffff), Vec::<String>::new());
        // CAP_BPF and CAP_PERFMON alone.
        assert_eq!(lacking_of(0x00c0_0000_0000), ["CAP_SYS_ADMIN", "CAP_KILL", "CAP_SETGID", "CAP_SETUID"]);
        assert_eq!(lacking_of(0x01ff_ffdf_ffff), ["CAP_SYS_ADMIN"]);
    }

    #[test]
    fn namespaces_that_make_figures_false_are_refused() {
        let others = |others: &[&'static str], offset_ns| Namespaces {
            others: others.to_vec(),
            clock_offsets_ns: [offset_ns, 0],
        };
        assert!(check_namespaces(&others(&["mount", "cgroup", "time"], 0), false).is_ok());
        let shifted = check_namespaces(&others(&["time"], -86_400_000_000_000), true).expect_err("refused");
        assert_eq!(
            shifted.to_string(),
            "this time namespace shifts the clock by -86400 s, and the kernel's programs see no such shift"
        );
        assert!(matches!(check_namespaces(&others(&["pid", "user"], 0), true), Err(Error::PidNamespace)));
        assert!(matches!(check_namespaces(&others(&["user"], 0), false), Err(Error::UserNamespace)));
        assert!(check_namespaces(&others(&["user"], 0), true).is_ok(), "nothing is loaded");
    }
}
