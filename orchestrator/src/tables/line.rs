//! What a line of a table is made of: one row of a benchmark.

use crate::facts::ShownIn;
use crate::plan::Question;
use crate::stats::{AddedCost, BenchmarkAnalysis, Estimate, Pair, PairVerdict, Quantity, Row, RowStatus};
use crate::store::Run;

/// One line of a table.
pub(super) struct Line<'a> {
    pub(super) label: &'a str,
    pub(super) baseline: Option<&'a str>,
    /// Smallest effect of interest, as a share.
    pub(super) delta: f64,
    /// Whether its program does not speak the protocol, so that its figures are its own claims.
    pub(super) claims: bool,
    benchmark: &'a BenchmarkAnalysis,
    all: &'a Row,
}

/// The benchmarks that have a table of their own, by question.
#[must_use]
pub fn with_own_table(run: &Run) -> Vec<&BenchmarkAnalysis> {
    let questions = Question::all().filter(|question| question.facts().shown_in == ShownIn::Own);
    let of = |question| run.analysis.benchmarks.iter().filter(move |b| b.question == question);
    questions.flat_map(of).collect()
}

/// The lines of a benchmark's table.
pub(super) fn lines<'a>(run: &'a Run, benchmark: &'a BenchmarkAnalysis) -> Vec<Line<'a>> {
    let line = |row: &'a Row| Line {
        label: &row.label,
        baseline: run.header.plan.baseline.as_deref(),
        delta: run.analysis.settings.delta,
        claims: run.header.text_patterns.contains_key(&row.implementation),
        benchmark,
        all: row,
    };
    benchmark.rows.iter().map(line).collect()
}

impl<'a> Line<'a> {
    /// The row, if its figures may be shown: a number that does not balance is no number.
    pub(super) fn row(&self) -> Option<&'a Row> {
        (!matches!(self.all.status, RowStatus::Invalid { .. })).then_some(self.all)
    }

    pub(super) fn estimate(&self, quantity: Quantity) -> Option<&'a Estimate> {
        self.row()?.estimate(quantity)
    }

    /// The comparison of the headline with the baseline, if both may be ranked.
    pub(super) fn headline_pair(&self) -> Option<&'a Pair> {
        let pair = self.benchmark.pair(self.benchmark.headline, self.label, self.baseline?)?;
        (pair.verdict != PairVerdict::Invalid).then_some(pair)
    }

    /// What a trigger costs more than with nothing attached.
    pub(super) fn added(&self) -> Option<&'a AddedCost> {
        self.benchmark.added.iter().find(|cost| cost.label == self.label).filter(|_| self.row().is_some())
    }

    pub(super) fn is_baseline(&self) -> bool {
        self.baseline == Some(self.label)
    }

    /// Whether it is the second of an A/A pair.
    pub(super) fn is_second(&self) -> bool {
        self.benchmark.is_second(self.label, self.baseline)
    }

    /// Whether there is a baseline that this row cannot be compared with, because that one has no data.
    pub(super) fn lacks_its_baseline(&self) -> bool {
        self.baseline.is_some_and(|baseline| {
            let row = self.benchmark.rows.iter().find(|row| row.label == baseline);
            row.is_none_or(|row| row.status != RowStatus::Valid)
        })
    }

    /// The status that keeps the line from being ranked, if there is one.
    pub(super) fn trouble(&self) -> Option<&'static str> {
        match self.all.status {
            RowStatus::Valid => None,
            RowStatus::NotRun => Some("not run"),
            RowStatus::Unsupported { .. } => Some("unsupported"),
            RowStatus::Unverified { .. } if self.claims => Some("claim"),
            RowStatus::Unverified { .. } => Some("unverified"),
            RowStatus::Failed { .. } => Some("failed"),
            RowStatus::Invalid { .. } => Some("invalid"),
        }
    }
}
