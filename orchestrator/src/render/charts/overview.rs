//! All questions at a glance: each row's headline against the baseline's.

use super::chart::{Chart, Drawn, Place};
use super::dots::{DotLine, Dots, Panel, data, dots, in_words};
use super::ratio::{margin, said};
use super::sources::{Shown, Sources};
use crate::facts::Direction;
use crate::render::number::set_percent;
use crate::stats::{PairVerdict, Row};
use crate::tables::Unit;

const TITLE: &str = "Ratio to the baseline, of all questions";

/// One chart with a part for each judged benchmark.
pub(crate) fn draw(sources: &Sources) -> Vec<Drawn> {
    let place = Place::Ratios;
    let Some(baseline) = sources.baseline() else {
        return vec![Drawn::absent(place, TITLE, "the run has no baseline")];
    };
    let judged = sources.alone().filter(|shown| shown.analysis.is_judged());
    let panels: Vec<Panel> = judged
        .map(|shown| panel(sources, shown, baseline))
        .filter(|panel| panel.lines.iter().any(|line| line.value.is_some()))
        .collect();
    let plot = Dots {
        unit: Unit::Times,
        axis: format!("ratio to {baseline} (logarithmic)"),
        reference: Some(1.0),
        band: Some(margin(sources.delta())),
        panels,
    };
    let Some(canvas) = dots(&plot) else {
        return vec![Drawn::absent(place, TITLE, "no question has a row to compare with the baseline")];
    };
    let notes = vec![format!(
        "bars are {} intervals, each by itself; within the grey band (±{}) a difference does not matter; which way is better stands \
         with each question",
        set_percent(sources.run.analysis.settings.confidence),
        set_percent(sources.delta())
    )];
    let chart = Chart {
        name: "ratio".into(),
        place,
        title: TITLE.into(),
        alternative: in_words(&plot),
        canvas,
        data: data(&plot),
        notes,
    };
    vec![chart.into()]
}

fn panel(sources: &Sources, shown: &Shown, baseline: &str) -> Panel {
    let quantity = shown.analysis.headline;
    let better = match quantity.direction() {
        Direction::Lower => "less is better",
        Direction::Higher => "more is better",
    };
    let line = |row: &Row| {
        let pair = shown.analysis.pair(quantity, &row.label, baseline);
        let pair = pair.filter(|pair| pair.verdict != PairVerdict::Invalid)?;
        let is_second = shown.analysis.is_second(&row.label, Some(baseline));
        let said = said(pair, is_second, sources.delta());
        Some(DotLine {
            interval: pair.low.zip(pair.high),
            value: pair.ratio,
            ..DotLine::new(&row.label, sources.look(&row.label), said)
        })
    };
    Panel {
        title: Some(format!("{}: {} ({better})", shown.name, quantity.facts().label)),
        lines: shown.analysis.rows.iter().filter_map(line).collect(),
    }
}
