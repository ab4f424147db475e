//! One trial, from spawning the load to reaping the runner.

mod before;
mod events;
mod leftovers;
mod load;
mod pace;
mod processes;
mod stop;
mod warm;

use std::time::Duration;

use bpf_facts::Statistics;
use nix::sched::CpuSet;
use regex::Regex;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::child::{Child, Happening, Output};
use super::group::Groups;
use super::launch::Owner;
use super::message::Phase;
use super::record::{Ended, ExitStatus, Speaks, StopBy, SupervisorCost, TrialRecord, TrialSpec};
use super::room;
use super::watch::Watch;
use super::witness::{Earlier, Witness};
use crate::sample::{Awake, Glancer, Mappings, Walk, machine, monotonic_ns, tree_cpu_ns};
use before::{bare_walk, mappings, program_file, quiet};
use events::{Event, Glimpse, load_event, next, nonsense};
use leftovers::{kill_tree, leftovers};
use pace::Waiting;
use processes::own_cost;

/// Time between two snapshots.
const SNAPSHOT_PERIOD: Duration = Duration::from_millis(100);
/// How often an emptying buffer is looked at.
const DRAIN_POLL: Duration = Duration::from_millis(5);
/// A consumer that has not moved for so long will not before it is told to stop: nothing in the contract makes it read a
/// remainder that no wakeup announced.
const STILL: Duration = Duration::from_secs(2);
/// How long the load generator may take to say that it is paused, and to report after its duration.
const LOAD_PATIENCE: Duration = Duration::from_secs(5);
/// Without a look at the ring: counters that stay equal for so many messages mean that the buffer is empty.
const QUIET_COUNTERS: u32 = 3;
/// So many characters of a line that cannot be understood are shown.
const BEGINNING: usize = 60;

/// What the user wants of the running trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Stop,
    Kill,
}

/// What all trials of a run share.
#[derive(Debug)]
pub(super) struct Surroundings {
    /// The executable that is the load generator, with its leading arguments.
    pub(super) load_argv: Vec<String>,
    /// Who the load generator is to be; none: the same user as the helper.
    pub(super) load_owner: Option<Owner>,
    /// The CPUs that children may use, before the helper pinned itself.
    pub(super) affinity: Option<CpuSet>,
    /// BPF programs and maps that are loaded without us; none without privileges to ask.
    pub(super) bpf_base: Option<u32>,
    /// Bare walks that were timed before earlier trials, each ring and record size once.
    pub(super) walks: Vec<Walk>,
    /// Where runners get control groups of their own.
    pub(super) groups: Option<Groups>,
    /// Who had maps in memory before the last trial: whoever has not run since need not be looked at again.
    pub(super) mappings: Mappings,
}

struct Trial<'a> {
    spec: &'a TrialSpec,
    ready_pattern: Option<Regex>,
    record: TrialRecord,
    runner: Option<Child>,
    load: Option<Child>,
    commands: &'a mut mpsc::UnboundedReceiver<Command>,
    phase: &'a mut dyn FnMut(Phase),
    ready: Option<Glimpse>,
    /// Last `received` and how many messages in a row said the same.
    counters: Option<(u64, u32)>,
    next_snapshot: Option<Instant>,
    pids: Vec<u32>,
    /// The load waits for the buffer to be empty before its next burst.
    waiting: Option<Waiting>,
    /// What was loaded before the runner was.
    earlier: Earlier,
    /// Keeps the runner's maps and programs alive beyond its end, so that they can be read when all is over.
    witness: Witness,
    /// Sees what the processes use and where they are.
    watch: Watch,
}

/// Runs one trial. Never fails: whatever happens is in the record.
pub(super) async fn run(
    spec: &TrialSpec,
    surroundings: &mut Surroundings,
    commands: &mut mpsc::UnboundedReceiver<Command>,
    phase: &mut dyn FnMut(Phase),
) -> TrialRecord {
    // Before anything that takes that much memory.
    if let Err(message) = room::check(spec.told.ring_bytes) {
        return TrialRecord::not_run(spec.number, Ended::SpawnFailed { message });
    }
    let walk = bare_walk(spec, surroundings).await;
    let before = quiet(spec, surroundings).await;
    let mut trial = Trial {
        spec,
        ready_pattern: None,
        record: TrialRecord::not_run(spec.number, Ended::Exited),
        runner: None,
        load: None,
        commands,
        phase,
        ready: None,
        counters: None,
        next_snapshot: None,
        pids: Vec::new(),
        waiting: None,
        earlier: Earlier::default(),
        witness: Witness::default(),
        watch: Watch::default(),
    };
    surroundings.mappings = mappings(spec, surroundings);
    trial.watch.before(surroundings.mappings.clone());
    trial.record.before = Some(before);
    trial.record.walk = walk;
    trial.record.program = program_file(spec);
    let ended = match trial.measure(surroundings).await {
        Ok(()) => Ended::Exited,
        Err(ended) => ended,
    };
    trial.clean_up(ended).await
}

