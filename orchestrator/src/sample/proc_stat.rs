//! How long each processor was busy, by its number. `/proc/stat` leaves out processors that are offline, so that the place of a line
//! says nothing.
//!
//! Neither of the two accounts is right. Most kernels find user and system time by looking, at each timer tick, who runs. A schedule
//! whose period divides the tick's (100 µs and 4 ms) meets every tick in the same phase: the same reader is then seen always or
//! never, and a core that is busy for a tenth of the time counts as busy for all of it. Idle time is taken from the clock wherever the
//! tick stops in idleness (`CONFIG_NO_HZ_IDLE`, kernel/time/tick-sched.c), and is the rest of the ticks where not; but what is
//! not idle has the interrupts and the ways into idleness and out of it, which belong to no process: 3 µs a wakeup on the
//! reference machine. Work that somebody did is in both.

use std::collections::BTreeMap;

use super::monotonic_ns;

/// CPU time of one processor, nanoseconds (clock-tick resolution). Only differences between two readings mean something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Busy {
    /// Time that it worked, interrupts included, as the ticks saw it.
    pub busy_ns: u64,
    /// Time that it was neither idle nor stolen, by the clock.
    pub awake_ns: u64,
    /// Time that the hypervisor gave to others while it wanted to work.
    pub stolen_ns: u64,
}

/// Every processor that is online; empty when the kernel does not say. By hand: `procfs::KernelStats` has their times without their
/// numbers.
#[must_use]
pub fn busy_processors() -> BTreeMap<u32, Busy> {
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    parse(&text, 1_000_000_000 / procfs::ticks_per_second(), monotonic_ns())
}

fn parse(text: &str, tick_ns: u64, now_ns: u64) -> BTreeMap<u32, Busy> {
    let processor = |line: &str| {
        let mut fields = line.strip_prefix("cpu")?.split_ascii_whitespace();
        // The line of the sum has no number.
        let number = fields.next().filter(|_| !line.starts_with("cpu "))?.parse().ok()?;
        let ticks: Vec<u64> = fields.map_while(|field| field.parse().ok()).collect();
        // user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user time already.
        let of = |index: usize| ticks.get(index).copied().unwrap_or(0) * tick_ns;
        let stolen_ns = of(7);
        let busy = Busy {
            busy_ns: of(0) + of(1) + of(2) + of(5) + of(6),
            awake_ns: now_ns.saturating_sub(of(3) + of(4) + stolen_ns),
            stolen_ns,
        };
        Some((number, busy))
    };
    text.lines().filter_map(processor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_in_the_numbers_shifts_nothing() {
        let text =
            "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 1 2 3 100 50 4 5 6 1 0\ncpu3 10 0 0 7 0 0 0 0 0 0\nintr 5\n";
        let busy = parse(text, 10, 2_000);
        assert_eq!(busy.keys().copied().collect::<Vec<_>>(), [0, 3]);
        assert_eq!(busy[&0], Busy { busy_ns: 150, awake_ns: 440, stolen_ns: 60 });
        assert_eq!(busy[&3], Busy { busy_ns: 100, awake_ns: 1_930, stolen_ns: 0 });
    }

    #[test]
    fn this_machine_has_a_busy_processor() {
        assert!(busy_processors().values().any(|cpu| cpu.busy_ns > 0));
    }
}
