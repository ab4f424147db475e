//! From values to places, and values that make good ticks.

/// Room for the value 0 at the low end of a scale of logarithms, pixels.
const BREAK: f64 = 36.0;

/// A scale between two places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    is_log: bool,
    /// Where 0 stands on a scale of logarithms, if it has a place.
    zero: Option<f64>,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// A plain scale over all values; none without any. With `whole` it begins at 0.
    pub(crate) fn linear(
        values: impl IntoIterator<Item = f64>,
        whole: bool,
        (from, to): (f64, f64),
    ) -> Option<Self> {
        let (mut low, mut high) = ends(values)?;
        if whole {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        if low >= high {
            let room = if low == 0.0 { 1.0 } else { low.abs() / 2.0 };
            (low, high) = if whole { (0.0, room * 4.0) } else { (low - room, high + room) };
        }
        let step = step((high - low) / 5.0);
        low = (low / step).floor() * step;
        high = (high / step).ceil() * step;
        ((high - low).is_finite()).then_some(Self { is_log: false, zero: None, low, high, from, to })
    }

    /// A scale of logarithms over all values above 0, none without any; where there are zeros, they have a place at its low end.
    pub(crate) fn log(values: impl IntoIterator<Item = f64>, (from, to): (f64, f64)) -> Option<Self> {
        let all: Vec<f64> = values.into_iter().filter(|value| value.is_finite() && *value >= 0.0).collect();
        let (low, high) = ends(all.iter().copied().filter(|value| *value > f64::MIN_POSITIVE))?;
        // A little room at both ends, and more where all are nearly the same.
        let room = ((high / low).ln() * 0.04).max(0.02).exp();
        let (low, high) = (low / room, high * room);
        let zero = all.contains(&0.0).then_some(from);
        let shift = if to > from { BREAK } else { -BREAK };
        let from = if zero.is_some() { from + shift } else { from };
        (high.is_finite() && low > 0.0).then_some(Self { is_log: true, zero, low, high, from, to })
    }

    /// Where a value stands; what is beyond an end stands at it.
    pub(crate) fn at(&self, value: f64) -> f64 {
        if let (true, Some(zero)) = (value == 0.0, self.zero) {
            return zero;
        }
        let share = if self.is_log {
            (value.max(f64::MIN_POSITIVE) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// Whether a value is within it.
    pub(crate) fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value) || (value == 0.0 && self.zero.is_some())
    }

    /// Where 0 stands apart from the other values.
    pub(crate) fn zero(&self) -> Option<f64> {
        self.zero
    }

    /// Both places.
    pub(crate) fn places(&self) -> (f64, f64) {
        (self.zero.unwrap_or(self.from), self.to)
    }

    /// Round values within it, ascending: about five, in powers of two where `binary`.
    pub(crate) fn ticks(&self, binary: bool) -> Vec<f64> {
        let mut ticks = if self.is_log { self.log_ticks(binary) } else { self.linear_ticks() };
        ticks.retain(|tick| self.holds(*tick));
        if self.zero.is_some() {
            ticks.insert(0, 0.0);
        }
        ticks
    }

    fn linear_ticks(&self) -> Vec<f64> {
        let step = step((self.high - self.low) / 5.0);
        let first = (self.low / step).ceil();
        (0..20).map(|n| (first + f64::from(n)) * step).filter(|tick| *tick <= self.high * 1.000_001).collect()
    }

    fn log_ticks(&self, binary: bool) -> Vec<f64> {
        if binary && self.high / self.low >= 4.0 {
            let stride = ((self.high / self.low).log2() / 6.0).ceil().max(1.0);
            let first = (self.low.log2() / stride).ceil();
            return (0..20).map(|n| ((first + f64::from(n)) * stride).exp2()).collect();
        }
        let decades = (self.high / self.low).log10();
        let mantissas: &[f64] = match decades {
            d if d > 3.0 => &[1.0],
            d if d > 1.3 => &[1.0, 3.0],
            d if d > 0.7 => &[1.0, 2.0, 5.0],
            d if d > 0.35 => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0],
            _ => return self.linear_ticks(),
        };
        let stride = (decades / 8.0).ceil().max(1.0);
        let first = (self.low.log10() / stride).floor();
        (0..20)
            .map(|n| 10_f64.powf((first + f64::from(n)) * stride))
            .flat_map(|decade| mantissas.iter().map(move |mantissa| decade * mantissa))
            .collect()
    }
}

