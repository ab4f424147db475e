//! The time of day, in the two forms that results use.

use jiff::{SignedDuration, Timestamp};

/// A moment in UTC, shown to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Utc(Timestamp);

impl Utc {
    pub(super) fn now() -> Self {
        Self(Timestamp::now())
    }

    /// A day from now.
    pub(super) fn tomorrow() -> Self {
        let now = Timestamp::now();
        Self(now.checked_add(SignedDuration::from_hours(24)).unwrap_or(now))
    }

    /// `20261124T061557Z`: sorts by time and needs no quoting.
    pub(super) fn compact(self) -> String {
        self.0.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// `2026-11-24T06:15:57Z`
    pub(super) fn rfc3339(self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_utc_to_the_second() {
        let moment = Utc(Timestamp::new(1_795_500_957, 999_999_999).expect("a time"));
        assert_eq!(moment.compact(), "20261124T061557Z");
        assert_eq!(moment.rfc3339(), "2026-11-24T06:15:57Z");
        assert!(Utc::tomorrow().compact() > Utc::now().compact());
    }
}
