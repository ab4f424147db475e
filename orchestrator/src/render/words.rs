//! A sentence under a table: what it says, made of verdicts, limits and fits alone. Where they say nothing, neither does this.

use super::number::{bytes, rate, ratio};
use crate::facts::{Abscissa, Axis, ColumnKind, Direction, Quantity};
use crate::parse::LimitedBy;
use crate::plan::{Consumers, Rings, RunnerSettings};
use crate::stats::{BenchmarkAnalysis, Coefficient, Curve, CurvePoint, Law, PairVerdict, Row, RowStatus};
use crate::store::Run;
use crate::supervise::MOST_LOSS;

/// From this share on all counts as delivered, as in the search for the rate without loss.
const ALL_DELIVERED: f64 = 1.0 - MOST_LOSS;
/// A fit that is further from a point than this has another shape.
const STRAIGHT: f64 = 0.10;
/// A load that missed more of its schedule did not offer the rate.
const MISSED: f64 = 0.01;
/// A delay of so many times the least one at a lower rate is a queue.
const QUEUED: f64 = 10.0;

/// What a benchmark's table says.
pub(super) fn of_benchmark(run: &Run, benchmark: &BenchmarkAnalysis) -> Option<String> {
    if benchmark.question.facts().columns.contains(&ColumnKind::LossFree) {
        return carried(benchmark, run.header.plan.baseline.as_deref());
    }
    benchmark.is_judged().then(|| judged(benchmark, run.header.plan.baseline.as_deref())).flatten()
}

/// What a curve's tables say, a sentence for each thing.
pub(super) fn of_curve(run: &Run, curve: &Curve) -> Vec<String> {
    let mut sentences = Vec::new();
    sentences.extend(fitted(curve));
    if curve.axis.facts().abscissa == Abscissa::Inverse {
        sentences.extend(filtered_out(curve));
    }
    let shown = |quantity| curve.question.facts().curve.iter().any(|(_, shown)| *shown == quantity);
    if curve.axis == Axis::RingSize && shown(Quantity::DeliveredShare) {
        sentences.extend(smallest_ring(run, curve));
    }
    if curve.axis == Axis::Rate && shown(Quantity::DeliveredShare) {
        sentences.extend(knees(run, curve));
    }
    if curve.axis == Axis::Busy {
        sentences.extend(starved(run, curve));
    }
    if curve.axis == Axis::Threads {
        sentences.extend(scaled(run, curve));
        sentences.extend(beside_one_ring(run, curve));
    }
    sentences
}

/// Rows and their rates.
type Rates<'a> = Vec<(&'a str, f64)>;

