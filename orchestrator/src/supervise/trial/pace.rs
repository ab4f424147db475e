//! Bursts within a trial: each begins on an empty buffer and on a processor that is awake.
//!
//! A burst that begins before the last one is read finds a backlog above the threshold of sampled wakeups. Then each of its
//! records forces a wakeup and is read by itself, at many times the cost: the figure would be one of the overlap.

use std::time::Duration;

use tokio::time::Instant;

use super::super::record::Ended;
use super::Trial;
use crate::plan::{LoadPattern, LoadSpec};
use crate::sample::Awake;

/// How often the buffer is looked at.
const LOOK_PERIOD: Duration = Duration::from_millis(2);
/// A consumer that has not read a burst after this long gets the next one on top, and what does not fit is dropped.
const LONGEST: Duration = Duration::from_secs(1);

/// A load that waits for its next burst.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    since: Instant,
    /// When the buffer is looked at again.
    pub(super) look: Instant,
}

/// What makes `orchestrator load` ask before each burst but the first.
pub(super) fn paced(load: &LoadSpec) -> Option<&'static str> {
    matches!(load.pattern, LoadPattern::Bursts { .. }).then_some("--paced")
}

impl Trial<'_> {
    /// Keeps the runner's processor awake between bursts. The other patterns leave no pauses of our making.
    pub(super) fn keep_awake(&self) -> Option<Awake> {
        paced(&self.spec.load)?;
        Awake::keep(self.spec.placement.runner?)
    }

    /// The load asks for its next burst.
    pub(super) async fn burst_ended(&mut self) -> Result<(), Ended> {
        let now = Instant::now();
        self.waiting = Some(Waiting { since: now, look: now });
        self.look_at_buffer().await
    }

    /// Lets the load go on if the buffer is empty. Where nobody can look into it, the pause has to do.
    pub(super) async fn look_at_buffer(&mut self) -> Result<(), Ended> {
        let Some(waiting) = &mut self.waiting else { return Ok(()) };
        if self.witness.drained() == Some(false) && waiting.since.elapsed() < LONGEST {
            waiting.look = Instant::now() + LOOK_PERIOD;
            return Ok(());
        }
        self.waiting = None;
        self.tell_load("go on\n").await
    }
}
