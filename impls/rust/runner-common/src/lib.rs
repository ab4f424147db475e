//! What the kernel side and the user side share: impls/bpf/bench.h in Rust, with the same sizes and offsets.

#![no_std]

use core::mem::{offset_of, size_of};

/// The most records per trigger.
pub const BATCH_MAX: u32 = 1000;
/// The most rounds of extra work per trigger.
pub const WORK_MAX: u32 = 10_000;

/// `enum bench_wakeup`: when a submitted record wakes the consumer.
pub mod wakeup {
    /// The kernel decides: only when the consumer has caught up.
    pub const ADAPTIVE: u32 = 0;
    /// Forced once [`Knobs::wakeup_bytes`](super::Knobs::wakeup_bytes) are waiting, otherwise never.
    pub const SAMPLED: u32 = 1;
    /// Never: the consumer looks on a timer of its own.
    pub const TIMER: u32 = 2;
}

/// `enum bench_cookie`: where a trigger's cookie is.
pub mod cookie {
    /// Nowhere: 0.
    pub const NONE: u32 = 0;
    /// The first argument of the system call.
    pub const SYSCALL: u32 = 1;
    /// kprobe, fentry: the first argument of the function.
    pub const FUNCTION: u32 = 2;
}

/// `enum bench_event_type`: which program wrote the record.
pub mod event_type {
    /// `on_tracepoint`
    pub const TRACEPOINT: u32 = 1;
    /// `on_raw_tp`
    pub const RAW_TRACEPOINT: u32 = 2;
    /// `on_kprobe`
    pub const KPROBE: u32 = 3;
    /// `on_fentry`
    pub const FENTRY: u32 = 4;
}

/// One record; padding up to [`Knobs::record_size`] follows and is not initialised.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// `bpf_ktime_get_ns` of the trigger (`CLOCK_MONOTONIC`).
    pub ktime_ns: u64,
    /// The trigger's cookie + the record's place in the batch, from 0.
    pub mark: u64,
    /// Process id as the initial pid namespace numbers it.
    pub tgid: u32,
    /// Thread id, likewise.
    pub tid: u32,
    /// The CPU of the trigger.
    pub cpu: u32,
    /// One of [`event_type`]; named so that it mirrors bench.h.
    pub r#type: u32,
    /// Name of the thread.
    pub comm: [u8; 16],
}

/// The one element of the per-CPU array `counters`. Cumulative, summed over CPUs in user space.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Records that the program tried to produce.
    pub attempted: u64,
    /// Records handed to the consumer.
    pub submitted: u64,
    /// Reservations that failed.
    pub dropped: u64,
    /// Wrapping sum of the marks of those: never of what was submitted.
    pub dropped_marks: u64,
}

/// Set before load, constant afterwards: the verifier sees numbers, not variables.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knobs {
    /// Produce for this process only; 0 = for every process.
    pub target_pid: u32,
    /// Bytes, 48 to 1024.
    pub record_size: u32,
    /// Records per trigger, 1 to [`BATCH_MAX`].
    pub batch: u32,
    /// One of [`wakeup`].
    pub wakeup: u32,
    /// Backlog that forces a wakeup, with [`wakeup::SAMPLED`].
    pub wakeup_bytes: u64,
    /// Rounds of extra work per trigger, 0 to [`WORK_MAX`].
    pub work: u32,
    /// `on_raw_tp` only: the system call that counts as a trigger.
    pub syscall_nr: u32,
    /// One of [`cookie`].
    pub cookie: u32,
    /// Of the first argument's register in this machine's `struct pt_regs`.
    pub cookie_offset: u32,
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
    };
}

const _: () = {
    assert!(size_of::<Event>() == 48 && size_of::<Counters>() == 32 && size_of::<Knobs>() == 40);
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
            offsets!(Knobs: target_pid, record_size, batch, wakeup, wakeup_bytes, work, syscall_nr, cookie, cookie_offset)
        );
    }

    #[test]
    fn constants_have_the_values_of_bench_h() {
        for (name, value) in [
            ("#define BENCH_BATCH_MAX ", BATCH_MAX),
            ("#define BENCH_WORK_MAX ", WORK_MAX),
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
