//! The highest rate that is carried without loss, searched within one trial (after RFC 2544): up by factors, then bisection.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::load::LadderPiece;
use crate::plan::{Benchmark, Wakeup};

/// Share of events that may be dropped while a rate counts as carried, where nothing else is said.
pub const MOST_LOSS: f64 = 0.001;

/// Share of the slots of its schedule that the load may miss: what it did not offer was not carried.
const MOST_MISSED: f64 = 0.002;

/// What may wait at the best moment late in a piece: as much as arrives in this time, nanoseconds, beyond what the wakeup policy lets
/// wait by design. A consumer that falls behind by one in a hundred has more after a piece of 200 ms.
const ALLOWED_NS: u64 = 2_000_000;

/// Each step up multiplies the rate by this.
const FACTOR: u64 = 2;

/// The search ends when the lowest rate that is not carried exceeds the highest that is by no more than this.
const CLOSE_ENOUGH: f64 = 1.05;

/// Pieces at most. From the first rate to a thousandth or a thousandfold of it takes ten, the bisection four, and each rate that is not
/// carried is tried twice.
const MOST_RUNGS: usize = 40;

/// How a trial searches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LadderSpec {
    /// The rate that is tried first, triggers a second.
    pub first_per_sec: u64,
    /// Length of one piece, milliseconds. The buffer is drained after each.
    pub piece_ms: u64,
    /// When a rate is carried.
    pub rule: LadderRule,
}

/// However short the trial, its pieces are long enough to tell: what may wait is a share of 2 to 3 % of them (the arrivals of
/// 2 ms, and of a timer), and the kernel updates the CPU clock of a runner that is on its processor with each tick alone (4 ms).
/// In pieces of 20 ms a consumer of 1.5 million records a second seemed to carry 1.8 million, and not to be busy.
const SHORTEST_PIECE_NS: u64 = 100_000_000;

impl LadderSpec {
    /// Pieces of a search: about as many as it takes.
    pub const PIECES: u64 = 16;

    /// About how long the search of a trial of this duration takes, nanoseconds.
    #[must_use]
    pub fn search_ns(duration_ns: u64) -> u64 {
        duration_ns.max(Self::PIECES * SHORTEST_PIECE_NS)
    }
}

/// When a rate counts as carried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LadderRule {
    /// Share of events that may be dropped.
    pub most_loss: f64,
    /// Bytes that one trigger takes in the buffer.
    pub trigger_bytes: u64,
    /// Of so many triggers one makes records.
    pub keep_one_in: u32,
    /// Nanoseconds of arrivals that may wait.
    pub waiting_ns: u64,
    /// Bytes that may wait besides, whatever the rate.
    pub waiting_bytes: u64,
}

/// One piece, with what the kernel said of it. Counts and times are of the piece alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rung {
    /// What the load did.
    pub load: LadderPiece,
    /// Records that the program tried to produce.
    pub attempted: Option<u64>,
    /// Reservations that failed.
    pub dropped: Option<u64>,
    /// Fewest bytes that waited in the buffer at a look in the last quarter of the piece, or at its end without one.
    pub least_waiting_bytes: Option<u64>,
    /// CPU time of the runner's processes, nanoseconds.
    pub runner_cpu_ns: Option<u64>,
    /// How often its threads went to sleep.
    pub sleeps: Option<u64>,
}

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RungEnd {
    /// All of it was read in time.
    Carried,
    /// More was dropped than may be.
    Dropped,
    /// More and more waited.
    Behind,
    /// The load could not keep its schedule.
    Missed,
}

impl LadderRule {
    /// What a benchmark asks for.
    #[must_use]
    pub fn of(benchmark: &Benchmark) -> Self {
        let (waiting_ns, waiting_bytes) = match benchmark.runner.wakeup {
            Wakeup::Timer { interval_ns } => (interval_ns, 0),
            Wakeup::Sampled { bytes } => (0, bytes),
            Wakeup::Adaptive | Wakeup::None => (0, 0),
        };
        Self {
            most_loss: benchmark.most_loss.unwrap_or(MOST_LOSS),
            trigger_bytes: benchmark.slots().bytes(benchmark.runner.batch.into()),
            keep_one_in: benchmark.runner.keep_one_in,
            waiting_ns: ALLOWED_NS + waiting_ns,
            waiting_bytes,
        }
    }

    /// What became of a piece; none where the kernel could not be asked.
    #[must_use]
    pub fn judge(&self, rung: &Rung) -> Option<RungEnd> {
        let (attempted, dropped, waiting) = (rung.attempted?, rung.dropped?, rung.least_waiting_bytes?);
        let arriving = |ns: u64| {
            let triggers = u128::from(rung.load.rate_per_sec) * u128::from(ns) / 1_000_000_000;
            triggers * u128::from(self.trigger_bytes) / u128::from(self.keep_one_in.max(1))
        };
        let allowed =
            arriving(self.waiting_ns) + u128::from(self.waiting_bytes) + u128::from(self.trigger_bytes);
        let slots = rung.load.issued + rung.load.missed;
        Some(if dropped as f64 > self.most_loss * attempted as f64 {
            RungEnd::Dropped
        } else if u128::from(waiting) > allowed {
            RungEnd::Behind
        } else if rung.load.missed as f64 > MOST_MISSED * slots as f64 {
            RungEnd::Missed
        } else {
            RungEnd::Carried
        })
    }
}

