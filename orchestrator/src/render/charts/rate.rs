//! The rate that each row carries without loss, under each wakeup policy; where nobody asked for it, what was delivered under
//! saturation.

use super::chart::{Chart, Drawn, Place};
use super::dots::{DotLine, Dots, Panel, data, dots, in_words};
use super::sources::{Shown, Sources, beside, may_show};
use crate::facts::{ColumnKind, Quantity};
use crate::parse::LimitedBy;
use crate::render::cell::text;
use crate::stats::Row;
use crate::tables::{Cell, Figure, Unit};

const TITLE: &str = "Throughput comparison";

/// One chart, at the first benchmark that it is about.
pub(crate) fn draw(sources: &Sources) -> Vec<Drawn> {
    let with = |kind: ColumnKind| -> Vec<&Shown> {
        let has = |shown: &&Shown| shown.analysis.question.facts().columns.contains(&kind);
        sources.alone().filter(has).collect()
    };
    let carried = with(ColumnKind::LossFree);
    let (asked, quantity, what) = if carried.is_empty() {
        let delivered = with(ColumnKind::Delivered);
        (delivered, Quantity::DeliveredPerSec, "events a second that were delivered under saturation")
    } else {
        (carried, Quantity::LossFreePerSec, "highest rate without loss, events a second")
    };
    let Some(first) = asked.first() else {
        let why = "the run asks neither for `throughput` nor for `saturation`";
        return vec![Drawn::absent(Place::Ratios, TITLE, why)];
    };
    let place = Place::Benchmark(first.index);
    let plot = Dots {
        unit: Unit::Quantity(quantity.facts().unit),
        axis: format!("{what} (logarithmic)"),
        reference: None,
        band: None,
        panels: asked.iter().map(|shown| panel(sources, shown, quantity)).collect(),
    };
    let Some(canvas) = dots(&plot) else {
        return vec![Drawn::absent(place, TITLE, "no row has a rate")];
    };
    let chart = Chart {
        name: "throughput-comparison".into(),
        place,
        title: format!("{TITLE}: {what}"),
        alternative: in_words(&plot),
        canvas,
        data: data(&plot),
        notes: vec!["an arrow: the load could offer no more, so the rate is at least that; faint dots are single trials".into()],
    };
    vec![chart.into()]
}

fn panel(sources: &Sources, shown: &Shown, quantity: Quantity) -> Panel {
    let wakeup = sources.run.header.plan.benchmarks[shown.index].runner.wakeup;
    let line = |row: &Row| {
        let look = sources.look(&row.label);
        let Some(estimate) = row.estimate(quantity).filter(|_| may_show(row)) else {
            return DotLine::new(&row.label, look, beside(row, None));
        };
        let at_least = row.limit.is_some_and(|limit| limit.by == LimitedBy::Load);
        let cell = match Cell::estimate(Some(estimate)) {
            Cell::Figure(figure) => Figure { at_least, ..figure }.into(),
            other => other,
        };
        DotLine {
            blocks: sources.by_block(shown.index, &row.label, quantity).into_iter().map(|(_, v)| v).collect(),
            interval: estimate.low.zip(estimate.high),
            value: Some(estimate.value),
            at_least,
            ..DotLine::new(&row.label, look, beside(row, Some(text(&cell))))
        }
    };
    Panel {
        title: Some(format!("{} (wakeups: {wakeup})", shown.name)),
        lines: shown.analysis.rows.iter().map(line).collect(),
    }
}
