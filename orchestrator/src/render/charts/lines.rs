//! Lines over a common axis, in parts above each other, with the names of rows at their ends instead of a legend.

use super::chart::WIDTH;
use super::sources::Look;
use crate::render::svg::{Anchor, Canvas, Scale, Shape, XAxis, YAxis, fitted, spread, width, x_axis, y_axis};

const SIZE: f64 = 13.0;
const LEFT: f64 = 74.0;
const TITLE: f64 = 30.0;
const AXIS: f64 = 46.0;
/// Between two labels.
const GAP: f64 = 16.0;

/// How values of an axis are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Log,
    /// From 0 on.
    Whole,
}

/// Parts above each other.
pub(crate) struct Lines {
    pub(crate) x_kind: Kind,
    pub(crate) x_title: String,
    /// Ticks with their words; without any, round values by `x_text`.
    pub(crate) x_ticks: Vec<(f64, String)>,
    pub(crate) x_text: fn(f64) -> String,
    pub(crate) parts: Vec<Part>,
}

/// One of them.
pub(crate) struct Part {
    pub(crate) title: String,
    pub(crate) kind: Kind,
    /// Whether round values are powers of two.
    pub(crate) is_binary: bool,
    pub(crate) text: fn(f64) -> String,
    pub(crate) height: f64,
    pub(crate) series: Vec<Series>,
}

/// One row.
pub(crate) struct Series {
    pub(crate) label: String,
    pub(crate) look: Look,
    pub(crate) points: Vec<Point>,
    /// Lower and upper end at places of the axis.
    pub(crate) band: Vec<(f64, f64, f64)>,
    /// What was fitted.
    pub(crate) fit: Vec<(f64, f64)>,
    /// Whether each point has a mark.
    pub(crate) marks: bool,
    /// A place that is marked with a line, and what it is.
    pub(crate) knee: Option<(f64, f64, String)>,
}

/// A point with its interval.
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) interval: Option<(f64, f64)>,
    /// What the tables say there.
    pub(crate) said: String,
    /// Whether something was wrong with it: its mark is not filled.
    pub(crate) is_odd: bool,
}

impl Part {
    fn scale(&self, places: (f64, f64)) -> Option<Scale> {
        let of = |series: &Series| {
            let points = series.points.iter().flat_map(|point| {
                let ends = point.interval.into_iter().flat_map(|(low, high)| [low, high]);
                ends.chain([point.y]).collect::<Vec<_>>()
            });
            let band = series.band.iter().flat_map(|(_, low, high)| [*low, *high]);
            points.chain(band).collect::<Vec<_>>()
        };
        let values = self.series.iter().flat_map(of);
        match self.kind {
            Kind::Log => Scale::log(values, places),
            Kind::Whole => Scale::linear(values, true, places),
        }
    }
}

/// Draws it; none where there is nothing to draw.
pub(crate) fn lines(plot: &Lines) -> Option<Canvas> {
    let series = || plot.parts.iter().flat_map(|part| &part.series);
    let right = series().map(|series| width(&series.label, SIZE)).fold(40.0, f64::max).min(230.0);
    let (from, to) = (LEFT, WIDTH - right - 44.0);
    let xs = || series().flat_map(|series| series.points.iter().map(|point| point.x));
    let x = match plot.x_kind {
        Kind::Log => Scale::log(xs(), (from + 8.0, to - 8.0)),
        Kind::Whole => Scale::linear(xs(), true, (from, to)),
    }?;
    let mut top = 0.0;
    let mut frames = Vec::new();
    for part in &plot.parts {
        top += TITLE;
        frames.push((top, top + part.height));
        top += part.height;
    }
    let mut canvas = Canvas::new(WIDTH, top + AXIS);
    let ticks = if plot.x_ticks.is_empty() {
        x.ticks(false).into_iter().map(|tick| (tick, (plot.x_text)(tick))).collect()
    } else {
        plot.x_ticks.clone()
    };
    let known: Vec<(f64, String)> = ticks.into_iter().filter(|(tick, _)| x.holds(*tick)).collect();
    let axis = XAxis {
        scale: &x,
        ticks: &known,
        title: &plot.x_title,
        y: top,
        tops: &frames,
        ends: (4.0, to + 40.0),
    };
    x_axis(&mut canvas, &axis);
    for (part, frame) in plot.parts.iter().zip(&frames) {
        one(&mut canvas, part, &x, *frame, (from, to, right));
    }
    Some(canvas)
}

