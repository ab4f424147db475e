//! Delays: decoding the runners' histograms and taking percentiles only where there are samples enough.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A percentile p needs this many samples above it: 10 / (1 - p) in all.
const SAMPLES_ABOVE: f64 = 10.0;

/// Delays of events, nanoseconds. A percentile with too few samples is null.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// Delays recorded.
    pub samples: u64,
    /// Mean.
    pub mean_ns: Option<f64>,
    /// Median.
    pub p50_ns: Option<u64>,
    /// 95th percentile.
    pub p95_ns: Option<u64>,
    /// 99th percentile.
    pub p99_ns: Option<u64>,
    /// 99.9th percentile.
    pub p999_ns: Option<u64>,
    /// Longest.
    pub max_ns: Option<u64>,
    /// All of them: a HdrHistogram, V2 compressed, base64.
    pub histogram: String,
}

/// Why a histogram cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LatencyError {
    /// The outer encoding.
    #[error("not base64: {0}")]
    Base64(#[from] base64::DecodeError),
    /// The inner one.
    #[error("not a HdrHistogram in V2 encoding: {0:?}")]
    Histogram(hdrhistogram::serialization::DeserializeError),
}

/// Decodes a HdrHistogram (V2, compressed or not) in base64.
pub fn decode_histogram(encoded: &str) -> Result<Histogram<u64>, LatencyError> {
    let bytes = STANDARD.decode(encoded.trim())?;
    Deserializer::new().deserialize(&mut bytes.as_slice()).map_err(LatencyError::Histogram)
}

/// Encodes a histogram as the runners do.
///
/// # Panics
/// Never: writing to memory cannot fail.
#[must_use]
pub fn encode_histogram(histogram: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new().serialize(histogram, &mut bytes).expect("writing to memory cannot fail");
    STANDARD.encode(bytes)
}

/// The percentile `p` (0 to 1), or none when fewer than 10 / (1 - p) samples support it.
#[must_use]
pub fn histogram_percentile(histogram: &Histogram<u64>, p: f64) -> Option<u64> {
    // Rounded to undo what binary fractions add: 10 / (1 - 0.999) is a little more than 10,000.
    let needed = (SAMPLES_ABOVE / (1.0 - p)).round();
    (histogram.len() as f64 >= needed).then(|| histogram.value_at_quantile(p))
}

impl Latency {
    /// Percentiles of a histogram.
    #[must_use]
    pub fn from_histogram(histogram: &Histogram<u64>) -> Self {
        let any = !histogram.is_empty();
        Self {
            samples: histogram.len(),
            mean_ns: any.then(|| histogram.mean()),
            p50_ns: histogram_percentile(histogram, 0.5),
            p95_ns: histogram_percentile(histogram, 0.95),
            p99_ns: histogram_percentile(histogram, 0.99),
            p999_ns: histogram_percentile(histogram, 0.999),
            max_ns: any.then(|| histogram.max()),
            histogram: encode_histogram(histogram),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(samples: u64) -> Histogram<u64> {
        let mut histogram = Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("valid bounds");
        for value in 1..=samples {
            histogram.record(value).expect("within bounds");
        }
        histogram
    }

    #[test]
    fn percentiles_need_ten_samples_above_them() {
        assert_eq!(histogram_percentile(&histogram(19), 0.5), None);
        assert_eq!(histogram_percentile(&histogram(20), 0.5), Some(10));
        assert_eq!(histogram_percentile(&histogram(199), 0.95), None);
        assert_eq!(histogram_percentile(&histogram(200), 0.95), Some(190));
        assert_eq!(histogram_percentile(&histogram(999), 0.99), None);
        assert_eq!(histogram_percentile(&histogram(1000), 0.99), Some(990));
        assert_eq!(histogram_percentile(&histogram(9_999), 0.999), None);
        assert!(histogram_percentile(&histogram(10_000), 0.999).is_some());
    }

    #[test]
    fn an_empty_histogram_has_no_figures() {
        let latency = Latency::from_histogram(&histogram(0));
        assert_eq!((latency.samples, latency.mean_ns, latency.max_ns), (0, None, None));
    }

    #[test]
    fn encoding_and_decoding_keep_every_count() {
        let original = histogram(12_345);
        assert_eq!(decode_histogram(&encode_histogram(&original)).expect("decodes"), original);
    }

    #[test]
    fn nonsense_is_an_error_and_not_a_panic() {
        for nonsense in ["", "!", "AAAA", "HISTFAAAAA==", "HISTFAAAABB42pNpmSzMwMDAxAABzFCaCQ=="] {
            assert!(decode_histogram(nonsense).is_err() || nonsense.len() > 20, "{nonsense}");
        }
    }
}
