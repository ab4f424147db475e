//! What may end a load early: SIGINT, SIGTERM, and standard input.

use std::io::{self, PipeReader, Stdin};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::stat::{SFlag, fstat};
use nix::unistd::read;

use super::error::Error;

/// SIGINT and SIGTERM as something to wait for, and standard input. Gives the signals back when dropped.
pub(super) struct Control {
    signals: SignalFd,
    mask_before: SigSet,
    stdin: Stdin,
    /// Only then does its end mean anything: a terminal or `/dev/null` says nothing about a supervisor's life.
    stdin_is_pipe: bool,
}

impl Control {
    /// Blocks the signals in this thread and in those that it starts from now on.
    pub(super) fn take_over() -> Result<Self, Error> {
        let stdin = io::stdin();
        let stdin_is_pipe = is_pipe(stdin.as_fd()).map_err(wait_failed)?;
        let signals: SigSet = [Signal::SIGINT, Signal::SIGTERM].into_iter().collect();
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        let descriptor = SignalFd::with_flags(&signals, flags).map_err(wait_failed)?;
        let mask_before = signals.thread_swap_mask(SigmaskHow::SIG_BLOCK).map_err(wait_failed)?;
        Ok(Self { signals: descriptor, mask_before, stdin, stdin_is_pipe })
    }

    /// Waits for a line on standard input; none if its end or a signal comes first.
    pub(super) fn wait_for_line(&self) -> Result<Option<Line>, Error> {
        let mut text = Vec::with_capacity(LINE_KEPT);
        loop {
            let [signal, input] = wait([Some(self.signals.as_fd()), Some(self.stdin.as_fd())])?;
            if signal {
                return Ok(None);
            }
            if input {
                // Byte by byte, so that what follows the line stays in the pipe.
                match self.read_input(&mut [0])? {
                    Input::Ended => return Ok(None),
                    Input::Bytes([b'\n']) => return Ok(Some(Line::read(&text))),
                    Input::Bytes(bytes) if text.len() < LINE_KEPT => text.extend_from_slice(bytes),
                    Input::Bytes(_) | Input::Nothing => {}
                }
            }
        }
    }

    /// Waits until all threads have ended or the load should stop early.
    pub(super) fn wait_for_end(&self, all_done: &PipeReader) -> Result<(), Error> {
        let input = self.stdin_is_pipe.then_some(self.stdin.as_fd());
        loop {
            let [done, signal, readable] = wait([Some(all_done.as_fd()), Some(self.signals.as_fd()), input])?;
            if done || signal {
                return Ok(());
            }
            if readable && matches!(self.read_input(&mut [0; 4096])?, Input::Ended) {
                return Ok(());
            }
        }
    }

    fn read_input<'b>(&self, buffer: &'b mut [u8]) -> Result<Input<'b>, Error> {
        match read(self.stdin.as_fd(), buffer) {
            Ok(0) => Ok(Input::Ended),
            Ok(length) => Ok(Input::Bytes(&buffer[..length])),
            Err(Errno::EINTR | Errno::EAGAIN) => Ok(Input::Nothing),
            Err(errno) => Err(wait_failed(errno)),
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // Signals that arrived have had their effect; left pending, they would kill the process now.
        while matches!(self.signals.read_signal(), Ok(Some(_))) {}
        // Cannot fail with a mask that the kernel itself returned.
        self.mask_before.thread_set_mask().ok();
    }
}

/// So much of a line can mean something.
const LINE_KEPT: usize = 32;

/// What a line on standard input asks a paused load for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// `warm-up MILLISECONDS`: run for so long, then wait for the next line.
    WarmUp(Duration),
    /// Anything else: begin.
    Begin,
}

impl Line {
    fn read(text: &[u8]) -> Self {
        let milliseconds = std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.strip_prefix("warm-up "))
            .and_then(|rest| rest.trim_end().parse().ok());
        milliseconds.map_or(Self::Begin, |milliseconds| Self::WarmUp(Duration::from_millis(milliseconds)))
    }
}

/// What one read of standard input brought.
enum Input<'b> {
    Bytes(&'b [u8]),
    Ended,
    Nothing,
}

fn is_pipe(descriptor: BorrowedFd<'_>) -> nix::Result<bool> {
    let kind = SFlag::from_bits_truncate(fstat(descriptor)?.st_mode) & SFlag::S_IFMT;
    Ok(kind == SFlag::S_IFIFO || kind == SFlag::S_IFSOCK)
}

/// Waits until at least one descriptor is readable or at its end; says which are.
fn wait<const N: usize>(descriptors: [Option<BorrowedFd<'_>>; N]) -> Result<[bool; N], Error> {
    // The kernel skips descriptor -1.
    let mut waiting = descriptors.map(|descriptor| libc::pollfd {
        fd: descriptor.map_or(-1, |descriptor| descriptor.as_raw_fd()),
        events: libc::POLLIN,
        revents: 0,
    });
    let count = libc::nfds_t::try_from(N).expect("a handful");
    // SAFETY: the pointer and the count describe `waiting`, which outlives the call.
    if unsafe { libc::poll(waiting.as_mut_ptr(), count, -1) } < 0 {
        let errno = Errno::last();
        if errno != Errno::EINTR {
            return Err(wait_failed(errno));
        }
    }
    Ok(waiting.map(|descriptor| descriptor.revents != 0))
}

fn wait_failed(errno: Errno) -> Error {
    Error::WaitFailed { source: errno.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_request_warms_up() {
        assert_eq!(Line::read(b"warm-up 150"), Line::WarmUp(Duration::from_millis(150)));
        for begin in ["now", "", "warm-up", "warm-up x", "warm-up -1", "\u{e4}"] {
            assert_eq!(Line::read(begin.as_bytes()), Line::Begin, "{begin}");
        }
    }
}
