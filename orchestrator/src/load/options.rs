//! What a load is asked for.

use crate::plan::LoadSpec;

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// A short table for a person.
    #[default]
    Text,
    /// [`super::LoadMessage`] lines for a supervisor.
    Jsonl,
}

/// What `orchestrator load` was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadOptions {
    /// The load itself.
    pub spec: LoadSpec,
    /// CPUs that the threads are pinned to in turn; empty: the scheduler decides.
    pub cpus: Vec<u32>,
    /// Wait for a line on standard input before the first trigger. A line `warm-up MILLISECONDS` runs the pattern for so
    /// long and waits again: [`super::LoadMessage::Warmed`]. So does a ladder after a line `piece RATE MILLISECONDS`:
    /// [`super::LoadMessage::Piece`].
    pub paused: bool,
    /// After each burst write [`super::LoadMessage::BurstEnded`] and wait for a line on standard input; the pause follows.
    pub paced: bool,
    /// How results are written.
    pub output: Output,
}
