//! How events travel from the BPF program to user space.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How events travel from the BPF program to user space.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::EnumCount,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
pub enum Mechanism {
    /// BPF_MAP_TYPE_RINGBUF
    RingBuffer,
}

/// One row of the table of mechanisms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MechanismFacts {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// The program of every implementation that uses it.
    pub program: &'static str,
    /// What the kernel calls its map (`bpftool map`).
    pub map_kind: &'static str,
    /// Bytes of the kernel's own in each record.
    pub header_bytes: u64,
    /// A record's place is rounded up to so many bytes.
    pub alignment: u64,
    /// Bytes of the map where nothing else is said.
    pub default_bytes: u64,
}

const FACTS: [MechanismFacts; <Mechanism as strum::EnumCount>::COUNT] = [MechanismFacts {
    mechanism: Mechanism::RingBuffer,
    program: "ringbuf_throughput",
    map_kind: "ringbuf",
    // kernel/bpf/ringbuf.c: struct bpf_ringbuf_hdr, and round_up(len + BPF_RINGBUF_HDR_SZ, 8).
    header_bytes: 8,
    alignment: 8,
    default_bytes: 16 << 20,
}];

impl Mechanism {
    /// All that is known of it.
    #[must_use]
    pub const fn facts(self) -> &'static MechanismFacts {
        &FACTS[self as usize]
    }

    /// All mechanisms.
    pub fn all() -> impl Iterator<Item = Self> {
        <Self as strum::VariantArray>::VARIANTS.iter().copied()
    }

    /// Bytes that a record of so many bytes takes in the map.
    #[must_use]
    pub fn slot_bytes(self, record_bytes: u32) -> u64 {
        let facts = self.facts();
        (u64::from(record_bytes) + facts.header_bytes).next_multiple_of(facts.alignment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_where_its_number_says() {
        assert!(FACTS.iter().map(|facts| facts.mechanism).eq(Mechanism::all()));
    }

    #[test]
    fn a_slot_has_the_header_and_is_aligned() {
        assert_eq!(Mechanism::RingBuffer.slot_bytes(64), 72);
        assert_eq!(Mechanism::RingBuffer.slot_bytes(49), 64);
    }
}
