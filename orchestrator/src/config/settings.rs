//! The values that a benchmark may set, each with its own limits: the same on the command line and in a file.
//!
//! The limits are those of docs/PROTOCOL.md, so that a value accepted here is accepted by every runner.

use std::borrow::Cow;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::value::{Seconds, parse_size};
use crate::plan::spec::Wakeup;

const LARGEST_RING: u64 = 1 << 30;
const SMALLEST_RING: u64 = 4096;
const RECORD_SIZES: [u32; 6] = [48, 64, 128, 256, 512, 1024];

/// Bytes of the ring buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingSize(pub u64);

impl FromStr for RingSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = parse_size(text)?;
        if bytes.is_power_of_two() && (SMALLEST_RING..=LARGEST_RING).contains(&bytes) {
            return Ok(Self(bytes));
        }
        let expected = "expected a power of two from 4096 to 1073741824";
        Err(if (SMALLEST_RING..LARGEST_RING).contains(&bytes) {
            format!("{expected}; the next one is {}", bytes.next_power_of_two())
        } else {
            expected.to_owned()
        })
    }
}

/// Bytes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordSize(pub u32);

impl FromStr for RecordSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = parse_size(text)?;
        RECORD_SIZES
            .into_iter()
            .find(|size| u64::from(*size) == bytes)
            .map(Self)
            .ok_or_else(|| "expected 48, 64, 128, 256, 512 or 1024 bytes".to_owned())
    }
}

/// A whole number within limits.
macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident($type:ty), $low:literal, $high:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub $type);

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                match text.parse::<$type>() {
                    Ok(value) if digits && ($low..=$high).contains(&value) => Ok(Self(value)),
                    _ => Err(format!("expected a whole number from {} to {}", $low, $high)),
                }
            }
        }

        schema!($name, json_schema!({ "type": "integer", "minimum": $low, "maximum": $high }));
    };
}

macro_rules! schema {
    ($name:ident, $schema:expr) => {
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

schema!(RingSize, json_schema!({ "type": ["integer", "string"], "examples": ["16MiB"] }));
schema!(RecordSize, json_schema!({ "enum": RECORD_SIZES }));
schema!(
    Seconds,
    json_schema!({ "type": ["number", "string"], "exclusiveMinimum": 0, "examples": [10, "20ms"] })
);

bounded! {
    /// Records per trigger.
    Batch(u32), 1, 1000
}
bounded! {
    /// The program makes records of one trigger in so many, by the triggers' cookies.
    KeepOneIn(u32), 1, 1000
}
bounded! {
    /// Rounds of extra work in the BPF program.
    Work(u32), 0, 10_000
}
bounded! {
    /// Lookups in a hash map, per trigger.
    Lookups(u32), 0, 100
}
bounded! {
    /// Triggers per second of an open loop.
    Rate(u64), 1, 100_000_000
}
/// A share in per cent, above 0 and below 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percent(pub f64);

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let value = text.strip_suffix('%').unwrap_or(text).parse().ok();
        let within = |value: &f64| *value > 0.0 && *value < 100.0;
        value
            .filter(within)
            .map(Self)
            .ok_or_else(|| "expected per cent above 0 and below 100, such as 5".to_owned())
    }
}

schema!(
    Percent,
    json_schema!({ "type": ["number", "string"], "exclusiveMinimum": 0, "exclusiveMaximum": 100, "examples": [2, "2%"] })
);

/// Share of events that may be dropped while a rate counts as carried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MostLoss(pub f64);

impl FromStr for MostLoss {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let share = text.parse().ok().filter(|share| (0.0..=0.5).contains(share));
        share.map(Self).ok_or_else(|| "expected a share from 0 to 0.5, such as 0.001".to_owned())
    }
}

schema!(MostLoss, json_schema!({ "type": "number", "minimum": 0, "maximum": 0.5 }));

bounded! {
    /// Triggers of one burst.
    BurstTriggers(u64), 1, 1_000_000_000
}
bounded! {
    /// How often every implementation is measured.
    Blocks(u32), 1, 1000
}
bounded! {
    /// Programs that are loaded and attached.
    Programs(u32), 1, 100
}
bounded! {
    /// Threads that call as fast as they can beside one that keeps a schedule.
    Busy(u32), 0, 255
}
bounded! {
    /// Threads of the load generator.
    Threads(u32), 1, 256
}

