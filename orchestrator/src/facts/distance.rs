//! How far from the runner a load can be asked to run, by name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the load runs, as seen from the runner's CPU.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::EnumCount,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Distance {
    /// On the other hyper-threads of the runner's core.
    Sibling,
    /// On other cores, nearest first.
    OtherCore,
    /// On other cores of the runner's NUMA node.
    SameNode,
    /// On other NUMA nodes.
    OtherNode,
    /// On other packages.
    OtherPackage,
}

/// What is known of two CPUs: whether they share something; none where the machine does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shared {
    /// A core: they are its hyper-threads.
    pub core: bool,
    /// A NUMA node.
    pub numa: Option<bool>,
    /// A package (socket).
    pub package: bool,
}

/// One row of the table of distances.
#[derive(Debug, Clone, Copy)]
pub struct DistanceFacts {
    /// The distance.
    pub distance: Distance,
    /// What the CPUs are that it names.
    pub meaning: &'static str,
    /// Whether a CPU that shares so much with the runner's is one of them.
    pub fits: fn(Shared) -> bool,
}

const FACTS: [DistanceFacts; <Distance as strum::EnumCount>::COUNT] = [
    row(Distance::Sibling, "CPUs that share the runner's core", |shared| shared.core),
    row(Distance::OtherCore, "CPUs of other cores", |shared| !shared.core),
    row(Distance::SameNode, "CPUs of other cores of the runner's NUMA node", |shared| {
        !shared.core && shared.numa == Some(true)
    }),
    row(Distance::OtherNode, "CPUs of other NUMA nodes", |shared| shared.numa == Some(false)),
    row(Distance::OtherPackage, "CPUs of other packages", |shared| !shared.package),
];

const fn row(distance: Distance, meaning: &'static str, fits: fn(Shared) -> bool) -> DistanceFacts {
    DistanceFacts { distance, meaning, fits }
}

impl Distance {
    /// All that is known of it.
    #[must_use]
    pub const fn facts(self) -> &'static DistanceFacts {
        &FACTS[self as usize]
    }

    /// All of their names.
    #[must_use]
    pub fn words() -> Vec<&'static str> {
        <Self as strum::VariantArray>::VARIANTS.iter().map(|distance| (*distance).into()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_where_its_number_says_and_words_are_read_as_they_are_written() {
        for (facts, distance) in FACTS.iter().zip(<Distance as strum::VariantArray>::VARIANTS) {
            assert_eq!(facts.distance, *distance);
            assert_eq!(distance.to_string().parse(), Ok(*distance));
            assert_eq!(serde_json::to_value(distance).expect("serialises"), distance.to_string());
        }
    }
}
