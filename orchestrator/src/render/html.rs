//! The report as one page that needs nothing else: answer, tables, charts, evidence and the result itself. And the charts as files.

mod answer;
mod comparison;
mod embed;
mod evidence;
mod glossary;
mod heading;
mod origin;
mod page;
mod questions;
mod size;
mod table;
mod trials;

use askama::Template as _;

use super::charts::{Chart, Drawn, Shown, Sources, charts};
use super::report::{asked, curve_of};
use super::svg::{PAGE, Painter, variables};
use crate::runs::TrialUsage;
use crate::store::Run;
use crate::visible::visible_line;
use embed::{hash, packed_json};
use glossary::Glossary;
use page::{Block, Page, Section};
use size::{LEVELS, Level, MOST_BYTES};

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// The files of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportFiles {
    /// The page.
    pub page: String,
    /// Name and content of each chart's files.
    pub charts: Vec<(String, Vec<u8>)>,
}

/// Makes the report of a run. `usage` is what the raw facts have of CPU and memory over time; none where they could not be read.
#[must_use]
pub fn html_report(run: &Run, usage: Option<&[TrialUsage]>) -> ReportFiles {
    let sources = sources_of(run, usage);
    let drawn = charts(&sources);
    let mut page = String::new();
    for level in LEVELS {
        page = page_of(&sources, &drawn, level);
        if page.len() <= MOST_BYTES {
            break;
        }
    }
    ReportFiles { page, charts: files(&drawn) }
}

/// What charts and tables are made from.
pub(super) fn sources_of<'a>(run: &'a Run, usage: Option<&'a [TrialUsage]>) -> Sources<'a> {
    let shown = asked(run).into_iter().filter_map(|(name, analysis)| {
        let index = run.analysis.benchmarks.iter().position(|other| other.name == analysis.name)?;
        Some(Shown { index, name, analysis, is_point: curve_of(run, analysis).is_some() })
    });
    Sources::new(run, shown.collect(), usage)
}

/// Each chart as SVG and as PNG.
fn files(drawn: &[Drawn]) -> Vec<(String, Vec<u8>)> {
    let painter = Painter::new();
    let of = |chart: &Chart| {
        let svg = chart.canvas.in_file(&chart.title, &chart.alternative);
        let png = painter.png(&svg).map(|png| (format!("{}.png", chart.name), png));
        [(format!("{}.svg", chart.name), svg.into_bytes())].into_iter().chain(png)
    };
    let charts = drawn.iter().filter_map(|drawn| match drawn {
        Drawn::Chart(chart) => Some(chart),
        Drawn::Absent { .. } => None,
    });
    charts.flat_map(|chart| of(chart)).collect()
}

fn page_of(sources: &Sources, drawn: &[Drawn], level: Level) -> String {
    let run = sources.run;
    let mut glossary = Glossary::new();
    let mut sections = vec![
        Section::new("answer", "The answer", answer::blocks(sources)),
        Section::new("comparison", "Comparison", comparison::blocks(sources, level)),
        Section::new("ratios", "Ratio to the baseline", comparison::ratios(sources, drawn, level)),
        Section::new("questions", "Each question", questions::blocks(sources, drawn, level, &mut glossary)),
        Section::new("trials", "Trials in order of time", trials::blocks(sources, drawn, level)),
        Section::new("evidence", "Evidence", evidence::blocks(sources, drawn, level, &mut glossary)),
        Section::new("environment", "Environment and warnings", origin::environment(sources)),
        Section::new("method", "Method", origin::method(sources, &mut glossary)),
        Section::new("again", "Command and data", again(run, level)),
    ];
    sections.push(Section::new("glossary", "Words", vec![Block::Terms(glossary.terms())]));
    let page = Page {
        title: format!("eBPF benchmark {}", visible_line(&run.header.run)),
        subtitle: origin::subtitle(run),
        style: format!("{}{PAGE}{STYLE}", variables()),
        script: SCRIPT.to_owned(),
        script_hash: hash(SCRIPT),
        sections,
        footer: format!(
            "made by `orchestrator` {} of the run {}; nothing on this page is fetched from anywhere",
            env!("CARGO_PKG_VERSION"),
            visible_line(&run.header.run)
        ),
    };
    // Writing to a string cannot fail.
    page.render().unwrap_or_default()
}

/// The command that repeats it, and the result for other programs.
fn again(run: &Run, level: Level) -> Vec<Block> {
    let mut blocks = vec![
        Block::plain("This command repeats the run:"),
        Block::Command(visible_line(&super::origin::command(&run.header.command)).into_owned()),
    ];
    match packed_json(run, level.json) {
        Some((name, href, text)) => blocks.push(Block::Link { name, href, text }),
        None => blocks.push(Block::plain(
            "The result itself is too large for this page; it is in `run.json` beside it, with the raw facts in `events.jsonl`.",
        )),
    }
    blocks.push(Block::Note(
        "The charts of this page are beside it, in `charts/`, each as SVG and as PNG.".into(),
    ));
    blocks
}

#[cfg(test)]
mod tests;
