//! The warm-up within a trial: between `ready` and the release of the load.

use std::time::Duration;

use tokio::time::Instant;

use super::events::Event;
use super::running::{LOAD_PATIENCE, Trial};
use crate::load::{LoadMessage, WarmedPiece};
use crate::sample::{monotonic_ns, tree_cpu_ns};
use crate::supervise::message::Phase;
use crate::supervise::record::{Ended, Speaks};
use crate::supervise::warm_up::{Fill, FillSpec, WarmUp, WarmUpPiece, is_steady};

/// So many parts: the middle one of their costs stands for all, so that one that was put aside does not matter.
const FILLS: u64 = 5;

impl Trial<'_> {
    /// Runs pieces until they cost the same. Where the kernel cannot be asked, one has to do.
    pub(super) async fn warm_up(&mut self) -> Result<(), Ended> {
        // Of a program that speaks text nobody knows when its buffer is empty.
        let Some(spec) = self.spec.warm_up.filter(|_| self.spec.speaks == Speaks::Protocol) else {
            return Ok(());
        };
        (self.phase)(Phase::WarmingUp);
        let mut pieces: Vec<WarmUpPiece> = Vec::new();
        let mut steady = None;
        for _ in 0..spec.most_pieces {
            self.tell_load(&format!("warm-up {}\n", spec.piece_ms)).await?;
            let WarmedPiece { issued, started_ns, ended_ns, .. } =
                self.wait_for_piece(Duration::from_millis(spec.piece_ms)).await?;
            self.wait_until_drained(monotonic_ns()).await?;
            self.pids = self.watch.pids();
            pieces.push(WarmUpPiece {
                issued,
                started_ns,
                ended_ns,
                cpu_ns: tree_cpu_ns(&self.pids),
                consumed: self.announced.witness.consumed(),
            });
            steady = is_steady(self.record.cpu_ready_ns, &pieces);
            // A consumer that leaves something behind will leave it again.
            if steady != Some(false) || self.announced.witness.is_empty() == Some(false) {
                break;
            }
        }
        let fills = match spec.fill {
            Some(spec) => self.fill(spec).await?,
            None => Vec::new(),
        };
        self.record.warm_up = Some(WarmUp {
            pieces,
            steady,
            fills,
            cpu_ns: tree_cpu_ns(&self.pids),
            consumed: self.announced.witness.consumed(),
        });
        Ok(())
    }

    /// Lets the load fill the buffer while the runner is held.
    async fn fill(&mut self, spec: FillSpec) -> Result<Vec<Fill>, Ended> {
        let mut fills = Vec::new();
        if self.announced.witness.waiting().is_none() {
            return Ok(fills);
        }
        if let Some(runner) = &self.runner {
            runner.hold().await;
        }
        let room = spec.most_bytes.saturating_sub(self.announced.witness.waiting().unwrap_or(u64::MAX));
        let triggers = room / FILLS / spec.trigger_bytes.max(1);
        if triggers > 0 {
            for _ in 0..FILLS {
                self.tell_load(&format!("fill {triggers}\n")).await?;
                let WarmedPiece { issued, cpu_ns, .. } = self.wait_for_piece(Duration::ZERO).await?;
                fills.push(Fill { issued, cpu_ns });
            }
        }
        // After an error the runner goes on where it is told to stop.
        if let Some(runner) = &self.runner {
            runner.resume();
        }
        if spec.is_drained {
            self.wait_until_drained(monotonic_ns()).await?;
        }
        Ok(fills)
    }

    async fn wait_for_piece(&mut self, length: Duration) -> Result<WarmedPiece, Ended> {
        let deadline = Instant::now() + length + LOAD_PATIENCE;
        loop {
            match self.next_event(deadline).await {
                Event::Load(LoadMessage::Warmed(piece)) => return Ok(piece),
                Event::Line | Event::Tick | Event::Look | Event::Load(_) => {}
                Event::Deadline => return Err(Ended::TimedOut { phase: "warm-up".into() }),
                other => return Err(self.early_end(other).await),
            }
        }
    }
}
