//! Runs one trial: spawns runner and load, samples, keeps deadlines, kills, and returns raw facts.

mod record;

pub use record::{
    Deadlines, Ended, ExitStatus, KernelFacts, MapFacts, PhaseTimes, ProgramFacts, RingFacts, Speaks, SupervisorCost,
    TimedLine, TrialRecord, TrialSpec,
};
