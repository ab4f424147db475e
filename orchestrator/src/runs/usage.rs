//! CPU time and memory of each trial's processes over time, from the readings among its raw facts.

use crate::sample::Snapshot;
use crate::store::{OpenedRun, StoreError};

/// One trial's readings.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialUsage {
    /// Number of the trial in the run.
    pub number: u32,
    /// In order of time.
    pub points: Vec<UsagePoint>,
}

/// What was used at one moment. Unknown is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UsagePoint {
    /// Seconds since the trial's first reading.
    pub seconds: f64,
    /// CPU time since the reading before, as a share of one core.
    pub cpu_share: Option<f64>,
    /// Private memory, or where that was not read yet the last one that was, bytes.
    pub memory_bytes: Option<f64>,
}

/// Of all trials of a run.
pub fn usage(opened: &OpenedRun) -> Result<Vec<TrialUsage>, StoreError> {
    let readings = opened.readings()?;
    Ok(readings
        .iter()
        .map(|(number, snapshots)| TrialUsage { number: *number, points: points(snapshots) })
        .collect())
}

fn points(snapshots: &[Snapshot]) -> Vec<UsagePoint> {
    let Some(start) = snapshots.first().map(|first| first.t_ns) else { return Vec::new() };
    let mut memory = None;
    let mut points = Vec::new();
    for (index, now) in snapshots.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| &snapshots[before]);
        let cpu_share = before.and_then(|before| {
            let time = now.t_ns.checked_sub(before.t_ns).filter(|time| *time > 0)?;
            let used = cpu_ns(now)?.checked_sub(cpu_ns(before)?)?;
            Some(used as f64 / time as f64)
        });
        memory = now.private_bytes.map(|bytes| bytes as f64).or(memory);
        points.push(UsagePoint {
            seconds: now.t_ns.saturating_sub(start) as f64 / 1e9,
            cpu_share,
            memory_bytes: memory,
        });
    }
    points
}

/// The exact one; by clock ticks where there is none.
fn cpu_ns(snapshot: &Snapshot) -> Option<u64> {
    snapshot.cpu_ns.or_else(|| snapshot.user_ns?.checked_add(snapshot.system_ns?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(t_ns: u64, cpu_ns: Option<u64>, private_bytes: Option<u64>) -> Snapshot {
        Snapshot { t_ns, cpu_ns, private_bytes, ..Snapshot::default() }
    }

    #[test]
    fn shares_are_differences_and_memory_is_the_last_one_that_was_read() {
        let points = points(&[
            snapshot(1_000_000_000, Some(5_000_000), Some(4096)),
            snapshot(1_100_000_000, Some(55_000_000), None),
            snapshot(1_100_000_000, Some(55_000_000), None),
            snapshot(1_200_000_000, None, Some(8192)),
        ]);
        let shares: Vec<Option<f64>> = points.iter().map(|point| point.cpu_share).collect();
        assert_eq!(shares, [None, Some(0.5), None, None]);
        let memory: Vec<Option<f64>> = points.iter().map(|point| point.memory_bytes).collect();
        assert_eq!(memory, [Some(4096.0), Some(4096.0), Some(4096.0), Some(8192.0)]);
        assert!((points[3].seconds - 0.2).abs() < 1e-12);
    }
}
