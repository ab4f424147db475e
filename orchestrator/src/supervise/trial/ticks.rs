//! When snapshots are due: on an absolute schedule.

use std::time::Duration;

use tokio::time::Instant;

/// Time between two snapshots.
const PERIOD: Duration = Duration::from_millis(100);

/// The schedule of a trial's snapshots.
#[derive(Debug, Default)]
pub(super) struct Ticks {
    due: Option<Instant>,
}

impl Ticks {
    /// Begins now.
    pub(super) fn start(&mut self) {
        self.due = Some(Instant::now());
    }

    /// Ends.
    pub(super) fn stop(&mut self) {
        self.due = None;
    }

    /// When the next one is due, if any is.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// One was taken. After a stall those that were missed are not made up.
    pub(super) fn taken(&mut self) {
        let now = Instant::now();
        self.due = self.due.map(|due| {
            let mut next = due + PERIOD;
            while next <= now {
                next += PERIOD;
            }
            next
        });
    }
}
