//! The kernel/user ABI of impls/bpf/bench.h, as libbpf-cargo reads it from the object's BTF.

use runner_kit::{Args, Cookie, KernelCounters};

use crate::skel::types;

/// The system call that the raw tracepoint program counts.
const OPENAT2: u32 = 437;

/// The program's knobs for these flags.
pub(crate) fn knobs(args: &Args) -> types::knobs {
    let cookie = Cookie::of(args);
    types::knobs {
        target_pid: args.target_pid,
        record_size: args.record_size,
        batch: args.batch,
        wakeup: args.wakeup.number(),
        wakeup_bytes: args.wakeup.bytes(),
        work: args.work,
        syscall_nr: OPENAT2,
        cookie: cookie.place,
        cookie_offset: cookie.register_offset,
    }
}

/// One CPU's `struct counters`; `None` when that is not what the bytes are.
pub(crate) fn counters(bytes: &[u8]) -> Option<KernelCounters> {
    let (fields, rest) = bytes.as_chunks::<8>();
    let [attempted, submitted, dropped, dropped_marks] = *fields else { return None };
    rest.is_empty().then(|| KernelCounters {
        attempted: u64::from_ne_bytes(attempted),
        submitted: u64::from_ne_bytes(submitted),
        dropped: u64::from_ne_bytes(dropped),
        dropped_marks: u64::from_ne_bytes(dropped_marks),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::{offset_of, size_of};

    #[test]
    fn event_has_the_layout_of_bench_h() {
        use types::event;
        assert_eq!(size_of::<event>(), 48);
        assert_eq!(offset_of!(event, ktime_ns), 0);
        assert_eq!(offset_of!(event, mark), 8);
        assert_eq!(offset_of!(event, tgid), 16);
        assert_eq!(offset_of!(event, tid), 20);
        assert_eq!(offset_of!(event, cpu), 24);
        assert_eq!(offset_of!(event, r#type), 28);
        assert_eq!(offset_of!(event, comm), 32);
    }

    #[test]
    fn counters_have_the_layout_of_bench_h() {
        use types::counters;
        assert_eq!(size_of::<counters>(), 32);
        assert_eq!(offset_of!(counters, attempted), 0);
        assert_eq!(offset_of!(counters, submitted), 8);
        assert_eq!(offset_of!(counters, dropped), 16);
        assert_eq!(offset_of!(counters, dropped_marks), 24);
    }

    #[test]
    fn knobs_have_the_layout_of_bench_h_and_are_all_read_only_data() {
        use types::knobs;
        assert_eq!(size_of::<knobs>(), 40);
        assert_eq!(size_of::<types::rodata>(), 40);
        assert_eq!(offset_of!(knobs, target_pid), 0);
        assert_eq!(offset_of!(knobs, record_size), 4);
        assert_eq!(offset_of!(knobs, batch), 8);
        assert_eq!(offset_of!(knobs, wakeup), 12);
        assert_eq!(offset_of!(knobs, wakeup_bytes), 16);
        assert_eq!(offset_of!(knobs, work), 24);
        assert_eq!(offset_of!(knobs, syscall_nr), 28);
        assert_eq!(offset_of!(knobs, cookie), 32);
        assert_eq!(offset_of!(knobs, cookie_offset), 36);
    }

    #[test]
    fn reads_counters_in_the_order_of_bench_h() {
        let bytes: Vec<u8> = [5_u64, 3, 2, u64::MAX].iter().flat_map(|field| field.to_ne_bytes()).collect();
        let expected = KernelCounters { attempted: 5, submitted: 3, dropped: 2, dropped_marks: u64::MAX };
        assert_eq!(counters(&bytes), Some(expected));
        assert_eq!(counters(&bytes[..31]), None);
        assert_eq!(counters(&[]), None);
    }
}
