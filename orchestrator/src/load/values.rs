//! Values of the load's flags, from text.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::clock::SECOND_NS;

/// The runners' limit for `--duration`, kept so that one value does for both.
const MAX_SECONDS: u32 = 1_000_000;

/// The kernel's own limit on any architecture is no higher.
const CPUS: RangeInclusive<u32> = 0..=4095;

/// CPUs in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpuList(pub Vec<u32>);

/// Reads a whole number within limits.
pub fn whole<T>(limits: RangeInclusive<T>) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: FromStr + PartialOrd + Display + Clone,
{
    move |text| {
        let number = is_number(text).then(|| text.parse().ok()).flatten();
        number
            .filter(|number| limits.contains(number))
            .ok_or_else(|| format!("expected a whole number from {} to {}", limits.start(), limits.end()))
    }
}

/// Seconds, perhaps with a fraction, as nanoseconds.
pub fn seconds(text: &str) -> Result<u64, String> {
    let expected = || format!("expected seconds above 0 and at most {MAX_SECONDS}");
    decimal(text, SECOND_NS)
        .filter(|ns| (1..=u64::from(MAX_SECONDS) * SECOND_NS).contains(ns))
        .ok_or_else(expected)
}

/// A time with its unit (`500us`, `20ms`, `1.5s`), as nanoseconds.
pub fn time(text: &str) -> Result<u64, String> {
    // The longer units first, since all end in `s`.
    [("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", SECOND_NS)]
        .into_iter()
        .find_map(|(unit, unit_ns)| decimal(text.strip_suffix(unit)?, unit_ns))
        .filter(|&ns| ns <= u64::from(MAX_SECONDS) * SECOND_NS)
        .ok_or_else(|| "expected a time with its unit, such as `20ms`, `500us` or `1s`".to_owned())
}

/// CPU numbers and ranges as the kernel writes them: `1`, `0,2`, `0-3,6`.
pub fn cpu_list(text: &str) -> Result<CpuList, String> {
    let mut cpus = Vec::new();
    let cpu = whole(CPUS);
    for item in text.split(',') {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        match (cpu(first), cpu(last)) {
            (Ok(first), Ok(last)) if first <= last => cpus.extend(first..=last),
            _ => return Err("expected CPU numbers from 0 to 4095, such as `1`, `0,2` or `0-3`".to_owned()),
        }
    }
    Ok(CpuList(cpus))
}

/// A plain decimal number times `unit`, rounded down; none if it is anything else or does not fit.
fn decimal(text: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    // 18 digits fit 64 bits and are finer than any unit here.
    let digits = fraction.get(..18).unwrap_or(fraction);
    let scale = 10_u128.pow(u32::try_from(digits.len()).ok()?);
    let part = digits.parse::<u128>().ok()? * u128::from(unit) / scale;
    whole.parse::<u64>().ok()?.checked_mul(unit)?.checked_add(u64::try_from(part).ok()?)
}

/// Plain digits: no sign, which `parse` would accept.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn reads_whole_numbers_within_limits() {
        assert_eq!(whole(1..=1024)("7"), Ok(7_u32));
        assert_eq!(whole(1..=u64::MAX)("18446744073709551615"), Ok(u64::MAX));
    }

    #[rstest]
    fn rejects_other_whole_numbers(
        #[values("", "0", "1025", "-1", "+1", "1.5", "abc", "99999999999")] text: &str,
    ) {
        assert_eq!(whole(1..=1024_u32)(text), Err("expected a whole number from 1 to 1024".to_owned()));
    }

    #[rstest]
    #[case("10", 10 * SECOND_NS)]
    #[case("0.5", SECOND_NS / 2)]
    #[case("1.000000001", SECOND_NS + 1)]
    #[case("1000000", 1_000_000 * SECOND_NS)]
    #[case("1.00000000000000000000000001", SECOND_NS)]
    fn reads_seconds(#[case] text: &str, #[case] ns: u64) {
        assert_eq!(seconds(text), Ok(ns));
    }

    #[rstest]
    fn rejects_other_seconds(
        #[values(
            "",
            "0",
            "0.0",
            "-1",
            "abc",
            "nan",
            "inf",
            "1e3",
            "1.",
            ".5",
            "+1",
            "1000001",
            "9999999999999999999999"
        )]
        text: &str,
    ) {
        assert!(seconds(text).is_err());
    }

    #[rstest]
    #[case("20ms", 20_000_000)]
    #[case("1s", SECOND_NS)]
    #[case("500us", 500_000)]
    #[case("500µs", 500_000)]
    #[case("7ns", 7)]
    #[case("1.5ms", 1_500_000)]
    #[case("0s", 0)]
    fn reads_times(#[case] text: &str, #[case] ns: u64) {
        assert_eq!(time(text), Ok(ns));
    }

    #[rstest]
    fn rejects_other_times(#[values("", "20", "ms", "-1s", "1m", "1 s", "s20", "1000001s")] text: &str) {
        assert!(time(text).is_err());
    }

    #[rstest]
    #[case("1", &[1])]
    #[case("0,2", &[0, 2])]
    #[case("3,0-2", &[3, 0, 1, 2])]
    fn reads_cpu_lists(#[case] text: &str, #[case] cpus: &[u32]) {
        assert_eq!(cpu_list(text), Ok(CpuList(cpus.to_vec())));
    }

    #[rstest]
    fn rejects_other_cpu_lists(
        #[values("", ",", "1,", "a", "-1", "2-1", "1-", "+1", "4096", "0-4294967295")] text: &str,
    ) {
        assert!(cpu_list(text).is_err());
    }
}