/// Reads a wakeup policy: `adaptive`, `sampled:BYTES`, `timer:TIME` or `none`, which is `timer:10ms`.
pub fn parse_wakeup(text: &str) -> Result<Wakeup, String> {
    let expected = || "expected `adaptive`, `sampled:BYTES`, `timer:TIME` or `none`".to_owned();
    match text {
        "adaptive" => Ok(Wakeup::Adaptive),
        "none" => Ok(Wakeup::WITHOUT),
        _ if text.starts_with("timer:") => text
            .strip_prefix("timer:")
            .and_then(timer_interval)
            .map(|interval_ns| Wakeup::Timer { interval_ns })
            .ok_or_else(|| {
                "expected a whole number and `us`, `ms` or `s` after `timer:`, from 100us to 1s".to_owned()
            }),
        _ => {
            let bytes = parse_size(text.strip_prefix("sampled:").ok_or_else(expected)?)?;
            if (1..=LARGEST_RING).contains(&bytes) {
                Ok(Wakeup::Sampled { bytes })
            } else {
                Err("expected 1 to 1073741824 bytes after `sampled:`".to_owned())
            }
        }
    }
}

/// Nanoseconds, within what docs/PROTOCOL.md allows.
fn timer_interval(text: &str) -> Option<u64> {
    let unit = text.find(|letter: char| !letter.is_ascii_digit())?;
    let number: u64 = text[..unit].parse().ok()?;
    let factor = match &text[unit..] {
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        _ => return None,
    };
    number.checked_mul(factor).filter(|ns| (100_000..=1_000_000_000).contains(ns))
}

impl FromStr for Wakeup {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse_wakeup(text)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("4096", Ok(4096))]
    #[case("16MiB", Ok(16 << 20))]
    #[case("5000", Err("expected a power of two from 4096 to 1073741824; the next one is 8192"))]
    #[case("2048", Err("expected a power of two from 4096 to 1073741824"))]
    #[case("2GiB", Err("expected a power of two from 4096 to 1073741824"))]
    fn ring_size_is_a_power_of_two(#[case] text: &str, #[case] expected: Result<u64, &str>) {
        assert_eq!(text.parse::<RingSize>().map(|size| size.0), expected.map_err(str::to_owned));
    }

    #[rstest]
    #[case("adaptive", Some(Wakeup::Adaptive))]
    #[case("none", Some(Wakeup::Timer { interval_ns: 10_000_000 }))]
    #[case("timer:1ms", Some(Wakeup::Timer { interval_ns: 1_000_000 }))]
    #[case("timer:1500us", Some(Wakeup::Timer { interval_ns: 1_500_000 }))]
    #[case("timer:1s", Some(Wakeup::Timer { interval_ns: 1_000_000_000 }))]
    #[case("timer:99us", None)]
    #[case("timer:2s", None)]
    #[case("timer:10", None)]
    #[case("timer:1.5ms", None)]
    #[case("timer:", None)]
    #[case("sampled:1MiB", Some(Wakeup::Sampled { bytes: 1 << 20 }))]
    #[case("sampled:0", None)]
    #[case("sampled", None)]
    #[case("always", None)]
    fn reads_wakeup_policies(#[case] text: &str, #[case] expected: Option<Wakeup>) {
        assert_eq!(parse_wakeup(text).ok(), expected);
    }

    #[rstest]
    fn a_policy_is_read_as_it_is_written(
        #[values("adaptive", "sampled:4096", "timer:100us", "timer:1500us", "timer:10ms", "timer:1s")]
        text: &str,
    ) {
        assert_eq!(parse_wakeup(text).map(|wakeup| wakeup.to_string()), Ok(text.to_owned()));
    }

    #[rstest]
    fn batch_is_plain_digits_within_limits(#[values("0", "1001", "-1", "+5", "1.5", "", "x")] text: &str) {
        assert!(text.parse::<Batch>().is_err(), "{text}");
    }
}
