//! Each question: its tables, what they say, and its charts.

use super::embed::csv_link;
use super::glossary::Glossary;
use super::page::{Block, HtmlFigure};
use super::size::Level;
use super::table::html_table;
use crate::render::charts::{Drawn, Place, Shown, Sources, name_of};
use crate::render::cost::{cost_legend, costs_of};
use crate::render::notes::legend;
use crate::render::report::{Part, asked, parts};
use crate::tables::cost_table;
use crate::visible::visible_line;

/// Where a question is on the page.
pub(super) fn id_of(shown: &Shown) -> String {
    format!("q-{}", name_of(&shown.analysis.name))
}

/// All of them.
pub(super) fn blocks(
    sources: &Sources,
    drawn: &[Drawn],
    level: Level,
    glossary: &mut Glossary,
) -> Vec<Block> {
    let mut blocks = Vec::new();
    let legend = legend(sources.run, &asked(sources.run));
    blocks.extend(legend.iter().map(|line| Block::Paragraph(glossary.explained(&line.replace('\n', " ")))));
    for shown in &sources.shown {
        blocks.extend(question(sources, shown, drawn, level));
    }
    if let Some(costs) = costs_of(sources.run) {
        blocks.push(Block::Heading { id: "q-cost-table".into(), text: "cost to the traced program".into() });
        let table = html_table("cost", "cost to the traced program", &cost_table(&costs.rows), level);
        blocks.push(Block::Table(table));
        blocks.extend(cost_legend(&costs).lines().map(Block::note));
    }
    blocks
}

fn question(sources: &Sources, shown: &Shown, drawn: &[Drawn], level: Level) -> Vec<Block> {
    let mut blocks = Vec::new();
    let id = id_of(shown);
    let mut number = 0;
    for part in parts(sources.run, shown.name.clone(), shown.analysis) {
        match part {
            Part::Title(text) => {
                let (name, asks) = text.split_once(": ").unwrap_or((text.as_str(), ""));
                blocks.push(Block::Heading { id: id.clone(), text: visible_line(name).into_owned() });
                if !asks.is_empty() {
                    blocks.push(Block::plain(asks));
                }
            }
            Part::Table { title, table, below } => {
                number += 1;
                let caption = title.unwrap_or_else(|| shown.name.clone());
                blocks.push(Block::Table(html_table(&format!("{id}-{number}"), &caption, &table, level)));
                blocks.extend(below.map(|below| Block::note(&below)));
            }
            Part::Sentence(text) => blocks.push(Block::plain(&format!("→ {text}"))),
        }
    }
    if !blocks.is_empty() {
        blocks.extend(figures(drawn, Place::Benchmark(shown.index), level));
    }
    blocks
}

/// The charts of a place, and why there are not more.
pub(super) fn figures(drawn: &[Drawn], place: Place, level: Level) -> Vec<Block> {
    if !level.charts {
        return vec![Block::Note("this page has no room for its charts; they are in `charts/`".into())];
    }
    let here = || drawn.iter().filter(move |drawn| drawn.place() == place);
    let mut blocks: Vec<Block> = here()
        .filter_map(|drawn| match drawn {
            Drawn::Chart(chart) => Some(Block::Figure(HtmlFigure {
                name: chart.name.clone(),
                title: visible_line(&chart.title).into_owned(),
                svg: chart.canvas.in_page(&chart.name, &chart.title, &chart.alternative),
                alternative: visible_line(&chart.alternative).into_owned(),
                notes: chart.notes.iter().map(|note| visible_line(note).into_owned()).collect(),
                link: level.links.then(|| csv_link(&chart.data)),
            })),
            Drawn::Absent { .. } => None,
        })
        .collect();
    let absent: Vec<String> = here()
        .filter_map(|drawn| match drawn {
            Drawn::Absent { title, why, .. } => Some(visible_line(&format!("{title}: {why}")).into_owned()),
            Drawn::Chart(_) => None,
        })
        .collect();
    if !absent.is_empty() {
        blocks.push(Block::Note("No chart where there is no data:".into()));
        blocks.push(Block::List(absent));
    }
    blocks
}
