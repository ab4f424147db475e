//! A trial that is under way: its processes, what they do next, and what is read of them meanwhile.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use bpf_facts::Statistics;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::events::{Event, load_event, next};
use super::heard::Heard;
use super::pace::Pace;
use super::surroundings::Command;
use super::ticks::Ticks;
use crate::load::LoadMessage;
use crate::sample::{all_asleep, monotonic_ns, tree_snapshot};
use crate::supervise::announced::Announced;
use crate::supervise::child::{Child, ChildEvent, Output};
use crate::supervise::message::Phase;
use crate::supervise::record::{Ended, ExitStatus, TrialRecord, TrialSpec};
use crate::supervise::watch::Watch;
use crate::supervise::witness::Expected;

/// How long the load generator may take to say that it is paused, and to report after its duration.
pub(super) const LOAD_PATIENCE: Duration = Duration::from_secs(5);
/// Private memory is read with every so many snapshots: of a ring of 1 GiB the kernel walks through half a million entries for it.
const MEMORY_EVERY: usize = 5;

/// Everything of one trial.
pub(super) struct Trial<'a> {
    pub(super) spec: &'a TrialSpec,
    pub(super) commands: &'a mut mpsc::UnboundedReceiver<Command>,
    pub(super) phase: &'a mut dyn FnMut(Phase),
    /// What comes out of it.
    pub(super) record: TrialRecord,
    pub(super) runner: Option<Child>,
    pub(super) load: Option<Child>,
    /// The runner's processes when they were last looked at.
    pub(super) pids: Vec<u32>,
    /// What the runner has said.
    pub(super) heard: Heard,
    /// When snapshots are due.
    pub(super) ticks: Ticks,
    /// Whether the load waits for the buffer to be empty before its next burst.
    pub(super) pace: Pace,
    /// Keeps the runner's maps and programs alive beyond its end, so that they can be read when all is over.
    pub(super) announced: Announced,
    /// Sees what the processes use and where they are.
    pub(super) watch: Watch,
    /// Keeps the kernel timing the runs of BPF programs.
    pub(super) statistics: Option<Statistics>,
}

impl<'a> Trial<'a> {
    /// One of which nothing has begun.
    pub(super) fn new(
        spec: &'a TrialSpec,
        commands: &'a mut mpsc::UnboundedReceiver<Command>,
        phase: &'a mut dyn FnMut(Phase),
    ) -> Self {
        Self {
            spec,
            commands,
            phase,
            record: TrialRecord::not_run(spec.number, Ended::Exited),
            runner: None,
            load: None,
            pids: Vec::new(),
            heard: Heard::default(),
            ticks: Ticks::default(),
            pace: Pace::default(),
            announced: Announced::nothing(),
            watch: Watch::default(),
            statistics: None,
        }
    }

    /// Whatever happens next; lines are recorded and snapshots taken on the way.
    pub(super) async fn next_event(&mut self, deadline: Instant) -> Event {
        let far = Instant::now() + Duration::from_secs(3600);
        let tick = self.ticks.due().unwrap_or(far);
        let look = self.pace.look().unwrap_or(far);
        let event = tokio::select! {
            biased;
            Some(command) = self.commands.recv() => Event::Asked(command),
            event = next(self.load.as_mut()) => load_event(event),
            event = next(self.runner.as_mut()) => match event {
                ChildEvent::Output(Output::Line(line)) => {
                    self.record.stdout.push(line);
                    Event::Line
                }
                ChildEvent::Output(Output::TooMuch) => Event::TooMuchOutput,
                ChildEvent::Exited(exit) => Event::RunnerExited(exit),
            },
            () = sleep_until(tick) => Event::Tick,
            () = sleep_until(look) => Event::Look,
            () = sleep_until(deadline) => Event::Deadline,
        };
        if self.pace.goes_on(&event, || self.announced.witness.is_empty())
            && let Some(load) = &mut self.load
        {
            // A load that is gone says so itself.
            load.tell("go on\n").await.ok();
        }
        match &event {
            Event::Line => {
                if let Some(line) = self.record.stdout.last()
                    && self.heard.hear(&line.line)
                {
                    self.record.times.ready_ns = Some(line.t_ns);
                }
            }
            Event::Load(LoadMessage::Report(report)) => self.record.load = Some((**report).clone()),
            Event::RunnerExited(exit) => {
                self.record.times.exited_ns = Some(monotonic_ns());
                self.record.exit = Some(exit.unwrap_or(ExitStatus::Code(-1)));
            }
            Event::Tick => {
                self.snapshot(false);
                self.ticks.taken();
            }
            _ => {}
        }
        event
    }

    /// Reads everything once. `last`: the measured part is over.
    pub(super) fn snapshot(&mut self, last: bool) {
        self.pids = self.watch.pids();
        let memory = last || self.record.snapshots.len().is_multiple_of(MEMORY_EVERY);
        self.record.snapshots.push(tree_snapshot(Path::new("/proc"), &self.pids, memory));
        let reading = self.announced.look(|| all_asleep(&self.pids));
        self.record.readings.positions.push(reading);
        if let Some(expected) = self.expected() {
            self.announced.witness.look_at_read(expected);
        }
        if last {
            self.announced.look_for_others(&self.pids);
        }
        // Without a place of its own the runner may be anywhere.
        let set: BTreeSet<u32> = self.spec.placement.runner.into_iter().collect();
        self.watch.look(&self.pids, &set, &self.spec.placement.load);
        if memory {
            self.watch.look_at_group(&self.pids);
        }
    }

    /// What each record should look like; none where nobody was told.
    pub(super) fn expected(&self) -> Option<Expected> {
        let process = self.record.target_pid;
        self.spec.told.record_bytes.map(|bytes| Expected { bytes, process })
    }

    /// Why an event that nobody waited for ends the trial.
    pub(super) async fn early_end(&mut self, event: Event) -> Ended {
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

    /// What a load says that ended before its report.
    pub(super) async fn load_ended_early(&mut self, status: Option<ExitStatus>) -> String {
        let said = match &mut self.load {
            Some(load) => load.stderr_tail().await,
            None => String::new(),
        };
        format!("it ended without a report ({status:?}): {}", said.trim())
    }
}
