//! How records come to user space, one file each.

pub(crate) mod ringbuf;
pub(crate) mod rings;
