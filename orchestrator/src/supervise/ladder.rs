//! The highest rate that is carried without loss, searched within one trial (after RFC 2544): in short pieces up by factors, then
//! bisection; and what was found has to hold in a long one.

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
/// carried is tried twice; a proof that fails at all rates down to a thousandth of what was found takes eight.
const MOST_RUNGS: usize = 60;

/// What is tried after the rate that the search found, where that does not hold: it, divided by this; then by the square of this, and so on.
const STEP_DOWN: f64 = 1.1;

/// How a trial searches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LadderSpec {
    /// The rate that is tried first, triggers a second.
    pub first_per_sec: u64,
    /// Length of a piece of the search, milliseconds. The buffer is drained after each.
    pub piece_ms: u64,
    /// Length of a piece in which a rate has to hold, milliseconds.
    pub proof_ms: u64,
    /// When a rate is carried.
    pub rule: LadderRule,
}

/// However short the trial, its pieces are long enough to tell: what may wait is a share of 2 to 3 % of them (the arrivals of
/// 2 ms, and of a timer), and the kernel updates the CPU clock of a runner that is on its processor with each tick alone (4 ms).
/// In pieces of 20 ms a consumer of 1.5 million records a second seemed to carry 1.8 million, and not to be busy.
const SHORTEST_PIECE_NS: u64 = 100_000_000;

/// And what pauses now and then (a collector of garbage, a scheduler) does so within this.
const SHORTEST_PROOF_NS: u64 = 500_000_000;

impl LadderSpec {
    /// Pieces of a search: about as many as it takes.
    const PIECES: u64 = 16;

    /// The search of a trial of this duration, nanoseconds.
    #[must_use]
    pub fn new(duration_ns: u64, first_per_sec: u64, rule: LadderRule) -> Self {
        Self {
            first_per_sec,
            piece_ms: Self::piece_ns(duration_ns) / 1_000_000,
            proof_ms: Self::proof_ns(duration_ns) / 1_000_000,
            rule,
        }
    }

    /// About how long it takes, nanoseconds: the search, and one proof.
    #[must_use]
    pub fn planned_ns(duration_ns: u64) -> u64 {
        Self::PIECES * Self::piece_ns(duration_ns) + Self::proof_ns(duration_ns)
    }

    fn piece_ns(duration_ns: u64) -> u64 {
        (duration_ns / Self::PIECES).max(SHORTEST_PIECE_NS)
    }

    fn proof_ns(duration_ns: u64) -> u64 {
        (duration_ns / 2).max(SHORTEST_PROOF_NS)
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
    /// Whether it was to show that what the search found holds. Trials of before had none of these.
    #[serde(default)]
    pub is_proof: bool,
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
            // Each ring that fills may hold as much.
            Wakeup::Sampled { bytes } => (0, bytes.saturating_mul(benchmark.filled_rings())),
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
    next: Option<Step>,
    /// Of the stage at hand, search or proof: the highest rate that was carried, and the lowest that was not.
    carried: Option<u64>,
    not_carried: Option<u64>,
    /// The rate that comes next has failed once: the machine may have been at fault.
    again: bool,
    /// What the next rate is divided by where no proof has succeeded.
    down: f64,
    rungs: usize,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// Triggers a second.
    pub(super) rate_per_sec: u64,
    pub(super) is_proof: bool,
}

impl Ladder {
    pub(super) fn new(first_per_sec: u64) -> Self {
        Self {
            next: Some(Step { rate_per_sec: first_per_sec.max(1), is_proof: false }),
            carried: None,
            not_carried: None,
            again: false,
            down: STEP_DOWN,
            rungs: 0,
        }
    }

    /// The rate to try; none when all is known.
    pub(super) fn next(&self) -> Option<Step> {
        self.next.filter(|_| self.rungs < MOST_RUNGS)
    }

    /// What became of the rate that was tried.
    pub(super) fn saw(&mut self, is_carried: bool) {
        let Some(Step { rate_per_sec, is_proof }) = self.next() else { return };
        self.rungs += 1;
        if !is_carried && !self.again {
            self.again = true;
            return;
        }
        self.again = false;
        if is_carried {
            self.carried = Some(rate_per_sec);
        } else {
            self.not_carried = Some(rate_per_sec);
        }
        let next_per_sec = if is_proof { self.below() } else { self.search() };
        self.next = next_per_sec.map(|rate_per_sec| Step { rate_per_sec, is_proof });
        if let (None, false, Some(found)) = (self.next, is_proof, self.carried) {
            self.next = Some(Step { rate_per_sec: found, is_proof: true });
            (self.carried, self.not_carried) = (None, None);
        }
    }

