//! CPU time and memory of the consumer over time, a small plot for each row; disturbed trials are shaded.

use super::chart::{Chart, Drawn, Place, WIDTH, name_of};
use super::sources::{Shown, Sources, may_show};
use crate::render::number::{UNKNOWN, bytes, counted, whole_percent};
use crate::render::svg::{Anchor, Canvas, Scale, XAxis, YAxis, fitted, tick_text, x_axis, y_axis};
use crate::runs::UsagePoint;
use crate::tables::{Cell, Column, Table, Unit};

const PLOT: f64 = 74.0;
const TITLE: f64 = 28.0;
const LEFT: f64 = 66.0;
const BETWEEN: f64 = 76.0;
/// A chart has about so many points, whatever the number of trials; all are in the folder `samples`.
const POINTS: usize = 500;

/// One for each benchmark that is shown by itself.
pub(crate) fn draw(sources: &Sources) -> Vec<Drawn> {
    sources.alone().map(|shown| of_benchmark(sources, shown)).collect()
}

/// One trial.
struct Line<'a> {
    number: u32,
    label: &'a str,
    disturbed: bool,
    points: Vec<UsagePoint>,
}

fn of_benchmark(sources: &Sources, shown: &Shown) -> Drawn {
    let place = Place::Benchmark(shown.index);
    let title = format!("{}: CPU and memory of the consumer over time", shown.name);
    let Some(usage) = sources.usage else {
        return Drawn::absent(place, title, "the raw facts of the run could not be read");
    };
    let rows: Vec<&str> =
        shown.analysis.rows.iter().filter(|row| may_show(row)).map(|row| row.label.as_str()).collect();
    let mut all: Vec<Line> = Vec::new();
    for label in &rows {
        for trial in sources.trials(shown.index, label) {
            let number = trial.planned.number;
            let known = usage.iter().find(|usage| usage.number == number);
            let points = known.map(|usage| usage.points.clone()).unwrap_or_default();
            if points.len() > 1 {
                all.push(Line { number, label, disturbed: !trial.measurement.disturbed.is_empty(), points });
            }
        }
    }
    let shown_rows: Vec<&str> =
        rows.into_iter().filter(|label| all.iter().any(|line| line.label == *label)).collect();
    let disturbed = all.iter().filter(|line| line.disturbed).count();
    // Of all readings, before some are left out.
    let alternative = in_words(&shown_rows, &all, disturbed);
    // A run of many questions has many such charts.
    let budget = POINTS.min(4_500 / sources.alone().count().max(1));
    let most = (budget / all.len().max(1)).max(6);
    for line in &mut all {
        thin(&mut line.points, most);
    }
    let each = || all.iter().flat_map(|line| &line.points);
    let (right, wide) = (WIDTH - 16.0, (WIDTH - 16.0 - LEFT - BETWEEN) / 2.0);
    let times = |(from, to)| Scale::linear(each().map(|point| point.seconds), true, (from, to));
    let scales = times((LEFT, LEFT + wide)).zip(times((right - wide, right)));
    let Some((left_x, right_x)) = scales.filter(|_| !all.is_empty()) else {
        return Drawn::absent(place, title, "no trial has two readings of its processes");
    };
    let height = (PLOT + TITLE) * shown_rows.len() as f64 + 20.0;
    let mut canvas = Canvas::new(WIDTH, height + 46.0);
    canvas.text((LEFT, 14.0), Anchor::Start, "panel", "CPU, of a core");
    canvas.text((right - wide, 14.0), Anchor::Start, "panel", "private memory (logarithmic)");
    let frames: Vec<(f64, f64)> = (0..shown_rows.len())
        .map(|n| 20.0 + (PLOT + TITLE) * n as f64 + TITLE)
        .map(|top| (top, top + PLOT))
        .collect();
    for (x, ends) in
        [(&left_x, (LEFT - 20.0, LEFT + wide + 14.0)), (&right_x, (right - wide - 20.0, right + 14.0))]
    {
        let ticks: Vec<(f64, String)> = x
            .ticks(false)
            .into_iter()
            .map(|tick| (tick, format!("{} s", tick_text(&format!("{tick:.1}")))))
            .collect();
        x_axis(
            &mut canvas,
            &XAxis {
                scale: x,
                ticks: &ticks,
                title: "since the first reading",
                y: height,
                tops: &frames,
                ends,
            },
        );
    }
    for (label, frame) in shown_rows.iter().zip(&frames) {
        let heading = fitted(label, 13.0, WIDTH - 40.0);
        canvas.cut_text((10.0, frame.0 - 10.0), Anchor::Start, "label", (&heading, label));
        let own: Vec<&Line> = all.iter().filter(|line| line.label == *label).collect();
        let cpu = Scale::linear(each().filter_map(|point| point.cpu_share), true, (frame.1, frame.0));
        if let Some(y) = cpu {
            let text = |tick: f64| whole_percent(tick);
            one(&mut canvas, sources, &own, (&left_x, &y), (&y.ticks(false), &text), |point| point.cpu_share);
        }
        let memory = Scale::log(
            each().filter_map(|point| point.memory_bytes).filter(|bytes| *bytes > 0.0),
            (frame.1, frame.0),
        );
        if let Some(y) = memory {
            let text = |tick: f64| tick_text(&bytes(tick));
            let memory = |point: &UsagePoint| point.memory_bytes.filter(|bytes| *bytes > 0.0);
            one(&mut canvas, sources, &own, (&right_x, &y), (&y.ticks(true), &text), memory);
        }
    }
    Chart {
        name: name_of(&format!("usage-{}", shown.name)),
        place,
        title,
        alternative,
        canvas,
        data: table(&all),
        notes: vec![format!(
            "a line is a trial ({}, at most {most} readings of each; all are in `samples/`); dashed and shaded: disturbed ({disturbed})",
            counted(all.len() as u64, "trial")
        )],
    }
    .into()
}

