//! Aya's loop: `RingBuf::next` until it is empty, then an edge-triggered epoll.

use std::os::fd::AsRawFd as _;
use std::process::ExitCode;

use aya::maps::{Map, MapData, RingBuf};
use bare_loops::{Totals, arguments, epoll, prepare, ready, report, stopped, wait};

fn run() -> Result<Totals, String> {
    let (map_id, cpu) = arguments()?;
    prepare(cpu)?;
    let map = MapData::from_id(map_id).map_err(|error| error.to_string())?;
    let mut ring = RingBuf::try_from(Map::RingBuf(map)).map_err(|error| error.to_string())?;
    let watched = epoll(ring.as_raw_fd(), libc::EPOLLET)?;
    let mut totals = Totals::default();
    ready();
    loop {
        while let Some(record) = ring.next() {
            // SAFETY: a record is at least an event.
            unsafe { totals.add(record.as_ptr()) };
        }
        if stopped() {
            return Ok(totals);
        }
        wait(watched);
    }
}

fn main() -> ExitCode {
    report(run())
}
