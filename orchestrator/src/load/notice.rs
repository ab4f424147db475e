//! What the threads of a load tell the main thread: bytes in a pipe, which it can wait for together with signals and standard
//! input. The pipe is at its end once every thread has ended.

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};

/// Something that a thread did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// A burst has ended, and the threads wait to be told to go on.
    BurstEnded,
    /// A piece of the warm-up has ended, and the threads are parked again.
    Warmed,
    /// A piece of a ladder has ended, and the threads are parked again.
    PieceEnded,
    /// Every thread has ended.
    AllEnded,
}

const BURST_ENDED: u8 = b'b';
const WARMED: u8 = b'w';
const PIECE_ENDED: u8 = b'p';

impl Notice {
    /// Tells the main thread. Never blocks: there is at most one such byte until it is answered.
    pub(super) fn send(self, mut pipe: &PipeWriter) {
        let byte = match self {
            Self::BurstEnded => BURST_ENDED,
            Self::Warmed => WARMED,
            Self::PieceEnded => PIECE_ENDED,
            // Said by the end of the pipe.
            Self::AllEnded => return,
        };
        // Nobody listens only when the load is given up, and then nobody needs to know.
        pipe.write_all(&[byte]).ok();
    }

    /// Reads the next one; blocks until there is one.
    pub(super) fn receive(mut pipe: &PipeReader) -> io::Result<Self> {
        let mut byte = [0];
        Ok(match pipe.read(&mut byte)? {
            0 => Self::AllEnded,
            _ if byte == [WARMED] => Self::Warmed,
            _ if byte == [PIECE_ENDED] => Self::PieceEnded,
            _ => Self::BurstEnded,
        })
    }
}
