//! The trials in order of time: each against the middle of its row, so that a drift of the machine shows.

use super::chart::{Chart, Drawn, Place};
use super::lines::{Kind, Lines, Part, Point, Series, lines};
use super::sources::{Shown, Sources, is_usable, may_show, written};
use crate::arithmetic::median;
use crate::render::number::{counted, ratio};
use crate::render::svg::tick_text;
use crate::store::TrialResult;
use crate::tables::{Cell, Column, Table, Unit};

const TITLE: &str = "Trials in order of time";

/// One chart with a part for each benchmark that is shown by itself and judged.
pub(crate) fn draw(sources: &Sources) -> Vec<Drawn> {
    let mut data = Vec::new();
    let judged = sources.alone().filter(|shown| shown.analysis.is_judged());
    let parts: Vec<Part> = judged
        .map(|shown| part(sources, shown, &mut data))
        .filter(|part| part.series.iter().any(|series| series.points.len() > 1))
        .collect();
    let plot = Lines {
        x_kind: Kind::Whole,
        x_title: "number of the trial in the run".into(),
        x_ticks: Vec::new(),
        x_text: |x| format!("{x:.0}"),
        parts,
    };
    let Some(canvas) = lines(&plot) else {
        return vec![Drawn::absent(Place::Trials, TITLE, "no row of a judged question was measured twice")];
    };
    let odd = data.iter().filter(|row: &&Vec<Cell>| row[4] == Cell::Word("yes".into())).count();
    let columns = vec![
        Column::words("benchmark"),
        Column::words("row"),
        Column::numbers("trial"),
        Column::numbers("value over the row's median"),
        Column::words("disturbed"),
    ];
    let of = |part: &Part| {
        let ys = || part.series.iter().flat_map(|series| series.points.iter().map(|point| point.y));
        let (low, high) = (ys().fold(f64::INFINITY, f64::min), ys().fold(0.0, f64::max));
        format!("{}: from {} to {} of a row's median", part.title, ratio(low), ratio(high))
    };
    let chart = Chart {
        name: "timeline".into(),
        place: Place::Trials,
        title: TITLE.into(),
        alternative: plot.parts.iter().map(of).collect::<Vec<_>>().join(". ") + ".",
        canvas,
        notes: vec![format!(
            "each trial's figure over the median of its row; not filled: disturbed ({odd} of {}), and kept",
            counted(data.len() as u64, "trial")
        )],
        data: Table { columns, rows: data },
    };
    vec![chart.into()]
}

fn part(sources: &Sources, shown: &Shown, data: &mut Vec<Vec<Cell>>) -> Part {
    let quantity = shown.analysis.headline;
    let unit = Unit::Quantity(quantity.facts().unit);
    let mut all = Vec::new();
    for row in shown.analysis.rows.iter().filter(|row| may_show(row)) {
        let trials: Vec<(&TrialResult, f64)> = sources
            .trials(shown.index, &row.label)
            .filter(|trial| is_usable(&trial.measurement))
            .filter_map(|trial| quantity.of(&trial.measurement).map(|value| (trial, value)))
            .filter(|(_, value)| *value > 0.0)
            .collect();
        let Some(middle) = median(trials.iter().map(|(_, value)| *value)) else { continue };
        let point = |(trial, value): &(&TrialResult, f64)| {
            let is_odd = !trial.measurement.disturbed.is_empty();
            let causes: Vec<String> = trial.measurement.disturbed.iter().map(ToString::to_string).collect();
            let why = if is_odd { format!("; disturbed: {}", causes.join("; ")) } else { String::new() };
            Point {
                x: f64::from(trial.planned.number),
                y: value / middle,
                interval: None,
                said: format!("trial {}, {}{why}", trial.planned.number, written(*value, unit)),
                is_odd,
            }
        };
        let points: Vec<Point> = trials.iter().map(point).collect();
        data.extend(points.iter().map(|point| {
            vec![
                Cell::Word(shown.name.clone()),
                Cell::Word(row.label.clone()),
                Cell::number(Some(point.x), Unit::Whole),
                Cell::number(Some(point.y), Unit::Times),
                Cell::Word(if point.is_odd { "yes" } else { "no" }.into()),
            ]
        }));
        all.push(Series {
            label: row.label.clone(),
            look: sources.look(&row.label),
            points,
            band: Vec::new(),
            fit: Vec::new(),
            marks: true,
            knee: None,
        });
    }
    Part {
        title: format!("{}: {} over the row's median (logarithmic)", shown.name, quantity.facts().label),
        kind: Kind::Log,
        is_binary: false,
        text: |y| tick_text(&ratio(y)),
        height: (all.len() as f64 * 17.0).max(120.0),
        series: all,
    }
}
