//! The C runner of `ringbuf_throughput`.
//!
//! There is no Rust in it: `build.rs` compiles the C sources beside this file, of which `main.c` is the entry, and
//! cargo links them with the C libraries of the two crates below.
#![no_main]

extern crate hdrhistogram_c as _;
extern crate libbpf_sys as _;
