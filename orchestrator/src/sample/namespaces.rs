//! Namespaces: what this process sees otherwise than the kernel does.
//!
//! A BPF program runs in none of them: it knows processes by the numbers of the initial pid namespace and the time without any
//! offset. Their inode numbers are fixed (`include/linux/proc_ns.h`), except that of the mount namespace.

use std::path::Path;

/// Names in `/proc/self/ns`, the number of the initial namespace, and what another one changes.
const KINDS: [(&str, u32, &str); 4] = [
    ("pid", 4_026_531_836, "the kernel knows processes by other numbers than are seen here"),
    ("user", 4_026_531_837, "root here is not root for the kernel, which loads no BPF program for it"),
    ("cgroup", 4_026_531_835, "limits of processor and memory that are set outside of it are not seen here"),
    ("time", 4_026_531_834, "clocks may be shifted against the kernel's"),
];

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Namespaces {
    /// Kinds of which this process is not in the initial namespace: `pid`, `user`, `mount`, `cgroup`, `time`.
    pub others: Vec<&'static str>,
    /// What CLOCK_MONOTONIC and `CLOCK_BOOTTIME` of this process and its children are ahead of the kernel's, nanoseconds.
    pub clock_offsets_ns: [i128; 2],
}

impl Namespaces {
    /// Those of this process. `root` is `/`, or a fake tree in tests.
    #[must_use]
    pub fn read(root: &Path) -> Self {
        let link = |process: &str, name: &str| {
            std::fs::read_link(root.join(format!("proc/{process}/ns/{name}"))).ok()
        };
        let mut others: Vec<&'static str> = KINDS
            .iter()
            .filter(|(name, initial, _)| {
                // A kernel without this kind has no link.
                link("self", name)
                    .is_some_and(|link| link.as_os_str() != format!("{name}:[{initial}]").as_str())
            })
            .map(|(name, ..)| *name)
            .collect();
        // Process 1 is in the initial one, as far as it can be looked at, and unless it is another's.
        let first = link("1", "mnt").filter(|_| !others.contains(&"pid"));
        if first.is_some_and(|first| link("self", "mnt").is_some_and(|own| own != first)) {
            others.push("mount");
        }
        let offsets = std::fs::read_to_string(root.join("proc/self/timens_offsets")).unwrap_or_default();
        Self { others, clock_offsets_ns: ["monotonic", "boottime"].map(|clock| offset_ns(&offsets, clock)) }
    }

    /// Whether this process is in another namespace of this kind.
    #[must_use]
    pub fn is_other(&self, kind: &str) -> bool {
        self.others.contains(&kind)
    }

    /// Whether the clocks are shifted.
    #[must_use]
    pub fn shifted(&self) -> bool {
        self.clock_offsets_ns.iter().any(|offset| *offset != 0)
    }

    /// What another namespace of this kind changes.
    #[must_use]
    pub fn effect(kind: &str) -> &'static str {
        let known = KINDS.iter().find(|(name, ..)| *name == kind);
        known.map_or("what is mounted outside of it may not be seen here", |(.., effect)| effect)
    }
}

/// A line of `timens_offsets`: the clock, seconds, nanoseconds (`time_namespaces(7)`).
fn offset_ns(offsets: &str, clock: &str) -> i128 {
    let line = offsets.lines().map(str::split_whitespace).find(|line| line.clone().next() == Some(clock));
    let mut numbers = line.into_iter().flatten().skip(1).filter_map(|number| number.parse::<i128>().ok());
    numbers.next().unwrap_or(0) * 1_000_000_000 + numbers.next().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn tree(links: &[(&str, &str)], offsets: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for process in ["self", "1"] {
            std::fs::create_dir_all(root.path().join(format!("proc/{process}/ns"))).expect("a folder");
        }
        for (place, target) in links {
            symlink(target, root.path().join("proc").join(place)).expect("a link");
        }
        std::fs::write(root.path().join("proc/self/timens_offsets"), offsets).expect("a file");
        root
    }

    #[test]
    fn the_initial_ones_are_nothing_to_speak_of() {
        let links = [
            ("self/ns/pid", "pid:[4026531836]"),
            ("self/ns/user", "user:[4026531837]"),
            ("self/ns/time", "time:[4026531834]"),
            ("self/ns/mnt", "mnt:[4026531841]"),
            ("1/ns/mnt", "mnt:[4026531841]"),
        ];
        let root = tree(&links, "monotonic           0         0\nboottime            0         0\n");
        let found = Namespaces::read(root.path());
        assert_eq!((found.clone(), found.shifted()), (Namespaces::default(), false));
    }

    #[test]
    fn others_and_offsets_are_found() {
        let links = [
            ("self/ns/pid", "pid:[4026531836]"),
            ("self/ns/user", "user:[4026532337]"),
            ("self/ns/time", "time:[4026532338]"),
            ("self/ns/mnt", "mnt:[4026532339]"),
            ("1/ns/mnt", "mnt:[4026531841]"),
        ];
        let root = tree(&links, "monotonic  -86400  5\nboottime 604800         0\n");
        let found = Namespaces::read(root.path());
        assert_eq!(found.others, ["user", "time", "mount"]);
        assert_eq!(found.clock_offsets_ns, [-86_399_999_999_995, 604_800_000_000_000]);
        assert!(found.shifted() && found.is_other("time") && !found.is_other("pid"));
        assert!(Namespaces::effect("mount").contains("mounted"));
    }
}
