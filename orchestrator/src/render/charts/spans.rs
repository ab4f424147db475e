//! Start-up as spans one after the other.

use super::chart::{Chart, Drawn, Place, WIDTH, name_of};
use super::sources::{Look, Shown, Sources, beside, may_show};
use crate::facts::{ColumnKind, Quantity};
use crate::render::number::duration_ns;
use crate::render::svg::{Anchor, Canvas, SHAPES, Scale, XAxis, fitted, tick_text, width, x_axis};
use crate::stats::Row;
use crate::tables::{Cell, Column, Table, Unit};

const LINE: f64 = 52.0;
const NAMES: [&str; 4] = ["starting", "opening, verifying, loading", "attaching", "to the first event"];

/// One for each benchmark that shows these parts.
pub(crate) fn draw(sources: &Sources) -> Vec<Drawn> {
    let has = |shown: &&Shown| {
        let is_load = |column: &ColumnKind| matches!(column, ColumnKind::Value(_, Quantity::LoadNs));
        shown.analysis.question.facts().columns.iter().any(is_load)
    };
    sources.alone().filter(has).map(of_benchmark).collect()
}

/// A row's spans, nanoseconds.
fn spans(row: &Row) -> Option<[f64; 4]> {
    let of = |quantity| row.estimate(quantity).map(|estimate| estimate.value);
    let (first, ready) = (of(Quantity::FirstEventNs)?, of(Quantity::TimeToReadyNs)?);
    let (load, attach) = (of(Quantity::LoadNs)?, of(Quantity::AttachNs)?);
    // Medians of parts need not add up to the median of the whole; what is left over is never less than nothing.
    Some([(ready - load - attach).max(0.0), load, attach, (first - ready).max(0.0)])
}

fn of_benchmark(shown: &Shown) -> Drawn {
    let place = Place::Benchmark(shown.index);
    let title = format!("{}: from the start to the first event", shown.name);
    let rows: Vec<(&Row, Option<[f64; 4]>)> =
        shown.analysis.rows.iter().map(|row| (row, spans(row).filter(|_| may_show(row)))).collect();
    let left = rows.iter().map(|(row, _)| width(&row.label, 13.0)).fold(40.0, f64::max).min(170.0) + 20.0;
    let totals = rows.iter().filter_map(|(_, spans)| spans.map(|spans| spans.iter().sum()));
    let right = 90.0;
    let height = LINE * rows.len() as f64 + 8.0;
    let Some(scale) =
        Scale::linear(totals, true, (left, WIDTH - right)).filter(|_| rows.iter().any(|(_, s)| s.is_some()))
    else {
        return Drawn::absent(place, title, "no row has a first event");
    };
    let mut canvas = Canvas::new(WIDTH, height + 46.0);
    let ticks: Vec<(f64, String)> =
        scale.ticks(false).into_iter().map(|tick| (tick, tick_text(&duration_ns(tick)))).collect();
    let axis = XAxis {
        scale: &scale,
        ticks: &ticks,
        title: "since the program was started",
        y: height,
        tops: &[(4.0, height)],
        ends: (4.0, WIDTH - 4.0),
    };
    x_axis(&mut canvas, &axis);
    let mut data = Vec::new();
    let mut words = Vec::new();
    for (number, (row, spans)) in rows.iter().enumerate() {
        let top = LINE * number as f64 + 8.0;
        let shown = fitted(&row.label, 13.0, left - 20.0);
        canvas.cut_text((left - 10.0, top + 15.0), Anchor::End, "label", (&shown, &row.label));
        let Some(spans) = spans else {
            canvas.text((left + 6.0, top + 15.0), Anchor::Start, "muted", &beside(row, None));
            continue;
        };
        one(&mut canvas, &scale, &row.label, spans, (left, top));
        let total: f64 = spans.iter().sum();
        canvas.text((scale.at(total) + 8.0, top + 15.0), Anchor::Start, "label", &duration_ns(total));
        words.push(format!("{} {}", row.label, duration_ns(total)));
        let ns = Unit::Quantity(crate::facts::Unit::Ns);
        let figures = spans.iter().map(|span| Cell::number(Some(*span), ns));
        data.push([Cell::Word(row.label.clone())].into_iter().chain(figures).collect());
    }
    let columns = [Column::words("row")].into_iter().chain(NAMES.map(Column::numbers)).collect();
    Chart {
        name: name_of(&format!("spans-{}", shown.name)),
        place,
        title,
        alternative: words.join("; ") + ".",
        canvas,
        data: Table { columns, rows: data },
        notes: vec!["medians of each part, which need not add up to the median of the whole".into()],
    }
    .into()
}

/// The spans, and below them what each is.
fn one(canvas: &mut Canvas, scale: &Scale, label: &str, spans: &[f64; 4], (left, top): (f64, f64)) {
    let mut from = 0.0;
    let mut x = left;
    let shorter = ["starting", "loading", "attaching", "first event"];
    for (index, span) in spans.iter().enumerate() {
        let look = Look { colour: [7, 0, 3, 1][index], shape: SHAPES[index] };
        let said = format!("{label}, {}: {}", NAMES[index], duration_ns(*span));
        canvas.area((scale.at(from), top), (scale.at(from + span), top + 20.0), &look.fill(), Some(&said));
        from += span;
        canvas.mark(look.shape, (x + 5.0, top + 32.0), 4.0, &look.fill(), None);
        let text = format!("{} {}", shorter[index], duration_ns(*span));
        canvas.text((x + 13.0, top + 36.0), Anchor::Start, "small muted", &text);
        x += width(&text, 12.0) * 0.95 + 28.0;
    }
}
