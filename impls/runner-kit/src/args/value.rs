//! Readers of single values: each takes the text and answers what was expected when it does not fit.

use super::flags::{Output, ProgramType, Wakeup};
use crate::cpu;
use std::time::Duration;

/// What was wrong with a value, in the words after `invalid value ... for ...: `.
pub(super) type Complaint = String;

const MAX_SECONDS: f64 = 1_000_000.0;
const MAX_WAKEUP_BYTES: u32 = 1 << 30;
const TIMERS: std::ops::RangeInclusive<Duration> = Duration::from_micros(100)..=Duration::from_secs(1);
/// What `--wakeup none` is short for.
const WAKEUP_NONE: Duration = Duration::from_millis(10);
const RING_SIZES: std::ops::RangeInclusive<u32> = 4096..=1 << 30;
const RECORD_SIZES: [u32; 6] = [48, 64, 128, 256, 512, 1024];

/// Plain decimal digits: no sign, no exponent, no blank.
fn digits(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// A whole number from `min` to `max`; `what` names it in the complaint.
pub(super) fn whole(text: &str, what: &str, min: u32, max: u32) -> Result<u32, Complaint> {
    digits(text)
        .and_then(|n| u32::try_from(n).ok())
        .filter(|n| (min..=max).contains(n))
        .ok_or_else(|| format!("expected {what} from {min} to {max}"))
}

pub(super) fn duration(text: &str) -> Result<Duration, Complaint> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let decimal =
        [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    decimal
        .then(|| text.parse::<f64>().ok())
        .flatten()
        .filter(|seconds| *seconds > 0.0 && *seconds <= MAX_SECONDS)
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "expected a number of seconds above 0 and at most 1000000".to_owned())
}

pub(super) fn output(text: &str) -> Result<Output, Complaint> {
    match text {
        "text" => Ok(Output::Text),
        "jsonl" => Ok(Output::Jsonl),
        _ => Err("expected text or jsonl".to_owned()),
    }
}

pub(super) fn program_type(text: &str) -> Result<ProgramType, Complaint> {
    use ProgramType::{Fentry, Kprobe, RawTracepoint, Tracepoint};
    [Tracepoint, RawTracepoint, Kprobe, Fentry]
        .into_iter()
        .find(|program_type| program_type.as_str() == text)
        .ok_or_else(|| "expected tracepoint, raw_tracepoint, kprobe or fentry".to_owned())
}

/// Which targets fit depends on the program type, so this runs after all flags were read.
pub(super) fn attach_target(text: &str, program_type: ProgramType) -> Result<(), Complaint> {
    let name = |part: &str, also: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
    };
    match program_type {
        ProgramType::Tracepoint => text
            .split_once('/')
            .is_some_and(|(category, event)| name(category, "_-") && name(event, "_-"))
            .then_some(())
            .ok_or("expected CATEGORY/NAME, such as syscalls/sys_enter_openat2"),
        ProgramType::RawTracepoint => (text == "sys_enter")
            .then_some(())
            .ok_or("expected sys_enter, the only raw tracepoint that the program can read"),
        ProgramType::Kprobe | ProgramType::Fentry => {
            name(text, "_.$").then_some(()).ok_or("expected the name of a kernel function")
        }
    }
    .map_err(str::to_owned)
}

pub(super) fn ring_size(text: &str) -> Result<u32, Complaint> {
    digits(text)
        .and_then(|n| u32::try_from(n).ok())
        .filter(|n| RING_SIZES.contains(n) && n.is_power_of_two())
        .ok_or_else(|| "expected a power of two from 4096 to 1073741824".to_owned())
}

pub(super) fn record_size(text: &str) -> Result<u32, Complaint> {
    digits(text)
        .and_then(|n| u32::try_from(n).ok())
        .filter(|n| RECORD_SIZES.contains(n))
        .ok_or_else(|| "expected 48, 64, 128, 256, 512 or 1024".to_owned())
}

pub(super) fn wakeup(text: &str) -> Result<Wakeup, Complaint> {
    let sampled = |bytes| whole(bytes, "", 1, MAX_WAKEUP_BYTES).ok().map(Wakeup::Sampled);
    match text.split_once(':') {
        None if text == "adaptive" => Some(Wakeup::Adaptive),
        None if text == "none" => Some(Wakeup::Timer(WAKEUP_NONE)),
        Some(("sampled", bytes)) => sampled(bytes),
        Some(("timer", period)) => time(period).filter(|t| TIMERS.contains(t)).map(Wakeup::Timer),
        _ => None,
    }
    .ok_or_else(|| {
        "expected adaptive, sampled:BYTES, timer:TIME or none, with BYTES from 1 to 1073741824 and TIME from 100us to 1s"
            .to_owned()
    })
}

/// A whole number and its unit.
fn time(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let number = digits(number)?;
    match unit {
        "us" => Some(Duration::from_micros(number)),
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        _ => None,
    }
}

pub(super) fn cpu(text: &str) -> Result<u32, Complaint> {
    let cpu = whole(text, "a CPU number", 0, cpu::MAX)?;
    cpu::allowed(cpu).then_some(cpu).ok_or_else(|| "this process may not run on that CPU".to_owned())
}
