//! The histogram of delays, with the bounds and the encoding that the protocol fixes.

use crate::Failure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Serializer as _, V2DeflateSerializer};

const LOWEST_NS: u64 = 1;
const HIGHEST_NS: u64 = 60_000_000_000;
const SIGNIFICANT_DIGITS: u8 = 3;

/// Delays of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percentiles {
    /// Half of the events were at most this late.
    pub p50_ns: u64,
    /// 95 % of them.
    pub p95_ns: u64,
    /// 99 % of them.
    pub p99_ns: u64,
    /// 99.9 % of them.
    pub p999_ns: u64,
    /// All of them.
    pub max_ns: u64,
}

/// Delays in nanoseconds.
#[derive(Debug)]
pub struct Histogram(hdrhistogram::Histogram<u64>);

impl Histogram {
    /// An empty histogram.
    pub fn new() -> Result<Self, Failure> {
        hdrhistogram::Histogram::new_with_bounds(LOWEST_NS, HIGHEST_NS, SIGNIFICANT_DIGITS)
            .map(Self)
            .map_err(|error| Failure::internal(format!("cannot make the histogram: {error}")))
    }

    /// Records one delay; a longer one than fits counts as the highest, and so does one below zero.
    #[inline]
    pub fn record(&mut self, delay_ns: u64) {
        self.0.saturating_record(delay_ns.min(HIGHEST_NS));
    }

    /// V2 compressed, as base64.
    pub fn encode(&self) -> Result<String, Failure> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(&self.0, &mut bytes)
            .map_err(|error| Failure::internal(format!("cannot encode the histogram: {error}")))?;
        Ok(STANDARD.encode(bytes))
    }

    /// The percentiles of the report; `None` when nothing was recorded.
    #[must_use]
    pub fn percentiles(&self) -> Option<Percentiles> {
        let at = |quantile| self.0.value_at_quantile(quantile);
        (!self.0.is_empty()).then(|| Percentiles {
            p50_ns: at(0.5),
            p95_ns: at(0.95),
            p99_ns: at(0.99),
            p999_ns: at(0.999),
            max_ns: self.0.max(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::Deserializer;

    #[test]
    fn survives_encoding() {
        let mut histogram = Histogram::new().unwrap();
        for delay in [0, 1, 1000, 1_000_000, HIGHEST_NS, u64::MAX] {
            histogram.record(delay);
        }
        let bytes = STANDARD.decode(histogram.encode().unwrap()).unwrap();
        let decoded: hdrhistogram::Histogram<u64> = Deserializer::new().deserialize(&mut &bytes[..]).unwrap();
        assert_eq!(
            (decoded.low(), decoded.high(), decoded.sigfig()),
            (LOWEST_NS, HIGHEST_NS, SIGNIFICANT_DIGITS)
        );
        assert_eq!(decoded, histogram.0);
        assert_eq!(decoded.count_at(HIGHEST_NS), 2, "longer delays count as the highest");
    }

    #[test]
    fn has_no_percentiles_when_empty() {
        assert_eq!(Histogram::new().unwrap().percentiles(), None);
    }

    #[test]
    fn percentiles_keep_three_digits() {
        let mut histogram = Histogram::new().unwrap();
        (1..=1000).for_each(|delay| histogram.record(delay * 1000));
        let percentiles = histogram.percentiles().unwrap();
        assert!(percentiles.p50_ns.abs_diff(500_000) <= 500, "{percentiles:?}");
        assert!(percentiles.p99_ns.abs_diff(990_000) <= 990, "{percentiles:?}");
        assert!(percentiles.max_ns.abs_diff(1_000_000) <= 1000, "{percentiles:?}");
    }
}
