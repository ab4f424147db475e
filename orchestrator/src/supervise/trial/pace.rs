//! Bursts within a trial: each begins on an empty buffer and on a processor that is awake.
//!
//! A burst that begins before the last one is read finds a backlog above the threshold of sampled wakeups. Then each of its
//! records forces a wakeup and is read by itself, at many times the cost: the figure would be one of the overlap.

use std::time::Duration;

use tokio::time::Instant;

use super::Trial;
use super::events::Event;
use crate::load::LoadMessage;
use crate::plan::{LoadPattern, LoadSpec};
use crate::sample::{Awake, Glancer};

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

    /// Looks at the ring at random moments, where the load keeps a schedule of its own: what waits then on the average is how long
    /// each event waits.
    pub(super) fn glance(&self) -> Option<Glancer> {
        let is_open = matches!(self.spec.load.pattern, LoadPattern::Open { .. });
        is_open.then(|| self.witness.positions_of_its_own()).flatten().and_then(Glancer::start)
    }

    /// Does what an event asks for: the load wants its next burst, or it is time to look again whether it may begin.
    pub(super) async fn keep_pace(&mut self, event: &Event) {
        match event {
            Event::Load(LoadMessage::BurstEnded) => {
                let now = Instant::now();
                self.waiting = Some(Waiting { since: now, look: now });
            }
            Event::Look => {}
            _ => return,
        }
        let Some(waiting) = &mut self.waiting else { return };
        // Where nobody can look into the buffer, the pause has to do.
        if self.witness.drained() == Some(false) && waiting.since.elapsed() < LONGEST {
            waiting.look = Instant::now() + LOOK_PERIOD;
            return;
        }
        self.waiting = None;
        // A load that is gone says so itself.
        self.tell_load("go on\n").await.ok();
    }
}
