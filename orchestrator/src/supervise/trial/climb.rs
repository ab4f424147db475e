//! The load of a trial as a ladder: the supervisor names each rate when it has seen what became of the one before.

use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use super::events::Event;
use super::running::{LOAD_PATIENCE, Trial};
use crate::load::{LadderPiece, LoadMessage};
use crate::sample::{monotonic_ns, tree_cpu_ns, tree_snapshot};
use crate::supervise::kernel::KernelCounters;
use crate::supervise::ladder::{Ladder, LadderSpec, Rung, RungEnd, Step};
use crate::supervise::record::Ended;

/// Looks at what waits in the last quarter of a piece.
const LOOKS: u32 = 10;

/// What is known at one end of a piece, cumulative.
struct Edge {
    counters: Option<KernelCounters>,
    runner_cpu_ns: Option<u64>,
    sleeps: Option<u64>,
}

impl Trial<'_> {
    /// Searches until the highest rate that is carried is known, or cannot be.
    pub(super) async fn climb(&mut self, spec: &LadderSpec) -> Result<(), Ended> {
        self.record.times.released_ns = Some(monotonic_ns());
        let mut ladder = Ladder::new(spec.first_per_sec);
        while let Some(step) = ladder.next() {
            let length_ms = if step.is_proof { spec.proof_ms } else { spec.piece_ms };
            let rung = self.rung(step, Duration::from_millis(length_ms)).await?;
            self.record.rungs.push(rung);
            self.wait_until_drained(monotonic_ns()).await?;
            // Nobody can say more where the kernel cannot be asked, or of a consumer that leaves something behind.
            let Some(end) =
                spec.rule.judge(&rung).filter(|_| self.announced.witness.is_empty() != Some(false))
            else {
                break;
            };
            ladder.saw(end == RungEnd::Carried);
        }
        self.tell_load("end\n").await
    }

    async fn rung(&mut self, step: Step, length: Duration) -> Result<Rung, Ended> {
        let Step { rate_per_sec, is_proof } = step;
        let before = self.edge();
        self.tell_load(&format!("piece {rate_per_sec} {}\n", length.as_millis())).await?;
        let (load, least_waiting_bytes) = self.wait_for_rung(length).await?;
        let after = self.edge();
        let counted = |of: fn(&KernelCounters) -> u64| {
            let (before, after) = before.counters.as_ref().zip(after.counters.as_ref())?;
            of(after).checked_sub(of(before))
        };
        let grown = |before: Option<u64>, after: Option<u64>| after?.checked_sub(before?);
        Ok(Rung {
            load,
            is_proof,
            attempted: counted(|counters| counters.attempted),
            dropped: counted(|counters| counters.dropped),
            least_waiting_bytes,
            runner_cpu_ns: grown(before.runner_cpu_ns, after.runner_cpu_ns),
            sleeps: grown(before.sleeps, after.sleeps),
        })
    }

    /// Waits for the end of a piece; also says what waited at least in its last quarter.
    async fn wait_for_rung(&mut self, length: Duration) -> Result<(LadderPiece, Option<u64>), Ended> {
        let begun = Instant::now();
        let deadline = begun + length + LOAD_PATIENCE;
        let mut look = begun + length / 4 * 3;
        let mut least: Option<u64> = None;
        loop {
            match self.next_event(look.min(deadline)).await {
                // Where the machine was too busy for a look before the end, that is the look.
                Event::Load(LoadMessage::Piece(piece)) => {
                    return Ok((piece, least.or_else(|| self.announced.witness.waiting())));
                }
                Event::Deadline if Instant::now() >= deadline => {
                    return Err(Ended::TimedOut { phase: "measure".into() });
                }
                Event::Deadline => {
                    let waiting = self.announced.witness.waiting();
                    least = least.into_iter().chain(waiting).min();
                    look += length / 4 / LOOKS;
                }
                Event::Line | Event::Tick | Event::Look | Event::Load(_) => {}
                other => return Err(self.early_end(other).await),
            }
        }
    }

    fn edge(&self) -> Edge {
        Edge {
            counters: self.announced.positions().counters,
            runner_cpu_ns: tree_cpu_ns(&self.pids),
            sleeps: tree_snapshot(Path::new("/proc"), &self.pids, false).voluntary_switches,
        }
    }
}
