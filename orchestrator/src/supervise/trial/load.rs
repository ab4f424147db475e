//! The load generator within a trial: started paused, released, waited for.

use std::time::Duration;

use tokio::time::Instant;

use super::events::Event;
use super::pace::paced;
use super::running::{LOAD_PATIENCE, Trial};
use super::surroundings::Surroundings;
use crate::load::{LoadMessage, LoadReport};
use crate::sample::{machine, monotonic_ns};
use crate::supervise::child::Child;
use crate::supervise::launch::Launch;
use crate::supervise::message::Phase;
use crate::supervise::record::Ended;

impl Trial<'_> {
    /// Measures what the load costs by itself.
    pub(super) async fn load_alone(&mut self) -> Result<(), Ended> {
        (self.phase)(Phase::Measuring);
        self.record.machine.push(machine());
        self.release_load().await?;
        self.wait_for_load().await?;
        self.record.machine.push(machine());
        Ok(())
    }

    pub(super) async fn start_load(&mut self, surroundings: &Surroundings) -> Result<(), Ended> {
        let failed = |message: String| Ended::LoadFailed { message };
        let mut argv = surroundings.load_argv.clone();
        argv.extend(self.spec.load.arguments(&self.spec.placement.load));
        argv.extend(
            ["--paused", "--output", "jsonl"].into_iter().chain(paced(&self.spec.load)).map(String::from),
        );
        let (owner, affinity) = (surroundings.load_owner, surroundings.affinity);
        let load = Child::spawn(&argv, Launch { owner, affinity, ..Launch::default() })
            .map_err(|error| failed(format!("cannot start it: {error}")))?;
        self.record.target_pid = Some(load.pid());
        self.watch.load(load.pid());
        self.load = Some(load);
        match self.next_event(Instant::now() + LOAD_PATIENCE).await {
            Event::Load(LoadMessage::Paused { .. }) => Ok(()),
            Event::LoadFailed(message) => Err(failed(message)),
            Event::LoadExited(status) => Err(failed(self.load_ended_early(status).await)),
            Event::Asked(_) => Err(Ended::Interrupted),
            _ => Err(failed("it did not say that it is ready".into())),
        }
    }

    pub(super) async fn release_load(&mut self) -> Result<(), Ended> {
        self.record.times.released_ns = Some(monotonic_ns());
        self.tell_load("go\n").await
    }

    pub(super) async fn tell_load(&mut self, line: &str) -> Result<(), Ended> {
        let Some(load) = &mut self.load else { return Ok(()) };
        let sent = load.tell(line).await;
        sent.map_err(|error| Ended::LoadFailed { message: format!("cannot release it: {error}") })
    }

    pub(super) async fn wait_for_load(&mut self) -> Result<LoadReport, Ended> {
        let deadline = Instant::now()
            + Duration::from_nanos(self.spec.load.duration_ns)
            + Duration::from_millis(self.spec.deadlines.measure_ms);
        loop {
            // It may have been told while something else was waited for.
            if let Some(report) = &self.record.load {
                return Ok(report.clone());
            }
            match self.next_event(deadline).await {
                Event::Line | Event::Tick | Event::Look | Event::Load(_) => {}
                Event::Deadline => return Err(Ended::TimedOut { phase: "measure".into() }),
                other => return Err(self.early_end(other).await),
            }
        }
    }
}
