//! The beat of the `counters` messages.

/// Nanoseconds between two `counters` messages.
pub const INTERVAL_NS: u64 = 100_000_000;

/// Beats at multiples of [`INTERVAL_NS`] after its start: late beats do not move the later ones, and beats that were missed
/// altogether are not made up for.
#[derive(Debug)]
pub struct Ticker {
    next_ns: u64,
}

impl Ticker {
    /// A ticker whose first beat is one interval after `start_ns`.
    #[must_use]
    pub fn new(start_ns: u64) -> Self {
        Self { next_ns: start_ns + INTERVAL_NS }
    }

    /// Whether a beat is due; if so, moves on to the next.
    pub fn due(&mut self, now_ns: u64) -> bool {
        if now_ns < self.next_ns {
            return false;
        }
        let late = now_ns - self.next_ns;
        self.next_ns += (late / INTERVAL_NS + 1) * INTERVAL_NS;
        true
    }

    /// When the next beat is due.
    #[must_use]
    pub fn next_ns(&self) -> u64 {
        self.next_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_on_an_absolute_schedule() {
        let mut ticker = Ticker::new(7);
        assert!(!ticker.due(6 + INTERVAL_NS));
        assert!(ticker.due(7 + INTERVAL_NS + 30));
        assert_eq!(ticker.next_ns(), 7 + 2 * INTERVAL_NS);
        assert!(!ticker.due(7 + INTERVAL_NS + 40));
    }

    #[test]
    fn leaves_out_beats_that_were_missed() {
        let mut ticker = Ticker::new(0);
        assert!(ticker.due(5 * INTERVAL_NS + 1));
        assert_eq!(ticker.next_ns(), 6 * INTERVAL_NS);
    }
}
