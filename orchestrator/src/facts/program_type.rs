//! The kinds of BPF program that a benchmark can use: what they attach to, and what the kernel calls them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::trigger::TriggerKind;
use super::unknown;

/// Kind of BPF program; the value of the runners' `--program-type`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::EnumCount,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", parse_err_ty = String, parse_err_fn = unknown_program_type)]
#[expect(missing_docs, reason = "the kernel's own names")]
pub enum ProgramType {
    Tracepoint,
    RawTracepoint,
    Kprobe,
    Fentry,
}

fn unknown_program_type(text: &str) -> String {
    unknown(text, <ProgramType as strum::VariantNames>::VARIANTS)
}

/// What a program of a type may be attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetGrammar {
    /// `CATEGORY/NAME` of a tracepoint.
    Tracepoint,
    /// Only the tracepoint at the entry of all system calls; the program picks openat2.
    EntryOfAll,
    /// A function of the kernel.
    Function,
}

/// Where a program finds a trigger's cookie (docs/PROTOCOL.md, Marks).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// In the load's system call.
    OfLoad,
    /// Nowhere: it is 0.
    Zero,
    /// In an argument that only the traced function knows.
    Unknown,
}

/// One row of the table of program types.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProgramTypeFacts {
    /// The program type.
    pub program_type: ProgramType,
    /// What the kernel calls such a program (`bpftool prog`).
    pub kernel_kind: &'static str,
    /// What makes it run.
    pub trigger: TriggerKind,
    /// What it may be attached to.
    pub target: TargetGrammar,
    /// What runners attach it to by default, in words: docs/PROTOCOL.md, Flags.
    pub default_target: &'static str,
    /// Whether the comparison cannot do without it.
    pub needed: bool,
}

const FACTS: [ProgramTypeFacts; <ProgramType as strum::EnumCount>::COUNT] = [
    ProgramTypeFacts {
        program_type: ProgramType::Tracepoint,
        kernel_kind: "tracepoint",
        trigger: TriggerKind::SystemCall,
        target: TargetGrammar::Tracepoint,
        default_target: "syscalls/sys_enter_openat2",
        needed: true,
    },
    ProgramTypeFacts {
        program_type: ProgramType::RawTracepoint,
        kernel_kind: "raw_tracepoint",
        trigger: TriggerKind::SystemCall,
        target: TargetGrammar::EntryOfAll,
        default_target: "sys_enter",
        needed: false,
    },
    ProgramTypeFacts {
        program_type: ProgramType::Kprobe,
        kernel_kind: "kprobe",
        trigger: TriggerKind::SystemCall,
        target: TargetGrammar::Function,
        default_target: "the entry of openat2",
        needed: false,
    },
    ProgramTypeFacts {
        program_type: ProgramType::Fentry,
        kernel_kind: "tracing",
        trigger: TriggerKind::SystemCall,
        target: TargetGrammar::Function,
        default_target: "the entry of openat2",
        needed: false,
    },
];

impl ProgramType {
    /// All that is known of it.
    #[must_use]
    pub const fn facts(self) -> &'static ProgramTypeFacts {
        &FACTS[self as usize]
    }

    /// All program types.
    pub fn all() -> impl Iterator<Item = Self> {
        <Self as strum::VariantArray>::VARIANTS.iter().copied()
    }

    /// The name used on command lines and in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether a target that the kernel names is the one that was asked for; none: the runners' default. The kernel names a
    /// tracepoint without its category.
    #[must_use]
    pub fn is_target(self, target: &str, asked: Option<&str>) -> bool {
        let facts = self.facts();
        match (asked, facts.target) {
            (None, TargetGrammar::Function) => {
                target == "sys_openat2" || (target.starts_with("__") && target.ends_with("_sys_openat2"))
            }
            (asked, _) => asked.unwrap_or(facts.default_target).rsplit('/').next() == Some(target),
        }
    }
}

impl TargetGrammar {
    /// Whether a target can be one.
    #[must_use]
    pub fn fits(self, target: &str) -> bool {
        match self {
            Self::Tracepoint => {
                target.split_once('/').is_some_and(|(category, name)| is_name(category) && is_name(name))
            }
            Self::EntryOfAll => target == "sys_enter",
            Self::Function => is_name(target),
        }
    }

    /// Where a program that is attached there finds the cookie.
    #[must_use]
    pub fn cookie(self, target: &str) -> Cookie {
        match self {
            Self::Tracepoint => {
                let is_entry =
                    target.starts_with("syscalls/sys_enter_") || target == "raw_syscalls/sys_enter";
                if is_entry { Cookie::OfLoad } else { Cookie::Zero }
            }
            Self::EntryOfAll => Cookie::OfLoad,
            // Entries of system calls, and the functions behind them that take the directory descriptor first.
            Self::Function => {
                let is_entry = target.starts_with("__") && target.contains("_sys_");
                let behind = ["do_sys_openat2", "do_sys_open", "do_sys_open2"].contains(&target);
                if is_entry || behind { Cookie::OfLoad } else { Cookie::Unknown }
            }
        }
    }

    /// What is expected, in words.
    #[must_use]
    pub fn expected(self) -> &'static str {
        match self {
            Self::Tracepoint => "a tracepoint is CATEGORY/NAME, such as `syscalls/sys_enter_openat2`",
            Self::EntryOfAll => "a raw tracepoint attaches to `sys_enter` only",
            Self::Function => {
                "a kernel function is expected, such as `do_sys_openat2`; `/proc/kallsyms` lists them"
            }
        }
    }

    /// The entry of a system call on a machine of this architecture; none where programs pick openat2 themselves.
    #[must_use]
    pub fn entry_of(self, syscall: &str, arch: &str) -> Option<String> {
        match self {
            Self::Tracepoint => Some(format!("syscalls/sys_enter_{syscall}")),
            Self::EntryOfAll => None,
            Self::Function => Some(format!("{}sys_{syscall}", syscall_prefix(arch))),
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
}

/// What precedes the name of a system call's function.
fn syscall_prefix(arch: &str) -> &'static str {
    match arch {
        "x86_64" => "__x64_",
        "x86" => "__ia32_",
        "aarch64" => "__arm64_",
        "riscv64" => "__riscv_",
        "s390x" => "__s390x_",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_where_its_number_says_and_fits_its_own_grammar() {
        for (facts, program_type) in FACTS.iter().zip(ProgramType::all()) {
            assert_eq!(facts.program_type, program_type);
            assert_eq!(program_type.name().parse(), Ok(program_type));
            if let Some(entry) = facts.target.entry_of("openat2", "x86_64") {
                assert!(facts.target.fits(&entry));
                assert!(program_type.is_target(entry.rsplit('/').next().unwrap_or_default(), None));
            }
        }
    }

    #[test]
    fn another_target_is_another() {
        assert!(!ProgramType::Tracepoint.is_target("sys_enter_openat", None));
        assert!(ProgramType::Tracepoint.is_target("sys_enter_openat", Some("syscalls/sys_enter_openat")));
        assert!(!ProgramType::Kprobe.is_target("do_sys_openat2", None));
        assert!(ProgramType::Fentry.is_target("do_sys_openat2", Some("do_sys_openat2")));
        assert!(!TargetGrammar::Tracepoint.fits("sys_enter") && !TargetGrammar::Function.fits("a/b"));
    }
}
