//! The kernel's statistics of how long programs run.

use std::os::fd::{FromRawFd, OwnedFd};

use crate::Error;

/// While it lives, the kernel times every run of every program, which costs about 20 ns a run.
#[derive(Debug)]
pub struct Statistics {
    _fd: OwnedFd,
}

impl Statistics {
    /// Turns them on. Needs CAP_SYS_ADMIN and Linux 5.8.
    pub fn enable() -> Result<Self, Error> {
        // SAFETY: takes a number and gives a new descriptor or an error.
        let fd = unsafe { libbpf_sys::bpf_enable_stats(libbpf_sys::BPF_STATS_RUN_TIME) };
        if fd < 0 {
            return Err(Error::Statistics { source: libbpf_rs::Error::from_raw_os_error(-fd) });
        }
        // SAFETY: a new descriptor that nobody else knows.
        Ok(Self { _fd: unsafe { OwnedFd::from_raw_fd(fd) } })
    }
}