/// The rates that were carried, by what stood against more.
fn carried(benchmark: &BenchmarkAnalysis, baseline: Option<&str>) -> Option<String> {
    let mut by_limit: Vec<(Option<LimitedBy>, Rates<'_>)> = Vec::new();
    for row in ranked(benchmark).filter(|row| !benchmark.is_second(&row.label, baseline)) {
        let Some(estimate) = row.estimate(Quantity::LossFreePerSec) else { continue };
        let (limit, found) = (row.limit.map(|limit| limit.by), (row.label.as_str(), estimate.value));
        match by_limit.iter_mut().find(|(other, _)| *other == limit) {
            Some((_, rows)) => rows.push(found),
            None => by_limit.push((limit, vec![found])),
        }
    }
    let part = |(limit, rows): &(Option<LimitedBy>, Rates<'_>)| {
        let names: Vec<&str> = rows.iter().map(|(name, _)| *name).collect();
        let each: Vec<String> = rows.iter().map(|(name, value)| format!("{name} {}", rate(*value))).collect();
        match limit {
            Some(LimitedBy::Load) => {
                let least = rows.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
                let carry = if names.len() == 1 { "carries" } else { "carry" };
                let (names, least) = (listed(&names), rate(least));
                format!("{names} {carry} at least {least} here, which is all that the load can offer")
            }
            Some(limit) => format!("limited by {}: {}", limiting(*limit), each.join(", ")),
            None => each.join(", "),
        }
    };
    let parts: Vec<String> = by_limit.iter().map(part).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn limiting(limit: LimitedBy) -> &'static str {
    match limit {
        LimitedBy::Consumer => "its own CPU",
        LimitedBy::Wakeups => "the wakeups, which the traced program pays",
        LimitedBy::Contention => "the reader beside the writer",
        LimitedBy::TimerOrRing => "the ring, which fills before its timer looks",
        LimitedBy::Load => "the load",
        LimitedBy::Loss => "losses while it was not busy",
        LimitedBy::Schedule => "the schedule of the load",
    }
}

/// Who cannot be told apart from the best, and what the others are to the baseline. A group asks for more than a verdict: who shares the
/// baseline's letter and has a verdict against it is named with that.
fn judged(benchmark: &BenchmarkAnalysis, baseline: Option<&str>) -> Option<String> {
    let has_letter = |row: &Row| row.letters.as_ref().is_some_and(|letters| letters.contains('a'));
    let pair_of = |row: &Row| benchmark.pair(benchmark.headline, &row.label, baseline?);
    let rows: Vec<&Row> =
        ranked(benchmark).filter(|row| !benchmark.is_second(&row.label, baseline)).collect();
    let beside_baseline = rows.iter().any(|row| baseline == Some(row.label.as_str()) && has_letter(row));
    let is_best = |row: &Row| {
        let told_apart = pair_of(row).is_some_and(|pair| pair.verdict.is_difference());
        has_letter(row) && !(beside_baseline && told_apart)
    };
    let best: Vec<&str> = rows.iter().filter(|row| is_best(row)).map(|row| row.label.as_str()).collect();
    if best.is_empty() || rows.len() < 2 {
        return None;
    }
    let mut parts = vec![match best.as_slice() {
        [one] => format!("{one} is best"),
        several => format!("{} cannot be told apart at the top", listed(several)),
    }];
    for row in rows.iter().filter(|row| !is_best(row)) {
        let Some(pair) = pair_of(row) else { continue };
        let Some(times) = pair.ratio.filter(|_| pair.verdict.is_difference()) else { continue };
        let worse = matches!(pair.verdict, PairVerdict::Slower | PairVerdict::SlowerBy);
        let than = &pair.reference;
        let label = &row.label;
        parts.push(match (benchmark.headline.direction(), worse) {
            (Direction::Lower, true) => format!("{label} takes {} what {than} takes", ratio(times)),
            (Direction::Lower, false) => format!("{label} takes only {} what {than} takes", ratio(times)),
            (Direction::Higher, true) => format!("{label} has only {} what {than} has", ratio(times)),
            (Direction::Higher, false) => format!("{label} has {} what {than} has", ratio(times)),
        });
    }
    Some(parts.join("; "))
}

/// What each step of the setting adds, from the least to the most.
fn fitted(curve: &Curve) -> Option<String> {
    let (step, name) = curve.axis.facts().step;
    let mut straight: Vec<(&str, f64)> = Vec::new();
    let (mut bent, mut flat): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for fit in &curve.fits {
        match &fit.law {
            Law::Line { slope, .. } if holds_zero(slope) => flat.push(&fit.label),
            Law::Line { slope, .. } if fit.worst <= STRAIGHT => {
                straight.push((&fit.label, slope.value * step));
            }
            Law::Line { .. } => bent.push(&fit.label),
            Law::Usl { .. } => {}
        }
    }
    let adds = match straight.as_slice() {
        [(label, value)] => Some(format!("{} to {label}", in_headline(curve, *value))),
        _ => from_to(curve, straight),
    };
    let mut parts: Vec<String> = adds.map(|adds| format!("each {name} adds {adds}")).into_iter().collect();
    if !flat.is_empty() {
        parts.push(format!("each {name} adds nothing to {} that can be told from 0", listed(&flat)));
    }
    if !bent.is_empty() {
        let is = if bent.len() == 1 { "is" } else { "are" };
        parts.push(format!("{} {is} not a straight line", listed(&bent)));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What a trigger costs that is dropped, by the lines over the share that is kept.
fn filtered_out(curve: &Curve) -> Option<String> {
    let at_zero = curve.fits.iter().filter(|fit| fit.worst <= STRAIGHT).filter_map(|fit| match &fit.law {
        Law::Line { at_zero, .. } => Some((fit.label.as_str(), at_zero.value)),
        Law::Usl { .. } => None,
    });
    let costs = from_to(curve, at_zero.collect())?;
    Some(format!("a trigger that the filter drops costs {costs}, the load's own work included"))
}

/// From the least to the most, in the unit of the curve's headline.
fn from_to(curve: &Curve, mut rows: Rates<'_>) -> Option<String> {
    rows.sort_by(|a, b| a.1.total_cmp(&b.1));
    let shown = |(label, value): &(&str, f64)| format!("{} ({label})", in_headline(curve, *value));
    match rows.as_slice() {
        [] => None,
        [one] => Some(shown(one)),
        [least, .., most] => Some(format!("from {} to {}", shown(least), shown(most))),
    }
}

/// A value in the unit of the curve's headline.
fn in_headline(curve: &Curve, value: f64) -> String {
    super::cell::in_unit_of_quantity(curve.question.facts().headline.facts().unit, value)
}

fn holds_zero(slope: &Coefficient) -> bool {
    slope.low.zip(slope.high).is_some_and(|(low, high)| low <= 0.0 && high >= 0.0)
}

/// The smallest ring of the curve in which nothing was lost.
fn smallest_ring(run: &Run, curve: &Curve) -> Option<String> {
    let all = per_row(run, curve, |row| row.estimate(Quantity::DeliveredShare).map(|share| share.value));
    let of = |(label, values): &(String, Vec<(f64, f64)>)| {
        let smallest = values.iter().find(|(_, share)| *share >= ALL_DELIVERED);
        let said = smallest.map_or_else(|| "none of these".to_owned(), |(x, _)| bytes(*x));
        format!("{label} {said}")
    };
    let parts: Vec<String> = all.iter().map(of).collect();
    (!parts.is_empty()).then(|| format!("the smallest ring without loss: {}", parts.join(", ")))
}

/// Up to which rate everything arrives, and from which on delays are those of a queue.
fn knees(run: &Run, curve: &Curve) -> Option<String> {
    let seen = |row: &Row| {
        let share = row.estimate(Quantity::DeliveredShare)?.value;
        Some((share, row.missed_share.unwrap_or(0.0), row.offered_per_sec))
    };
    let delays = per_row(run, curve, |row| row.estimate(Quantity::LatencyP50).map(|delay| delay.value));
    let batch = curve.points.first().map(|point| run.header.plan.benchmarks[point.benchmark].runner.batch);
    let events = |x: f64| rate(x * f64::from(batch.unwrap_or(1)));
    let mut parts = Vec::new();
    for (label, values) in per_row(run, curve, seen) {
        let end = values.iter().position(|(_, (share, missed, _))| !is_carried(*share, *missed));
        let highest = end.map_or(values.last(), |at| at.checked_sub(1).and_then(|before| values.get(before)));
        let highest = highest.map(|(x, _)| events(*x));
        let all = match (highest, end.map(|at| &values[at])) {
            (None, _) => "does not carry the lowest rate".to_owned(),
            (Some(highest), None)
                if values.last().map(|(x, _)| *x) < curve.points.last().map(|point| point.x) =>
            {
                format!("loses nothing up to {highest}; above it nothing is known that is valid")
            }
            (Some(highest), None) => format!("loses nothing up to {highest}, the highest rate"),
            (Some(highest), Some((x, (share, _, _)))) if *share < ALL_DELIVERED => {
                format!("loses nothing up to {highest} and something at {}", events(*x))
            }
            // Nothing was lost, but less was offered.
            (Some(highest), Some((x, (_, _, offered)))) => {
                let offered = offered.map_or_else(String::new, |offered| format!(", only {}", rate(offered)));
                format!(
                    "loses nothing up to {highest}; beside it the load cannot offer {}{offered}",
                    events(*x)
                )
            }
        };
        let own = delays.iter().find(|(other, _)| *other == label).map(|(_, values)| values.as_slice());
        let queued = own.and_then(queued_from).map(events);
        let queued = queued.map_or_else(String::new, |x| format!(", and queues from {x} on"));
        parts.push(format!("{label} {all}{queued}"));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn is_carried(delivered_share: f64, missed_share: f64) -> bool {
    delivered_share >= ALL_DELIVERED && missed_share <= MISSED
}

/// A row's knee: the highest rate of a drop curve, events per second, up to which everything arrives, with the share that arrives there;
/// none where no rate is too high, or all are.
pub(super) fn knee(run: &Run, curve: &Curve, label: &str) -> Option<(f64, f64)> {
    let seen =
        |row: &Row| Some((row.estimate(Quantity::DeliveredShare)?.value, row.missed_share.unwrap_or(0.0)));
    let (_, values) = per_row(run, curve, seen).into_iter().find(|(known, _)| known == label)?;
    let end = values.iter().position(|(_, (share, missed))| !is_carried(*share, *missed))?;
    // Where only less was offered, nothing shows that more is lost.
    values.get(end).filter(|(_, (share, _))| *share < ALL_DELIVERED)?;
    let (x, (share, _)) = values[end.checked_sub(1)?];
    let batch = run.header.plan.benchmarks[curve.points.first()?.benchmark].runner.batch;
    Some((x * f64::from(batch), share))
}

/// The first rate whose delay is many times the least one of the rates below it.
fn queued_from(delays: &[(f64, f64)]) -> Option<f64> {
    let mut least = f64::INFINITY;
    for (x, delay) in delays {
        if *delay > least * QUEUED {
            return Some(*x);
        }
        least = least.min(*delay);
    }
    None
}

/// What all threads bring against one, and what there is to see with more.
fn scaled(run: &Run, curve: &Curve) -> Option<String> {
    let headline = curve.question.facts().headline;
    let all = per_row(run, curve, |row| row.estimate(headline).map(|estimate| estimate.value));
    let most = curve.points.last()?.x;
    let at_most = curve.points.last().map(|point| &run.analysis.benchmarks[point.benchmark]);
    let limit = |label: &str| {
        let row = at_most?.rows.iter().find(|row| row.label == label)?;
        row.limit.map(|limit| format!(" ({limit})"))
    };
    let of = |(label, values): &(String, Vec<(f64, f64)>)| {
        let (first, last) = (values.first()?, values.last()?);
        let limit = limit(label).unwrap_or_default();
        (first.0 < last.0 && first.1 > 0.0).then(|| format!("{label} {}{limit}", ratio(last.1 / first.1)))
    };
    let parts: Vec<String> = all.iter().filter_map(of).collect();
    let levels = curve.points.len();
    let law = if curve.fits.is_empty() {
        format!(
            "; a law of scalability needs six levels, and there are {levels}: a machine with 32 CPUs has them"
        )
    } else {
        String::new()
    };
    let last = &curve.points.last()?.benchmark;
    let placement = run.header.plan.placement_of(*last);
    let shared = if placement.runner.is_some_and(|cpu| placement.load.contains(&cpu)) {
        " (one of them on the consumer's CPU, since there are no more)"
    } else {
        ""
    };
    (!parts.is_empty()).then(|| {
        format!("{most} threads{shared} against one, and what stood against more: {}{law}", parts.join(", "))
    })
}

/// What busy rings do to the quiet one.
fn starved(run: &Run, curve: &Curve) -> Option<String> {
    let headline = curve.question.facts().headline;
    let (first, last) = (curve.points.first()?, curve.points.last()?);
    let shown = |value: f64| in_headline(curve, value);
    let all = per_row(run, curve, |row| row.estimate(headline).map(|estimate| estimate.value));
    let of = |(label, values): &(String, Vec<(f64, f64)>)| {
        let at = |x: f64| values.iter().find(|(of, _)| of.total_cmp(&x).is_eq()).map(|(_, value)| *value);
        let (alone, beside) = (at(first.x)?, at(last.x)?);
        Some(format!("{label} {} instead of {}", shown(beside), shown(alone)))
    };
    let parts: Vec<String> = all.iter().filter_map(of).collect();
    let placement = run.header.plan.placement_of(last.benchmark);
    let quiet = placement.load.last().copied();
    let shared = if placement.runner.is_some() && placement.runner == quiet {
        ", whose thread calls on the consumer's CPU, since there are no more,"
    } else {
        ""
    };
    let beside = if last.x > 1.0 { format!("{} busy rings", last.x) } else { "a busy ring".to_owned() };
    (!parts.is_empty()).then(|| {
        let each = parts.join(", ");
        format!("one record in a hundred of the quiet ring{shared} waits beside {beside} at least: {each}")
    })
}

/// What a ring for each CPU delivers against one for all, with the most threads.
fn beside_one_ring(run: &Run, curve: &Curve) -> Option<String> {
    let (own, last) = settings_at_last(run, curve).filter(|(own, _)| own.rings == Rings::Cpu)?;
    let like_it = |settings: &RunnerSettings| {
        *settings == RunnerSettings { rings: Rings::One, consumers: Consumers::One, ..own.clone() }
    };
    let mut others = run.analysis.curves.iter().filter(|other| other.question == curve.question);
    let one = others.find_map(|other| {
        settings_at_last(run, other).filter(|(one, at)| like_it(one) && at.x.total_cmp(&last.x).is_eq())
    })?;
    let one = one.1;
    let headline = curve.question.facts().headline;
    let value = |point: &CurvePoint, label: &str| {
        let mut rows = ranked(&run.analysis.benchmarks[point.benchmark]);
        rows.find(|row| row.label == label)?.estimate(headline).map(|estimate| estimate.value)
    };
    let of = |row: &Row| {
        let (own, one) = (value(last, &row.label)?, value(one, &row.label)?);
        (one > 0.0).then(|| format!("{} {}", row.label, ratio(own / one)))
    };
    let parts: Vec<String> = ranked(&run.analysis.benchmarks[last.benchmark]).filter_map(of).collect();
    let read_by = match own.consumers {
        Consumers::One => "all read by one thread",
        Consumers::Ring => "each read by a thread of its own",
    };
    let threads = if last.x > 1.0 { format!("{} threads", last.x) } else { "one thread".to_owned() };
    (!parts.is_empty()).then(|| {
        format!(
            "a ring for each CPU, {read_by}, with {threads} that call, against one for all: {}",
            parts.join(", ")
        )
    })
}

/// What the runners are told at the last point of a curve.
fn settings_at_last<'a>(run: &'a Run, curve: &'a Curve) -> Option<(&'a RunnerSettings, &'a CurvePoint)> {
    let last = curve.points.last()?;
    Some((&run.header.plan.benchmarks[last.benchmark].runner, last))
}

/// Of each row the values over the curve's points, ascending.
fn per_row<T>(run: &Run, curve: &Curve, value: impl Fn(&Row) -> Option<T>) -> Vec<(String, Vec<(f64, T)>)> {
    let mut all: Vec<(String, Vec<(f64, T)>)> = Vec::new();
    for point in &curve.points {
        // In the order of the table, also where the first points of a row have no figure.
        for row in &run.analysis.benchmarks[point.benchmark].rows {
            let index = all.iter().position(|(label, _)| *label == row.label).unwrap_or(all.len());
            if index == all.len() {
                all.push((row.label.clone(), Vec::new()));
            }
            if row.status == RowStatus::Valid {
                all[index].1.extend(value(row).map(|value| (point.x, value)));
            }
        }
    }
    all.retain(|(_, values)| !values.is_empty());
    all
}

fn ranked(benchmark: &BenchmarkAnalysis) -> impl Iterator<Item = &Row> {
    benchmark.rows.iter().filter(|row| row.status == RowStatus::Valid)
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_begins_where_a_delay_is_many_times_those_of_lower_rates() {
        assert_eq!(queued_from(&[(1.0, 60.0), (2.0, 30.0), (3.0, 6.0), (4.0, 61.0)]), Some(4.0));
        assert_eq!(queued_from(&[(1.0, 60.0), (2.0, 599.0)]), None);
        assert_eq!(queued_from(&[]), None);
    }

    #[test]
    fn names_are_listed_as_in_a_sentence() {
        assert_eq!([&["a"][..], &["a", "b"], &["a", "b", "c"]].map(listed), ["a", "a and b", "a, b and c"]);
    }
}
