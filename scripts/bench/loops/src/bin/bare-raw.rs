//! The floor: the ring's pages mapped and walked by hand, without a library. What is measured above it is a framework.
//!
//! Layout: kernel/bpf/ringbuf.c. Page 0 holds the consumer's position, page 1 the producer's, then follow the data, mapped
//! twice so that no record is cut. A record begins with a u32 length, whose top two bits mean *busy* and *discarded*.

use std::os::fd::{AsFd as _, AsRawFd as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use bare_loops::{Totals, arguments, epoll, prepare, ready, report, stopped, wait};
use libbpf_rs::{MapCore as _, MapHandle};

const BUSY: u32 = 1 << 31;
const DISCARDED: u32 = 1 << 30;
const HEADER_BYTES: u64 = 8;

struct Ring {
    consumer: &'static AtomicU64,
    producer: &'static AtomicU64,
    /// In units of a header's length field.
    data: *const AtomicU32,
    mask: u64,
}

impl Ring {
    fn map(map: &MapHandle) -> Result<Self, String> {
        let size = map.max_entries() as usize;
        let fd = map.as_fd().as_raw_fd();
        // SAFETY: fresh mappings at addresses of the kernel's choice, which stay until the process ends.
        unsafe {
            let page = usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).unwrap_or(4096);
            let write = libc::PROT_READ | libc::PROT_WRITE;
            let consumer = libc::mmap(std::ptr::null_mut(), page, write, libc::MAP_SHARED, fd, 0);
            let rest = page + 2 * size;
            let offset = libc::off_t::try_from(page).map_err(|error| error.to_string())?;
            let producer =
                libc::mmap(std::ptr::null_mut(), rest, libc::PROT_READ, libc::MAP_SHARED, fd, offset);
            if consumer == libc::MAP_FAILED || producer == libc::MAP_FAILED {
                return Err(std::io::Error::last_os_error().to_string());
            }
            Ok(Self {
                consumer: &*consumer.cast::<AtomicU64>(),
                producer: &*producer.cast::<AtomicU64>(),
                data: producer.byte_add(page).cast(),
                mask: size as u64 - 1,
            })
        }
    }

    /// Reads what is there; whether that was anything.
    fn consume(&self, totals: &mut Totals) -> bool {
        let mut position = self.consumer.load(Ordering::Relaxed);
        let end = self.producer.load(Ordering::Acquire);
        let before = position;
        while position < end {
            let at = usize::try_from(position & self.mask).unwrap_or(0);
            // SAFETY: a record lies at every position between the consumer's and the producer's.
            let record = unsafe { self.data.byte_add(at) };
            // SAFETY: a record begins with its length, which the producer sets atomically.
            let length = unsafe { &*record }.load(Ordering::Acquire);
            if length & BUSY != 0 {
                break;
            }
            if length & DISCARDED == 0 {
                // SAFETY: an event follows the header.
                unsafe { totals.add(record.byte_add(8).cast()) };
            }
            position += (u64::from(length & !DISCARDED) + HEADER_BYTES).next_multiple_of(8);
            self.consumer.store(position, Ordering::Release);
        }
        position != before
    }
}

fn run() -> Result<Totals, String> {
    let (map_id, cpu) = arguments()?;
    prepare(cpu)?;
    let map = MapHandle::from_map_id(map_id).map_err(|error| error.to_string())?;
    let ring = Ring::map(&map)?;
    let watched = epoll(map.as_fd().as_raw_fd(), 0)?;
    let mut totals = Totals::default();
    ready();
    while !stopped() {
        if !ring.consume(&mut totals) {
            wait(watched);
        }
    }
    ring.consume(&mut totals);
    Ok(totals)
}

fn main() -> ExitCode {
    report(run())
}
