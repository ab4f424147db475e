//! How long each processor was busy, by its number. `/proc/stat` leaves out processors that are offline, so that the place of a line
//! says nothing.

use std::collections::BTreeMap;

/// CPU time of one processor since boot, nanoseconds (clock-tick resolution).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Busy {
    /// Time that it worked, interrupts included.
    pub busy_ns: u64,
    /// Time that the hypervisor gave to others while it wanted to work.
    pub stolen_ns: u64,
}

/// Every processor that is online; empty when the kernel does not say.
#[must_use]
pub fn busy_processors() -> BTreeMap<u32, Busy> {
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    parse(&text, 1_000_000_000 / procfs::ticks_per_second())
}

fn parse(text: &str, tick_ns: u64) -> BTreeMap<u32, Busy> {
    let processor = |line: &str| {
        let mut fields = line.strip_prefix("cpu")?.split_ascii_whitespace();
        // The line of the sum has no number.
        let number = fields.next().filter(|_| !line.starts_with("cpu "))?.parse().ok()?;
        let ticks: Vec<u64> = fields.map_while(|field| field.parse().ok()).collect();
        // user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user time already.
        let of = |index: usize| ticks.get(index).copied().unwrap_or(0);
        let busy = of(0) + of(1) + of(2) + of(5) + of(6);
        Some((number, Busy { busy_ns: busy * tick_ns, stolen_ns: of(7) * tick_ns }))
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
        let busy = parse(text, 10);
        assert_eq!(busy.keys().copied().collect::<Vec<_>>(), [0, 3]);
        assert_eq!(busy[&0], Busy { busy_ns: 150, stolen_ns: 60 });
        assert_eq!(busy[&3], Busy { busy_ns: 100, stolen_ns: 0 });
    }

    #[test]
    fn this_machine_has_a_busy_processor() {
        assert!(busy_processors().values().any(|cpu| cpu.busy_ns > 0));
    }
}
