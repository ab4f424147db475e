//! A ring buffer for each CPU.

use super::ringbuf::{Ring, RingReader, consume, open, wait, watch};
use aya::maps::{ArrayOfMaps, Map, MapData, MapError};
use aya_obj::generated::bpf_map_type::BPF_MAP_TYPE_RINGBUF;
use runner_kit::{Failure, Reader, Tally, rings};
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::Duration;

/// The ring buffers, in the order of their CPUs.
pub(crate) struct OwnRings {
    rings: Vec<MapData>,
    /// The kernel's ids of them.
    pub(crate) ids: Vec<u32>,
}

impl OwnRings {
    /// Makes one for each of the CPUs, and puts it into the map `rings`.
    pub(crate) fn create(map: &mut Map, cpus: &[u32], size: u32) -> Result<Self, MapError> {
        let mut map = ArrayOfMaps::<_, MapData>::try_from(map)?;
        let (mut rings, mut ids) = (Vec::new(), Vec::new());
        for cpu in cpus {
            // Of the kinds of maps that Aya makes by themselves, ring buffers are none; so as it makes those.
            let ring = aya_obj::Map::new_from_params(BPF_MAP_TYPE_RINGBUF as u32, 0, 0, size, 0);
            let ring = MapData::create(ring, "events", None)?;
            map.set(*cpu, &ring, 0)?;
            ids.push(ring.info()?.id());
            rings.push(ring);
        }
        Ok(Self { rings, ids })
    }

    /// A hold of its own on a map, for its reader.
    fn map(ring: &MapData) -> Result<Map, Failure> {
        let own = ring.fd().as_fd().try_clone_to_owned().map_err(MapError::from);
        let own = own.and_then(MapData::from_fd);
        own.map(Map::RingBuf).map_err(|error| Failure::internal("cannot open the ring buffer", &error))
    }
}

impl rings::Rings for OwnRings {
    fn open<'a, const DELAYS: bool>(
        &'a self,
        index: usize,
        tally: &'a Tally<DELAYS>,
    ) -> Result<impl Reader + 'a, Failure> {
        RingReader::new(Self::map(&self.rings[index])?, tally)
    }

    fn open_all<'a, const DELAYS: bool>(
        &'a self,
        tallies: &'a [Tally<DELAYS>],
    ) -> Result<impl Reader + 'a, Failure> {
        let rings = self.rings.iter().map(|ring| open(Self::map(ring)?)).collect::<Result<Vec<_>, _>>()?;
        Ok(AllReader { epoll: watch(&rings)?, rings, tallies })
    }
}

/// Reads all of them.
struct AllReader<'a, const DELAYS: bool> {
    rings: Vec<Ring>,
    epoll: OwnedFd,
    tallies: &'a [Tally<DELAYS>],
}

impl<const DELAYS: bool> Reader for AllReader<'_, DELAYS> {
    fn consume(&mut self, limit: usize) -> Result<usize, Failure> {
        let counts = self.rings.iter_mut().zip(self.tallies).map(|(ring, tally)| consume(ring, tally, limit));
        Ok(counts.max().unwrap_or(0))
    }

    fn wait(&mut self, timeout: Duration) -> Result<bool, Failure> {
        wait(&self.epoll, timeout)
    }
}
