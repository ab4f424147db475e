//! What the kernel itself says of BPF programs and maps, by their ids.
//!
//! A supervisor must not take a runner's word for what it read. The ids that a runner announces are enough to ask the kernel:
//! a ring buffer's consumer position moves only when somebody releases records, and a program's info says how many runs
//! were skipped. Nothing here changes a program or a map; the one thing that can be switched is the kernel's statistics.

mod loaded;
mod statistics;

pub use loaded::{LoadedProgram, loaded_programs, map_ids, program_ids};
pub use statistics::Statistics;

use std::ffi::CStr;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};

use libbpf_rs::{MapCore, MapHandle, MapType, Program};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};

/// Why the kernel did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such map, or no privileges.
    #[error("cannot open BPF map {id}")]
    Map {
        /// Map id.
        id: u32,
        /// Reason.
        #[source]
        source: libbpf_rs::Error,
    },
    /// No such program, or no privileges.
    #[error("cannot open BPF program {id}")]
    Program {
        /// Program id.
        id: u32,
        /// Reason.
        #[source]
        source: libbpf_rs::Error,
    },
    /// No list of what is loaded: no privileges.
    #[error("cannot list what is loaded")]
    List {
        /// Reason.
        #[source]
        source: libbpf_rs::Error,
    },
    /// No statistics: no privileges, or an old kernel.
    #[error("cannot turn on BPF statistics")]
    Statistics {
        /// Reason.
        #[source]
        source: libbpf_rs::Error,
    },
    /// The ring's pages could not be mapped.
    #[error("cannot map the positions of ring buffer {id}")]
    Mmap {
        /// Map id.
        id: u32,
        /// Reason.
        #[source]
        source: nix::Error,
    },
}

/// One BPF map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapFacts {
    /// Map id.
    pub id: u32,
    /// Name, cut by the kernel to 15 characters.
    pub name: String,
    /// Whether it is a ring buffer.
    pub is_ring_buffer: bool,
    /// `max_entries`; for a ring buffer its size in bytes.
    pub max_entries: u32,
    /// Memory charged in bytes, where the kernel says.
    pub memory_bytes: Option<u64>,
}

/// One BPF program. Counters are since load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramFacts {
    /// Program id.
    pub id: u32,
    /// Name, cut by the kernel to 15 characters.
    pub name: String,
    /// The kernel's number of its kind.
    pub kind: u32,
    /// Runs that the kernel skipped, because the program was already running on that CPU.
    pub recursion_misses: u64,
    /// Runs while statistics were on.
    pub run_count: u64,
    /// Nanoseconds of those runs.
    pub run_time_ns: u64,
    /// Instructions that the verifier walked (0 before Linux 5.16).
    pub verified_instructions: u32,
    /// Bytes of the translated program.
    pub translated_bytes: u32,
    /// Bytes of native code; 0 when interpreted.
    pub jited_bytes: u32,
}

/// A map, kept open by its id.
#[derive(Debug)]
pub struct Map {
    id: u32,
    handle: MapHandle,
}

impl Map {
    /// Opens a map by its id. Needs `CAP_SYS_ADMIN`.
    pub fn open(id: u32) -> Result<Self, Error> {
        let handle = MapHandle::from_map_id(id).map_err(|source| Error::Map { id, source })?;
        Ok(Self { id, handle })
    }

    /// What it is and how much memory it takes.
    #[must_use]
    pub fn facts(&self) -> MapFacts {
        MapFacts {
            id: self.id,
            name: self.handle.name().to_string_lossy().into_owned(),
            is_ring_buffer: self.handle.map_type() == MapType::RingBuf,
            max_entries: self.handle.max_entries(),
            memory_bytes: self.handle.query_fdinfo().ok().and_then(|info| info.memlock),
        }
    }

    /// Maps the two position pages of a ring buffer; none for another kind of map.
    pub fn ring_positions(&self) -> Result<Option<RingPositions>, Error> {
        if self.handle.map_type() != MapType::RingBuf {
            return Ok(None);
        }
        RingPositions::map(self.id, &self.handle).map(Some)
    }
}

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
    fn map(id: u32, handle: &MapHandle) -> Result<Self, Error> {
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

fn page_size() -> NonZeroUsize {
    nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE)
        .ok()
        .flatten()
        .and_then(|size| usize::try_from(size).ok())
        .and_then(NonZeroUsize::new)
        .unwrap_or(NonZeroUsize::MIN.saturating_add(4095))
}

/// A program, kept open by its id.
#[derive(Debug)]
pub struct BpfProgram {
    id: u32,
    fd: OwnedFd,
}

impl BpfProgram {
    /// Opens a program by its id. Needs `CAP_SYS_ADMIN`.
    pub fn open(id: u32) -> Result<Self, Error> {
        let fd = Program::fd_from_id(id).map_err(|source| Error::Program { id, source })?;
        Ok(Self { id, fd })
    }

    /// Its counters and sizes now.
    pub fn facts(&self) -> Result<ProgramFacts, Error> {
        let mut info = libbpf_sys::bpf_prog_info::default();
        let mut length = u32::try_from(size_of_val(&info)).unwrap_or(u32::MAX);
        // SAFETY: `info` is a plain struct of `length` bytes that outlives the call; its pointers are null and its
        // lengths 0, so the kernel writes nothing outside of it.
        let status = unsafe {
            libbpf_sys::bpf_obj_get_info_by_fd(
                self.fd.as_raw_fd(),
                std::ptr::from_mut(&mut info).cast(),
                &raw mut length,
            )
        };
        if status != 0 {
            return Err(Error::Program { id: self.id, source: libbpf_rs::Error::from_raw_os_error(-status) });
        }
        // SAFETY: the kernel ends the name with a zero byte within its 16 bytes.
        let name = unsafe { CStr::from_ptr(info.name.as_ptr()) }.to_string_lossy().into_owned();
        Ok(ProgramFacts {
            id: self.id,
            name,
            kind: info.type_,
            recursion_misses: info.recursion_misses,
            run_count: info.run_cnt,
            run_time_ns: info.run_time_ns,
            verified_instructions: info.verified_insns,
            translated_bytes: info.xlated_prog_len,
            jited_bytes: info.jited_prog_len,
        })
    }
}
