//! Delays: decoding the runners' histograms and taking percentiles only where there are samples enough.

use std::io::Read as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::accounting::{Equation, Relation};

/// A percentile p needs this many samples above it: 10 / (1 - p) in all.
const SAMPLES_ABOVE: f64 = 10.0;

/// So much of what was planned must have arrived for the plan to decide.
const ARRIVED: f64 = 0.9;

/// Bounds of every histogram of delays (docs/PROTOCOL.md), and digits.
const LOWEST_NS: u64 = 1;
const HIGHEST_NS: u64 = 60_000_000_000;
const DIGITS: u8 = 3;

/// First bytes of both encodings (`EncodableHistogram` of the HdrHistogram project), and the length of the inner header.
const COMPRESSED: u32 = 0x1c84_9314;
const PLAIN: u32 = 0x1c84_9313;
const HEADER: usize = 40;

/// Longer than the 28,000 counts of these bounds, of at most 9 bytes each.
const LONGEST: u64 = 1 << 18;

/// Delays of events, nanoseconds. A percentile with too few samples is null.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// Delays recorded.
    pub samples: u64,
    /// Delays that the load's schedule would have given, which decide what percentiles there are: one missed slot takes none away.
    /// Null where the load has no schedule.
    #[serde(default)]
    pub planned: Option<u64>,
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
    /// The one that compresses.
    #[error("not a HdrHistogram in V2 encoding: {0}")]
    Compression(std::io::Error),
    /// Cut, or its lengths contradict each other.
    #[error("not a HdrHistogram in V2 encoding: {0}")]
    Header(&'static str),
    /// A histogram of something else than these delays.
    #[error(
        "a histogram from {lowest} to {highest} ns with {digits} digits, where the contract has {LOWEST_NS} to {HIGHEST_NS} with {DIGITS}"
    )]
    Bounds {
        /// Lowest discernible value.
        lowest: u64,
        /// Highest trackable value.
        highest: u64,
        /// Significant digits.
        digits: u32,
    },
}

/// Decodes a HdrHistogram (V2, compressed or not) in base64.
///
/// What a header claims is compared with what is there before anything is allocated for it: four bytes can claim 4 GiB.
pub fn decode_histogram(encoded: &str) -> Result<Histogram<u64>, LatencyError> {
    let bytes = inflated(STANDARD.decode(encoded.trim())?)?;
    let header = bytes.get(..HEADER).ok_or(LatencyError::Header("it is cut"))?;
    let four =
        |at: usize| header[at..at + 4].iter().fold(0, |number: u32, byte| number << 8 | u32::from(*byte));
    let eight = |at: usize| u64::from(four(at)) << 32 | u64::from(four(at + 4));
    if four(0) != PLAIN {
        return Err(LatencyError::Header("its first bytes are others"));
    }
    if usize::try_from(four(4)).ok() != bytes.len().checked_sub(HEADER) {
        return Err(LatencyError::Header("its length is another"));
    }
    let (digits, lowest, highest) = (four(12), eight(16), eight(24));
    if (digits, lowest, highest) != (u32::from(DIGITS), LOWEST_NS, HIGHEST_NS) {
        return Err(LatencyError::Bounds { lowest, highest, digits });
    }
    Deserializer::new().deserialize(&mut bytes.as_slice()).map_err(LatencyError::Histogram)
}

/// The inner encoding, at most [`LONGEST`] bytes of it.
fn inflated(bytes: Vec<u8>) -> Result<Vec<u8>, LatencyError> {
    match bytes.split_at_checked(8) {
        Some((header, compressed)) if header[..4] == COMPRESSED.to_be_bytes() => {
            let mut plain = Vec::new();
            let read = ZlibDecoder::new(compressed).take(LONGEST).read_to_end(&mut plain);
            read.map(|_| plain).map_err(LatencyError::Compression)
        }
        _ => Ok(bytes),
    }
}

/// The clocks of the program that writes the time and of the consumer that compares it are one clock (docs/PROTOCOL.md).
pub(super) fn possible_delays(histogram: &Histogram<u64>) -> Equation {
    let impossible = impossible_delays(histogram);
    Equation {
        name: "clock".into(),
        left: format!("delays below 1 ns or of 60 s and more {impossible}"),
        relation: Relation::Equal,
        right: "0".into(),
        holds: Some(impossible == 0),
        required: false,
    }
}

