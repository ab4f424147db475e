//! One trial, from spawning the load to reaping the runner.

mod before;
mod climb;
mod drain;
mod events;
mod heard;
mod leftovers;
mod load;
mod pace;
mod runner;
mod running;
mod stop;
mod surroundings;
mod ticks;
mod warm;

use std::path::Path;
use std::time::Duration;

use bpf_facts::Statistics;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::announced::{Announced, Earlier};
use super::kernel::RingGlances;
use super::message::Phase;
use super::record::{Ended, StopBy, SupervisorCost, TrialRecord, TrialSpec};
use super::room;
use crate::sample::{
    Awake, FirstRead, Glancer, machine, monotonic_ns, program_files, tree_cpu_ns, tree_snapshot,
};
use before::{bare_walk, empty_page_cache, mappings, program_file, quiet};
use heard::Heard;
use leftovers::{kill_tree, leftovers};
use pace::{first_read, glance, keep_awake};
use runner::own_cost;
use running::{LOAD_PATIENCE, Trial};

pub(super) use surroundings::{Command, Surroundings};

/// Where a trial is, with what only the next step needs.
enum State {
    /// The load is to be started, paused.
    NothingStarted,
    /// It is to be released with nothing attached.
    LoadAlone,
    /// The load waits, the runner is to be started.
    LoadWaits,
    /// The runner was started, and what was loaded before it is known.
    RunnerStarted(Earlier),
    /// It reads, and is to be warmed up.
    Ready,
    /// The load is to be released.
    Warm,
    /// The load has ended; what is left in the buffer is to be read.
    LoadEnded(Released),
    /// The buffer is empty; the runner is to stop.
    Drained,
    /// Nothing is left to be done.
    Over(Ended),
}

/// What began with the release of the load.
struct Released {
    awake: Option<Awake>,
    /// CPU time and memory of this process: see [`own_cost`].
    cost: (u64, u64),
    /// CLOCK_MONOTONIC nanoseconds.
    t_ns: u64,
    load_ended_ns: u64,
}

/// Runs one trial. Never fails: whatever happens is in the record.
pub(super) async fn run(
    spec: &TrialSpec,
    surroundings: &mut Surroundings,
    commands: &mut mpsc::UnboundedReceiver<Command>,
    phase: &mut dyn FnMut(Phase),
) -> TrialRecord {
    // Before anything that takes that much memory.
    if let Err(message) = room::check(&spec.told) {
        return TrialRecord::not_run(spec.number, Ended::SpawnFailed { message });
    }
    let walk = bare_walk(spec, surroundings).await;
    let before = quiet(spec, surroundings).await;
    surroundings.mappings = mappings(spec, surroundings);
    let mut trial = Trial::new(spec, commands, phase);
    trial.watch.before(surroundings.mappings.clone());
    trial.record.before = Some(before);
    trial.record.walk = walk;
    trial.record.program = program_file(spec);
    let ended = trial.carry_out(surroundings).await;
    trial.clean_up(ended).await
}

