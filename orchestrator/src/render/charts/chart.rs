//! What a chart is.

use crate::render::svg::Canvas;
use crate::tables::Table;

/// Width of all charts, pixels.
pub(crate) const WIDTH: f64 = 720.0;

/// A chart, with what it says for those who do not see it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chart {
    /// Name of its files: lower-case letters, digits and hyphens.
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) title: String,
    /// What can be seen, in words.
    pub(crate) alternative: String,
    pub(crate) canvas: Canvas,
    /// What was drawn.
    pub(crate) data: Table,
    /// How to read it, and what was left out.
    pub(crate) notes: Vec<String>,
}

/// A chart, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Drawn {
    Chart(Box<Chart>),
    Absent { place: Place, title: String, why: String },
}

/// Where in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// With the ratios to the baseline.
    Ratios,
    /// With the benchmark of this index.
    Benchmark(usize),
    /// With the trials in order of time.
    Trials,
    /// With the evidence.
    Evidence,
}

impl Drawn {
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Chart(chart) => chart.place,
            Self::Absent { place, .. } => *place,
        }
    }

    pub(crate) fn absent(place: Place, title: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Absent { place, title: title.into(), why: why.into() }
    }
}

impl From<Chart> for Drawn {
    fn from(chart: Chart) -> Self {
        Self::Chart(Box::new(chart))
    }
}

/// A name for files and links: what is no letter or digit becomes a hyphen, and it is short.
pub(crate) fn name_of(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let words: String = text.chars().map(plain).collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    let name: String = words.join("-").chars().take(60).collect();
    if name.is_empty() { "chart".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_harmless() {
        let names = ["Capacity", "a/../b", "<b>", "", "drop_curve rate=100", &"x".repeat(99)].map(name_of);
        assert_eq!(names[..5], ["capacity", "a-b", "b", "chart", "drop-curve-rate-100"]);
        assert_eq!(names[5].len(), 60);
    }
}
