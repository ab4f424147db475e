//! The ways to ask a runner to stop before its duration is over: SIGINT, SIGTERM, and the end of standard input.

use crate::Failure;
use std::fs::File;
use std::io;
use std::mem::zeroed;
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt as _;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

static SIGNALLED: AtomicBool = AtomicBool::new(false);

extern "C" fn on_signal(_signal: libc::c_int) {
    SIGNALLED.store(true, Ordering::Relaxed);
}

/// Watches for requests to stop.
#[derive(Debug)]
pub struct Stop {
    watches_stdin: bool,
}

impl Stop {
    /// Installs the signal handlers. They do not restart system calls, so a signal ends a wait at once.
    pub fn install() -> Result<Self, Failure> {
        for signal in [libc::SIGINT, libc::SIGTERM] {
            // SAFETY: zero is valid for every field of `sigaction`: no flags, an empty mask.
            let mut action: libc::sigaction = unsafe { zeroed() };
            action.sa_sigaction = on_signal as extern "C" fn(libc::c_int) as libc::sighandler_t;
            // SAFETY: the handler only stores to an atomic, which is allowed at any moment.
            if unsafe { libc::sigaction(signal, &raw const action, null_mut()) } != 0 {
                return Err(Failure::internal("cannot handle signals", &io::Error::last_os_error()));
            }
        }
        Ok(Self { watches_stdin: is_pipe(io::stdin()) })
    }

    /// Whether a signal asked to stop. Cheap: one load.
    #[must_use]
    #[inline]
    pub fn signalled(&self) -> bool {
        SIGNALLED.load(Ordering::Relaxed)
    }

    /// Whether the other end of standard input is gone. Costs system calls, so it is for every now and then.
    #[must_use]
    pub fn stdin_ended(&self) -> bool {
        self.watches_stdin && ended(libc::STDIN_FILENO)
    }
}

/// A terminal, a file or /dev/null says nothing about the life of a supervisor; a pipe or a socket does.
fn is_pipe(fd: impl AsFd) -> bool {
    let kind = fd.as_fd().try_clone_to_owned().and_then(|fd| File::from(fd).metadata());
    kind.is_ok_and(|kind| kind.file_type().is_fifo() || kind.file_type().is_socket())
}

/// Throws away what has arrived and answers whether the end was reached. Never waits.
fn ended(fd: libc::c_int) -> bool {
    /// Reads at most this often, lest a flood on standard input keeps the runner from consuming.
    const READS: usize = 16;
    let mut thrown_away = [0_u8; 4096];
    for _ in 0..READS {
        let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
        // SAFETY: one valid `pollfd`, no timeout.
        if unsafe { libc::poll(&raw mut poll, 1, 0) } != 1 {
            return false;
        }
        // SAFETY: the kernel writes at most the length given.
        let read = unsafe { libc::read(fd, thrown_away.as_mut_ptr().cast(), thrown_away.len()) };
        match read {
            1.. => {}
            0 => return true,
            _ => {
                let again = [io::ErrorKind::WouldBlock, io::ErrorKind::Interrupted];
                return !again.contains(&io::Error::last_os_error().kind());
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;

    #[test]
    fn ignores_what_arrives_and_notices_the_end() {
        let (reader, mut writer) = io::pipe().unwrap();
        assert!(is_pipe(&reader));
        assert!(!ended(reader.as_raw_fd()));
        writer.write_all(b"hello\n").unwrap();
        assert!(!ended(reader.as_raw_fd()));
        drop(writer);
        assert!(ended(reader.as_raw_fd()));
    }

    #[test]
    fn a_file_is_no_pipe() {
        assert!(!is_pipe(File::open("/dev/null").unwrap()));
    }
}
