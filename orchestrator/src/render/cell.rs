//! Cells as people read them.

use super::number::{
    UNKNOWN, bytes, change, count, duration_ns, joules, percent, rate, ratio, set_percent, whole_percent,
};
use crate::facts;
use crate::stats::PairVerdict;
use crate::tables::{Cell, Figure, Spread, Unit};

/// A cell in a table of text.
pub(super) fn text(cell: &Cell) -> String {
    match cell {
        Cell::Unknown => UNKNOWN.to_owned(),
        Cell::Word(word) => word.clone(),
        Cell::Verdict { verdict, delta } => verdict_word(*verdict, *delta),
        Cell::Limit(limit) => limit.to_string(),
        Cell::Figure(figure) => figure_text(figure),
        Cell::Range { low, high, unit } => format!("{} to {}", in_unit(*unit, *low), in_unit(*unit, *high)),
    }
}

/// `11.4 ns ±2.1 %`, `1.04x 1.02 to 1.07`, `≥8.1 M/s`.
fn figure_text(figure: &Figure) -> String {
    let Figure { value, unit, interval, at_least } = *figure;
    let least = if at_least { "≥" } else { "" };
    let interval = interval.map_or_else(String::new, |interval| match interval.spread {
        Spread::Share(half) => format!(" ±{}", percent(half)),
        Spread::Amount(half) => format!(" ±{}", in_unit(unit, half)),
        Spread::Ends => format!(" {} to {}", bare(unit, interval.low), bare(unit, interval.high)),
    });
    format!("{least}{}{interval}", in_unit(unit, value))
}

fn in_unit(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Quantity(unit) => in_unit_of_quantity(unit, value),
        Unit::Times => ratio(value),
        Unit::Change => change(value),
        Unit::Count => count(value),
        Unit::Whole => format!("{value:.0}"),
    }
}

/// An end that stands beside a figure: a ratio without its `x`.
fn bare(unit: Unit, value: f64) -> String {
    let text = in_unit(unit, value);
    if unit == Unit::Times { text.trim_end_matches('x').to_owned() } else { text }
}

pub(super) fn in_unit_of_quantity(unit: facts::Unit, value: f64) -> String {
    match unit {
        facts::Unit::EventsPerSec => rate(value),
        facts::Unit::Share => percent(value),
        facts::Unit::Percent => whole_percent(value / 100.0),
        facts::Unit::Bytes => bytes(value),
        facts::Unit::Count if value < 999.5 => format!("{value:.0}"),
        facts::Unit::Count => count(value),
        facts::Unit::Joules => joules(value),
        facts::Unit::Ns | facts::Unit::NsPerEvent | facts::Unit::NsPerTrigger | facts::Unit::NsPerRun => {
            duration_ns(value)
        }
    }
}

/// A verdict in two words.
pub(super) fn verdict_word(verdict: PairVerdict, delta: f64) -> String {
    match verdict {
        PairVerdict::FasterBy => format!("faster >{}", set_percent(delta)),
        PairVerdict::Faster => "faster".into(),
        PairVerdict::Equivalent => "equivalent".into(),
        PairVerdict::Slower => "slower".into(),
        PairVerdict::SlowerBy => format!("slower >{}", set_percent(delta)),
        PairVerdict::Undecided => "undecided".into(),
        PairVerdict::NotEnoughRepetitions { .. } => "too few runs".into(),
        PairVerdict::Invalid | PairVerdict::Unranked => UNKNOWN.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Interval;

    #[test]
    fn a_figure_says_how_exact_it_is_and_whether_it_could_be_more() {
        let ns = Unit::Quantity(facts::Unit::NsPerEvent);
        let plain = |value, unit| text(&Figure::plain(value, unit).into());
        assert_eq!(plain(11.4, ns), "11.4 ns");
        let spread = |spread, value, unit| {
            let interval = Some(Interval { low: 1.024, high: 1.068, spread });
            text(&Figure { interval, ..Figure::plain(value, unit) }.into())
        };
        assert_eq!(spread(Spread::Share(0.021), 11.4, ns), "11.4 ns ±2.1 %");
        assert_eq!(spread(Spread::Amount(4.0), -11.4, ns), "-11.4 ns ±4.00 ns");
        assert_eq!(spread(Spread::Ends, 1.04, Unit::Times), "1.04x 1.02 to 1.07");
        let rate = Unit::Quantity(facts::Unit::EventsPerSec);
        assert_eq!(text(&Figure { at_least: true, ..Figure::plain(8.1e6, rate) }.into()), "≥8.10 M/s");
    }

    #[test]
    fn what_is_not_known_is_no_number() {
        assert_eq!(text(&Cell::Unknown), "-");
        assert_eq!(text(&Cell::number(None, Unit::Whole)), "-");
        assert_eq!(text(&Cell::number(Some(97.0), Unit::Whole)), "97");
        let range = Cell::Range { low: 0.958, high: 1.0, unit: Unit::Change };
        assert_eq!(text(&range), "-4.2 % to 0 %");
    }
}
