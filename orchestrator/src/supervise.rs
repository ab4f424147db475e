//! Runs one trial: spawns runner and load, samples, keeps deadlines, kills, and returns raw facts.
//!
//! # Theory of operation
//!
//! Everything that needs root happens in a *helper*: this same executable, started once a run, directly when the user is
//! root and through sudo otherwise. [`Client`] is the unprivileged side; the two talk JSON lines over the helper's standard
//! input and output. The helper always is a process of its own, also for root, so that a kill −9 of the orchestrator is
//! seen: the helper's input ends, it kills what it started and exits. Should the helper itself be killed, the kernel kills
//! its children (`PR_SET_PDEATHSIG`), and they see the end of their own input besides.
//!
//! Within the helper one loop per trial receives everything (lines, exits, ticks, deadlines, requests) and alone decides;
//! readers only forward. The helper is a subreaper: whatever a runner leaves behind becomes its child, is found and killed.

mod announced;
mod child;
mod client;
mod error;
mod facts;
mod group;
mod helper;
mod kernel;
mod ladder;
mod launch;
mod limits;
mod message;
mod permitted;
mod privileges;
mod record;
mod room;
mod trial;
mod warm_up;
mod watch;
mod witness;

pub use client::{Client, Progress, TrialEnd};
pub use error::Error;
pub use group::{GroupKind, group_kind};
pub use helper::serve;
pub use kernel::{
    AttachFacts, BufferFacts, KernelCounters, KernelFacts, KernelReading, KernelReadings, Knobs, MapFacts,
    ProgramFacts, RecordFacts, RingGlances, RingReading, RingsReading,
};
pub use ladder::{LadderRule, LadderSpec, MOST_LOSS, Rung, RungEnd};
pub use launch::ProgramSurroundings;
pub use message::Phase;
pub use record::{
    Deadlines, Ended, ExitStatus, OtherProgram, PROTOCOL_VERSION, PhaseTimes, ProcessSpec, ProgramFile,
    Speaks, StopBy, SupervisorCost, TimedLine, Told, TrialRecord, TrialSpec,
};
pub use warm_up::{Fill, FillSpec, WarmUp, WarmUpPiece, WarmUpSpec};
pub use watch::{CpuReading, Departure, Party, Placed, ProcessFacts};
