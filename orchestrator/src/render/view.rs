//! What a table line is made of: one label, and its row in each benchmark that the table covers.

use crate::plan::Question;
use crate::stats::{BenchmarkAnalysis, Estimate, Pair, PairVerdict, Quantity, Row, RowStatus};
use crate::store::Run;

/// One line of a table.
pub(super) struct Line<'a> {
    pub(super) label: &'a str,
    pub(super) baseline: Option<&'a str>,
    /// Smallest effect of interest, as a share.
    pub(super) delta: f64,
    pub(super) cells: Vec<Cell<'a>>,
}

/// A row and the benchmark that it belongs to.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) benchmark: &'a BenchmarkAnalysis,
    pub(super) row: &'a Row,
}

/// The first benchmark of each question: what `compare` runs.
pub(super) fn one_of_each_question(run: &Run) -> Vec<&BenchmarkAnalysis> {
    let questions = [Question::Capacity, Question::Saturation, Question::Latency];
    let first = |question| run.analysis.benchmarks.iter().find(|benchmark| benchmark.question == question);
    questions.into_iter().filter_map(first).collect()
}

/// One line for each label, in the order in which labels first occur.
pub(super) fn lines<'a>(run: &'a Run, benchmarks: &[&'a BenchmarkAnalysis]) -> Vec<Line<'a>> {
    let mut labels: Vec<&str> = Vec::new();
    for row in benchmarks.iter().flat_map(|benchmark| &benchmark.rows) {
        if !labels.contains(&row.label.as_str()) {
            labels.push(&row.label);
        }
    }
    let cells = |label: &str| {
        let cell = |benchmark: &&'a BenchmarkAnalysis| {
            let benchmark: &'a BenchmarkAnalysis = benchmark;
            let row = benchmark.rows.iter().find(|row| row.label == label)?;
            Some(Cell { benchmark, row })
        };
        benchmarks.iter().filter_map(cell).collect()
    };
    let baseline = run.header.plan.baseline.as_deref();
    let delta = run.analysis.settings.delta;
    labels.into_iter().map(|label| Line { label, baseline, delta, cells: cells(label) }).collect()
}

impl<'a> Line<'a> {
    /// The cells whose figures may be shown: a number that does not balance is no number.
    pub(super) fn shown(&self) -> impl Iterator<Item = Cell<'a>> {
        self.cells.iter().copied().filter(|cell| !matches!(cell.row.status, RowStatus::Invalid { .. }))
    }

    /// The row that answers `question`.
    pub(super) fn answer(&self, question: Question) -> Option<&'a Row> {
        self.shown().find(|cell| cell.benchmark.question == question).map(|cell| cell.row)
    }

    /// The row under the heaviest load: that of throughput, or of the only benchmark.
    pub(super) fn loaded(&self) -> Option<&'a Row> {
        self.answer(Question::Saturation).or_else(|| match self.cells.len() {
            1 => self.only(),
            _ => None,
        })
    }

    /// The row of the first benchmark, in tables of one.
    pub(super) fn only(&self) -> Option<&'a Row> {
        self.shown().next().map(|cell| cell.row)
    }

    pub(super) fn estimate(&self, question: Question, quantity: Quantity) -> Option<&'a Estimate> {
        self.answer(question)?.estimate(quantity)
    }

    /// The comparison of the first benchmark's headline with the baseline, if both may be ranked.
    pub(super) fn headline_pair(&self) -> Option<&'a Pair> {
        let cell = self.cells.first()?;
        let pair = cell.benchmark.pair(cell.benchmark.headline, self.label, self.baseline?)?;
        (pair.verdict != PairVerdict::Invalid).then_some(pair)
    }

    pub(super) fn is_baseline(&self) -> bool {
        self.baseline == Some(self.label)
    }

    /// The status that keeps the line from being ranked, if there is one: the worst of its cells.
    pub(super) fn trouble(&self) -> Option<&'static str> {
        self.cells.iter().filter_map(|cell| trouble(&cell.row.status)).max().map(|(_, word)| word)
    }
}

/// Severity and word.
fn trouble(status: &RowStatus) -> Option<(u8, &'static str)> {
    match status {
        RowStatus::Valid => None,
        RowStatus::NotRun => Some((1, "not run")),
        RowStatus::Unsupported { .. } => Some((2, "unsupported")),
        RowStatus::Unverified { .. } => Some((3, "unverified")),
        RowStatus::Failed { .. } => Some((4, "failed")),
        RowStatus::Invalid { .. } => Some((5, "invalid")),
    }
}
