//! The skeleton that libbpf-cargo generates from impls/bpf/ringbuf_throughput.bpf.c.

include!(concat!(env!("OUT_DIR"), "/ringbuf_throughput.skel.rs"));
