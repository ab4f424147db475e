//! One BPF map.

use std::os::fd::{AsFd, AsRawFd};

use libbpf_rs::libbpf_sys::BPF_F_RDONLY_PROG;
use libbpf_rs::{MapCore, MapFlags, MapHandle, MapInfo, MapType};

use crate::records::{Looked, look};
use crate::variable::frozen_variable;
use crate::{Error, RingPositions};

/// One BPF map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapFacts {
    /// Map id.
    pub id: u32,
    /// Name, cut by the kernel to 15 characters.
    pub name: String,
    /// Kind of map, as libbpf names it; the kernel's number where it has no name.
    pub kind: String,
    /// Whether it is a ring buffer.
    pub is_ring_buffer: bool,
    /// `max_entries`; for a ring buffer its size in bytes.
    pub max_entries: u32,
    /// Size of a value in bytes; 0 for a ring buffer.
    pub value_size: u32,
    /// Whether user space can no longer write to it; none where the kernel does not say.
    pub frozen: Option<bool>,
    /// Whether programs can read it alone; none where the kernel does not say.
    pub read_only_to_programs: Option<bool>,
    /// Memory charged in bytes, where the kernel says.
    pub memory_bytes: Option<u64>,
}

/// A map, kept open by its id.
#[derive(Debug)]
pub struct Map {
    id: u32,
    handle: MapHandle,
    /// Room for one value of each possible CPU, so that a reading allocates nothing.
    possible_cpus: usize,
}

impl Map {
    /// Opens a map by its id. Needs `CAP_SYS_ADMIN`.
    pub fn open(id: u32) -> Result<Self, Error> {
        let error = |source| Error::Map { id, source };
        let handle = MapHandle::from_map_id(id).map_err(error)?;
        let possible_cpus = libbpf_rs::num_possible_cpus().map_err(error)?;
        Ok(Self { id, handle, possible_cpus })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What it is and how much memory it takes.
    #[must_use]
    pub fn facts(&self) -> MapFacts {
        let kind = self.handle.map_type();
        let fdinfo = self.handle.query_fdinfo().ok();
        MapFacts {
            id: self.id,
            name: self.handle.name().to_string_lossy().into_owned(),
            kind: kind_name(kind as u32),
            is_ring_buffer: kind == MapType::RingBuf,
            max_entries: self.handle.max_entries(),
            value_size: self.handle.value_size(),
            frozen: fdinfo.as_ref().and_then(|info| info.frozen),
            read_only_to_programs: MapInfo::new(self.handle.as_fd())
                .ok()
                .map(|map| map.info.map_flags & BPF_F_RDONLY_PROG != 0),
            memory_bytes: fdinfo.and_then(|info| info.memlock),
        }
    }

    /// Whether it is a per-CPU array with one element of `N` numbers of 64 bits.
    #[must_use]
    pub fn is_per_cpu_record<const N: usize>(&self) -> bool {
        self.handle.map_type() == MapType::PercpuArray
            && self.handle.max_entries() == 1
            && usize::try_from(self.handle.value_size()) == Ok(N * size_of::<u64>())
    }

    /// The numbers of its one element, each summed over all possible CPUs, modulo 2^64; none for a map of another form.
    ///
    /// The kernel copies CPU after CPU, and a program that runs meanwhile may be seen between two of its own additions.
    #[must_use]
    pub fn sums<const N: usize>(&self) -> Option<[u64; N]> {
        let add = |mut sums: [u64; N], of_cpu: &[u64; N]| {
            for (sum, value) in sums.iter_mut().zip(of_cpu) {
                *sum = sum.wrapping_add(*value);
            }
            sums
        };
        Some(self.of_each_cpu::<N>()?.iter().fold([0; N], add))
    }

    /// The numbers of [`Self::sums`], of each possible CPU by itself; none for a map of another form.
    #[must_use]
    pub fn of_each_cpu<const N: usize>(&self) -> Option<Vec<[u64; N]>> {
        if !self.is_per_cpu_record::<N>() {
            return None;
        }
        let mut values = vec![[0_u64; N]; self.possible_cpus];
        let key = 0_u32;
        // SAFETY: the kernel reads 4 bytes of `key` and writes `value_size` bytes, which is `N` times 8, for each possible
        // CPU; `values` has room for exactly that.
        let status = unsafe {
            libbpf_sys::bpf_map_lookup_elem(
                self.handle.as_fd().as_raw_fd(),
                std::ptr::from_ref(&key).cast(),
                values.as_mut_ptr().cast(),
            )
        };
        (status == 0).then_some(values)
    }

    /// The ids of the maps in an array of maps, each with its index; none for another kind of map.
    #[must_use]
    pub fn inner_ids(&self) -> Option<Vec<(u32, u32)>> {
        if self.handle.map_type() != MapType::ArrayOfMaps {
            return None;
        }
        let id_at = |index: u32| {
            let id = self.handle.lookup(&index.to_ne_bytes(), MapFlags::ANY).ok()??;
            Some((index, u32::from_ne_bytes(id.try_into().ok()?)))
        };
        Some((0..self.handle.max_entries()).filter_map(id_at).collect())
    }

    /// Takes from user space, the owner included, the right to write to the map. Programs go on writing. Says whether it worked
    /// (Linux 5.2).
    #[must_use]
    pub fn freeze(&self) -> bool {
        // SAFETY: takes a descriptor and touches no memory of ours.
        unsafe { libbpf_sys::bpf_map_freeze(self.handle.as_fd().as_raw_fd()) == 0 }
    }

    /// The bytes of the variable `name` of a frozen map of read-only data; none where there is none, or no type information.
    #[must_use]
    pub fn frozen_variable(&self, name: &str) -> Option<Vec<u8>> {
        frozen_variable(&self.handle, name)
    }

    /// Looks at the last records of a ring buffer before `position`, at most `most`: whether each is one of `length` bytes that names
    /// `process`; none for another kind of map.
    #[must_use]
    pub fn look_at_records(&self, position: u64, length: u32, process: u32, most: u64) -> Option<Looked> {
        let is_ring = self.handle.map_type() == MapType::RingBuf;
        is_ring.then(|| look(&self.handle, position, (length, process), most))?
    }

    /// Maps the two position pages of a ring buffer; none for another kind of map.
    pub fn ring_positions(&self) -> Result<Option<RingPositions>, Error> {
        if self.handle.map_type() != MapType::RingBuf {
            return Ok(None);
        }
        RingPositions::map(self.id, &self.handle).map(Some)
    }
}

fn kind_name(kind: u32) -> String {
    // SAFETY: any number is allowed; the result is null or a string that lives as long as the program.
    let name = unsafe { libbpf_sys::libbpf_bpf_map_type_str(kind) };
    if name.is_null() {
        return kind.to_string();
    }
    // SAFETY: not null, and a constant of libbpf.
    unsafe { std::ffi::CStr::from_ptr(name) }.to_string_lossy().into_owned()
}