fn ends(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let known = values.into_iter().filter(|value| value.is_finite());
    known.fold(None, |ends: Option<(f64, f64)>, value| {
        Some(ends.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    })
}

/// 1, 2 or 5 times a power of ten, the next one up.
fn step(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough * 0.999).unwrap_or(rough)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_good(scale: &Scale, values: &[f64], binary: bool) -> Result<(), TestCaseError> {
        let (from, to) = scale.places();
        let (least, most) = (from.min(to), from.max(to));
        for value in values {
            let place = scale.at(*value);
            prop_assert!(place.is_finite() && (least - 1e-6..=most + 1e-6).contains(&place), "{place}");
            prop_assert!(scale.holds(*value));
        }
        let ticks = scale.ticks(binary);
        prop_assert!(!ticks.is_empty() && ticks.len() <= 40, "{scale:?} {ticks:?}");
        for both in ticks.windows(2) {
            prop_assert!(both[0] < both[1], "{ticks:?}");
            let forward = (scale.at(both[1]) - scale.at(both[0])) * (to - from).signum();
            prop_assert!(forward > 0.0, "{ticks:?}");
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn every_value_stands_inside_and_axes_go_one_way(
            values in prop::collection::vec(1e-6_f64..1e12, 1..20), zero: bool, binary: bool, down: bool,
        ) {
            let places = if down { (300.0, 20.0) } else { (20.0, 700.0) };
            let mut all = values.clone();
            if zero {
                all.push(0.0);
            }
            is_good(&Scale::log(all.iter().copied(), places).expect("values"), &all, binary)?;
            is_good(&Scale::linear(all.iter().copied(), zero, places).expect("values"), &all, binary)?;
            let mut sorted = values;
            sorted.sort_by(f64::total_cmp);
            let scale = Scale::log(sorted.iter().copied(), places).expect("values");
            let placed: Vec<f64> = sorted.iter().map(|value| scale.at(*value)).collect();
            let ordered = |both: &[f64]| if down { both[0] >= both[1] } else { both[0] <= both[1] };
            prop_assert!(placed.windows(2).all(ordered));
        }
    }

    #[test]
    fn ticks_are_round() {
        let same = |scale: Option<Scale>, binary, expected: &[f64]| {
            let ticks = scale.expect("values").ticks(binary);
            let near = |(a, b): (&f64, &f64)| (a - b).abs() <= b * 1e-9;
            assert!(ticks.len() == expected.len() && ticks.iter().zip(expected).all(near), "{ticks:?}");
        };
        let log = |values: &[f64]| Scale::log(values.iter().copied(), (0.0, 100.0));
        same(log(&[0.9, 1.3]), false, &[0.9, 1.0, 1.1, 1.2, 1.3]);
        same(log(&[1.0, 90.0]), false, &[1.0, 3.0, 10.0, 30.0, 100.0]);
        let sizes = [65_536.0, 131_072.0, 262_144.0, 524_288.0, 1_048_576.0];
        same(log(&[65_536.0, 1_048_576.0]), true, &sizes);
        same(log(&[0.0, 10.0, 10_000.0]), false, &[0.0, 10.0, 100.0, 1_000.0, 10_000.0]);
        let plain = Scale::linear([3.0, 97.0], true, (0.0, 100.0));
        same(plain, false, &[0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
    }

    #[test]
    fn nothing_has_no_scale() {
        assert_eq!(Scale::log([0.0, f64::NAN, -1.0], (0.0, 1.0)), None);
        assert_eq!(Scale::linear([f64::INFINITY], true, (0.0, 1.0)), None);
        assert!(Scale::linear([0.0], true, (0.0, 1.0)).is_some());
        assert!(Scale::linear([5.0], false, (0.0, 1.0)).is_some());
    }
}
