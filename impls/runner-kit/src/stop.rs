//! The ways to ask a runner to stop before its duration is over: SIGINT, SIGTERM, and the end of standard input.

use crate::Failure;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd, AsRawFd as _};
use std::os::unix::fs::FileTypeExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Watches for requests to stop.
#[derive(Debug)]
pub struct Stop {
    signalled: Arc<AtomicBool>,
    stdin: Option<File>,
}

impl Stop {
    /// Installs the signal handlers. A signal ends a wait at once: the kernel restarts none.
    pub fn install() -> Result<Self, Failure> {
        let signalled = Arc::default();
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&signalled))
                .map_err(|error| Failure::internal("cannot handle signals", &error))?;
        }
        Ok(Self { signalled, stdin: pipe(io::stdin()) })
    }

    /// Whether a signal asked to stop. Cheap: one load.
    #[must_use]
    #[inline]
    pub fn signalled(&self) -> bool {
        self.signalled.load(Ordering::Relaxed)
    }

    /// Whether the other end of standard input is gone. Costs system calls, so it is for every now and then.
    #[must_use]
    pub fn stdin_ended(&self) -> bool {
        self.stdin.as_ref().is_some_and(ended)
    }
}

/// A terminal, a file or /dev/null says nothing about the life of a supervisor; a pipe or a socket does.
fn pipe(fd: impl AsFd) -> Option<File> {
    let file = File::from(fd.as_fd().try_clone_to_owned().ok()?);
    let kind = file.metadata().ok()?.file_type();
    (kind.is_fifo() || kind.is_socket()).then_some(file)
}

/// Throws away what has arrived and answers whether the end was reached. Never waits, and reads once, lest a flood on standard
/// input keeps the runner from consuming.
fn ended(mut pipe: &File) -> bool {
    let mut poll = libc::pollfd { fd: pipe.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one valid `pollfd`, no timeout.
    let ready = unsafe { libc::poll(&raw mut poll, 1, 0) };
    ready == 1 && matches!(pipe.read(&mut vec![0; 1 << 16]), Ok(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn ignores_what_arrives_and_notices_the_end() {
        let (reader, mut writer) = io::pipe().unwrap();
        let reader = pipe(&reader).unwrap();
        assert!(!ended(&reader));
        writer.write_all(b"hello\n").unwrap();
        assert!(!ended(&reader));
        drop(writer);
        assert!(ended(&reader));
    }

    #[test]
    fn a_file_is_no_pipe() {
        assert!(pipe(File::open("/dev/null").unwrap()).is_none());
    }
}
