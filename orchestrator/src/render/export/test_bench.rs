//! The text format of a language's own benchmarks, which `benchstat` reads: configuration, units, one line a trial.

use std::fmt::Write as _;

use super::{valid_rows, valid_trials};
use crate::stats::{Direction, Quantity};
use crate::store::Run;

/// `BenchmarkCapacity/impl=NAME 13858400 7.27 ns/event …`; the first number is the events received.
pub(super) fn go_benchmark(run: &Run) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    // Not as a key: benchstat would keep two runs apart by it instead of comparing them.
    writeln!(text, "# run {}", run.header.run).ok();
    for key in ["kernel", "cpu", "distribution"] {
        if let Some(value) = run.header.machine[key].as_str() {
            writeln!(text, "{key}: {}", value.replace('\n', " ")).ok();
        }
    }
    text.push('\n');
    let asked = |quantity: &Quantity| {
        run.analysis.benchmarks.iter().any(|benchmark| benchmark.question.tracks(*quantity))
    };
    for quantity in Quantity::all().filter(asked) {
        let better = match quantity.direction() {
            Direction::Higher => "higher",
            Direction::Lower => "lower",
        };
        writeln!(text, "Unit {} better={better}", quantity.facts().unit_of_its_own).ok();
    }
    text.push('\n');
    for (benchmark, row) in valid_rows(run) {
        for trial in valid_trials(run, benchmark, row) {
            let values: Vec<String> = Quantity::all()
                .filter(|quantity| benchmark.question.tracks(*quantity))
                .filter_map(|quantity| {
                    Some(format!("{} {}", quantity.of(&trial.measurement)?, quantity.facts().unit_of_its_own))
                })
                .collect();
            let events = trial.measurement.counts.received.filter(|events| *events > 0);
            if let Some(events) = events.filter(|_| !values.is_empty()) {
                let (name, label) = (name(&benchmark.name), word(&row.label));
                writeln!(text, "Benchmark{name}/impl={label} {events} {}", values.join(" ")).ok();
            }
        }
    }
    text
}

/// A name must not begin with a small letter, and neither name nor value may hold a space.
fn name(benchmark: &str) -> String {
    let mut letters = benchmark.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    word(&(first + letters.as_str()))
}

fn word(text: &str) -> String {
    text.chars().map(|letter| if letter.is_whitespace() || letter == '/' { '_' } else { letter }).collect()
}
