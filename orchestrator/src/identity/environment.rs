//! What identifies the machine: read once a run, kept in the result, compared before two runs are.

use std::collections::BTreeMap;
use std::path::Path;

use procfs::process::Status;
use procfs::{CpuInfo, FromRead as _, Meminfo};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::sample::{Namespaces, cpu_list};

/// The machine. Unknown is null.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Environment {
    /// `uname -r`.
    pub kernel_release: Option<String>,
    /// `uname -v`.
    pub kernel_version: Option<String>,
    /// `uname -m`.
    pub architecture: Option<String>,
    /// Name of the distribution.
    pub distribution: Option<String>,
    /// Build options of the kernel that change how BPF programs run or attach.
    pub kernel_config: BTreeMap<String, String>,
    /// Marketing name of the CPU.
    pub cpu_model: Option<String>,
    /// CPUs online.
    pub cpus: Option<u32>,
    /// The CPUs that may be used here, as the affinity mask and the cpuset have them: `0-3,8`.
    #[serde(default)]
    pub usable_cpus: Option<String>,
    /// Whether hyper-threads are in use.
    pub smt: Option<bool>,
    /// Frequency governor; null where the hypervisor or the firmware decides.
    pub governor: Option<String>,
    /// Whether turbo frequencies are allowed.
    pub turbo: Option<bool>,
    /// Hypervisor, as the CPU names it; null on bare metal.
    pub hypervisor: Option<String>,
    /// Current clock source.
    pub clock_source: Option<String>,
    /// Mitigations of CPU vulnerabilities in force, by name.
    pub mitigations: BTreeMap<String, String>,
    /// Memory, bytes.
    pub memory_bytes: Option<u64>,
    /// `net.core.bpf_jit_enable`.
    pub bpf_jit: Option<String>,
    /// Namespaces that are not the initial ones; empty in results of version 1.
    pub namespaces: Vec<String>,
    /// `kernel.bpf_stats_enabled`: statistics add about 20 ns to every run of a program.
    pub bpf_stats: Option<String>,
}

/// Something about the machine that endangers a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// What is so.
    pub what: String,
    /// What can be done about it.
    pub remedy: String,
}

/// Kernel options that change how BPF programs run or attach.
const CONFIG_KEYS: [&str; 12] = [
    "CONFIG_BPF_JIT",
    "CONFIG_BPF_JIT_ALWAYS_ON",
    "CONFIG_BPF_UNPRIV_DEFAULT_OFF",
    "CONFIG_DEBUG_INFO_BTF",
    "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS",
    "CONFIG_FTRACE_SYSCALLS",
    "CONFIG_HZ",
    "CONFIG_KPROBES",
    "CONFIG_PREEMPT",
    "CONFIG_PREEMPT_DYNAMIC",
    "CONFIG_PREEMPT_NONE",
    "CONFIG_PREEMPT_VOLUNTARY",
];

