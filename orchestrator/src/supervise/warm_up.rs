//! Warming up: the load's own pattern in short pieces, until the last of them cost the same.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// So many pieces in a row must agree.
const STEADY_PIECES: usize = 3;

/// They agree when the dearest costs at most so much more than the cheapest, as a share.
const STEADY_SPREAD: f64 = 0.05;

/// How a runner is warmed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WarmUpSpec {
    /// Length of one piece, milliseconds. The buffer is drained after each.
    pub piece_ms: u64,
    /// Pieces at most; fewer when the last three cost the same within 5 %.
    pub most_pieces: u32,
    /// What the load's own cost is measured with afterwards; none: it is not.
    pub fill: Option<FillSpec>,
}

/// How the load fills the buffer while the runner is held: what a record costs it when nobody is woken and nobody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FillSpec {
    /// Bytes that one trigger takes in the buffer.
    pub trigger_bytes: u64,
    /// The buffer may hold so many bytes without a drop, and without a wakeup but that of its first record.
    pub most_bytes: u64,
    /// Whether the runner reads all of it afterwards without being woken again.
    pub is_drained: bool,
}

/// One part of a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fill {
    /// Triggers issued in it.
    pub issued: u64,
    /// CPU time that they took the load, one of its threads, nanoseconds. In older results all of them.
    pub cpu_ns: u64,
}

/// One piece, and the state after it, when the buffer was empty. CPU time and position are cumulative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WarmUpPiece {
    /// Triggers issued in it.
    pub issued: u64,
    /// CLOCK_MONOTONIC nanoseconds of its start.
    pub started_ns: u64,
    /// The same of its end.
    pub ended_ns: u64,
    /// CPU time of the runner's tree, nanoseconds.
    pub cpu_ns: Option<u64>,
    /// Bytes that the consumer has released, record headers included; null where the kernel cannot be asked.
    #[serde(rename = "consumer_position")]
    pub consumed: Option<u64>,
}

/// The warm-up of one trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WarmUp {
    /// Pieces in order.
    pub pieces: Vec<WarmUpPiece>,
    /// Whether the last three cost the same within 5 % of CPU time a byte; null when the kernel could not be asked.
    pub steady: Option<bool>,
    /// What the load issued while the runner was held; empty where it was not.
    #[serde(default)]
    pub fills: Vec<Fill>,
    /// CPU time of the runner's tree when the load was released, nanoseconds.
    pub cpu_ns: Option<u64>,
    /// Bytes that the consumer had released by then; null where the kernel cannot be asked.
    #[serde(rename = "consumer_position")]
    pub consumed: Option<u64>,
}

/// Whether the last pieces cost the same. `cpu_ready_ns` is the CPU time before the first, when nothing was released.
pub(super) fn is_steady(cpu_ready_ns: Option<u64>, pieces: &[WarmUpPiece]) -> Option<bool> {
    let states = std::iter::once(cpu_ready_ns.zip(Some(0)))
        .chain(pieces.iter().map(|piece| piece.cpu_ns.zip(piece.consumed)))
        .collect::<Option<Vec<_>>>()?;
    let costs: Vec<f64> = states
        .windows(2)
        .map(|pair| {
            let (cpu_ns, bytes) = (pair[1].0.saturating_sub(pair[0].0), pair[1].1.saturating_sub(pair[0].1));
            cpu_ns as f64 / bytes as f64
        })
        .collect();
    let Some(last) = costs.len().checked_sub(STEADY_PIECES).map(|first| &costs[first..]) else {
        return Some(false);
    };
    let (low, high) =
        last.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), cost| (low.min(*cost), high.max(*cost)));
    // A piece without a byte costs infinitely much, or nothing that is a number: not steady.
    Some(high.is_finite() && low > 0.0 && high <= low * (1.0 + STEADY_SPREAD))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces of 1,000 bytes that cost so many nanoseconds each.
    fn steady(costs: &[u64]) -> Option<bool> {
        let mut cpu_ns = 500;
        let pieces: Vec<_> = (1..)
            .zip(costs)
            .map(|(number, cost)| {
                cpu_ns += cost;
                let (cpu_ns, consumed) = (Some(cpu_ns), Some(number * 1_000));
                WarmUpPiece { issued: 10, started_ns: 0, ended_ns: 1, cpu_ns, consumed }
            })
            .collect();
        is_steady(Some(500), &pieces)
    }

    #[test]
    fn three_equal_pieces_are_steady_and_what_came_before_does_not_matter() {
        assert_eq!(steady(&[1_000, 1_040, 1_050]), Some(true));
        assert_eq!(steady(&[9_000, 2_000, 1_000, 1_020, 1_000]), Some(true));
    }

    #[test]
    fn fewer_or_differing_pieces_are_not() {
        assert_eq!(steady(&[1_000, 1_000]), Some(false));
        assert_eq!(steady(&[1_000, 1_000, 1_060]), Some(false));
        assert_eq!(steady(&[0, 0, 0]), Some(false));
    }

    #[test]
    fn without_the_kernels_word_nobody_knows() {
        let piece = WarmUpPiece { issued: 1, started_ns: 0, ended_ns: 1, cpu_ns: Some(1), consumed: None };
        assert_eq!(is_steady(Some(0), &[piece; 3]), None);
    }
}
