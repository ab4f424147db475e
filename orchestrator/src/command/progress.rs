//! What a person sees while trials run: which trial, which phase, time left. Silent when standard error is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::plan::{LoadPattern, Plan, PlannedTrial};
use crate::supervise::{LadderSpec, Phase};

/// What a trial takes besides its duration, as long as nothing better is known: start, drain and stop.
const OVERHEAD: Duration = Duration::from_millis(1500);

/// How long the trials of a plan take, as long as nothing better is known.
pub(super) fn expected(plan: &Plan) -> Duration {
    plan.trials.iter().map(|trial| of_trial(plan, trial)).sum()
}

fn of_trial(plan: &Plan, trial: &PlannedTrial) -> Duration {
    let load = &plan.benchmarks[trial.benchmark].load;
    let ns = match load.pattern {
        LoadPattern::Ladder => LadderSpec::planned_ns(load.duration_ns),
        _ => load.duration_ns,
    };
    Duration::from_nanos(ns) + OVERHEAD
}

/// Minutes, or seconds where it is less than two minutes.
pub(super) fn about(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("about {} s", seconds.max(1)),
        seconds => format!("about {} min", (seconds + 30) / 60),
    }
}

/// One line at the bottom of the terminal.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    planned: Vec<Duration>,
    started: std::time::Instant,
    done: usize,
    current: String,
}

impl Progress {
    pub(super) fn new(plan: &Plan) -> Self {
        let planned = plan.trials.iter().map(|trial| of_trial(plan, trial)).collect();
        let bar = ProgressBar::with_draw_target(
            Some(u64::try_from(plan.trials.len()).unwrap_or(u64::MAX)),
            ProgressDrawTarget::stderr(),
        );
        // A template without unknown keys always parses; the fallback is indicatif's own style.
        if let Ok(style) = ProgressStyle::with_template("{spinner} [{pos}/{len}] {msg}") {
            bar.set_style(style);
        }
        // The supervisor may share a core with the load: draw seldom.
        bar.enable_steady_tick(Duration::from_millis(500));
        Self { bar, planned, started: std::time::Instant::now(), done: 0, current: String::new() }
    }

    pub(super) fn trial(&mut self, plan: &Plan, trial: &PlannedTrial) {
        self.current = format!(
            "{} · {} (block {} of {})",
            plan.benchmarks[trial.benchmark].name, trial.label, trial.block, plan.blocks
        );
        self.phase(Phase::Starting);
    }

    pub(super) fn phase(&mut self, phase: Phase) {
        let left = self.time_left().as_secs();
        self.bar.set_message(format!(
            "{} · {} · {}:{:02} left",
            self.current,
            phase.name(),
            left / 60,
            left % 60
        ));
    }

    pub(super) fn finished_one(&mut self) {
        self.done += 1;
        self.bar.set_position(u64::try_from(self.done).unwrap_or(u64::MAX));
    }

    /// No time is planned any more for those of the trials to come that will be passed over.
    pub(super) fn leave(&mut self, to_come: impl IntoIterator<Item = bool>) {
        for (planned, is_left) in self.planned.iter_mut().skip(self.done).zip(to_come) {
            *planned = if is_left { *planned } else { Duration::ZERO };
        }
    }

    /// Lets something else write to standard error.
    pub(super) fn aside<R>(&self, write: impl FnOnce() -> R) -> R {
        self.bar.suspend(write)
    }

    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// The planned time of what is left, scaled by how the plan has fared so far.
    fn time_left(&self) -> Duration {
        let (past, left) = self.planned.split_at(self.done.min(self.planned.len()));
        let left: Duration = left.iter().sum();
        let past: Duration = past.iter().sum();
        if past.is_zero() {
            left
        } else {
            left.mul_f64(self.started.elapsed().as_secs_f64() / past.as_secs_f64())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_as_a_person_would() {
        assert_eq!(about(Duration::from_millis(300)), "about 1 s");
        assert_eq!(about(Duration::from_secs(90)), "about 90 s");
        assert_eq!(about(Duration::from_secs(440)), "about 7 min");
    }
}
