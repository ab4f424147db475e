//! Bursts within a trial: each begins on an empty buffer and on a processor that is awake.
//!
//! A burst that begins before the last one is read finds a backlog above the threshold of sampled wakeups. Then each of its
//! records forces a wakeup and is read by itself, at many times the cost: the figure would be one of the overlap.

use std::time::Duration;

use tokio::time::Instant;

use super::events::Event;
use crate::load::LoadMessage;
use crate::plan::{LoadPattern, LoadSpec};
use crate::sample::{Awake, FirstRead, Glancer};
use crate::supervise::record::TrialSpec;
use crate::supervise::witness::Witness;

/// How often the buffer is looked at.
const LOOK_PERIOD: Duration = Duration::from_millis(2);
/// A consumer that has not read a burst after this long gets the next one on top, and what does not fit is dropped.
const LONGEST: Duration = Duration::from_secs(1);

/// Whether the load waits for its next burst.
#[derive(Debug, Default)]
pub(super) struct Pace {
    waiting: Option<Waiting>,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    since: Instant,
    /// When the buffer is looked at again.
    look: Instant,
}

impl Pace {
    /// When the buffer is to be looked at, if the load waits.
    pub(super) fn look(&self) -> Option<Instant> {
        self.waiting.map(|waiting| waiting.look)
    }

    /// Takes an event; answers whether the load may go on with its next burst. `is_drained` looks whether the buffer is empty.
    pub(super) fn goes_on(&mut self, event: &Event, is_drained: impl Fn() -> Option<bool>) -> bool {
        match event {
            Event::Load(LoadMessage::BurstEnded) => {
                let now = Instant::now();
                self.waiting = Some(Waiting { since: now, look: now });
            }
            Event::Look => {}
            _ => return false,
        }
        let Some(waiting) = &mut self.waiting else { return false };
        // Where nobody can look into the buffer, the pause has to do.
        if is_drained() == Some(false) && waiting.since.elapsed() < LONGEST {
            waiting.look = Instant::now() + LOOK_PERIOD;
            return false;
        }
        self.waiting = None;
        true
    }
}

/// What makes `orchestrator load` ask before each burst but the first.
pub(super) fn paced(load: &LoadSpec) -> Option<&'static str> {
    matches!(load.pattern, LoadPattern::Bursts { .. }).then_some("--paced")
}

/// Keeps the runner's processor awake between bursts. The other patterns leave no pauses of our making.
pub(super) fn keep_awake(spec: &TrialSpec) -> Option<Awake> {
    paced(&spec.load)?;
    Awake::keep(spec.placement.runner?)
}

/// Looks at what waits at random moments, where the load keeps a schedule of its own: what waits then on the average is how long
/// each event waits.
pub(super) fn glance(spec: &TrialSpec, witness: &dyn Witness) -> Option<Glancer> {
    let is_open = matches!(spec.load.pattern, LoadPattern::Open { .. } | LoadPattern::Beside { .. });
    let mut positions = is_open.then(|| witness.glance()).flatten()?;
    Glancer::start(move || positions().iter().map(|now| now.produced.saturating_sub(now.consumed)).collect())
}

/// Waits for the first record to be read, where that is asked for.
pub(super) fn first_read(spec: &TrialSpec, witness: &dyn Witness) -> Option<FirstRead> {
    let mut positions = spec.first_read.then(|| witness.glance()).flatten()?;
    FirstRead::start(move || positions().iter().map(|now| now.consumed).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_begins_when_the_one_before_is_read() {
        let ended = Event::Load(LoadMessage::BurstEnded);
        let mut pace = Pace::default();
        assert!(!pace.goes_on(&Event::Look, || Some(true)), "no load waits");
        assert!(!pace.goes_on(&ended, || Some(false)) && pace.look().is_some());
        assert!(!pace.goes_on(&Event::Tick, || Some(true)), "it is not looked at each event");
        assert!(pace.goes_on(&Event::Look, || Some(true)) && pace.look().is_none());
        assert!(pace.goes_on(&ended, || None), "nobody can look");
    }
}
