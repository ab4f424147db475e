//! Sizes and times as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A time above zero: seconds as a decimal number, or a number with its unit (`20ms`, `10s`, `2m`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub Duration);

/// The longest time that a runner takes (docs/PROTOCOL.md).
const LONGEST_SECONDS: f64 = 1_000_000.0;

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected seconds above 0, at most 1000000, such as 10 or 0.5".to_owned();
        let text = text.trim();
        let (number, unit) = split_unit(text);
        let scale = match unit {
            "" | "s" => 1.0,
            "m" | "min" => 60.0,
            "ms" => 1e-3,
            "us" => 1e-6,
            "ns" => 1e-9,
            _ => return Err(expected()),
        };
        if !number.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
            return Err(expected());
        }
        let seconds = number.parse::<f64>().map_err(|_| expected())? * scale;
        let duration = Duration::try_from_secs_f64(seconds).map_err(|_| expected())?;
        if duration.is_zero() || seconds > LONGEST_SECONDS {
            return Err(expected());
        }
        Ok(Self(duration))
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0.as_secs_f64())
    }
}

/// Bytes: a whole number, or one with a binary unit (`16MiB`).
pub fn parse_size(text: &str) -> Result<u64, String> {
    let expected = || "expected bytes, such as 16777216 or 16MiB".to_owned();
    let (number, unit) = split_unit(text.trim());
    let scale: u64 = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "kB" | "KB" | "MB" | "GB" | "K" | "M" | "G" => {
            return Err(format!("expected a binary unit (KiB, MiB, GiB) instead of `{unit}`"));
        }
        _ => return Err(expected()),
    };
    let number: u64 = number.parse().map_err(|_| expected())?;
    number.checked_mul(scale).ok_or_else(expected)
}

fn split_unit(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || letter == '.')).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("10", 10_000)]
    #[case("0.5", 500)]
    #[case("20ms", 20)]
    #[case("20 ms", 20)]
    #[case("2m", 120_000)]
    fn reads_durations(#[case] text: &str, #[case] milliseconds: u64) {
        assert_eq!(text.parse(), Ok(Seconds(Duration::from_millis(milliseconds))));
    }

    #[rstest]
    fn refuses_what_is_no_duration(
        #[values(
            "0",
            "0.0",
            "-1",
            "abc",
            "nan",
            "inf",
            "",
            " ",
            "1e3",
            "1000001",
            "5h",
            "0.0000000001",
            "1.2.3"
        )]
        text: &str,
    ) {
        assert!(text.parse::<Seconds>().is_err(), "{text}");
    }

    #[rstest]
    #[case("4096", Ok(4096))]
    #[case("16MiB", Ok(16 << 20))]
    #[case("64 KiB", Ok(64 << 10))]
    #[case("99999999999999999999", Err(()))]
    #[case("18446744073709551615GiB", Err(()))]
    #[case("16MB", Err(()))]
    #[case("1.5MiB", Err(()))]
    #[case("-1", Err(()))]
    fn reads_sizes(#[case] text: &str, #[case] expected: Result<u64, ()>) {
        assert_eq!(parse_size(text).map_err(|_| ()), expected);
    }
}
