//! Charts of a run, each from the cells, curves and series that its tables have. What there is no data for is no chart, but a sentence.
//!
//! A chart is a file in this folder and its row in [`CHARTS`].

mod blocks;
mod chart;
mod curve;
mod dots;
mod events;
mod grid;
mod latency;
mod lines;
mod matrix;
mod overview;
mod rate;
mod ratio;
mod sources;
mod spans;
mod summary;
mod support;
mod timeline;
mod usage;

pub(super) use chart::{Chart, Drawn, Place, name_of};
pub(super) use events::grouped;
pub(super) use sources::{Shown, Sources, is_usable, status_word};

/// One row of the table of charts.
struct ChartKind {
    /// Draws it: one for each benchmark or curve that it is about, and why there is none where there is none.
    draw: fn(&Sources) -> Vec<Drawn>,
}

const CHARTS: [ChartKind; 13] = [
    ChartKind { draw: overview::draw },
    ChartKind { draw: rate::draw },
    ChartKind { draw: matrix::draw },
    ChartKind { draw: summary::draw },
    ChartKind { draw: events::draw },
    ChartKind { draw: ratio::draw },
    ChartKind { draw: latency::percentiles },
    ChartKind { draw: latency::exceedance },
    ChartKind { draw: curve::draw },
    ChartKind { draw: spans::draw },
    ChartKind { draw: usage::draw },
    ChartKind { draw: timeline::draw },
    ChartKind { draw: support::draw },
];

/// All charts of a run, in the order of the table; no two have the same name.
pub(super) fn charts(sources: &Sources) -> Vec<Drawn> {
    let mut drawn: Vec<Drawn> = CHARTS.iter().flat_map(|kind| (kind.draw)(sources)).collect();
    let mut names: Vec<String> = Vec::new();
    for chart in &mut drawn {
        if let Drawn::Chart(chart) = chart {
            let wanted = chart.name.clone();
            let mut number = 2;
            while names.contains(&chart.name) {
                chart.name = format!("{wanted}-{number}");
                number += 1;
            }
            names.push(chart.name.clone());
        }
    }
    drawn
}

#[cfg(test)]
mod tests;
