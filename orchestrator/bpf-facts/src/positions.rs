//! The positions of a ring buffer, which move only when records are written and released.

use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};

use libbpf_rs::MapHandle;
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};

use crate::Error;

/// The positions of one ring buffer, readable at any time without a system call.
#[derive(Debug)]
pub struct RingPositions {
    consumer: std::ptr::NonNull<AtomicU64>,
    producer: std::ptr::NonNull<AtomicU64>,
}

// SAFETY: both pointers are to pages of a private mapping that lives as long as the value and is only read, atomically.
unsafe impl Send for RingPositions {}

impl RingPositions {
    /// kernel/bpf/ringbuf.c: page 0 of the mapping is the consumer's, page 1 the producer's; each starts with its position.
    pub(crate) fn map(id: u32, handle: &MapHandle) -> Result<Self, Error> {
        let page = page_size();
        let one = |offset: usize| {
            // SAFETY: a fresh read-only mapping at an address of the kernel's choice.
            unsafe {
                mmap(
                    None,
                    page,
                    ProtFlags::PROT_READ,
                    MapFlags::MAP_SHARED,
                    handle.as_fd(),
                    i64::try_from(offset).unwrap_or(i64::MAX),
                )
            }
            .map(std::ptr::NonNull::cast::<AtomicU64>)
            .map_err(|source| Error::Mmap { id, source })
        };
        let consumer = one(0)?;
        let producer = match one(page.get()) {
            Ok(producer) => producer,
            Err(error) => {
                unmap(consumer);
                return Err(error);
            }
        };
        Ok(Self { consumer, producer })
    }

    /// Bytes that the consumer has released, record headers included.
    #[must_use]
    pub fn consumer(&self) -> u64 {
        // SAFETY: the page stays mapped as long as `self` lives.
        unsafe { self.consumer.as_ref() }.load(Ordering::Acquire)
    }

    /// Bytes that the producer has reserved, record headers included.
    #[must_use]
    pub fn producer(&self) -> u64 {
        // SAFETY: the page stays mapped as long as `self` lives.
        unsafe { self.producer.as_ref() }.load(Ordering::Acquire)
    }
}

impl Drop for RingPositions {
    fn drop(&mut self) {
        unmap(self.consumer);
        unmap(self.producer);
    }
}

fn unmap(page: std::ptr::NonNull<AtomicU64>) {
    // SAFETY: `page` is the start of a one-page mapping made by `RingPositions::map`, unmapped once. The only possible
    // error is a wrong address, which would leave the mapping in place.
    let _unmapped = unsafe { munmap(page.cast(), page_size().get()) };
}

pub(crate) fn page_size() -> NonZeroUsize {
    nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE)
        .ok()
        .flatten()
        .and_then(|size| usize::try_from(size).ok())
        .and_then(NonZeroUsize::new)
        .unwrap_or(NonZeroUsize::MIN.saturating_add(4095))
}