impl Trial<'_> {
    /// The good path; any early end is an `Err`.
    async fn measure(&mut self, surroundings: &Surroundings) -> Result<(), Ended> {
        (self.phase)(Phase::Starting);
        if let Speaks::Text { ready } = &self.spec.speaks {
            let pattern = Regex::new(ready)
                .map_err(|error| Ended::SpawnFailed { message: format!("bad `ready` pattern: {error}") })?;
            self.ready_pattern = Some(pattern);
        }
        self.start_load(surroundings).await?;
        if self.spec.argv.is_empty() {
            return self.load_alone().await;
        }
        let statistics = self.spec.bpf_statistics.then(Statistics::enable).transpose();
        let _statistics = statistics.map_err(|error| Ended::Unsupported { message: error.to_string() })?;
        self.start_runner(surroundings)?;
        self.wait_until_ready().await?;

        let program_ids = match self.ready.take() {
            Some(Glimpse::Ready { program_ids }) => program_ids,
            _ => Vec::new(),
        };
        self.pids = self.watch.pids();
        self.witness = Witness::open(&program_ids, &self.pids, std::mem::take(&mut self.earlier));
        self.record.readings.ready = Some(self.witness.reading());
        self.record.cpu_ready_ns = tree_cpu_ns(&self.pids);
        self.watch.ready();
        let awake = self.keep_awake();
        self.warm_up().await?;
        drop(awake);
        self.record.readings.released = Some(self.witness.reading());
        self.record.machine.push(machine());
        self.watch.released(&self.spec.placement);
        let cost_start = own_cost();
        let awake = self.keep_awake();
        let wall_start = monotonic_ns();
        self.next_snapshot = Some(Instant::now());
        (self.phase)(Phase::Measuring);
        if let (true, Some(runner)) = (self.spec.hold_runner, &self.runner) {
            runner.hold().await;
        }
        let glances = self.glance();
        self.release_load().await?;
        if self.spec.stop == StopBy::SignalUnderLoad {
            return self.stop_under_load().await;
        }
        let report = self.wait_for_load().await?;
        self.record.readings.glances = glances.and_then(Glancer::stop);
        if let (true, Some(runner)) = (self.spec.hold_runner, &self.runner) {
            runner.resume();
        }

        self.record.cpu_load_ended_ns = tree_cpu_ns(&self.pids);
        self.record.times.load_ended_ns = Some(monotonic_ns());
        self.record.readings.positions.push(self.witness.positions());
        (self.phase)(Phase::Draining);
        let settled = self.wait_until_drained(report.ended_ns).await;
        self.record.left_bytes = self.witness.backlog();
        self.record.cpu_settled_ns = tree_cpu_ns(&self.pids);
        self.record.readings.settled = Some(self.witness.reading());
        self.record.machine.push(machine());
        self.snapshot(true);
        self.next_snapshot = None;
        self.watch.settled(&self.spec.placement, &self.witness.ring_ids());
        self.record.pauses = awake.and_then(Awake::stop);
        let kept_ns = self.record.pauses.map_or(0, |pauses| pauses.cpu_ns);
        let cost_end = own_cost();
        self.record.supervisor = SupervisorCost {
            cpu_ns: cost_end.0.saturating_sub(cost_start.0).saturating_sub(kept_ns),
            wall_ns: monotonic_ns().saturating_sub(wall_start),
            peak_rss_bytes: Some(cost_end.1),
        };
        settled?;
        self.record.times.settled_ns = Some(monotonic_ns());

        (self.phase)(Phase::Stopping);
        self.stop_runner().await
    }

    async fn wait_until_ready(&mut self) -> Result<(), Ended> {
        let deadline = Instant::now() + Duration::from_millis(self.spec.deadlines.ready_ms);
        while self.record.times.ready_ns.is_none() {
            match self.next_event(deadline).await {
                Event::Line => self.unreadable().map_or(Ok(()), Err)?,
                Event::Tick | Event::Look | Event::Load(_) => {}
                Event::Deadline => return Err(Ended::NeverReady),
                other => return Err(self.early_end(other).await),
            }
        }
        Ok(())
    }

    /// Whether the last line is one after which `ready` cannot come any more.
    fn unreadable(&self) -> Option<Ended> {
        if self.spec.speaks != Speaks::Protocol || self.record.times.ready_ns.is_some() {
            return None;
        }
        let lines = self.record.stdout.len();
        let line = &self.record.stdout.last()?.line;
        Some(Ended::Unreadable {
            line: lines as u64,
            reason: nonsense(line, lines == 1)?,
            beginning: line.chars().take(BEGINNING).collect(),
        })
    }

    /// Waits until the consumer has read everything, or reads no more: the ring's positions say so, or else the runner's
    /// counters.
    async fn wait_until_drained(&mut self, load_ended_ns: u64) -> Result<(), Ended> {
        let deadline = Instant::now() + Duration::from_millis(self.spec.deadlines.drain_ms);
        self.counters = None;
        let mut position = self.witness.consumer_position();
        let mut moved = Instant::now();
        loop {
            if self.witness.consumer_position() != position {
                position = self.witness.consumer_position();
                moved = Instant::now();
            }
            let drained = if let Some(drained) = self.witness.drained() {
                drained || moved.elapsed() >= STILL
            } else {
                let quiet = self.counters.is_some_and(|(_, equal)| equal >= QUIET_COUNTERS);
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

    async fn early_end(&mut self, event: Event) -> Ended {
        match event {
            Event::RunnerExited(_) if self.record.times.ready_ns.is_none() => Ended::Exited,
            Event::RunnerExited(_) => Ended::EndedEarly,
            Event::TooMuchOutput => Ended::TooMuchOutput,
            Event::LoadFailed(message) => Ended::LoadFailed { message },
            Event::LoadExited(status) => Ended::LoadFailed { message: self.load_ended_early(status).await },
            Event::Asked(_) => Ended::Interrupted,
            Event::Line | Event::Load(_) | Event::Tick | Event::Look | Event::Deadline => {
                Ended::TimedOut { phase: "measure".into() }
            }
        }
    }

    /// Whatever happens next; lines are recorded and snapshots taken on the way.
    async fn next_event(&mut self, deadline: Instant) -> Event {
        let far = Instant::now() + Duration::from_secs(3600);
        let tick = self.next_snapshot.unwrap_or(far);
        let look = self.waiting.map_or(far, |waiting| waiting.look);
        let event = tokio::select! {
            biased;
            Some(command) = self.commands.recv() => Event::Asked(command),
            happening = next(self.load.as_mut()) => load_event(happening),
            happening = next(self.runner.as_mut()) => match happening {
                Happening::Output(Output::Line(line)) => {
                    self.record.stdout.push(line);
                    Event::Line
                }
                Happening::Output(Output::TooMuch) => Event::TooMuchOutput,
                Happening::Exited(exit) => Event::RunnerExited(exit),
            },
            () = sleep_until(tick) => Event::Tick,
            () = sleep_until(look) => Event::Look,
            () = sleep_until(deadline) => Event::Deadline,
        };
        self.keep_pace(&event).await;
        match &event {
            Event::Line => self.read_last_line(),
            Event::RunnerExited(exit) => {
                self.record.times.exited_ns = Some(monotonic_ns());
                self.record.exit = Some(exit.unwrap_or(ExitStatus::Code(-1)));
            }
            Event::Tick => {
                self.snapshot(false);
                // An absolute schedule; after a stall the missed readings are not made up.
                let now = Instant::now();
                self.next_snapshot = self.next_snapshot.map(|due| {
                    let mut next = due + SNAPSHOT_PERIOD;
                    while next <= now {
                        next += SNAPSHOT_PERIOD;
                    }
                    next
                });
            }
            _ => {}
        }
        event
    }

    fn read_last_line(&mut self) {
        let Some(line) = self.record.stdout.last() else { return };
        if let Some(pattern) = &self.ready_pattern {
            if self.record.times.ready_ns.is_none() && pattern.is_match(&line.line) {
                self.record.times.ready_ns = Some(line.t_ns);
            }
            return;
        }
        // Nonsense is judged later, by the parser, which names the line.
        match serde_json::from_str::<Glimpse>(&line.line) {
            Ok(ready @ Glimpse::Ready { .. }) if self.record.times.ready_ns.is_none() => {
                self.record.times.ready_ns = Some(line.t_ns);
                self.ready = Some(ready);
            }
            Ok(Glimpse::Counters { received }) => {
                self.counters = Some(match self.counters {
                    Some((last, equal)) if last == received => (received, equal + 1),
                    _ => (received, 1),
                });
            }
            _ => {}
        }
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
        self.record.readings.ended = self.record.readings.ready.is_some().then(|| self.witness.reading());
        self.record.kernel = self.witness.read(self.spec.told.record_bytes, self.record.target_pid);
        self.record.processes = std::mem::take(&mut self.watch.facts);
        self.record.ended = ended;
        self.record
    }
}
