//! What limited the rate of a trial, and by how much, from shares that were measured.

mod limited_by;

pub use limited_by::{Limit, LimitedBy};

use super::figures::Figures;
use crate::plan::{LoadPattern, LoadSpec, Wakeup};

/// From this share of a core on a consumer counts as busy.
const BUSY: f64 = 0.95;

/// More dropped records than this share are a loss: one in a million is an accident, and limits nothing.
const LOSS: f64 = 0.001;

/// More slots of a schedule than this share without a trigger mean that it was not kept.
pub(super) const MISSED: f64 = 0.01;

/// The load is limited by what others cost it when that is more than its own work.
const MOST_OF_ITS_TIME: f64 = 0.5;

/// No wakeup costs the one who wakes more than this, nanoseconds: 1 to 2 µs on bare metal, 10 to 13 where a hypervisor traps the
/// interrupt. What would need dearer ones is explained by something else.
const DEAREST_WAKEUP_NS: f64 = 50_000.0;

/// Wakeups an event from which on they count as many where nobody measured what the load costs without them.
const MANY_WAKEUPS_PER_EVENT: f64 = 0.05;

/// The first that applies:
///
/// 1. loss (more than 1 in 1,000 records), which is *timer or ring* where the consumer looks on a timer and was not busy;
/// 2. a busy consumer;
/// 3. for a closed loop, and a schedule of which more than 1 % was missed: wakeups or contention, where they took more than
///    half of the load's CPU time, else the load;
/// 4. the schedule.
///
/// None only without a load.
pub(super) fn limit(figures: &Figures, load: &LoadSpec, wakeup: Wakeup) -> Option<Limit> {
    let some = |by, share: f64| Some(Limit { by, share: Some(share) });
    let runner = figures.runner_cpu_percent.map(|percent| percent / 100.0);
    let is_busy = runner.is_some_and(is_busy);
    if let Some(dropped) = figures.drop_ratio.filter(|share| *share > LOSS) {
        let is_idle = runner.is_some_and(|share| share < BUSY);
        let by = if is_idle && !wakeup.wakes() { LimitedBy::TimerOrRing } else { LimitedBy::Loss };
        return some(by, dropped);
    }
    if let Some(share) = runner.filter(|_| is_busy) {
        return some(LimitedBy::Consumer, share);
    }
    let used = figures.load_cpu_percent? / 100.0 / f64::from(load.threads.max(1));
    let missed = figures.missed_share.unwrap_or(0.0);
    let is_closed = load.pattern == LoadPattern::Closed;
    if !is_closed && missed <= MISSED {
        return some(LimitedBy::Schedule, 1.0 - missed);
    }
    if let Some(excess) = figures.load_excess_share {
        if is_mostly_excess(excess) {
            return some(dear_for(figures), excess);
        }
        return some(LimitedBy::Load, if is_closed { used * (1.0 - excess) } else { missed });
    }
    if woken_per_event(figures).is_some_and(|wakeups| wakeups >= MANY_WAKEUPS_PER_EVENT) {
        return Some(Limit { by: LimitedBy::Wakeups, share: None });
    }
    some(LimitedBy::Load, if is_closed { used } else { missed })
}

/// Whether wakeups can explain what the load paid beyond its own work.
fn dear_for(figures: &Figures) -> LimitedBy {
    let excess_ns =
        figures.load_ns_per_event.zip(figures.load_ns_per_event_alone).map(|(with, own)| with - own);
    let each_ns = excess_ns.zip(woken_per_event(figures)).map(|(excess_ns, wakeups)| excess_ns / wakeups);
    if is_wakeups(each_ns) { LimitedBy::Wakeups } else { LimitedBy::Contention }
}

/// Whether a runner that used this share of a core was busy.
pub(super) fn is_busy(share: f64) -> bool {
    share >= BUSY
}

/// Whether most of the load's time was beyond its own work.
pub(super) fn is_mostly_excess(share: f64) -> bool {
    share > MOST_OF_ITS_TIME
}

/// Whether wakeups explain an excess of so many nanoseconds each; they do where nobody knows how many there were.
pub(super) fn is_wakeups(each_ns: Option<f64>) -> bool {
    each_ns.is_none_or(|ns| ns <= DEAREST_WAKEUP_NS)
}

/// Where the runner cannot tell how often it was woken, how often it went to sleep.
fn woken_per_event(figures: &Figures) -> Option<f64> {
    figures.wakeups_per_event.or_else(|| {
        let sleeps = figures.voluntary_switches? as f64;
        figures.events_read.filter(|events| *events > 0).map(|events| sleeps / events as f64)
    })
}

#[cfg(test)]
mod tests;
