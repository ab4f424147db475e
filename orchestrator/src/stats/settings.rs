//! What the statistics are told; kept in the result.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// Confidence of every interval.
    pub confidence: f64,
    /// Smallest effect of interest, as a share.
    pub delta: f64,
    /// Limits of the tiers of results of version 1: nothing is sorted into tiers any more.
    pub tiers: Tiers,
}

/// Tiers of delivered events per second: 1 above `first`, 2 from `second` to `first`, 3 below.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tiers {
    /// Above this it is tier 1.
    pub first: f64,
    /// Below this it is tier 3.
    pub second: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { confidence: 0.95, delta: 0.05, tiers: Tiers::default() }
    }
}

impl Default for Tiers {
    fn default() -> Self {
        Self { first: 10_000.0, second: 1_000.0 }
    }
}
