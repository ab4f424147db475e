//! A ring buffer for each CPU.

use std::os::fd::{AsFd as _, AsRawFd as _};
use std::time::Duration;

use libbpf_rs::libbpf_sys::{bpf_map_create_opts, ring__consume_n, ring_buffer__ring};
use libbpf_rs::{AsRawLibbpf as _, MapCore, MapFlags, MapHandle, MapType, RingBuffer};
use runner_kit::{Failure, Reader, Tally, rings};

use super::ringbuf::{RingReader, counted, open, wait};

/// The ring buffers, in the order of their CPUs.
pub(crate) struct OwnRings(Vec<MapHandle>);

impl OwnRings {
    /// Makes one for each of the CPUs, and puts it into the map `rings`.
    pub(crate) fn create(map: &impl MapCore, cpus: &[u32], size: u32) -> libbpf_rs::Result<Self> {
        let create = |cpu: &u32| {
            let options = bpf_map_create_opts {
                sz: size_of::<bpf_map_create_opts>() as _,
                ..bpf_map_create_opts::default()
            };
            let ring = MapHandle::create(MapType::RingBuf, Some("events"), 0, 0, size, &options)?;
            let fd = ring.as_fd().as_raw_fd().to_ne_bytes();
            map.update(&cpu.to_ne_bytes(), &fd, MapFlags::ANY)?;
            Ok(ring)
        };
        cpus.iter().map(create).collect::<libbpf_rs::Result<_>>().map(Self)
    }

    /// The kernel's ids of them.
    pub(crate) fn ids(&self) -> libbpf_rs::Result<Vec<u32>> {
        self.0.iter().map(|ring| Ok(ring.info()?.info.id)).collect()
    }
}

impl rings::Rings for OwnRings {
    fn open<'a, const DELAYS: bool>(
        &'a self,
        index: usize,
        tally: &'a Tally<DELAYS>,
    ) -> Result<impl Reader + 'a, Failure> {
        RingReader::new(&self.0[index], tally)
    }

    fn open_all<'a, const DELAYS: bool>(
        &'a self,
        tallies: &'a [Tally<DELAYS>],
    ) -> Result<impl Reader + 'a, Failure> {
        let count = u32::try_from(self.0.len()).expect("there are not so many CPUs");
        let rings = self.0.iter().map(|ring| ring as &dyn MapCore);
        Ok(AllReader { rings: open(rings.zip(tallies))?, count })
    }
}

/// Reads all of them.
struct AllReader<'a> {
    rings: RingBuffer<'a>,
    count: u32,
}

impl Reader for AllReader<'_> {
    fn consume(&mut self, limit: usize) -> Result<usize, Failure> {
        // libbpf-rs reads only all at once, and so the second when the first leaves something of the limit: never, while that
        // fills faster than it is read.
        let mut counts = (0..self.count).map(|index| {
            // SAFETY: libbpf has as many, and they live as long as `rings`.
            let ring = unsafe { ring_buffer__ring(self.rings.as_libbpf_object().as_ptr(), index) };
            // SAFETY: as above.
            counted(unsafe { ring__consume_n(ring, limit as u64) })
        });
        counts.try_fold(0, |most, count| Ok(count?.max(most)))
    }

    fn wait(&mut self, timeout: Duration) -> Result<bool, Failure> {
        wait(&self.rings, timeout)
    }
}