impl Environment {
    /// Reads it all below `root` (`/`, or a copy in tests).
    #[must_use]
    pub fn read(root: &Path) -> Self {
        let text = |path: &str| {
            std::fs::read_to_string(root.join(path))
                .ok()
                .map(|text| text.trim().to_owned())
                .filter(|t| !t.is_empty())
        };
        let processors = CpuInfo::from_file(root.join("proc/cpuinfo")).ok();
        let field = |name: &str| Some(processors.as_ref()?.get_field(0, name)?.to_owned());
        // Of a file without any it makes one that has no number.
        let numbered = |cpuinfo: &CpuInfo| {
            let has_number = |cpu: &usize| cpuinfo.get_field(*cpu, "processor").is_some();
            (0..cpuinfo.num_cores()).filter(has_number).count()
        };
        let flags = field("flags").unwrap_or_default();
        Self {
            kernel_release: text("proc/sys/kernel/osrelease"),
            kernel_version: text("proc/sys/kernel/version"),
            architecture: Some(std::env::consts::ARCH.to_owned()),
            distribution: text("etc/os-release").and_then(|text| {
                let line = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
                Some(line.trim_matches('"').to_owned())
            }),
            kernel_config: kernel_config(root, text("proc/sys/kernel/osrelease").as_deref()),
            cpu_model: field("model name"),
            usable_cpus: Status::from_file(root.join("proc/self/status"))
                .ok()
                .and_then(|status| status.cpus_allowed_list)
                .map(|ranges| cpu_list(&ranges.into_iter().flat_map(|(first, last)| first..=last).collect())),
            cpus: processors
                .as_ref()
                .and_then(|cpuinfo| u32::try_from(numbered(cpuinfo)).ok())
                .filter(|count| *count > 0),
            smt: text("sys/devices/system/cpu/smt/active").map(|active| active == "1"),
            governor: text("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            turbo: text("sys/devices/system/cpu/intel_pstate/no_turbo")
                .map(|off| off == "0")
                .or_else(|| text("sys/devices/system/cpu/cpufreq/boost").map(|on| on == "1")),
            hypervisor: flags
                .split_ascii_whitespace()
                .any(|flag| flag == "hypervisor")
                .then(|| text("sys/hypervisor/type").unwrap_or_else(|| "yes".into())),
            clock_source: text("sys/devices/system/clocksource/clocksource0/current_clocksource"),
            mitigations: mitigations(root),
            memory_bytes: Meminfo::from_file(root.join("proc/meminfo")).ok().map(|memory| memory.mem_total),
            bpf_jit: text("proc/sys/net/core/bpf_jit_enable"),
            namespaces: Namespaces::read(root).others.into_iter().map(str::to_owned).collect(),
            bpf_stats: text("proc/sys/kernel/bpf_stats_enabled"),
        }
    }

    /// What endangers a comparison on this machine, each with its remedy.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        // The mask may have processors that are offline.
        let usable = self.usable_cpus.as_deref().map(count_of_list).into_iter().chain(self.cpus).min();
        let mut warnings = Vec::new();
        let mut warn =
            |what: String, remedy: &str| warnings.push(Warning { what, remedy: remedy.to_owned() });
        if let Some(governor) = self.governor.as_ref().filter(|governor| *governor != "performance") {
            warn(
                format!("the frequency governor is `{governor}`"),
                "run `cpupower frequency-set -g performance`",
            );
        }
        if self.turbo == Some(true) {
            warn(
                "turbo frequencies are on, so speed depends on temperature".into(),
                "write 1 to /sys/devices/system/cpu/intel_pstate/no_turbo or 0 to /sys/devices/system/cpu/cpufreq/boost",
            );
        }
        if self.hypervisor.is_some() {
            warn(
                "this is a virtual machine: neighbours take time, and wakeups cost more".into(),
                "compare only within one run, with more blocks; publish figures of bare metal",
            );
        }
        if usable.is_some_and(|cpus| cpus < 3) {
            warn(
                "fewer than three CPUs: the supervisor shares one with the load".into(),
                "use a machine with at least four cores to publish",
            );
        }
        if let Some((usable, all)) = usable.zip(self.cpus).filter(|(usable, all)| usable < all) {
            warn(
                format!("only {usable} of {all} CPUs may be used here"),
                "run it outside of `taskset` and of a cpuset to use all of them",
            );
        }
        if let Some(source) = self
            .clock_source
            .as_ref()
            .filter(|source| !["tsc", "arch_sys_counter"].contains(&source.as_str()))
        {
            warn(
                format!("the clock source is `{source}`, which is slow to read"),
                "boot with clocksource=tsc if it is stable",
            );
        }
        // The others are refused before measuring, or change no figure.
        for kind in self.namespaces.iter().filter(|kind| *kind == "cgroup") {
            warn(
                format!("this is not the initial {kind} namespace: {}", Namespaces::effect(kind)),
                "run it outside of the container",
            );
        }
        if self.bpf_jit.as_deref() == Some("0") {
            warn("the BPF JIT is off".into(), "run `sysctl net.core.bpf_jit_enable=1`");
        }
        if self.bpf_stats.as_deref() == Some("1") {
            warn(
                "BPF statistics are on: every run of a program costs more".into(),
                "run `sysctl kernel.bpf_stats_enabled=0`",
            );
        }
        warnings
    }
}

/// How many processors a list such as `0-3,8` names.
fn count_of_list(list: &str) -> u32 {
    let range = |part: &str| {
        let (first, end) = part.split_once('-').unwrap_or((part, part));
        Some(end.trim().parse::<u32>().ok()?.saturating_sub(first.trim().parse().ok()?) + 1)
    };
    list.split(',').filter_map(range).sum()
}

