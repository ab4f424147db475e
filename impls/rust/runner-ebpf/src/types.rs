//! The programs, one file each.

mod fentry;
mod kprobe;
mod raw_tracepoint;
mod tracepoint;
