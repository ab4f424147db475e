//! Each row against the baseline, with what every block says.

use super::blocks::ratios;
use super::chart::{Chart, Drawn, Place, name_of};
use super::dots::{DotLine, Dots, Panel, data, dots, in_words};
use super::sources::{Shown, Sources, may_show, status_word};
use crate::render::cell::text;
use crate::render::number::set_percent;
use crate::stats::{PairVerdict, RowStatus};
use crate::tables::{Cell, Figure, Interval, Spread, Unit};

/// One for each judged benchmark with a baseline.
pub(crate) fn draw(sources: &Sources) -> Vec<Drawn> {
    let judged = sources.alone().filter(|shown| shown.analysis.is_judged());
    judged.map(|shown| of_benchmark(sources, shown)).collect()
}

fn of_benchmark(sources: &Sources, shown: &Shown) -> Drawn {
    let place = Place::Benchmark(shown.index);
    let facts = shown.analysis.headline.facts();
    let title = format!("{}: {}, ratio to the baseline", shown.name, facts.label);
    let Some(baseline) = sources.baseline() else {
        return Drawn::absent(place, title, "the run has no baseline");
    };
    let others = shown.analysis.rows.iter().any(|row| row.label != baseline && may_show(row));
    let lines = lines(sources, shown, baseline);
    if !others || lines.iter().all(|line| line.value.is_none() || line.label == baseline) {
        return Drawn::absent(place, title, "there is nothing to compare with the baseline");
    }
    let plot = Dots {
        unit: Unit::Times,
        axis: format!("{} ÷ that of {baseline} (logarithmic)", facts.label),
        reference: Some(1.0),
        band: Some(margin(sources.delta())),
        panels: vec![Panel { title: None, lines }],
    };
    let Some(canvas) = dots(&plot) else { return Drawn::absent(place, title, "no ratio is known") };
    Chart {
        name: name_of(&format!("ratio-{}", shown.name)),
        place,
        title,
        alternative: in_words(&plot),
        canvas,
        data: data(&plot),
        notes: vec![how_to_read(sources)],
    }
    .into()
}

/// Ends of the band in which differences do not matter.
pub(crate) fn margin(delta: f64) -> (f64, f64) {
    (1.0 / (1.0 + delta), 1.0 + delta)
}

pub(crate) fn how_to_read(sources: &Sources) -> String {
    format!(
        "faint dots are the ratios of single blocks, in which both ran; bars are {} intervals; within the grey band (±{}) a \
         difference does not matter",
        set_percent(sources.run.analysis.settings.confidence),
        set_percent(sources.delta())
    )
}

fn lines(sources: &Sources, shown: &Shown, baseline: &str) -> Vec<DotLine> {
    let quantity = shown.analysis.headline;
    let line = |row: &crate::stats::Row| {
        let look = sources.look(&row.label);
        if row.label == baseline && row.status == RowStatus::Valid {
            let value = Some(1.0);
            return DotLine { value, ..DotLine::new(&row.label, look, "baseline".into()) };
        }
        let pair = shown.analysis.pair(quantity, &row.label, baseline);
        let Some(pair) = pair.filter(|pair| pair.verdict != PairVerdict::Invalid) else {
            let said = if row.status == RowStatus::Valid { "no ratio" } else { status_word(row) };
            return DotLine::new(&row.label, look, said.into());
        };
        let is_second = shown.analysis.is_second(&row.label, Some(baseline));
        DotLine {
            blocks: ratios(sources, shown.index, quantity, (&row.label, baseline)),
            interval: pair.low.zip(pair.high),
            value: pair.ratio,
            ..DotLine::new(&row.label, look, said(pair, is_second, sources.delta()))
        }
    };
    shown.analysis.rows.iter().map(line).collect()
}

/// `1.04x 1.02 to 1.07 slower`, as in the table.
pub(crate) fn said(pair: &crate::stats::Pair, is_second: bool, delta: f64) -> String {
    let interval = pair.low.zip(pair.high).map(|(low, high)| Interval { low, high, spread: Spread::Ends });
    let figure = pair
        .ratio
        .map_or(Cell::Unknown, |ratio| Figure { interval, ..Figure::plain(ratio, Unit::Times) }.into());
    let verdict = if is_second { "A/A".to_owned() } else { text(&Cell::verdict(pair.verdict, delta)) };
    format!("{} {}", text(&figure), verdict.trim_start_matches('-')).trim_end().to_owned()
}
