//! The last records of a ring buffer, which stay in its memory when they were read.

use std::num::NonZeroUsize;
use std::os::fd::AsFd;

use libbpf_rs::{MapCore, MapHandle};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};

use crate::positions::page_size;

/// The kernel's header of a record: length with two flags, and the page offset. kernel/bpf/ringbuf.c.
const HEADER: usize = 8;
/// Not submitted yet, or discarded.
const FLAGS: u32 = 0b11 << 30;

/// How the last records of a ring look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Looked {
    /// Records looked at.
    pub records: u64,
    /// Those whose header says that they have the length that was looked for, and were submitted.
    pub of_length: u64,
    /// Those of them that name the process that was looked for, at offset 16.
    pub of_process: u64,
    /// The first number of the last of those that have the length: when it was written, by the kernel's clock.
    pub newest_ktime_ns: Option<u64>,
}

/// Looks at the last records before `position`, at most `most`, as if all had `length` bytes.
pub(crate) fn look(
    handle: &MapHandle,
    position: u64,
    (length, process): (u32, u32),
    most: u64,
) -> Option<Looked> {
    let size = u64::from(handle.max_entries());
    let slot = (u64::from(length) + HEADER as u64).next_multiple_of(8);
    let records = most.min(position.min(size) / slot);
    let page = page_size();
    let bytes = usize::try_from(records * slot).ok()?;
    // The data begins after the two pages with the positions and is mapped twice, so that nothing wraps.
    let start = usize::try_from((position - records * slot) % size).ok()?;
    let before = start % page.get();
    let offset = 2 * page.get() + start - before;
    let mapped = NonZeroUsize::new(before + bytes)?;
    // SAFETY: a fresh read-only mapping at an address of the kernel's choice.
    let memory = unsafe {
        mmap(
            None,
            mapped,
            ProtFlags::PROT_READ,
            MapFlags::MAP_SHARED,
            handle.as_fd(),
            i64::try_from(offset).ok()?,
        )
    };
    let memory = memory.ok()?;
    let data = memory.cast::<u8>();
    // SAFETY: callers stay below `bytes`, and `before + bytes` bytes are mapped; a slot is a multiple of 8 bytes, so that every number
    // lies where its size wants it. The program may write meanwhile, hence no slices and only volatile reads: what is read
    // is a number like any other.
    let number = |at: usize| unsafe { data.add(before + at).cast::<u32>().as_ptr().read_volatile() };
    let mut looked = Looked { records, ..Looked::default() };
    for slot in (0..bytes).step_by(usize::try_from(slot).ok()?) {
        if number(slot) == length & !FLAGS {
            looked.of_length += 1;
            looked.of_process += u64::from(number(slot + HEADER + 16) == process);
            let halves = [number(slot + HEADER), number(slot + HEADER + 4)].map(u32::to_ne_bytes);
            looked.newest_ktime_ns = halves.concat().try_into().ok().map(u64::from_ne_bytes);
        }
    }
    // SAFETY: mapped above, unmapped once; nothing refers to it any more. It cannot fail for such a mapping.
    let _unmapped = unsafe { munmap(memory, mapped.get()) };
    Some(looked)
}
