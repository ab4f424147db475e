//! libbpf-rs's loop: a closure, `consume_raw` and the ring's own epoll descriptor.

use std::cell::Cell;
use std::process::ExitCode;

use bare_loops::{Totals, arguments, prepare, ready, report, stopped, wait};
use libbpf_rs::{MapHandle, RingBufferBuilder};

fn run() -> Result<Totals, String> {
    let (map_id, cpu) = arguments()?;
    prepare(cpu)?;
    let text = |error: libbpf_rs::Error| error.to_string();
    let map = MapHandle::from_map_id(map_id).map_err(text)?;
    let totals = Cell::new(Totals::default());
    let mut builder = RingBufferBuilder::new();
    let on_record = |record: &[u8]| {
        let mut sum = totals.get();
        // SAFETY: a record is at least an event.
        unsafe { sum.add(record.as_ptr()) };
        totals.set(sum);
        0
    };
    builder.add(&map, on_record).map_err(text)?;
    let ring = builder.build().map_err(text)?;
    ready();
    while !stopped() {
        if ring.consume_raw() == 0 {
            wait(ring.epoll_fd());
        }
    }
    ring.consume_raw();
    Ok(totals.get())
}

fn main() -> ExitCode {
    report(run())
}
