//! The questions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::unknown;

/// What a benchmark asks. A closed loop alone ranks a slow consumer above a quick one (docs/METHODOLOGY.md).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::EnumCount,
    strum::EnumString,
    strum::VariantArray,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", parse_err_ty = String, parse_err_fn = unknown_question)]
pub enum Question {
    /// Consumer CPU time per event, measured in bursts.
    Capacity,
    /// The highest rate that is carried without loss, searched within each trial (after RFC 2544).
    Throughput,
    /// Events per second delivered and dropped while a producer saturates the ring: shown, and never a verdict, because the same
    /// programs differ from run to run (docs/METHODOLOGY.md). In results of version 1 it is called `throughput`.
    Saturation,
    /// Delay of each event at a fixed rate.
    Latency,
    /// What the attached program adds to a trigger of the traced one: the load's own CPU time, with it and with nothing.
    Cost,
    /// How long the program runs, by the kernel's statistics, which make every run about 20 ns dearer.
    RunTime,
    /// What it costs at a rate that every row can carry: CPU of the consumer and of the traced program, memory.
    Overhead,
    /// What is delivered and what is lost at rates from far below what a consumer carries to far above, and how late.
    DropCurve,
    /// What more threads that call bring.
    Scalability,
    /// What a trigger costs, by what the program does.
    Complexity,
    /// Private memory and maps, by the size of the ring.
    MemoryUsage,
    /// From the start of the runner to the first event that it reads, and its parts.
    StartUp,
    /// What one saturated ring does to a second, quiet ring of the same consumer.
    Starvation,
}

fn unknown_question(text: &str) -> String {
    unknown(text, <Question as strum::VariantNames>::VARIANTS)
}
