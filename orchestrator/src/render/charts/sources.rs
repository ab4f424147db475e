//! What charts are drawn from.

use crate::facts::Quantity;
use crate::parse::{Measurement, Verdict};
use crate::plan::SECOND_RUN_SUFFIX;
use crate::render::cell::text;
use crate::render::svg::{COLOURS, SHAPES, Shape};
use crate::runs::TrialUsage;
use crate::stats::{BenchmarkAnalysis, Row, RowStatus};
use crate::store::{Run, TrialResult};
use crate::tables::{Cell, Unit};

/// A run, and what its raw facts have besides.
pub(crate) struct Sources<'a> {
    pub(crate) run: &'a Run,
    /// The benchmarks that are shown, each with its index and the name that its table has.
    pub(crate) shown: Vec<Shown<'a>>,
    /// CPU time and memory over time; none where the raw facts could not be read.
    pub(crate) usage: Option<&'a [TrialUsage]>,
    /// All rows of the run, each once: a row looks the same in every chart.
    labels: Vec<&'a str>,
}

/// A benchmark that is shown.
#[derive(Clone)]
pub(crate) struct Shown<'a> {
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) analysis: &'a BenchmarkAnalysis,
    /// Whether its tables are those of a curve, of which it is a point.
    pub(crate) is_point: bool,
}

impl<'a> Sources<'a> {
    pub(crate) fn new(run: &'a Run, shown: Vec<Shown<'a>>, usage: Option<&'a [TrialUsage]>) -> Self {
        let mut labels: Vec<&str> = Vec::new();
        for row in run.analysis.benchmarks.iter().flat_map(|benchmark| &benchmark.rows) {
            if !labels.contains(&row.label.as_str()) {
                labels.push(&row.label);
            }
        }
        Self { run, shown, usage, labels }
    }

    pub(crate) fn baseline(&self) -> Option<&'a str> {
        self.run.header.plan.baseline.as_deref()
    }

    pub(crate) fn delta(&self) -> f64 {
        self.run.analysis.settings.delta
    }

    /// Benchmarks that are shown by themselves, and not as points of a curve.
    pub(crate) fn alone(&self) -> impl Iterator<Item = &Shown<'a>> {
        self.shown.iter().filter(|shown| !shown.is_point)
    }

    /// All rows of the run, in the order of the tables.
    pub(crate) fn labels(&self) -> &[&'a str] {
        &self.labels
    }

    /// Number of a row's colour and its form. Second rows of A/A pairs come last, so that a program looks the same with and without one.
    pub(crate) fn look(&self, label: &str) -> Look {
        let is_second = |label: &str| label.ends_with(SECOND_RUN_SUFFIX);
        let firsts = self.labels.iter().filter(|label| !is_second(label));
        let seconds = self.labels.iter().filter(|label| is_second(label));
        let place = firsts.chain(seconds).position(|known| *known == label).unwrap_or(self.labels.len());
        Look { colour: place % COLOURS, shape: SHAPES[place % SHAPES.len()] }
    }

    /// The trials of one row of a benchmark, in the order in which they ran.
    pub(crate) fn trials(&self, benchmark: usize, label: &str) -> impl Iterator<Item = &'a TrialResult> {
        let run = self.run;
        let is_of =
            move |trial: &&TrialResult| trial.planned.benchmark == benchmark && trial.planned.label == label;
        run.trials.iter().filter(is_of).collect::<Vec<_>>().into_iter()
    }

    /// A row's value in each of its blocks.
    pub(crate) fn by_block(&self, benchmark: usize, label: &str, quantity: Quantity) -> Vec<(u32, f64)> {
        let of = |trial: &TrialResult| {
            let value = quantity.of(&trial.measurement).filter(|_| is_usable(&trial.measurement))?;
            Some((trial.planned.block, value))
        };
        self.trials(benchmark, label).filter_map(of).collect()
    }
}

/// How a row is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Look {
    pub(crate) colour: usize,
    pub(crate) shape: Shape,
}

impl Look {
    /// Class that draws in its colour.
    pub(crate) fn stroke(self) -> String {
        format!("s{}", self.colour)
    }

    /// Class that fills with it.
    pub(crate) fn fill(self) -> String {
        format!("f{}", self.colour)
    }
}

/// Whether a trial's figures may be shown: nothing contradicts them.
pub(crate) fn is_usable(measurement: &Measurement) -> bool {
    matches!(measurement.verdict, Some(Verdict::Valid | Verdict::Unverified { .. }))
}

/// Whether a row's figures may be shown.
pub(crate) fn may_show(row: &Row) -> bool {
    !matches!(row.status, RowStatus::Invalid { .. })
}

/// The word for a row without figures.
pub(crate) fn status_word(row: &Row) -> &'static str {
    match row.status {
        RowStatus::Valid => "valid",
        RowStatus::NotRun => "not run",
        RowStatus::Unsupported { .. } => "unsupported",
        RowStatus::Unverified { .. } => "unverified",
        RowStatus::Failed { .. } => "failed",
        RowStatus::Invalid { .. } => "invalid",
    }
}

/// What stands beside a row's figure, or in its place: what keeps it from being ranked.
pub(crate) fn beside(row: &Row, figure: Option<String>) -> String {
    match (figure, &row.status) {
        (Some(figure), RowStatus::Valid) => figure,
        (Some(figure), _) => format!("{figure} ({})", status_word(row)),
        (None, RowStatus::Valid) => "not known".to_owned(),
        (None, _) => status_word(row).to_owned(),
    }
}

/// A number as the tables write it.
pub(crate) fn written(value: f64, unit: Unit) -> String {
    text(&Cell::number(Some(value), unit))
}