impl Trial<'_> {
    /// From state to state, until it is over or something ends it early.
    async fn carry_out(&mut self, surroundings: &Surroundings) -> Ended {
        let mut state = State::NothingStarted;
        let ended = loop {
            state = match self.step(state, surroundings).await {
                Ok(State::Over(ended)) | Err(ended) => break ended,
                Ok(next) => next,
            };
        };
        self.statistics = None;
        ended
    }

    /// The state after this one; an error is an early end.
    async fn step(&mut self, state: State, surroundings: &Surroundings) -> Result<State, Ended> {
        match state {
            State::NothingStarted => {
                (self.phase)(Phase::Starting);
                self.heard = Heard::nothing(&self.spec.speaks).map_err(|error| Ended::SpawnFailed {
                    message: format!("bad `ready` pattern: {error}"),
                })?;
                self.start_load(surroundings).await?;
                Ok(if self.spec.argv.is_empty() { State::LoadAlone } else { State::LoadWaits })
            }
            State::LoadAlone => {
                self.load_alone().await?;
                Ok(State::Over(Ended::LoadAlone))
            }
            State::LoadWaits => {
                let statistics = self.spec.bpf_statistics.then(Statistics::enable).transpose();
                self.statistics =
                    statistics.map_err(|error| Ended::Unsupported { message: error.to_string() })?;
                if self.spec.cold {
                    empty_page_cache().map_err(|message| Ended::Unsupported { message })?;
                }
                Ok(State::RunnerStarted(self.start_runner(surroundings)?))
            }
            State::RunnerStarted(earlier) => {
                self.wait_until_ready().await?;
                self.pids = self.watch.pids();
                let mechanism = self.spec.told.mechanism;
                self.announced = Announced::open(mechanism, self.heard.program_ids(), &self.pids, earlier);
                self.record.readings.ready = Some(self.announced.reading());
                self.record.cpu_ready_ns = tree_cpu_ns(&self.pids);
                self.record.files = program_files(Path::new("/proc"), &self.pids);
                self.record.at_rest = Some(tree_snapshot(Path::new("/proc"), &self.pids, true));
                self.watch.ready();
                Ok(State::Ready)
            }
            State::Ready => {
                let awake = keep_awake(self.spec);
                self.warm_up().await?;
                drop(awake);
                Ok(State::Warm)
            }
            State::Warm => self.under_load().await,
            State::LoadEnded(released) => {
                self.after_load(released).await?;
                Ok(State::Drained)
            }
            State::Drained => {
                (self.phase)(Phase::Stopping);
                self.stop_runner().await?;
                Ok(State::Over(Ended::Exited))
            }
            State::Over(ended) => Ok(State::Over(ended)),
        }
    }

    /// Releases the load and waits for its end.
    async fn under_load(&mut self) -> Result<State, Ended> {
        self.record.readings.released = Some(self.announced.reading());
        self.record.machine.push(machine());
        self.watch.released(&self.spec.placement);
        let cost = own_cost();
        let awake = keep_awake(self.spec);
        let t_ns = monotonic_ns();
        self.ticks.start();
        (self.phase)(Phase::Measuring);
        if let (true, Some(runner)) = (self.spec.hold_runner, &self.runner) {
            runner.hold().await;
        }
        let glances = glance(self.spec, self.announced.witness.as_ref());
        let first_read = first_read(self.spec, self.announced.witness.as_ref());
        match &self.spec.ladder {
            Some(ladder) => self.climb(ladder).await?,
            None => self.release_load().await?,
        }
        if self.spec.stop == StopBy::SignalUnderLoad {
            self.stop_under_load().await?;
            return Ok(State::Over(Ended::Exited));
        }
        let report = self.wait_for_load().await?;
        self.keep_glances(glances);
        self.record.first_read_ns = first_read.and_then(FirstRead::stop);
        if let (true, Some(runner)) = (self.spec.hold_runner, &self.runner) {
            runner.resume();
        }
        Ok(State::LoadEnded(Released { awake, cost, t_ns, load_ended_ns: report.ended_ns }))
    }

    /// Keeps what was seen at random moments, of each ring where there are several.
    fn keep_glances(&mut self, glances: Option<Glancer>) {
        let Some((all, of_each)) = glances.and_then(Glancer::stop) else { return };
        let cpus = self.announced.witness.of_cpus().into_iter().map(|(cpu, _)| cpu);
        self.record.readings.ring_glances =
            cpus.zip(of_each).map(|(cpu, glances)| RingGlances { cpu, glances }).collect();
        self.record.readings.glances = Some(all);
    }

    /// Waits until the buffer is empty, and takes the last readings of the measured part, also when it does not become so.
    async fn after_load(&mut self, released: Released) -> Result<(), Ended> {
        self.record.cpu_load_ended_ns = tree_cpu_ns(&self.pids);
        self.record.times.load_ended_ns = Some(monotonic_ns());
        self.record.readings.positions.push(self.announced.positions());
        (self.phase)(Phase::Draining);
        let drained = self.wait_until_drained(released.load_ended_ns).await;
        self.record.left_bytes = self.announced.witness.waiting();
        self.record.cpu_settled_ns = tree_cpu_ns(&self.pids);
        self.record.readings.settled = Some(self.announced.reading());
        self.record.machine.push(machine());
        self.snapshot(true);
        self.ticks.stop();
        self.record.pauses = released.awake.and_then(Awake::stop);
        let kept_ns = self.record.pauses.map_or(0, |pauses| pauses.cpu_ns);
        let cost = own_cost();
        self.record.supervisor = SupervisorCost {
            cpu_ns: cost.0.saturating_sub(released.cost.0).saturating_sub(kept_ns),
            wall_ns: monotonic_ns().saturating_sub(released.t_ns),
            peak_rss_bytes: Some(cost.1),
        };
        // The search through all other processes, like the one before the release, takes no time of what is measured.
        self.watch.settled(&self.spec.placement, &self.announced.witness.map_ids());
        drained?;
        self.record.times.settled_ns = Some(monotonic_ns());
        Ok(())
    }

    /// Ends everything that still runs and completes the record.
    async fn clean_up(mut self, mut ended: Ended) -> TrialRecord {
        // The load first: nothing may be triggered while the runner stops.
        if let Some(mut load) = self.load.take() {
            load.stdin = None;
            if timeout(Duration::from_millis(500), load.exited()).await.is_err() {
                load.kill();
                let _reaped = timeout(LOAD_PATIENCE, load.exited()).await;
            }
        }
        if self.runner.is_some() && self.record.exit.is_none() {
            let grace = Duration::from_millis(self.spec.deadlines.exit_ms);
            if let Some(runner) = &self.runner {
                runner.resume();
                runner.terminate();
            }
            if self.wait_for_exit(grace).await.is_err() {
                if let Some(runner) = &self.runner {
                    runner.kill();
                }
                // SIGKILL cannot be ignored; a process in uninterruptible sleep is left to the kernel.
                let _reaped = self.wait_for_exit(LOAD_PATIENCE).await;
            }
        }
        if let Some(mut runner) = self.runner.take() {
            let mut leaked = leftovers();
            leaked.extend(self.watch.left_in_group());
            runner.kill();
            for pid in &leaked {
                kill_tree(*pid);
            }
            if !leaked.is_empty() && ended == Ended::Exited {
                ended = Ended::LeakedProcess;
            }
            self.record.stderr_tail = runner.stderr_tail().await;
        }
        self.record.readings.ended = self.record.readings.ready.is_some().then(|| self.announced.reading());
        self.record.readings.rings = self.announced.of_each_ring();
        self.record.kernel = self.announced.read(self.expected());
        self.record.processes = std::mem::take(&mut self.watch.facts);
        self.record.ended = ended;
        self.record
    }
}
