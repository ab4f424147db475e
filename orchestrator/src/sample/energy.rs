//! Energy that the processors' packages have used, by the kernel's powercap interface (Documentation/power/powercap/powercap.rst), where
//! there is one: few virtual machines have it.

use std::fs;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The counter of one package, microjoules. It begins anew at its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PackageEnergy {
    /// Name of the zone, such as `package-0`.
    pub zone: String,
    /// The counter.
    pub energy_uj: u64,
    /// What it counts to before it begins anew.
    pub range_uj: u64,
}

/// All packages below a folder that looks like `/`; none where the kernel does not say.
#[must_use]
pub fn package_energy(root: &Path) -> Vec<PackageEnergy> {
    let folder = root.join("sys/class/powercap");
    let zones = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut packages: Vec<PackageEnergy> = zones
        .filter_map(|entry| {
            let read = |name: &str| fs::read_to_string(entry.path().join(name)).ok();
            let number = |name: &str| read(name)?.trim().parse().ok();
            // Zones within a package count the same energy again.
            let zone = read("name")?.trim().to_owned();
            zone.starts_with("package").then_some(())?;
            Some(PackageEnergy {
                zone,
                energy_uj: number("energy_uj")?,
                range_uj: number("max_energy_range_uj")?,
            })
        })
        .collect();
    packages.sort_by(|a, b| a.zone.cmp(&b.zone));
    packages
}

/// What all packages used between two readings, joules; none where one of them is not in both.
#[must_use]
pub fn joules_between(from: &[PackageEnergy], to: &[PackageEnergy]) -> Option<f64> {
    if from.is_empty() {
        return None;
    }
    let used = from.iter().map(|before| {
        let after = to.iter().find(|after| after.zone == before.zone)?;
        let anew = if after.energy_uj < before.energy_uj { before.range_uj } else { 0 };
        (after.energy_uj + anew).checked_sub(before.energy_uj)
    });
    Some(used.sum::<Option<u64>>()? as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_read_and_their_cores_are_not_counted_twice() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let zone = |folder: &str, name: &str, energy: &str| {
            let folder = root.path().join("sys/class/powercap").join(folder);
            std::fs::create_dir_all(&folder).expect("a folder");
            for (file, text) in [("name", name), ("energy_uj", energy), ("max_energy_range_uj", "1000")] {
                std::fs::write(folder.join(file), format!("{text}\n")).expect("a file");
            }
        };
        assert_eq!(package_energy(root.path()), []);
        zone("intel-rapl:1", "package-1", "20");
        zone("intel-rapl:0", "package-0", "900");
        zone("intel-rapl:0:0", "core", "7");
        let before = package_energy(root.path());
        assert_eq!(before.iter().map(|found| found.energy_uj).collect::<Vec<_>>(), [900, 20]);
        zone("intel-rapl:0", "package-0", "100");
        zone("intel-rapl:1", "package-1", "50");
        let used = joules_between(&before, &package_energy(root.path())).expect("both are known");
        assert!((used - 230e-6).abs() < 1e-12, "{used}: it began anew");
        assert_eq!(joules_between(&before, &before[..1]), None);
        assert_eq!(joules_between(&[], &[]), None, "nothing is known, which is not nothing");
    }
}
