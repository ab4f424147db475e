//! What may end a load early: SIGINT, SIGTERM, and standard input.

use std::collections::VecDeque;
use std::io::{self, PipeReader, Stdin};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::stat::{SFlag, fstat};
use nix::unistd::read;

use super::clock::SECOND_NS;
use super::error::Error;
use super::notice::Notice;

/// SIGINT and SIGTERM as something to wait for, and standard input. Gives the signals back when dropped.
pub(super) struct Control {
    signals: SignalFd,
    mask_before: SigSet,
    stdin: Stdin,
    /// Only then does its end mean anything: a terminal or `/dev/null` says nothing about a supervisor's life.
    stdin_is_pipe: bool,
    /// The line that is being read, as far as it can mean something.
    partial: Vec<u8>,
    /// Lines read and not yet asked for.
    lines: VecDeque<Line>,
}

/// What ends a wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ControlEvent {
    /// Somebody wrote a line.
    Line(Line),
    /// A thread did something.
    Notice(Notice),
    /// A signal, or the end of standard input: stop early.
    Stop,
}

/// What standard input is good for at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    /// Its lines are waited for, and its end.
    Lines,
    /// Only its end counts, and only that of a pipe.
    End,
    /// It can wait.
    Later,
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
        Ok(Self {
            signals: descriptor,
            mask_before,
            stdin,
            stdin_is_pipe,
            partial: Vec::with_capacity(LINE_KEPT),
            lines: VecDeque::new(),
        })
    }

    /// Waits for whatever comes first. Of what is there at once: a line read before, then a notice of the threads, then a signal,
    /// then the end of standard input or a new line.
    pub(super) fn next(&mut self, notices: &PipeReader, input: Input) -> Result<ControlEvent, Error> {
        loop {
            if input == Input::Lines
                && let Some(line) = self.lines.pop_front()
            {
                return Ok(ControlEvent::Line(line));
            }
            let watched = match input {
                Input::Lines => true,
                Input::End => self.stdin_is_pipe,
                Input::Later => false,
            };
            let stdin = watched.then_some(self.stdin.as_fd());
            let [notice, signal, readable] =
                wait([Some(notices.as_fd()), Some(self.signals.as_fd()), stdin])?;
            if notice {
                let notice = Notice::receive(notices).map_err(|source| Error::WaitFailed { source })?;
                return Ok(ControlEvent::Notice(notice));
            }
            if signal || (readable && !self.read_input(input)?) {
                return Ok(ControlEvent::Stop);
            }
        }
    }

    /// Reads what is there; false at the end. Only lines that are waited for are kept.
    fn read_input(&mut self, input: Input) -> Result<bool, Error> {
        let mut buffer = [0; 4096];
        let length = match read(self.stdin.as_fd(), &mut buffer) {
            Ok(0) => return Ok(false),
            Ok(length) => length,
            Err(Errno::EINTR | Errno::EAGAIN) => 0,
            Err(errno) => return Err(wait_failed(errno)),
        };
        if input == Input::Lines {
            for byte in &buffer[..length] {
                match byte {
                    b'\n' => {
                        self.lines.push_back(Line::read(&self.partial));
                        self.partial.clear();
                    }
                    byte if self.partial.len() < LINE_KEPT => self.partial.push(*byte),
                    _ => {}
                }
            }
        }
        Ok(true)
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

/// What a line on standard input asks a load for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// `warm-up MILLISECONDS`: run for so long, then wait for the next line.
    WarmUp(Duration),
    /// `fill TRIGGERS`: issue so many at full speed, then wait for the next line.
    Fill(u64),
    /// `piece RATE MILLISECONDS`, of a ladder: so many a second for so long, then wait for the next line.
    Piece {
        /// Triggers a second.
        rate_per_sec: u64,
        /// How long.
        length: Duration,
    },
    /// Anything else: begin, or go on.
    GoOn,
}

impl Line {
    fn read(text: &[u8]) -> Self {
        let text = std::str::from_utf8(text).unwrap_or_default().trim_end();
        let number = |word: &str| text.strip_prefix(word).and_then(|rest| rest.parse().ok());
        let piece = || {
            let (rate, milliseconds) = text.strip_prefix("piece ")?.split_once(' ')?;
            let rate_per_sec = rate.parse().ok().filter(|rate| (1..=SECOND_NS).contains(rate))?;
            Some(Self::Piece { rate_per_sec, length: Duration::from_millis(milliseconds.parse().ok()?) })
        };
        number("warm-up ")
            .map(|milliseconds| Self::WarmUp(Duration::from_millis(milliseconds)))
            .or_else(|| number("fill ").map(Self::Fill))
            .or_else(piece)
            .unwrap_or(Self::GoOn)
    }
}

fn is_pipe(descriptor: BorrowedFd<'_>) -> nix::Result<bool> {
    let kind = SFlag::from_bits_truncate(fstat(descriptor)?.st_mode) & SFlag::S_IFMT;
    Ok(kind == SFlag::S_IFIFO || kind == SFlag::S_IFSOCK)
}

/// Waits until at least one descriptor is readable or at its end; says which are.
fn wait<const N: usize>(descriptors: [Option<BorrowedFd<'_>>; N]) -> Result<[bool; N], Error> {
    let mut waiting: Vec<PollFd<'_>> =
        descriptors.iter().flatten().map(|descriptor| PollFd::new(*descriptor, PollFlags::POLLIN)).collect();
    match poll(&mut waiting, PollTimeout::NONE) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(errno) => return Err(wait_failed(errno)),
    }
    let mut answers = waiting.iter().map(|polled| polled.any().unwrap_or(true));
    Ok(descriptors.map(|descriptor| descriptor.is_some() && answers.next().unwrap_or(false)))
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
        assert_eq!(Line::read(b"fill 2000"), Line::Fill(2000));
        let piece = Line::Piece { rate_per_sec: 250_000, length: Duration::from_millis(125) };
        assert_eq!(Line::read(b"piece 250000 125"), piece);
        for begin in [
            "piece 5",
            "piece 0 5",
            "piece 2000000000 5",
            "now",
            "",
            "warm-up",
            "warm-up x",
            "warm-up -1",
            "fill",
            "fill 1.5",
            "\u{e4}",
        ] {
            assert_eq!(Line::read(begin.as_bytes()), Line::GoOn, "{begin}");
        }
    }
}
