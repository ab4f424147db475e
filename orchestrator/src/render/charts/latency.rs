//! Delays: the percentiles, up to where there are samples enough, and how many are slower than a delay.

use hdrhistogram::Histogram;

use super::chart::{Chart, Drawn, Place, name_of};
use super::lines::{Kind, Lines, Part, Point, Series, lines};
use super::sources::{Shown, Sources, is_usable, may_show};
use crate::parse::{Latency, decode_histogram};
use crate::render::number::{duration_ns, percent};
use crate::render::svg::tick_text;
use crate::stats::Row;
use crate::tables::{Cell, Column, Table, Unit};

/// So many samples must be slower than a percentile that is shown, as in the tables.
const SAMPLES_ABOVE: f64 = 10.0;
/// Points for each factor of ten of 1 ÷ (1 − p).
const A_DECADE: u32 = 12;

/// The percentile curves, one for each benchmark with delays.
pub(crate) fn percentiles(sources: &Sources) -> Vec<Drawn> {
    with_delays(sources).map(|shown| percentile_chart(sources, shown)).collect()
}

/// How many are slower, one for each benchmark with delays.
pub(crate) fn exceedance(sources: &Sources) -> Vec<Drawn> {
    with_delays(sources).map(|shown| exceedance_chart(sources, shown)).collect()
}

fn with_delays<'a>(sources: &'a Sources) -> impl Iterator<Item = &'a Shown<'a>> {
    sources.alone().filter(|shown| {
        let asked = sources.run.header.plan.benchmarks[shown.index].runner.latency;
        asked || shown.analysis.rows.iter().any(|row| row.latency.is_some())
    })
}

/// One row's delays: 1 ÷ (1 − p) and the delay, as far as there are samples.
struct Curve<'a> {
    row: &'a Row,
    samples: u64,
    points: Vec<(f64, f64)>,
    /// Of single trials, from the least to the most.
    band: Vec<(f64, f64, f64)>,
}

fn curves<'a>(sources: &Sources, shown: &'a Shown) -> Vec<Curve<'a>> {
    let of = |row: &'a Row| {
        let all = decoded(row.latency.as_ref()?)?;
        let trials: Vec<Histogram<u64>> = sources
            .trials(shown.index, &row.label)
            .filter(|trial| is_usable(&trial.measurement))
            .filter_map(|trial| decoded(trial.measurement.latency.as_ref()?))
            .collect();
        let points: Vec<(f64, f64)> = steps(all.len()).into_iter().map(|x| (x, at(&all, x))).collect();
        let band = |x: &f64| {
            let known = trials.iter().filter(|trial| reaches(trial.len(), *x));
            let values: Vec<f64> = known.map(|trial| at(trial, *x)).collect();
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(0.0, f64::max);
            // A band of fewer trials than there are would be narrower for no reason.
            (values.len() == trials.len() && trials.len() > 1).then_some((*x, least, most))
        };
        let band = points.iter().filter_map(|(x, _)| band(x)).collect();
        (!points.is_empty()).then_some(Curve { row, samples: all.len(), points, band })
    };
    shown.analysis.rows.iter().filter(|row| may_show(row)).filter_map(of).collect()
}

fn decoded(latency: &Latency) -> Option<Histogram<u64>> {
    decode_histogram(&latency.histogram).ok().filter(|histogram| !histogram.is_empty())
}

fn reaches(samples: u64, x: f64) -> bool {
    samples as f64 >= SAMPLES_ABOVE * x * 0.999_999
}

/// Values of 1 ÷ (1 − p) up to where the samples end.
fn steps(samples: u64) -> Vec<f64> {
    let step = |n: u32| 10_f64.powf(f64::from(n) / f64::from(A_DECADE));
    (0..A_DECADE * 8).map(step).take_while(|x| reaches(samples, *x)).collect()
}

fn at(histogram: &Histogram<u64>, x: f64) -> f64 {
    histogram.value_at_quantile(1.0 - 1.0 / x).max(1) as f64
}

fn duration_tick(ns: f64) -> String {
    tick_text(&duration_ns(ns))
}

/// `99.9 %` for 1,000.
fn percentile_text(x: f64) -> String {
    let nines = format!("{:.4}", 100.0 - 100.0 / x);
    format!("{} %", nines.trim_end_matches('0').trim_end_matches('.'))
}

