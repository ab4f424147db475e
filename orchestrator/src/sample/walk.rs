//! What reading costs at least: a bare walk over records that another processor wrote.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use bare_walk::WalkSpec;

/// Wakeups for each walk: some 300 µs each.
const WAKES: u32 = 8;

/// How quick some walks were.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Walk {
    /// Size of the ring, bytes.
    pub ring_bytes: u64,
    /// Size of a record without its header, bytes.
    pub record_bytes: u32,
    /// How often it was walked, in this and earlier trials of the run.
    pub walks: u32,
    /// Nanoseconds of CPU time a record in the fastest of them.
    pub fastest_ns: f64,
    /// The same in the middle one of this trial's.
    pub median_ns: f64,
    /// Nanoseconds that waking a sleeping thread took at least, on the same processors; null in results of older versions.
    #[serde(default)]
    pub wake_ns: Option<u64>,
}

/// Walks; none where there is no memory or no such processor.
#[must_use]
pub fn walk(spec: &WalkSpec) -> Option<Walk> {
    let each = bare_walk::walk(spec)?;
    Some(Walk {
        ring_bytes: spec.ring_bytes,
        record_bytes: spec.record_bytes,
        walks: spec.walks,
        fastest_ns: each.first().copied()?,
        median_ns: each.get(each.len() / 2).copied()?,
        wake_ns: bare_walk::wake(spec, spec.walks.saturating_mul(WAKES))
            .and_then(|woken| woken.first().copied()),
    })
}