fn one(
    canvas: &mut Canvas,
    part: &Part,
    x: &Scale,
    (top, bottom): (f64, f64),
    (from, to, room): (f64, f64, f64),
) {
    canvas.text((10.0, top - 10.0), Anchor::Start, "panel", &fitted(&part.title, SIZE * 1.1, WIDTH - 20.0));
    let Some(y) = part.scale((bottom - 4.0, top + 4.0)) else {
        canvas.text(
            (from + 10.0, f64::midpoint(top, bottom)),
            Anchor::Start,
            "muted",
            "nothing above 0 is known",
        );
        return;
    };
    let ticks: Vec<(f64, String)> =
        y.ticks(part.is_binary).into_iter().map(|tick| (tick, (part.text)(tick))).collect();
    y_axis(canvas, &YAxis { scale: &y, ticks: &ticks, x: from, right: to });
    for series in &part.series {
        drawn(canvas, series, x, &y, (top, bottom));
    }
    labels(canvas, part, x, &y, (top, bottom), (to, room));
}

fn drawn(canvas: &mut Canvas, series: &Series, x: &Scale, y: &Scale, (top, bottom): (f64, f64)) {
    let (stroke, fill) = (series.look.stroke(), series.look.fill());
    let upper = series.band.iter().map(|(at, _, high)| (x.at(*at), y.at(*high)));
    let lower = series.band.iter().rev().map(|(at, low, _)| (x.at(*at), y.at(*low)));
    let band: Vec<(f64, f64)> = upper.chain(lower).collect();
    canvas.path(&band, true, &format!("{fill} shade"), None);
    if let Some((at, _, said)) = &series.knee {
        let class = format!("line odd {stroke}");
        let places = [(x.at(*at), top + 2.0), (x.at(*at), bottom)];
        canvas.path(&places, false, &class, Some(&format!("{}: {said}", series.label)));
    }
    let fit: Vec<(f64, f64)> = series.fit.iter().map(|(at, value)| (x.at(*at), y.at(*value))).collect();
    let path: Vec<(f64, f64)> = series.points.iter().map(|point| (x.at(point.x), y.at(point.y))).collect();
    if fit.is_empty() {
        canvas.path(&path, false, &format!("line {stroke}"), Some(&series.label));
    } else {
        canvas.path(
            &fit,
            false,
            &format!("fit {stroke}"),
            Some(&format!("{}: what was fitted", series.label)),
        );
    }
    for (point, place) in series.points.iter().zip(&path) {
        if let Some((low, high)) = point.interval {
            canvas.line((place.0, y.at(low)), (place.0, y.at(high)), &format!("thin {stroke}"));
        }
        if series.marks || series.points.len() == 1 {
            let said = format!("{}: {}", series.label, point.said);
            let class = if point.is_odd { format!("open {stroke}") } else { fill.clone() };
            canvas.mark(series.look.shape, *place, 4.0, &class, Some(&said));
        }
    }
    if let Some((at, value, said)) = &series.knee {
        let said = format!("{}: {said}", series.label);
        canvas.mark(Shape::Circle, (x.at(*at), y.at(*value)), 8.0, &format!("line {stroke}"), Some(&said));
    }
}

/// The name of each row where its line ends, with its mark.
fn labels(
    canvas: &mut Canvas,
    part: &Part,
    x: &Scale,
    y: &Scale,
    (top, bottom): (f64, f64),
    (to, room): (f64, f64),
) {
    let ending: Vec<(&Series, f64, f64)> = part
        .series
        .iter()
        .filter_map(|series| series.points.last().map(|last| (series, x.at(last.x), y.at(last.y))))
        .collect();
    let wanted: Vec<f64> = ending.iter().map(|(_, _, at)| *at).collect();
    let places = spread(&wanted, GAP, top + 8.0, bottom - 2.0);
    for ((series, end, at), place) in ending.into_iter().zip(places) {
        canvas.path(&[(end + 6.0, at), (to + 4.0, at), (to + 16.0, place)], false, "lead", None);
        canvas.mark(series.look.shape, (to + 22.0, place), 4.0, &series.look.fill(), None);
        let shown = fitted(&series.label, SIZE, room);
        canvas.cut_text((to + 32.0, place + 4.0), Anchor::Start, "label", (&shown, &series.label));
    }
}
