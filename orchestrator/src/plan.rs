//! What will be run, fully resolved: nothing after this stage has a default of its own.

mod spec;

pub use spec::{
    Benchmark, LoadPattern, LoadShape, LoadSpec, Mechanism, Metric, Placement, Plan, PlannedTrial,
    ProgramType, Question, RunnerSettings, Syscall, Wakeup,
};