/// A search under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ladder {
    next_per_sec: Option<u64>,
    carried: Option<u64>,
    not_carried: Option<u64>,
    /// The rate that comes next has failed once: the machine may have been at fault.
    again: bool,
    rungs: usize,
}

impl Ladder {
    pub(super) fn new(first_per_sec: u64) -> Self {
        Self {
            next_per_sec: Some(first_per_sec.max(1)),
            carried: None,
            not_carried: None,
            again: false,
            rungs: 0,
        }
    }

    /// The rate to try, triggers a second; none when the search is over.
    pub(super) fn next(&self) -> Option<u64> {
        self.next_per_sec.filter(|_| self.rungs < MOST_RUNGS)
    }

    /// What became of the rate that was tried.
    pub(super) fn saw(&mut self, is_carried: bool) {
        let Some(rate) = self.next() else { return };
        self.rungs += 1;
        if !is_carried && !self.again {
            self.again = true;
            return;
        }
        self.again = false;
        if is_carried {
            self.carried = Some(rate);
        } else {
            self.not_carried = Some(rate);
        }
        self.next_per_sec = match (self.carried, self.not_carried) {
            (Some(low), None) => low.checked_mul(FACTOR).filter(|rate| *rate <= 1_000_000_000),
            (None, Some(high)) => Some(high / FACTOR).filter(|rate| *rate > 0),
            (Some(low), Some(high)) => between(low, high),
            (None, None) => None,
        };
    }
}

/// The geometric middle of two rates; none when they are close enough.
fn between(low: u64, high: u64) -> Option<u64> {
    let middle = ((low as f64) * (high as f64)).sqrt();
    // Both are at most a thousand million, so their middle is too.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
    let middle = middle.round() as u64;
    (high as f64 > low as f64 * CLOSE_ENOUGH && low < middle && middle < high).then_some(middle)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the search says of a consumer that carries so much, and how many pieces it took.
    fn search(first: u64, carries: impl Fn(u64, usize) -> bool) -> (Option<u64>, usize) {
        let mut ladder = Ladder::new(first);
        while let Some(rate) = ladder.next() {
            ladder.saw(carries(rate, ladder.rungs));
        }
        (ladder.carried, ladder.rungs)
    }

    proptest! {
        #[test]
        fn finds_the_limit_within_a_twentieth(first in 100_u64..1_000_000, limit in 1_000_u64..100_000_000) {
            let (found, rungs) = search(first, |rate, _| rate <= limit);
            let found = found.expect("one rate is carried");
            prop_assert!(found <= limit && found as f64 * CLOSE_ENOUGH >= limit as f64 - 1.0, "{found}");
            prop_assert!(rungs <= 36, "{rungs}");
        }
    }

    #[test]
    fn one_bad_piece_is_not_the_end_and_two_are() {
        assert_eq!(
            search(1_000, |rate, rung| rate <= 8_000 && rung != 1).0,
            search(1_000, |rate, _| rate <= 8_000).0
        );
        let (found, _) = search(1_000, |rate, rung| rate <= 8_000 && !(1..=2).contains(&rung));
        assert!(found.is_some_and(|rate| rate < 2_000));
    }

    #[test]
    fn a_consumer_that_carries_nothing_has_no_rate() {
        assert_eq!(search(500, |_, _| false).0, None);
        assert!(search(500, |_, _| true).0.is_some_and(|rate| rate > 500_000_000));
    }

    const RULE: LadderRule = LadderRule {
        most_loss: MOST_LOSS,
        trigger_bytes: 7_200,
        keep_one_in: 1,
        waiting_ns: ALLOWED_NS,
        waiting_bytes: 0,
    };

    fn rung(dropped: u64, waiting: u64, missed: u64) -> Rung {
        Rung {
            load: LadderPiece {
                rate_per_sec: 10_000,
                issued: 1_000 - missed,
                missed,
                cpu_ns: 1,
                started_ns: 0,
                ended_ns: 100_000_000,
            },
            attempted: Some(100_000),
            dropped: Some(dropped),
            least_waiting_bytes: Some(waiting),
            runner_cpu_ns: None,
            sleeps: None,
        }
    }

    #[test]
    fn a_rate_is_carried_without_loss_backlog_and_missed_slots() {
        let judge = |dropped, waiting, missed| RULE.judge(&rung(dropped, waiting, missed));
        assert_eq!(judge(100, 21 * 7_200, 2), Some(RungEnd::Carried));
        assert_eq!(judge(101, 0, 0), Some(RungEnd::Dropped));
        assert_eq!(judge(0, 21 * 7_200 + 1, 0), Some(RungEnd::Behind));
        assert_eq!(judge(0, 0, 3), Some(RungEnd::Missed));
        assert_eq!(RULE.judge(&Rung { dropped: None, ..rung(0, 0, 0) }), None);
    }
}
