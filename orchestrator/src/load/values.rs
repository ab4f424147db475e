//! Values of the load's flags that no other command has, from text.

use std::ops::RangeInclusive;
use std::str::FromStr;

/// The kernel's own limit on any architecture is no higher.
const CPUS: RangeInclusive<u32> = 0..=4095;

/// How many triggers in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TriggerCount(pub u64);

impl FromStr for TriggerCount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let count = if is_number(text) { text.parse().ok() } else { None };
        count
            .filter(|&count| count > 0)
            .map(Self)
            .ok_or_else(|| format!("expected a whole number from 1 to {}", u64::MAX))
    }
}

/// CPU numbers and ranges as the kernel writes them (`1`, `0,2`, `0-3,6`), in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpuList(pub Vec<u32>);

impl FromStr for CpuList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut cpus = Vec::new();
        for item in text.split(',') {
            let (first, last) = item.split_once('-').unwrap_or((item, item));
            match (cpu(first), cpu(last)) {
                (Some(first), Some(last)) if first <= last => cpus.extend(first..=last),
                _ => return Err("expected CPU numbers from 0 to 4095, such as 1, 0,2 or 0-3".to_owned()),
            }
        }
        Ok(Self(cpus))
    }
}

fn cpu(text: &str) -> Option<u32> {
    let number = if is_number(text) { text.parse().ok() } else { None };
    number.filter(|cpu| CPUS.contains(cpu))
}

/// Plain digits: no sign, which `parse` would accept.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    fn count_is_a_whole_number_above_zero(
        #[values("", "0", "-1", "+1", "1.5", "abc", "18446744073709551616")] text: &str,
    ) {
        assert!(text.parse::<TriggerCount>().is_err());
    }

    #[test]
    fn count_may_be_anything_that_can_be_counted() {
        assert_eq!("18446744073709551615".parse(), Ok(TriggerCount(u64::MAX)));
    }

    #[rstest]
    #[case("1", &[1])]
    #[case("0,2", &[0, 2])]
    #[case("3,0-2", &[3, 0, 1, 2])]
    fn reads_cpu_lists(#[case] text: &str, #[case] cpus: &[u32]) {
        assert_eq!(text.parse(), Ok(CpuList(cpus.to_vec())));
    }

    #[rstest]
    fn rejects_other_cpu_lists(
        #[values("", ",", "1,", "a", "-1", "2-1", "1-", "+1", "4096", "0-4294967295")] text: &str,
    ) {
        assert!(text.parse::<CpuList>().is_err());
    }
}
