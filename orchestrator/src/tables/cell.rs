//! What a table is made of.

use crate::facts;
use crate::parse::Limit;
use crate::stats::{Estimate, PairVerdict};

/// A table: a heading over each column, and lines of as many cells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// From left to right.
    pub columns: Vec<Column>,
    /// From top to bottom.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading, of one or two lines; a word that goes on in the second ends with `-` or `/` in the first.
    pub heading: String,
    /// Whether it holds numbers, which stand under each other by their ends.
    pub numeric: bool,
}

/// What stands in a place of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing is known.
    Unknown,
    /// A name or a state.
    Word(String),
    /// What a comparison says; a difference is by more than `delta`, a share, where it says so.
    Verdict {
        /// Which.
        verdict: PairVerdict,
        /// The smallest effect of interest.
        delta: f64,
    },
    /// What was at its limit, and the share that says so.
    Limit(Limit),
    /// A number.
    Figure(Figure),
    /// An interval by itself.
    Range {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
        /// Of both ends.
        unit: Unit,
    },
}

/// A number with what is known of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// The number.
    pub value: f64,
    /// What it is counted in.
    pub unit: Unit,
    /// Its interval, where there is one.
    pub interval: Option<Interval>,
    /// Whether it could be more.
    pub at_least: bool,
}

/// What numbers of tables are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The unit of a quantity.
    Quantity(facts::Unit),
    /// How many times as much: a ratio.
    Times,
    /// How much more or less, as a ratio of new to old.
    Change,
    /// Things, of which three digits suffice.
    Count,
    /// Things, of which each counts.
    Whole,
}

/// An interval of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end, in the figure's unit.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How people read it.
    pub spread: Spread,
}

/// How an interval is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spread {
    /// As this share of the figure, up and down.
    Share(f64),
    /// As so much, in the figure's unit, up and down.
    Amount(f64),
    /// By its ends.
    Ends,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub fn words(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), numeric: false }
    }

    /// A column of numbers.
    #[must_use]
    pub fn numbers(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), numeric: true }
    }
}

impl Cell {
    /// A number, if it is known.
    #[must_use]
    pub fn number(value: Option<f64>, unit: Unit) -> Self {
        value.map_or(Self::Unknown, |value| Figure::plain(value, unit).into())
    }

    /// The same of a quantity's unit.
    #[must_use]
    pub fn quantity(value: Option<f64>, unit: facts::Unit) -> Self {
        Self::number(value, Unit::Quantity(unit))
    }

    /// A word, if there is one.
    #[must_use]
    pub fn word(word: Option<impl Into<String>>) -> Self {
        word.map_or(Self::Unknown, |word| Self::Word(word.into()))
    }

    /// What a comparison says; nothing of what may not be ranked.
    #[must_use]
    pub fn verdict(verdict: PairVerdict, delta: f64) -> Self {
        match verdict {
            PairVerdict::Invalid | PairVerdict::Unranked => Self::Unknown,
            verdict => Self::Verdict { verdict, delta },
        }
    }

    /// An estimate with its interval, if the repetitions support one.
    #[must_use]
    pub fn estimate(estimate: Option<&Estimate>) -> Self {
        let Some(estimate) = estimate else { return Self::Unknown };
        let unit = Unit::Quantity(estimate.quantity.facts().unit);
        let ends = estimate.low.zip(estimate.high).zip(estimate.half_width);
        let interval = ends.map(|((low, high), half)| Interval { low, high, spread: Spread::Share(half) });
        Figure { interval, ..Figure::plain(estimate.value, unit) }.into()
    }
}

impl Figure {
    /// A number without an interval.
    #[must_use]
    pub fn plain(value: f64, unit: Unit) -> Self {
        Self { value, unit, interval: None, at_least: false }
    }
}

impl From<Figure> for Cell {
    fn from(figure: Figure) -> Self {
        Self::Figure(figure)
    }
}

impl Table {
    /// Without the columns of which nothing is known in any line.
    #[must_use]
    pub fn without_unknown_columns(mut self) -> Self {
        let known: Vec<bool> = (0..self.columns.len())
            .map(|column| self.rows.iter().any(|row| row[column] != Cell::Unknown))
            .collect();
        let keep = |index: &mut usize| {
            *index += 1;
            known[*index - 1]
        };
        let mut column = 0;
        self.columns.retain(|_| keep(&mut column));
        for row in &mut self.rows {
            let mut column = 0;
            row.retain(|_| keep(&mut column));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_unknowns_goes_and_one_known_cell_keeps_it() {
        let word = |word: &str| Cell::Word(word.into());
        let table = Table {
            columns: ["name", "drops", "verdict"].map(Column::words).to_vec(),
            rows: vec![
                vec![word("a"), Cell::Unknown, Cell::Unknown],
                vec![word("b"), Cell::Unknown, word("slower")],
            ],
        };
        let shown = table.without_unknown_columns();
        assert_eq!(shown.columns, ["name", "verdict"].map(Column::words));
        assert_eq!(shown.rows[0], [word("a"), Cell::Unknown]);
        assert_eq!(shown.rows[1], [word("b"), word("slower")]);
    }
}
