//! The end of the load within a trial: the buffer is waited for until it is empty.

use std::time::Duration;

use tokio::time::Instant;

use super::events::Event;
use super::running::Trial;
use crate::sample::monotonic_ns;
use crate::supervise::record::{Ended, Speaks};

/// How often an emptying buffer is looked at.
const DRAIN_POLL: Duration = Duration::from_millis(5);
/// A consumer that has not moved for so long will not before it is told to stop: nothing in the contract makes it read a
/// remainder that no wakeup announced.
const STILL: Duration = Duration::from_secs(2);

impl Trial<'_> {
    /// Waits until the consumer has read everything, or reads no more: the witness says so, or else the runner's counters.
    pub(super) async fn wait_until_drained(&mut self, load_ended_ns: u64) -> Result<(), Ended> {
        let deadline = Instant::now() + Duration::from_millis(self.spec.deadlines.drain_ms);
        self.heard.forget_counters();
        let mut consumed = self.announced.witness.consumed();
        let mut moved = Instant::now();
        loop {
            if self.announced.witness.consumed() != consumed {
                consumed = self.announced.witness.consumed();
                moved = Instant::now();
            }
            let drained = if let Some(is_empty) = self.announced.witness.is_empty() {
                is_empty || moved.elapsed() >= STILL
            } else {
                let quiet = self.heard.counters_stand_still();
                // A program that sends no counters gets a moment instead.
                let silent = self.spec.speaks != Speaks::Protocol
                    && monotonic_ns().saturating_sub(load_ended_ns) > 500_000_000;
                quiet || silent
            };
            if drained {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(Ended::TimedOut { phase: "drain".into() });
            }
            match self.next_event((Instant::now() + DRAIN_POLL).min(deadline)).await {
                Event::Line
                | Event::Tick
                | Event::Look
                | Event::Deadline
                | Event::Load(_)
                | Event::LoadExited(_) => {}
                other => return Err(self.early_end(other).await),
            }
        }
    }
}
