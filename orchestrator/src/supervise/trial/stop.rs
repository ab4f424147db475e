//! The end of a runner: told to stop, and waited for.

use std::time::Duration;

use tokio::time::Instant;

use super::events::Event;
use super::running::Trial;
use super::surroundings::Command;
use crate::sample::monotonic_ns;
use crate::supervise::record::{Ended, StopBy};

/// How long a load runs before its runner is told to stop in the middle of it: long enough to fill any ring.
const UNDER_LOAD: Duration = Duration::from_millis(300);

impl Trial<'_> {
    /// Tells the runner to stop while the load goes on. What it counts can then not be what the load issued.
    pub(super) async fn stop_under_load(&mut self) -> Result<(), Ended> {
        let deadline = Instant::now() + UNDER_LOAD;
        loop {
            match self.next_event(deadline).await {
                Event::Deadline => break,
                Event::Line | Event::Tick | Event::Look | Event::Load(_) => {}
                other => return Err(self.early_end(other).await),
            }
        }
        self.stop_runner().await?;
        self.ticks.stop();
        self.wait_for_load().await.map(drop)
    }

    pub(super) async fn stop_runner(&mut self) -> Result<(), Ended> {
        let patience = if self.spec.runner_stops_itself {
            self.spec.deadlines.exit_ms + self.spec.load.duration_ns / 1_000_000
        } else {
            self.record.times.stop_ns = Some(monotonic_ns());
            match (&mut self.runner, self.spec.stop) {
                (Some(runner), StopBy::EndOfInput) => runner.stdin = None,
                (Some(runner), _) => runner.terminate(),
                (None, _) => {}
            }
            self.spec.deadlines.exit_ms
        };
        self.wait_for_exit(Duration::from_millis(patience)).await
    }

    pub(super) async fn wait_for_exit(&mut self, patience: Duration) -> Result<(), Ended> {
        let deadline = Instant::now() + patience;
        while self.record.exit.is_none() {
            match self.next_event(deadline).await {
                Event::Deadline => return Err(Ended::TimedOut { phase: "exit".into() }),
                Event::TooMuchOutput => return Err(Ended::TooMuchOutput),
                Event::Asked(Command::Kill) => return Err(Ended::Interrupted),
                _ => {}
            }
        }
        Ok(())
    }
}