    /// Up by factors, or down, until there is a rate of either kind; then the middle of the two.
    fn search(&self) -> Option<u64> {
        match (self.carried, self.not_carried) {
            (Some(low), None) => low.checked_mul(FACTOR).filter(|rate| *rate <= 1_000_000_000),
            (None, Some(high)) => Some(high / FACTOR).filter(|rate| *rate > 0),
            (Some(low), Some(high)) => between(low, high),
            (None, None) => None,
        }
    }

    /// Down from what the search found, by growing factors, until a rate holds; then the middle of that and the one that did not.
    fn below(&mut self) -> Option<u64> {
        let high = self.not_carried?;
        if let Some(low) = self.carried {
            return between(low, high);
        }
        // What is at most a thousand million is so after a division, too.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
        let rate_per_sec = (high as f64 / self.down) as u64;
        self.down *= self.down;
        (rate_per_sec > 0).then_some(rate_per_sec)
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
    fn search(first: u64, carries: impl Fn(Step, usize) -> bool) -> (Option<u64>, usize) {
        let mut ladder = Ladder::new(first);
        while let Some(step) = ladder.next() {
            ladder.saw(carries(step, ladder.rungs));
        }
        (ladder.carried, ladder.rungs)
    }

    proptest! {
        #[test]
        fn finds_the_limit_within_a_twentieth(first in 100_u64..1_000_000, limit in 1_000_u64..100_000_000) {
            let (found, rungs) = search(first, |step, _| step.rate_per_sec <= limit);
            let found = found.expect("one rate is carried");
            prop_assert!(found <= limit && found as f64 * CLOSE_ENOUGH >= limit as f64 - 1.0, "{found}");
            prop_assert!(rungs <= 37, "{rungs}");
        }

        #[test]
        fn what_carries_less_in_the_long_run_is_known_by_that(
            limit in 100_000_u64..100_000_000, sustained in 0.01..1.0_f64,
        ) {
            let lasting = limit as f64 * sustained;
            let carries = |step: Step| (step.rate_per_sec as f64) <= if step.is_proof { lasting } else { limit as f64 };
            let (found, rungs) = search(1_000, |step, _| carries(step));
            let found = found.expect("one rate holds") as f64;
            prop_assert!(found <= lasting && found * CLOSE_ENOUGH * CLOSE_ENOUGH >= lasting - 1.0, "{found} of {lasting}");
            prop_assert!(rungs < MOST_RUNGS, "{rungs}");
        }
    }

    #[test]
    fn one_bad_piece_is_not_the_end_and_two_are() {
        let search =
            |carries: fn(u64, usize) -> bool| search(1_000, |step, rung| carries(step.rate_per_sec, rung)).0;
        assert_eq!(search(|rate, rung| rate <= 8_000 && rung != 1), search(|rate, _| rate <= 8_000));
        assert!(
            search(|rate, rung| rate <= 8_000 && !(1..=2).contains(&rung)).is_some_and(|rate| rate < 2_000)
        );
    }

    #[test]
    fn a_consumer_that_carries_nothing_has_no_rate() {
        assert_eq!(search(500, |_, _| false).0, None);
        assert!(search(500, |_, _| true).0.is_some_and(|rate| rate > 500_000_000));
        assert_eq!(search(500, |step, _| !step.is_proof && step.rate_per_sec < 10_000).0, None);
    }

    #[test]
    fn pieces_are_a_share_of_the_trial_but_not_too_short_to_tell() {
        let spec = |seconds: u64| LadderSpec::new(seconds * 1_000_000_000, 1, RULE);
        assert_eq!((spec(16).piece_ms, spec(16).proof_ms), (1_000, 8_000));
        assert_eq!((spec(0).piece_ms, spec(0).proof_ms), (100, 500));
        assert_eq!(LadderSpec::planned_ns(2_000_000_000), 3_000_000_000);
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
            is_proof: false,
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
