//! How many events each row attempted, read and dropped, over all its trials: what everything else rests on.

use super::chart::{Chart, Drawn, Place};
use super::dots::{DotLine, Dots, Panel, data, dots, in_words};
use super::sources::Sources;
use crate::plan::NOTHING_ATTACHED;
use crate::store::TrialResult;
use crate::tables::Unit;

const TITLE: &str = "Event counts of all trials";

/// One chart for the run.
pub(crate) fn draw(sources: &Sources) -> Vec<Drawn> {
    let place = Place::Evidence;
    let labels: Vec<&str> =
        sources.labels().iter().copied().filter(|label| *label != NOTHING_ATTACHED).collect();
    let panels = [
        panel(sources, &labels, "attempted by the BPF program, by the kernel's counter", |trial| {
            trial.measurement.counts.attempted
        }),
        panel(sources, &labels, "read by the consumer", |trial| trial.measurement.counts.received),
        panel(sources, &labels, "dropped, by the kernel's counter", |trial| trial.measurement.counts.dropped),
    ];
    let plot = Dots {
        unit: Unit::Count,
        axis: "events (logarithmic; 0 at its left end)".into(),
        reference: None,
        band: None,
        panels: panels.into(),
    };
    let Some(canvas) = dots(&plot) else {
        return vec![Drawn::absent(place, TITLE, "no trial counted an event")];
    };
    let chart = Chart {
        name: "event-counts".into(),
        place,
        title: TITLE.into(),
        alternative: in_words(&plot),
        canvas,
        data: data(&plot),
        notes: vec![
            "sums over all trials of the run that counted, warm-up included, whatever became of them".into(),
        ],
    };
    vec![chart.into()]
}

fn panel(
    sources: &Sources,
    labels: &[&str],
    title: &str,
    count: impl Fn(&TrialResult) -> Option<u64>,
) -> Panel {
    let line = |label: &&str| {
        let trials = sources.run.trials.iter().filter(|trial| trial.planned.label == *label);
        let sum = trials
            .filter_map(&count)
            .fold(None, |sum: Option<u128>, one| Some(sum.unwrap_or_default() + u128::from(one)));
        let said = sum.map_or_else(|| "unknown".to_owned(), grouped);
        let value = sum.map(|sum| sum as f64);
        DotLine { value, ..DotLine::new(label, sources.look(label), said) }
    };
    Panel { title: Some(title.to_owned()), lines: labels.iter().map(line).collect() }
}

/// `114,739,400`
pub(crate) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let first = (digits.len() - 1) % 3 + 1;
    let mut text = digits[..first].to_owned();
    let mut rest = &digits[first..];
    while let Some((group, after)) = rest.split_at_checked(3) {
        text.push(',');
        text.push_str(group);
        rest = after;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped() {
        let texts = [0, 999, 1_000, 114_739_400].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "114,739,400"]);
    }
}