/// Delays that no clock can show: below a nanosecond, and those at the end of the histogram, where runners put what is longer or below
/// zero.
fn impossible_delays(histogram: &Histogram<u64>) -> u64 {
    let end = histogram.lowest_equivalent(HIGHEST_NS);
    let recorded = histogram.iter_recorded();
    let impossible =
        recorded.filter(|value| value.value_iterated_to() == 0 || value.value_iterated_to() >= end);
    impossible.map(|value| value.count_at_value()).sum()
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

/// The percentile `p` (0 to 1), or none when fewer than 10 / (1 - p) samples were planned; those that arrived decide where the plan
/// is not known or more than a tenth of it is missing.
pub(super) fn planned_percentile(histogram: &Histogram<u64>, planned: Option<u64>, p: f64) -> Option<u64> {
    let arrived = histogram.len() as f64;
    // Rounded to undo what binary fractions add: 10 / (1 - 0.999) is a little more than 10,000.
    let needed = (SAMPLES_ABOVE / (1.0 - p)).round();
    let support = planned.map(|planned| planned as f64).filter(|planned| arrived >= planned * ARRIVED);
    (arrived > 0.0 && support.unwrap_or(arrived) >= needed).then(|| histogram.value_at_quantile(p))
}

impl Latency {
    /// Percentiles of a histogram; `planned`: samples that the load's schedule would have given.
    #[must_use]
    pub fn from_histogram(histogram: &Histogram<u64>, planned: Option<u64>) -> Self {
        let any = !histogram.is_empty();
        let percentile = |p| planned_percentile(histogram, planned, p);
        Self {
            samples: histogram.len(),
            planned,
            mean_ns: any.then(|| histogram.mean()),
            p50_ns: percentile(0.5),
            p95_ns: percentile(0.95),
            p99_ns: percentile(0.99),
            p999_ns: percentile(0.999),
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

    fn percentile(histogram: &Histogram<u64>, p: f64) -> Option<u64> {
        planned_percentile(histogram, None, p)
    }

    #[test]
    fn percentiles_need_ten_samples_above_them() {
        assert_eq!(percentile(&histogram(19), 0.5), None);
        assert_eq!(percentile(&histogram(20), 0.5), Some(10));
        assert_eq!(percentile(&histogram(199), 0.95), None);
        assert_eq!(percentile(&histogram(200), 0.95), Some(190));
        assert_eq!(percentile(&histogram(999), 0.99), None);
        assert_eq!(percentile(&histogram(1000), 0.99), Some(990));
        assert_eq!(percentile(&histogram(9_999), 0.999), None);
        assert!(percentile(&histogram(10_000), 0.999).is_some());
    }

    #[test]
    fn one_missed_slot_takes_no_percentile_away() {
        let p999 = |samples, planned| Latency::from_histogram(&histogram(samples), planned).p999_ns;
        assert!(p999(9_999, Some(10_000)).is_some() && p999(9_000, Some(10_000)).is_some());
        assert_eq!(p999(9_999, None), None);
        assert_eq!(p999(8_999, Some(10_000)), None, "too much is missing");
        assert_eq!(p999(9_999, Some(9_999)), None, "too few were planned");
    }

    #[test]
    fn an_empty_histogram_has_no_figures() {
        let latency = Latency::from_histogram(&histogram(0), None);
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
            assert!(decode_histogram(nonsense).is_err(), "{nonsense}");
        }
    }

    /// A histogram in its inner encoding, with something else at a place.
    fn altered(at: usize, bytes: &[u8]) -> String {
        let encoded = STANDARD.decode(encode_histogram(&histogram(10))).expect("base64");
        let mut plain = inflated(encoded).expect("inflates");
        plain[at..at + bytes.len()].copy_from_slice(bytes);
        STANDARD.encode(plain)
    }

    #[test]
    fn a_header_that_claims_more_than_there_is_allocates_nothing() {
        assert!(decode_histogram(&altered(0, &[])).is_ok());
        let claimed = decode_histogram(&altered(4, &[0xff; 4])).expect_err("4 GiB");
        assert_eq!(claimed.to_string(), "not a HdrHistogram in V2 encoding: its length is another");
    }

    #[test]
    fn other_bounds_and_digits_are_refused() {
        for (at, bytes) in [(12, 5_u64), (16, 2), (24, u64::MAX >> 1)] {
            let bytes = bytes.to_be_bytes();
            let bytes = if at == 12 { &bytes[4..] } else { &bytes };
            assert!(
                matches!(decode_histogram(&altered(at, bytes)), Err(LatencyError::Bounds { .. })),
                "{at}"
            );
        }
    }

    #[test]
    fn what_unpacks_to_very_much_is_cut() {
        let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut bomb, &vec![0; 1 << 24]).expect("in memory");
        let bytes = [&COMPRESSED.to_be_bytes()[..], &[0; 4], &bomb.finish().expect("in memory")].concat();
        assert_eq!(inflated(bytes.clone()).expect("cut").len() as u64, LONGEST);
        assert!(decode_histogram(&STANDARD.encode(bytes)).is_err());
    }

    #[test]
    fn delays_that_no_clock_can_show_are_counted() {
        let mut delays = histogram(100);
        assert_eq!(impossible_delays(&delays), 0);
        delays.record_n(0, 3).expect("within bounds");
        delays.saturating_record_n(u64::MAX, 4);
        delays.record(HIGHEST_NS).expect("within bounds");
        delays.record(59_000_000_000).expect("within bounds");
        assert_eq!(impossible_delays(&decode_histogram(&encode_histogram(&delays)).expect("decodes")), 8);
    }
}
