//! The settings over which a benchmark can be swept. How each is set stands in `config::points`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A setting over which a benchmark can be swept.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::EnumCount,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Axis {
    /// Bytes of the ring buffer.
    RingSize,
    /// Bytes of a record.
    RecordSize,
    /// Records per trigger.
    Batch,
    /// Rounds of extra work per trigger.
    Work,
    /// Triggers per second of an open loop.
    Rate,
    /// Triggers in a burst.
    Burst,
    /// Seconds between bursts.
    Pause,
    /// Threads of the load generator.
    Threads,
    /// Lookups in a hash map per trigger.
    Lookups,
    /// The program makes records of one trigger in so many.
    KeepOneIn,
    /// Threads that call as fast as they can, beside one that keeps a schedule.
    Busy,
    /// Programs that are loaded and attached.
    Programs,
}

/// What the values of an axis are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AxisUnit {
    /// Things, of which each counts.
    Whole,
    /// Bytes.
    Bytes,
    /// Triggers a second.
    PerSec,
    /// Seconds.
    Seconds,
}

/// One row of the table of axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AxisFacts {
    /// The axis.
    pub axis: Axis,
    /// Its key in a configuration.
    pub key: &'static str,
    /// What its values are called over a column.
    pub heading: &'static str,
    /// What they are counted in.
    pub unit: AxisUnit,
    /// How much of what a line is fitted over a slope is stated for, and what that is called.
    pub step: (f64, &'static str),
    /// What a line is fitted over.
    pub abscissa: Abscissa,
    /// What a line's value at 0 is called over a column.
    pub at_zero: &'static str,
}

/// What of a value a line is fitted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abscissa {
    /// The value.
    Value,
    /// Its inverse: of one in ten a tenth.
    Inverse,
}

impl Abscissa {
    /// For a value of the setting.
    #[must_use]
    pub fn of(self, x: f64) -> f64 {
        match self {
            Self::Value => x,
            Self::Inverse => 1.0 / x,
        }
    }
}

const MIB: f64 = 1_048_576.0;

const FACTS: [AxisFacts; <Axis as strum::EnumCount>::COUNT] = [
    row(Axis::RingSize, "ring_size", "ring", AxisUnit::Bytes, (MIB, "MiB of ring")),
    row(Axis::RecordSize, "record_size", "record", AxisUnit::Bytes, (100.0, "100 bytes of record")),
    row(Axis::Batch, "batch", "records\na trigger", AxisUnit::Whole, (1.0, "record")),
    row(Axis::Work, "work", "rounds\nof work", AxisUnit::Whole, (100.0, "100 rounds of work")),
    row(Axis::Rate, "load.rate", "triggers", AxisUnit::PerSec, (1e3, "1,000 triggers a second")),
    row(Axis::Burst, "load.burst", "triggers\na burst", AxisUnit::Whole, (1e3, "1,000 triggers of a burst")),
    row(Axis::Pause, "load.pause", "pause", AxisUnit::Seconds, (1e-3, "millisecond of pause")),
    row(Axis::Threads, "load.threads", "threads", AxisUnit::Whole, (1.0, "thread")),
    row(Axis::Lookups, "lookups", "lookups", AxisUnit::Whole, (1.0, "lookup")),
    AxisFacts {
        // Each trigger costs what one costs that is dropped, and each that is kept so much more.
        abscissa: Abscissa::Inverse,
        at_zero: "dropped",
        ..row(
            Axis::KeepOneIn,
            "keep_one_in",
            "kept\none in",
            AxisUnit::Whole,
            (1.0, "trigger that the filter keeps"),
        )
    },
    row(Axis::Busy, "load.busy", "busy\nrings", AxisUnit::Whole, (1.0, "busy ring")),
    row(Axis::Programs, "programs", "programs", AxisUnit::Whole, (1.0, "program")),
];

const fn row(
    axis: Axis,
    key: &'static str,
    heading: &'static str,
    unit: AxisUnit,
    step: (f64, &'static str),
) -> AxisFacts {
    AxisFacts { axis, key, heading, unit, step, abscissa: Abscissa::Value, at_zero: "at 0" }
}

impl Axis {
    /// All that is known of it.
    #[must_use]
    pub const fn facts(self) -> &'static AxisFacts {
        &FACTS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_where_its_number_says_and_words_are_read_as_they_are_written() {
        for (facts, axis) in FACTS.iter().zip(<Axis as strum::VariantArray>::VARIANTS) {
            assert_eq!(facts.axis, *axis);
            assert_eq!(axis.to_string().parse(), Ok(*axis));
            assert_eq!(serde_json::to_value(axis).expect("serialises"), axis.to_string());
        }
    }
}
