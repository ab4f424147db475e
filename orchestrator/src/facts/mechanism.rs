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
    /// What messages and checks call its map.
    pub noun: &'static str,
    /// The same in full.
    pub in_full: &'static str,
    /// Bytes of the kernel's own in each record.
    pub header_bytes: u64,
    /// A record's place is rounded up to so many bytes.
    pub alignment: u64,
    /// Bytes of the map that no record may take: one that would is dropped.
    pub kept_free_bytes: u64,
    /// Bytes that the kernel allocates beside the map's own size.
    pub beside_bytes: u64,
    /// Bytes of the map where nothing else is said.
    pub default_bytes: u64,
    /// Whether records that were submitted may be lost on the way, of which the kernel tells the consumer.
    pub may_lose: bool,
    /// Whether the bare walk (`orchestrator walk`) reads records that lie as its records do.
    pub is_walked: bool,
}

const PAGE: u64 = 4096;

const FACTS: [MechanismFacts; <Mechanism as strum::EnumCount>::COUNT] = [MechanismFacts {
    mechanism: Mechanism::RingBuffer,
    program: "ringbuf_throughput",
    map_kind: "ringbuf",
    noun: "ring",
    in_full: "ring buffer",
    // kernel/bpf/ringbuf.c: struct bpf_ringbuf_hdr, and round_up(len + BPF_RINGBUF_HDR_SZ, 8).
    header_bytes: 8,
    alignment: 8,
    // The same: a reservation fails when it would make the ring exactly full.
    kept_free_bytes: 1,
    // The same: one page to administer it, one for each position.
    beside_bytes: 3 * PAGE,
    default_bytes: 16 << 20,
    may_lose: false,
    is_walked: true,
}];

/// How records of one size lie in a mechanism's map, and so what its positions count: bytes, each record with the kernel's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slots {
    /// Bytes of one record.
    pub each: u64,
    kept_free: u64,
}

impl Slots {
    /// Bytes of so many records.
    #[must_use]
    pub fn bytes(self, records: u64) -> u64 {
        records.saturating_mul(self.each)
    }

    /// Whole records in so many bytes.
    #[must_use]
    pub fn records(self, bytes: u64) -> u64 {
        bytes / self.each
    }

    /// Records that a map of so many bytes holds before the next one is dropped.
    #[must_use]
    pub fn capacity(self, map_bytes: u64) -> u64 {
        self.records(map_bytes.saturating_sub(self.kept_free))
    }
}

impl Mechanism {
    /// The one that is used where nothing else is said, and by which kernel and runners are tried.
    pub const USUAL: Self = Self::RingBuffer;

    /// All that is known of it.
    #[must_use]
    pub const fn facts(self) -> &'static MechanismFacts {
        &FACTS[self as usize]
    }

    /// All mechanisms.
    pub fn all() -> impl Iterator<Item = Self> {
        <Self as strum::VariantArray>::VARIANTS.iter().copied()
    }

    /// How records of so many bytes lie in its map.
    #[must_use]
    pub fn slots(self, record_bytes: u32) -> Slots {
        let facts = self.facts();
        let each = (u64::from(record_bytes) + facts.header_bytes).next_multiple_of(facts.alignment);
        Slots { each, kept_free: facts.kept_free_bytes }
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
        assert_eq!(Mechanism::RingBuffer.slots(64).each, 72);
        assert_eq!(Mechanism::RingBuffer.slots(49).each, 64);
    }

    #[test]
    fn a_ring_is_never_exactly_full() {
        let slots = Mechanism::RingBuffer.slots(56);
        assert_eq!((slots.bytes(64), slots.records(4096)), (4096, 64));
        assert_eq!(slots.capacity(4096), 63);
    }
}
