//! What will be run, fully resolved: nothing after this stage has a default of its own.
//!
//! [`resolve`] turns an entry of a configuration into a [`Benchmark`], [`make_plan`] puts the trials in order. No I/O.

mod argv;
mod asked;
mod blocks;
mod builtin;
mod conformance;
mod early;
mod error;
mod order;
mod placement;
mod resolve;
pub mod rule;
pub mod spec;
mod trigger;

pub use argv::runner_argv;
pub use asked::place_as_asked;
pub use builtin::builtin_entries;
pub use conformance::{Check, CheckKind, conformance_checks};
pub use early::early_end;
pub use error::Error;
pub use order::{Request, Requested, SECOND_RUN_SUFFIX, make_plan};
pub use placement::{place, place_on};
pub use resolve::{DEFAULT_BLOCKS, Overrides, resolve};
pub use rule::{AA_BLOCKS, BenchmarkEnd, EarlyEnd, PRECISION_BLOCKS, PlanEnd, StopReason, StopRule};
pub use spec::{
    Benchmark, Consumers, LoadPattern, LoadShape, LoadSpec, Mechanism, Metric, NOTHING_ATTACHED, Placement,
    Plan, PlannedTrial, Point, ProgramType, Question, Rings, RunnerSettings, Syscall, SystemCall, Trigger,
    Wakeup,
};
