//! Waiting for a file descriptor to become readable, with a deadline.

use std::io;
use std::os::fd::{AsFd, AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
use std::time::Duration;

/// An epoll that watches file descriptors, and answers once for each time that data arrives: only for a consumer that reads
/// until it sees an empty ring.
pub fn edge_triggered(fds: impl IntoIterator<Item = impl AsFd>) -> io::Result<OwnedFd> {
    // SAFETY: no pointers are involved.
    let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    if epoll < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just made and belongs to nobody else.
    let epoll = unsafe { OwnedFd::from_raw_fd(epoll) };
    let mut event = libc::epoll_event { events: (libc::EPOLLIN | libc::EPOLLET).cast_unsigned(), u64: 0 };
    for fd in fds {
        let fd = fd.as_fd().as_raw_fd();
        // SAFETY: both descriptors are open, and `event` outlives the call.
        if unsafe { libc::epoll_ctl(epoll.as_raw_fd(), libc::EPOLL_CTL_ADD, fd, &raw mut event) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(epoll)
}

/// Waits on an epoll descriptor for data; answers `false` when the time is over or a signal came. The time is rounded up to
/// milliseconds.
pub fn wait(epoll: RawFd, timeout: Duration) -> io::Result<bool> {
    let millis = libc::c_int::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(libc::c_int::MAX);
    let mut event = libc::epoll_event { events: 0, u64: 0 };
    // SAFETY: there is room for one event.
    match unsafe { libc::epoll_wait(epoll, &raw mut event, 1, millis) } {
        0 => Ok(false),
        1.. => Ok(true),
        _ => match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::Interrupted => Ok(false),
            error => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn an_edge_is_told_once() {
        let (reader, mut writer) = io::pipe().unwrap();
        let edge = edge_triggered([&reader]).unwrap();
        let told = || wait(edge.as_raw_fd(), Duration::ZERO).unwrap();
        assert!(!told());
        writer.write_all(b"x").unwrap();
        assert!(told());
        assert!(!told());
    }
}
