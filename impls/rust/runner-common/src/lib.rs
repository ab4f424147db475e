//! What the kernel side and the user side share: impls/bpf/bench.h in Rust, with the same names, sizes and offsets. What each
//! of them is stands there.

#![no_std]
#![expect(missing_docs, reason = "bench.h has them")]

use core::mem::{offset_of, size_of};

pub const BATCH_MAX: u32 = 1000;
pub const WORK_MAX: u32 = 10_000;
pub const LOOKUPS_MAX: u32 = 100;
pub const TABLE_SIZE: u32 = 1024;

/// `enum bench_wakeup`
pub mod wakeup {
    pub const ADAPTIVE: u32 = 0;
    pub const SAMPLED: u32 = 1;
    pub const TIMER: u32 = 2;
}

/// `enum bench_cookie`
pub mod cookie {
    pub const NONE: u32 = 0;
    pub const SYSCALL: u32 = 1;
    pub const FUNCTION: u32 = 2;
}

/// `enum bench_event_type`
pub mod event_type {
    pub const TRACEPOINT: u32 = 1;
    pub const RAW_TRACEPOINT: u32 = 2;
    pub const KPROBE: u32 = 3;
    pub const FENTRY: u32 = 4;
}

/// One record; padding up to [`Knobs::record_size`] follows and is not initialised.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Event {
    pub ktime_ns: u64,
    pub mark: u64,
    pub tgid: u32,
    pub tid: u32,
    pub cpu: u32,
    /// One of [`event_type`].
    pub r#type: u32,
    pub comm: [u8; 16],
}

/// The one element of the per-CPU array `counters`. Cumulative, summed over CPUs in user space.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    pub attempted: u64,
    pub submitted: u64,
    pub dropped: u64,
    pub dropped_marks: u64,
}

/// Set before load, constant afterwards: the verifier sees numbers, not variables.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knobs {
    pub target_pid: u32,
    pub record_size: u32,
    pub batch: u32,
    /// One of [`wakeup`].
    pub wakeup: u32,
    pub wakeup_bytes: u64,
    pub work: u32,
    pub syscall_nr: u32,
    /// One of [`cookie`].
    pub cookie: u32,
    pub cookie_offset: u32,
    pub keep_one_in: u32,
    pub lookups: u32,
    pub rings: u32,
    pub unused: u32,
}

/// The number of openat2, on every architecture.
pub const SYS_OPENAT2: u32 = 437;

impl Knobs {
    /// What the object holds until user space sets something else.
    pub const DEFAULT: Self = Self {
        target_pid: 0,
        record_size: 64,
        batch: 1,
        wakeup: wakeup::ADAPTIVE,
        wakeup_bytes: 0,
        work: 0,
        syscall_nr: SYS_OPENAT2,
        cookie: cookie::NONE,
        cookie_offset: 0,
        keep_one_in: 1,
        lookups: 0,
        rings: 0,
        unused: 0,
    };
}

const _: () = {
    assert!(size_of::<Event>() == 48 && size_of::<Counters>() == 32 && size_of::<Knobs>() == 56);
    assert!(offset_of!(Event, ktime_ns) == 0 && offset_of!(Event, mark) == 8, "the consumer reads these two");
};

// SAFETY: `repr(C)`, integers only, no padding: the sizes above are the sums of the fields' sizes.
#[cfg(feature = "user")]
unsafe impl aya::Pod for Counters {}
// SAFETY: as above.
#[cfg(feature = "user")]
unsafe impl aya::Pod for Knobs {}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::string::{String, ToString as _};
    use std::vec::Vec;

    const BENCH_H: &str = include_str!("../../../bpf/bench.h");

    /// The fields of a struct in bench.h and the offsets that its comments give them.
    fn fields(name: &str) -> Vec<(String, usize)> {
        BENCH_H
            .lines()
            .skip_while(|line| *line != std::format!("struct {name} {{"))
            .skip(1)
            .take_while(|line| *line != "};")
            .filter(|line| !line.trim_start().starts_with("/*"))
            .map(|line| {
                let (declaration, comment) = line.split_once(';').unwrap();
                let field = declaration.split_whitespace().nth(1).unwrap();
                let field = field.split('[').next().unwrap();
                let offset =
                    comment.trim_start_matches([' ', '\t', '/', '*']).split([':', ' ']).next().unwrap();
                (field.to_string(), offset.parse().unwrap())
            })
            .collect()
    }

    macro_rules! offsets {
        ($type:ident: $($field:ident),+) => {
            std::vec![$((stringify!($field).trim_start_matches("r#").to_string(), offset_of!($type, $field))),+]
        };
    }

    #[test]
    fn structs_have_the_fields_and_offsets_of_bench_h() {
        assert_eq!(fields("event"), offsets!(Event: ktime_ns, mark, tgid, tid, cpu, r#type, comm));
        assert_eq!(fields("counters"), offsets!(Counters: attempted, submitted, dropped, dropped_marks));
        assert_eq!(
            fields("knobs"),
            offsets!(Knobs: target_pid, record_size, batch, wakeup, wakeup_bytes, work, syscall_nr, cookie, cookie_offset, keep_one_in,
                lookups, rings, unused)
        );
    }

    #[test]
    fn constants_have_the_values_of_bench_h() {
        for (name, value) in [
            ("#define BENCH_BATCH_MAX ", BATCH_MAX),
            ("#define BENCH_WORK_MAX ", WORK_MAX),
            ("#define BENCH_LOOKUPS_MAX ", LOOKUPS_MAX),
            ("#define BENCH_TABLE_SIZE ", TABLE_SIZE),
            ("BENCH_WAKEUP_ADAPTIVE = ", wakeup::ADAPTIVE),
            ("BENCH_WAKEUP_SAMPLED = ", wakeup::SAMPLED),
            ("BENCH_WAKEUP_TIMER = ", wakeup::TIMER),
            ("BENCH_COOKIE_NONE = ", cookie::NONE),
            ("BENCH_COOKIE_SYSCALL = ", cookie::SYSCALL),
            ("BENCH_COOKIE_FUNCTION = ", cookie::FUNCTION),
            ("BENCH_EVENT_TRACEPOINT = ", event_type::TRACEPOINT),
            ("BENCH_EVENT_RAW_TRACEPOINT = ", event_type::RAW_TRACEPOINT),
            ("BENCH_EVENT_KPROBE = ", event_type::KPROBE),
            ("BENCH_EVENT_FENTRY = ", event_type::FENTRY),
        ] {
            let (_, rest) = BENCH_H.split_once(name).unwrap();
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            assert_eq!(digits.parse(), Ok(value), "{name}");
        }
    }
}
