//! Units of quantities: their names, how they are written for a person, and the base unit of each.

use serde::Serialize;

/// What a value is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// Nanoseconds.
    Ns,
    /// Nanoseconds for one event.
    NsPerEvent,
    /// Nanoseconds for one trigger.
    NsPerTrigger,
    /// Nanoseconds for one run of the program.
    NsPerRun,
    /// Events per second.
    EventsPerSec,
    /// A share, from 0 to 1.
    Share,
    /// Per cent of a core.
    Percent,
    /// Bytes.
    Bytes,
    /// Things.
    Count,
    /// Joules.
    Joules,
}

/// One row of the table of units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitFacts {
    /// The unit.
    pub unit: Unit,
    /// Its name in files.
    pub name: &'static str,
    /// The base unit that tools expect; none where values are plain numbers.
    pub base: Option<&'static str>,
    /// How many of these are one of the base unit.
    pub in_base: f64,
}

const NS_IN_A_SECOND: f64 = 1e9;

const FACTS: [UnitFacts; 10] = [
    row(Unit::Ns, "ns", Some("seconds"), NS_IN_A_SECOND),
    row(Unit::NsPerEvent, "ns/event", Some("seconds"), NS_IN_A_SECOND),
    row(Unit::NsPerTrigger, "ns/trigger", Some("seconds"), NS_IN_A_SECOND),
    row(Unit::NsPerRun, "ns/run", Some("seconds"), NS_IN_A_SECOND),
    row(Unit::EventsPerSec, "events/s", None, 1.0),
    row(Unit::Share, "share", Some("ratio"), 1.0),
    row(Unit::Percent, "percent", Some("ratio"), 100.0),
    row(Unit::Bytes, "bytes", Some("bytes"), 1.0),
    row(Unit::Count, "count", None, 1.0),
    row(Unit::Joules, "joules", Some("joules"), 1.0),
];

const fn row(unit: Unit, name: &'static str, base: Option<&'static str>, in_base: f64) -> UnitFacts {
    UnitFacts { unit, name, base, in_base }
}

impl Unit {
    /// All that is known of it.
    #[must_use]
    pub const fn facts(self) -> &'static UnitFacts {
        &FACTS[self as usize]
    }

    /// Whether it is time.
    #[must_use]
    pub fn is_time(self) -> bool {
        self.facts().base == Some("seconds")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_where_its_number_says() {
        assert!(FACTS.iter().enumerate().all(|(index, facts)| facts.unit as usize == index));
    }
}
