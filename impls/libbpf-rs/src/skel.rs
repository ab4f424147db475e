//! The skeleton that libbpf-cargo generates from impls/bpf/ringbuf_throughput.bpf.c, and what else this runner calls its parts.

include!(concat!(env!("OUT_DIR"), "/ringbuf_throughput.skel.rs"));

pub(crate) use {
    OpenRingbufThroughputProgs as OpenProgs, RingbufThroughputProgs as Progs,
    RingbufThroughputSkel as Object, RingbufThroughputSkelBuilder as Builder,
};
