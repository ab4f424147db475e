//! Summary statistics of each row's headline: middle, interval, least and most.

use super::chart::{Chart, Drawn, Place, name_of};
use super::dots::{DotLine, Dots, Panel, data, dots, in_words};
use super::sources::{Shown, Sources, beside, may_show, written};
use crate::render::cell::text;
use crate::stats::Row;
use crate::tables::{Cell, Unit};

/// One for each benchmark that is shown by itself.
pub(crate) fn draw(sources: &Sources) -> Vec<Drawn> {
    sources.alone().map(|shown| of_benchmark(sources, shown)).collect()
}

fn of_benchmark(sources: &Sources, shown: &Shown) -> Drawn {
    let (place, quantity) = (Place::Benchmark(shown.index), shown.analysis.headline);
    let title = format!("{}: {}, summary of all trials", shown.name, quantity.facts().label);
    let unit = Unit::Quantity(quantity.facts().unit);
    let line = |row: &Row| {
        let look = sources.look(&row.label);
        let Some(estimate) = row.estimate(quantity).filter(|_| may_show(row)) else {
            return DotLine::new(&row.label, look, beside(row, None));
        };
        let (least, most) = (written(estimate.min, unit), written(estimate.max, unit));
        let cell = text(&Cell::estimate(Some(estimate)));
        let said = if estimate.repetitions > 1 { format!("{cell}, {least} to {most}") } else { cell };
        DotLine {
            blocks: sources.by_block(shown.index, &row.label, quantity).into_iter().map(|(_, v)| v).collect(),
            range: Some((estimate.min, estimate.max)),
            interval: estimate.low.zip(estimate.high),
            value: Some(estimate.value),
            ..DotLine::new(&row.label, look, beside(row, Some(said)))
        }
    };
    let lines: Vec<DotLine> = shown.analysis.rows.iter().map(line).collect();
    let trials = shown.analysis.rows.iter().map(|row| row.trials.completed).max().unwrap_or_default();
    let plot = Dots {
        unit,
        axis: format!("{} (logarithmic)", quantity.facts().label),
        reference: None,
        band: None,
        panels: vec![Panel { title: None, lines }],
    };
    let Some(canvas) = dots(&plot) else {
        return Drawn::absent(place, title, "no row has a value above 0");
    };
    Chart {
        name: name_of(&format!("summary-{}", shown.name)),
        place,
        title,
        alternative: in_words(&plot),
        canvas,
        data: data(&plot),
        notes: vec![format!(
            "median of at most {trials} trials a row; thick: its interval, where there are five; thin: from the least to the most"
        )],
    }
    .into()
}
