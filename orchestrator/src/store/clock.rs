//! The time of day, in the two forms that results use.

use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_PER_DAY: u64 = 86_400;

/// A moment in UTC, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Utc {
    year: u64,
    month: u64,
    day: u64,
    second_of_day: u64,
}

impl Utc {
    pub(super) fn now() -> Self {
        Self::from_unix(unix_seconds())
    }

    /// A day from now.
    pub(super) fn tomorrow() -> Self {
        Self::from_unix(unix_seconds() + SECONDS_PER_DAY)
    }

    /// Civil date from days, counted in 400-year eras that begin on 1 March, so that a leap day ends its year.
    fn from_unix(seconds: u64) -> Self {
        let days = seconds / SECONDS_PER_DAY + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        Self {
            year: era * 400 + year_of_era + u64::from(month <= 2),
            month,
            day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
            second_of_day: seconds % SECONDS_PER_DAY,
        }
    }

    fn clock(self) -> (u64, u64, u64) {
        (self.second_of_day / 3600, self.second_of_day / 60 % 60, self.second_of_day % 60)
    }

    /// `20261124T061557Z`: sorts by time and needs no quoting.
    pub(super) fn compact(self) -> String {
        let (hour, minute, second) = self.clock();
        format!("{:04}{:02}{:02}T{hour:02}{minute:02}{second:02}Z", self.year, self.month, self.day)
    }

    /// `2026-11-24T06:15:57Z`
    pub(super) fn rfc3339(self) -> String {
        let (hour, minute, second) = self.clock();
        format!("{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", self.year, self.month, self.day)
    }
}

/// A clock before 1970 is wrong anyway; the name of a folder must not stop a run.
fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    // Golden: date -u -d @SECONDS.
    #[rstest]
    #[case(0, "1970-01-01T00:00:00Z")]
    #[case(951_782_399, "2000-02-28T23:59:59Z")]
    #[case(951_782_400, "2000-02-29T00:00:00Z")]
    #[case(1_709_251_199, "2024-02-29T23:59:59Z")]
    #[case(1_795_500_957, "2026-11-24T06:15:57Z")]
    #[case(4_107_542_400, "2100-03-01T00:00:00Z")]
    fn dates(#[case] seconds: u64, #[case] expected: &str) {
        assert_eq!(Utc::from_unix(seconds).rfc3339(), expected);
    }

    #[test]
    fn the_compact_form_sorts_by_time() {
        assert_eq!(Utc::from_unix(1_795_500_957).compact(), "20261124T061557Z");
    }
}
