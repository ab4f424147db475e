//! libbpf's own loop, as a C program has it: the plain callback of `ring_buffer__new`, without Rust's wrappers around it.

use std::ffi::c_void;
use std::process::ExitCode;

use bare_loops::{Totals, arguments, prepare, ready, report, stopped, wait};

extern "C" fn on_record(totals: *mut c_void, record: *mut c_void, _size: libbpf_sys::size_t) -> i32 {
    // SAFETY: libbpf passes the pointer that `run` gave it, and a record of at least an event.
    unsafe { (*totals.cast::<Totals>()).add(record.cast()) };
    0
}

fn run() -> Result<Totals, String> {
    let (map_id, cpu) = arguments()?;
    prepare(cpu)?;
    let mut totals = Totals::default();
    // SAFETY: the totals outlive the ring, and nothing else uses them while libbpf reads.
    unsafe {
        let map = libbpf_sys::bpf_map_get_fd_by_id(map_id);
        let context = (&raw mut totals).cast();
        let ring = libbpf_sys::ring_buffer__new(map, Some(on_record), context, std::ptr::null());
        if ring.is_null() {
            return Err(format!("cannot read map {map_id}"));
        }
        let epoll = libbpf_sys::ring_buffer__epoll_fd(ring);
        ready();
        while !stopped() {
            if libbpf_sys::ring_buffer__consume(ring) == 0 {
                wait(epoll);
            }
        }
        libbpf_sys::ring_buffer__consume(ring);
        libbpf_sys::ring_buffer__free(ring);
    }
    Ok(totals)
}

fn main() -> ExitCode {
    report(run())
}