/// Every so manieth point, and the last.
fn thin(points: &mut Vec<UsagePoint>, most: usize) {
    let step = points.len().div_ceil(most.max(2)).max(1);
    let last = points.len().saturating_sub(1);
    let mut index = 0;
    points.retain(|_| {
        index += 1;
        (index - 1) % step == 0 || index - 1 == last
    });
}

fn one(
    canvas: &mut Canvas,
    sources: &Sources,
    lines: &[&Line],
    (x, y): (&Scale, &Scale),
    (all, text): (&[f64], &dyn Fn(f64) -> String),
    value: impl Fn(&UsagePoint) -> Option<f64>,
) {
    let (from, to) = x.places();
    // The least and the greatest are enough in so small a plot.
    let ticks: Vec<(f64, String)> = [all.first(), all.get(all.len() / 2), all.last()]
        .into_iter()
        .flatten()
        .map(|tick| (*tick, text(*tick)))
        .collect();
    y_axis(canvas, &YAxis { scale: y, ticks: &ticks, x: from, right: to });
    for line in lines {
        let look = sources.look(line.label);
        let path: Vec<(f64, f64)> =
            line.points.iter().filter_map(|point| Some((x.at(point.seconds), y.at(value(point)?)))).collect();
        let said = format!("{}, trial {}", line.label, line.number);
        if line.disturbed {
            let (bottom, _) = y.places();
            if let (Some(first), Some(last)) = (path.first(), path.last()) {
                let mut area = path.clone();
                area.extend([(last.0, bottom), (first.0, bottom)]);
                canvas.path(&area, true, &format!("{} haze", look.fill()), None);
            }
            let said = format!("{said}, disturbed");
            canvas.path(&path, false, &format!("thin odd {}", look.stroke()), Some(&said));
        } else {
            canvas.path(&path, false, &format!("thin {}", look.stroke()), Some(&said));
        }
    }
}

fn in_words(rows: &[&str], all: &[Line], disturbed: usize) -> String {
    let of = |label: &&str| {
        let points = || all.iter().filter(|line| line.label == *label).flat_map(|line| &line.points);
        let most = |of: fn(&UsagePoint) -> Option<f64>| points().filter_map(of).reduce(f64::max);
        let cpu = most(|point| point.cpu_share).map_or_else(|| UNKNOWN.to_owned(), whole_percent);
        let memory = most(|point| point.memory_bytes).map_or_else(|| UNKNOWN.to_owned(), bytes);
        format!("{label}: at most {cpu} of a core and {memory}")
    };
    let rows: Vec<String> = rows.iter().map(of).collect();
    format!("{}; {disturbed} of {} disturbed.", rows.join("; "), counted(all.len() as u64, "trial"))
}

fn table(all: &[Line]) -> Table {
    let columns = vec![
        Column::words("row"),
        Column::numbers("trial"),
        Column::words("disturbed"),
        Column::numbers("seconds"),
        Column::numbers("CPU share of a core"),
        Column::numbers("private memory"),
    ];
    let rows = all.iter().flat_map(|line| {
        line.points.iter().map(move |point| {
            vec![
                Cell::Word(line.label.to_owned()),
                Cell::number(Some(f64::from(line.number)), Unit::Whole),
                Cell::Word(if line.disturbed { "yes" } else { "no" }.into()),
                Cell::number(Some(point.seconds), Unit::Count),
                Cell::quantity(point.cpu_share, crate::facts::Unit::Share),
                Cell::quantity(point.memory_bytes, crate::facts::Unit::Bytes),
            ]
        })
    });
    Table { columns, rows: rows.collect() }
}
