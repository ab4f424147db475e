//! Where each CPU has a ring: what went through each of them in the measured part. A sum hides a ring that is full beside others that are
//! empty.

use super::values::RingFigures;
use crate::arithmetic::difference;
use crate::facts::Slots;
use crate::supervise::{KernelReadings, RingReading};

/// By CPU; nothing where there is one ring, or where the trial did not get so far.
pub(super) fn rings(readings: &KernelReadings, slots: Slots) -> Vec<RingFigures> {
    let Some((released, settled)) = readings.released.as_ref().zip(readings.settled.as_ref()) else {
        return Vec::new();
    };
    let of_ring = |before: &RingReading| {
        let same = |ring: &&RingReading| ring.cpu == before.cpu;
        let after = readings.rings_at(settled).iter().find(same)?;
        let backlog = |at: &RingReading| at.produced.saturating_sub(at.consumed);
        let meanwhile = readings.positions.iter().filter_map(|at| readings.rings_at(at).iter().find(same));
        let found = RingFigures {
            cpu: before.cpu,
            read: slots.records(after.consumed.checked_sub(before.consumed)?),
            dropped: difference(before.dropped, after.dropped),
            peak_backlog_bytes: meanwhile.map(backlog).max().unwrap_or(0),
        };
        (found.read > 0 || found.dropped > Some(0)).then_some(found)
    };
    readings.rings_at(released).iter().filter_map(of_ring).collect()
}

/// Of one ring alone there is none.
pub(super) fn least_share(rings: &[RingFigures]) -> Option<f64> {
    let least = rings.iter().map(|ring| ring.read).min().filter(|_| rings.len() > 1)?;
    let all: u64 = rings.iter().map(|ring| ring.read).sum();
    (all > 0).then(|| least as f64 * rings.len() as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Mechanism;
    use crate::supervise::{KernelReading, RingsReading};

    /// Rings of CPU 0, 1 and 2 at moments: records produced, consumed, and dropped.
    fn readings(moments: &[[(u64, u64, u64); 3]]) -> KernelReadings {
        let at = |t_ns: u64| KernelReading { t_ns, ..KernelReading::default() };
        let mut t_ns = 0;
        let rings = moments.iter().map(|rings| {
            t_ns += 1;
            let ring = |(cpu, (produced, consumed, dropped)): (u32, &(u64, u64, u64))| RingReading {
                cpu,
                produced: produced * 72,
                consumed: consumed * 72,
                submitted: Some(*produced),
                dropped: Some(*dropped),
            };
            RingsReading { t_ns, rings: (0..).zip(rings).map(ring).collect() }
        });
        let rings: Vec<_> = rings.collect();
        KernelReadings {
            released: Some(at(1)),
            positions: (2..rings.len() as u64).map(at).collect(),
            settled: Some(at(rings.len() as u64)),
            rings,
            ..KernelReadings::default()
        }
    }

    #[test]
    fn a_ring_that_is_full_beside_others_shows() {
        let readings = readings(&[
            [(10, 10, 0), (0, 0, 0), (5, 5, 0)],
            [(500, 100, 7), (20, 19, 0), (5, 5, 0)],
            [(910, 910, 30), (100, 100, 0), (5, 5, 0)],
        ]);
        let found = rings(&readings, Mechanism::RingBuffer.slots(64));
        let ring = |cpu, read, dropped, waiting: u64| RingFigures {
            cpu,
            read,
            dropped: Some(dropped),
            peak_backlog_bytes: waiting * 72,
        };
        assert_eq!(found, [ring(0, 900, 30, 400), ring(1, 100, 0, 1)], "nothing went through the third");
        assert_eq!(least_share(&found), Some(0.2));
        assert_eq!((least_share(&found[..1]), least_share(&[])), (None, None));
    }

    #[test]
    fn one_ring_has_no_parts() {
        let mut readings = readings(&[[(1, 1, 0); 3], [(2, 2, 0); 3]]);
        readings.rings.clear();
        assert_eq!(rings(&readings, Mechanism::RingBuffer.slots(64)), []);
    }
}
