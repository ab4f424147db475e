//! Numbers as people read them: three significant digits, a unit, a space between them.

/// What stands for an unknown figure.
pub(super) const UNKNOWN: &str = "-";

/// Three significant digits, and never an exponent.
fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 99.95 => format!("{value:.0}"),
        size if size >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Scales a value down by `step` while three digits do not hold it.
fn scaled(value: f64, step: f64, units: &[&str]) -> String {
    let mut value = value;
    let mut units = units.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    while value.abs() >= step * 0.9995
        && let Some(next) = units.next()
    {
        value /= step;
        unit = next;
    }
    format!("{} {unit}", digits(value))
}

/// Events per second: `9.12 M/s`.
#[must_use]
pub fn rate(per_sec: f64) -> String {
    scaled(per_sec, 1e3, &["/s", "k/s", "M/s", "G/s"])
}

/// A duration: `11.4 ns`, `1.25 ms`.
#[must_use]
pub fn duration_ns(ns: f64) -> String {
    scaled(ns, 1e3, &["ns", "µs", "ms", "s"])
}

/// Energy: `12.3 nJ`.
pub(super) fn joules(joules: f64) -> String {
    scaled(joules * 1e9, 1e3, &["nJ", "µJ", "mJ", "J"])
}

/// A size: `4.8 MiB`.
#[must_use]
pub fn bytes(bytes: f64) -> String {
    let (mut value, mut unit) = (bytes, "B");
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if value.abs() < 1000.0 {
            break;
        }
        (value, unit) = (value / 1024.0, next);
    }
    if value.abs() < 9.95 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

/// A share as per cent. What is not quite nothing or everything is not shown as such: `<0.01 %`, `>99.9 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        0.0 => "0 %".into(),
        p if p > 0.0 && p < 0.01 => "<0.01 %".into(),
        p if p > 99.95 && p < 100.0 => ">99.9 %".into(),
        p if p < 1.0 => format!("{p:.2} %"),
        p if p < 99.95 => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

/// How much more or less, of a ratio of new to old: `+4.2 %`.
pub(super) fn change(ratio: f64) -> String {
    match (ratio - 1.0) * 100.0 {
        p if p.abs() < 0.005 => "0 %".to_owned(),
        p if p.abs() < 0.995 => format!("{p:+.2} %"),
        p if p.abs() < 99.95 => format!("{p:+.1} %"),
        p => format!("{p:+.0} %"),
    }
}

/// A share as whole per cent, for figures that are not that exact.
pub(super) fn whole_percent(share: f64) -> String {
    match share * 100.0 {
        p if p > 0.0 && p < 1.0 => "<1 %".into(),
        p => format!("{p:.0} %"),
    }
}

/// A number of things: `1.98 k`.
pub(super) fn count(count: f64) -> String {
    scaled(count, 1e3, &["", "k", "M", "G"]).trim_end().to_owned()
}

/// A number and its noun: `1 block`, `5 blocks`.
pub(super) fn counted(number: impl Into<u64>, noun: &str) -> String {
    match number.into() {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    }
}

/// A limit that somebody set, without digits that he did not set: `5 %`, `2.5 %`.
pub(super) fn set_percent(share: f64) -> String {
    // Rounded to undo what binary fractions add: 0.07 * 100 is a little more than 7.
    format!("{} %", (share * 1e8).round() / 1e6)
}

/// How many times: `1.04x`.
#[must_use]
pub fn ratio(ratio: f64) -> String {
    format!("{}x", digits(ratio))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_and_a_unit() {
        let rates = [0.5, 842.0, 999.6, 1_234.0, 87_654.0, 9_123_456.0, 123_456_789.0, 2.5e12].map(rate);
        assert_eq!(
            rates,
            ["0.50 /s", "842 /s", "1.00 k/s", "1.23 k/s", "87.7 k/s", "9.12 M/s", "123 M/s", "2500 G/s"]
        );
        let durations = [11.4, 406.0, 12_345.0, 2_000_000.0, 3.5e9].map(duration_ns);
        assert_eq!(durations, ["11.4 ns", "406 ns", "12.3 µs", "2.00 ms", "3.50 s"]);
        // What a step adds may be negative.
        let sizes = [512.0, 5_033_164.8, 15_000_000.0, 2_147_483_648.0, -28_703.8, -387.7].map(bytes);
        assert_eq!(sizes, ["512 B", "4.8 MiB", "14 MiB", "2.0 GiB", "-28 KiB", "-388 B"]);
        assert_eq!([1.5, 1_980.0, 3e6].map(count), ["1.50", "1.98 k", "3.00 M"]);
        assert_eq!([0.0, 0.004, 0.99, 1.234].map(whole_percent), ["0 %", "<1 %", "99 %", "123 %"]);
        assert_eq!([9.996, 99.96].map(ratio), ["10.0x", "100x"]);
    }

    #[test]
    fn what_was_set_is_shown_as_it_was_set() {
        assert_eq!([0.05, 0.025, 0.95, 0.07].map(set_percent), ["5 %", "2.5 %", "95 %", "7 %"]);
    }

    #[test]
    fn a_few_drops_are_not_rounded_to_none() {
        let shares = [0.0, 1e-9, 0.0001, 0.123, 0.99999, 1.0, 1.5].map(percent);
        assert_eq!(shares, ["0 %", "<0.01 %", "0.01 %", "12.3 %", ">99.9 %", "100 %", "150 %"]);
    }
}