/// `1 in 1000`, as per cent: `0.1 %`.
fn share_tick(share: f64) -> String {
    let text = format!("{:.5}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

fn percentile_chart(sources: &Sources, shown: &Shown) -> Drawn {
    let place = Place::Benchmark(shown.index);
    let title = format!("{}: percentiles of the delay", shown.name);
    let curves = curves(sources, shown);
    let series = |curve: &Curve| Series {
        label: curve.row.label.clone(),
        look: sources.look(&curve.row.label),
        points: curve
            .points
            .iter()
            .map(|(x, y)| Point { x: *x, y: *y, interval: None, said: duration_ns(*y), is_odd: false })
            .collect(),
        band: curve.band.clone(),
        fit: Vec::new(),
        marks: false,
        knee: None,
    };
    let ticks = [1.0, 2.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6, 1e7].map(|x| (x, percentile_text(x)));
    let plot = Lines {
        x_kind: Kind::Log,
        x_title: "percentile (as 1 ÷ (1 − p), logarithmic)".into(),
        x_ticks: ticks.into(),
        x_text: percentile_text,
        parts: vec![Part {
            title: "delay from the trigger to the reading (logarithmic)".into(),
            kind: Kind::Log,
            is_binary: false,
            text: duration_tick,
            height: 260.0,
            series: curves.iter().map(series).collect(),
        }],
    };
    let Some(canvas) = lines(&plot) else {
        return Drawn::absent(place, title, "no row has delays enough: ten for the lowest percentile");
    };
    let end = |curve: &Curve| {
        let (x, delay) = curve.points.last().copied().unwrap_or_default();
        format!(
            "{}: {} samples, P50 {}, up to P{} {}",
            curve.row.label,
            curve.samples,
            duration_ns(curve.points.iter().rfind(|(x, _)| *x <= 2.0).map_or(delay, |(_, delay)| *delay)),
            percentile_text(x).trim_end_matches(" %"),
            duration_ns(delay)
        )
    };
    Chart {
        name: name_of(&format!("latency-{}", shown.name)),
        place,
        title,
        alternative: curves.iter().map(end).collect::<Vec<_>>().join("; ") + ".",
        canvas,
        data: table(&curves, "percentile", |x| 1.0 - 1.0 / x),
        notes: vec![
            "each line ends where fewer than ten samples are slower; the band goes from the least to the most of single trials".into(),
        ],
    }
    .into()
}

fn exceedance_chart(sources: &Sources, shown: &Shown) -> Drawn {
    let place = Place::Benchmark(shown.index);
    let title = format!("{}: share of events that are slower than a delay", shown.name);
    let curves = curves(sources, shown);
    let series = |curve: &Curve| {
        let mut points: Vec<Point> = Vec::new();
        for (x, y) in &curve.points {
            let (delay, share) = (*y, 1.0 / x);
            let point = Point {
                x: delay,
                y: share,
                interval: None,
                said: format!("{}: {}", duration_ns(delay), percent(share)),
                is_odd: false,
            };
            // Of equal delays the last one says how many are slower.
            match points.last_mut() {
                Some(last) if last.x >= delay => *last = point,
                _ => points.push(point),
            }
        }
        Series {
            label: curve.row.label.clone(),
            look: sources.look(&curve.row.label),
            points,
            band: Vec::new(),
            fit: Vec::new(),
            marks: false,
            knee: None,
        }
    };
    let plot = Lines {
        x_kind: Kind::Log,
        x_title: "delay (logarithmic)".into(),
        x_ticks: Vec::new(),
        x_text: duration_tick,
        parts: vec![Part {
            title: "slower than that (logarithmic)".into(),
            kind: Kind::Log,
            is_binary: false,
            text: share_tick,
            height: 240.0,
            series: curves.iter().map(series).collect(),
        }],
    };
    let Some(canvas) = lines(&plot) else {
        return Drawn::absent(place, title, "no row has delays enough: ten for the lowest percentile");
    };
    let end = |curve: &Curve| {
        let (x, delay) = curve.points.last().copied().unwrap_or_default();
        format!("{}: {} of events are slower than {}", curve.row.label, percent(1.0 / x), duration_ns(delay))
    };
    Chart {
        name: name_of(&format!("latency-ccdf-{}", shown.name)),
        place,
        title,
        alternative: curves.iter().map(end).collect::<Vec<_>>().join("; ") + ".",
        canvas,
        data: table(&curves, "share that is slower", |x| 1.0 / x),
        notes: vec![
            "the same delays as above, the other way round; further left and steeper is better".into(),
        ],
    }
    .into()
}

fn table(curves: &[Curve], heading: &str, share: impl Fn(f64) -> f64) -> Table {
    let ns = Unit::Quantity(crate::facts::Unit::Ns);
    let columns = vec![
        Column::words("row"),
        Column::numbers(heading),
        Column::numbers("delay"),
        Column::numbers("least of a trial"),
        Column::numbers("most of a trial"),
    ];
    let rows = curves.iter().flat_map(|curve| {
        // A band ends before its line does, where there are fewer samples in a trial.
        curve.points.iter().enumerate().map(|(index, (x, delay))| {
            let band = curve.band.get(index);
            vec![
                Cell::Word(curve.row.label.clone()),
                Cell::quantity(Some(share(*x)), crate::facts::Unit::Share),
                Cell::number(Some(*delay), ns),
                Cell::number(band.map(|(_, low, _)| *low), ns),
                Cell::number(band.map(|(_, _, high)| *high), ns),
            ]
        })
    });
    let rows = rows.collect();
    Table { columns, rows }.without_unknown_columns()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_ends_where_samples_end() {
        assert_eq!(steps(9), [0.0; 0]);
        assert_eq!(steps(10), [1.0]);
        let last = |samples| *steps(samples).last().expect("a step");
        assert!((last(1_000) - 100.0).abs() < 1e-9 && (last(9_999) - 825.4).abs() < 0.1);
    }

    #[test]
    fn percentiles_and_shares_are_written_with_the_digits_that_they_need() {
        let texts = [1.0, 2.0, 10.0, 1e3, 1e5].map(percentile_text);
        assert_eq!(texts, ["0 %", "50 %", "90 %", "99.9 %", "99.999 %"]);
        assert_eq!([1.0, 0.5, 0.001].map(share_tick), ["100 %", "50 %", "0.1 %"]);
    }
}
