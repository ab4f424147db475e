//! How large a page may be, and what is left out of a larger one first.

/// A page is never larger, but for one without anything that could be left out.
pub(super) const MOST_BYTES: usize = 1_500_000;

/// What of the result is on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Json {
    Whole,
    /// Without its trials.
    Analysis,
    Nothing,
}

/// What a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) json: Json,
    /// Whether tables and charts have their data as links.
    pub(super) links: bool,
    /// Whether questions have charts.
    pub(super) charts: bool,
    /// Lines of a table at most.
    pub(super) lines: usize,
}

/// From all to little.
pub(super) const LEVELS: [Level; 5] = [
    Level { json: Json::Whole, links: true, charts: true, lines: 2_000 },
    Level { json: Json::Analysis, links: true, charts: true, lines: 2_000 },
    Level { json: Json::Nothing, links: true, charts: true, lines: 1_000 },
    Level { json: Json::Nothing, links: false, charts: true, lines: 500 },
    Level { json: Json::Nothing, links: false, charts: false, lines: 200 },
];