/// The options of interest from /proc/config.gz or /boot/config-<release>; empty when neither can be read.
fn kernel_config(root: &Path, release: Option<&str>) -> BTreeMap<String, String> {
    let packed = root.join("proc/config.gz");
    let text = if packed.exists() {
        // zcat is part of gzip, which every distribution has; a library for one small file would be more to keep.
        std::process::Command::new("zcat")
            .arg(packed)
            .output()
            .ok()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        release.and_then(|release| std::fs::read_to_string(root.join(format!("boot/config-{release}"))).ok())
    };
    let Some(text) = text.filter(|text| !text.is_empty()) else { return BTreeMap::new() };
    let set: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
    CONFIG_KEYS
        .iter()
        .map(|key| {
            (
                (*key).to_owned(),
                set.get(key).map_or_else(|| "not set".to_owned(), |value| (*value).to_owned()),
            )
        })
        .collect()
}

fn mitigations(root: &Path) -> BTreeMap<String, String> {
    let folder = std::fs::read_dir(root.join("sys/devices/system/cpu/vulnerabilities"));
    let entries = folder.into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let state = std::fs::read_to_string(entry.path()).ok()?.trim().to_owned();
            (state != "Not affected").then(|| (entry.file_name().to_string_lossy().into_owned(), state))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn reads_a_machine_from_its_files() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        file(root, "proc/sys/kernel/osrelease", "6.1.0-test\n");
        file(root, "boot/config-6.1.0-test", "CONFIG_HZ=250\n# CONFIG_KPROBES is not set\n");
        let cpu = "processor : 0\nmodel name : Some CPU\nflags : fpu hypervisor\n\n";
        file(root, "proc/cpuinfo", &cpu.repeat(2));
        let lines = std::fs::read_to_string("/proc/meminfo").unwrap();
        let others = lines.lines().skip(1).collect::<Vec<_>>().join("\n");
        file(root, "proc/meminfo", &format!("MemTotal:       1024 kB\n{others}\n"));
        file(root, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
        file(root, "sys/devices/system/cpu/vulnerabilities/meltdown", "Not affected\n");
        file(root, "sys/devices/system/cpu/vulnerabilities/spectre_v2", "Mitigation: IBRS\n");
        let machine = Environment::read(root);
        assert_eq!(machine.kernel_release.as_deref(), Some("6.1.0-test"));
        assert_eq!(machine.kernel_config["CONFIG_HZ"], "250");
        assert_eq!(machine.kernel_config["CONFIG_KPROBES"], "not set");
        assert_eq!((machine.cpus, machine.cpu_model.as_deref()), (Some(2), Some("Some CPU")));
        assert_eq!(machine.memory_bytes, Some(1024 * 1024));
        assert_eq!(machine.mitigations.len(), 1);
        let warnings = machine.warnings();
        let about = |word: &str| warnings.iter().any(|warning| warning.what.contains(word));
        assert!(!about("may be used here"));
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let others: String = status
            .lines()
            .filter(|line| !line.starts_with("Cpus"))
            .fold(String::new(), |all, line| all + line + "\n");
        file(root, "proc/self/status", &format!("{others}Cpus_allowed_list:\t1\n"));
        let pinned = Environment::read(root);
        assert_eq!(pinned.usable_cpus.as_deref(), Some("1"));
        assert!(pinned.warnings().iter().any(|warning| warning.what == "only 1 of 2 CPUs may be used here"));
        assert_eq!(count_of_list("0-3,8"), 5);
        assert!(about("governor") && about("virtual machine") && about("three CPUs"));
        assert!(warnings.iter().all(|warning| !warning.remedy.is_empty()));
    }

    #[test]
    fn empty_machine_is_unknown_and_warns_of_nothing() {
        let root = tempfile::tempdir().unwrap();
        let machine = Environment::read(root.path());
        assert_eq!(machine.kernel_release, None);
        assert_eq!(machine.cpus, None);
        assert!(machine.kernel_config.is_empty());
        assert_eq!(machine.warnings(), []);
    }
}
