//! Where it was measured, and how.

use serde_json::Value;

use super::glossary::Glossary;
use super::page::Block;
use super::size::LEVELS;
use super::table::html_table;
use crate::plan::StopReason;
use crate::render::charts::Sources;
use crate::render::number::{counted, percent, set_percent};
use crate::render::report::asked;
use crate::render::report::notes_lines;
use crate::render::{notes, origin};
use crate::store::Run;
use crate::tables::{Cell, Column, Table};
use crate::visible::visible_line;

/// Below the title.
pub(super) fn subtitle(run: &Run) -> String {
    let text = |name: &str| run.header.machine[name].as_str().map(str::to_owned);
    let cpus = run.header.machine["cpus"].as_u64().map(|cpus| format!("{cpus} CPUs"));
    let ended = run.finished_utc.is_none().then(|| "cut short".to_owned());
    let parts = [
        Some(run.header.started_utc.clone()),
        text("cpu"),
        cpus,
        text("kernel").map(|kernel| format!("Linux {kernel}")),
        Some(counted(run.header.plan.blocks, "block")),
        ended,
    ];
    visible_line(&parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")).into_owned()
}

/// The machine, what endangers comparisons, and notes.
pub(super) fn environment(sources: &Sources) -> Vec<Block> {
    let machine = &sources.run.header.machine;
    let mut blocks = Vec::new();
    let warnings = origin::warnings(machine);
    for warning in &warnings {
        let (what, remedy) = warning
            .split_once("\n    remedy: ")
            .map_or((warning.as_str(), None), |(what, remedy)| (what, Some(remedy)));
        let remedy = remedy.map(|remedy| visible_line(remedy).into_owned());
        blocks.push(Block::Warning { what: visible_line(what).into_owned(), remedy });
    }
    if warnings.is_empty() {
        blocks.push(Block::plain("Nothing on this machine was found to endanger comparisons."));
    }
    let notes = notes_lines(sources.run);
    let notes: Vec<String> = notes
        .iter()
        .filter(|note| !warnings.contains(note))
        .map(|note| visible_line(&note.replace("\n    ", "; ")).into_owned())
        .collect();
    if !notes.is_empty() {
        blocks.push(Block::Heading { id: "notes".into(), text: "Notes".into() });
        blocks.push(Block::List(notes));
    }
    let mut rows = Vec::new();
    flattened("", machine, &mut rows);
    let table = Table { columns: vec![Column::words("fact"), Column::words("value")], rows };
    blocks.push(Block::Heading { id: "machine".into(), text: "Machine and programs".into() });
    blocks.push(Block::Table(html_table("facts", "as they were found before the run", &table, LEVELS[0])));
    blocks
}

/// Plain values with their paths; warnings and notes stand elsewhere.
fn flattened(path: &str, value: &Value, rows: &mut Vec<Vec<Cell>>) {
    if ["warnings", "implementation_notes"].contains(&path) || rows.len() > 300 {
        return;
    }
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path} › {name}") };
    let mut line = |text: String| rows.push(vec![Cell::Word(path.replace('_', " ")), Cell::Word(text)]);
    match value {
        Value::Null => line("unknown".into()),
        Value::Bool(yes) => line(if *yes { "yes" } else { "no" }.into()),
        Value::Number(number) => line(number.to_string()),
        Value::String(text) => line(text.clone()),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let name = ["implementation", "name"].iter().find_map(|key| item[*key].as_str());
                let name = name.map_or_else(|| (index + 1).to_string(), str::to_owned);
                flattened(&below(&name), item, rows);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                flattened(&below(name), field, rows);
            }
        }
    }
}

/// How it was measured, with numbers and the rule.
pub(super) fn method(sources: &Sources, glossary: &mut Glossary) -> Vec<Block> {
    let run = sources.run;
    let (plan, settings) = (&run.header.plan, &run.analysis.settings);
    let mut lines = vec![
        format!(
            "{} of {}: in each block every implementation runs once, in random order (seed {}), so that a drift of the machine hits \
             all alike. The sample is one runner process.",
            counted(run.trials.len() as u64, "trial"),
            counted(plan.blocks, "block"),
            plan.seed
        ),
        "Comparisons pair the trials of a block and look at the logarithm of their ratio: medians, with intervals that hold whatever \
         the distribution."
            .into(),
        format!(
            "Verdicts hold for the whole table at once: at most {} of such tables have a false one. Differences within ±{} do not \
             matter.",
            set_percent(1.0 - settings.confidence),
            set_percent(settings.delta)
        ),
        rule(run),
    ];
    lines.push(format!("Placement: {}.", plan.placement));
    let mut blocks: Vec<Block> =
        lines.iter().map(|line| Block::Paragraph(glossary.explained(&visible_line(line)))).collect();
    let legend = notes::legend(run, &asked(run));
    blocks.push(Block::List(
        legend.iter().map(|line| visible_line(&line.replace('\n', " ")).into_owned()).collect(),
    ));
    let costs = [origin::overhead(run), origin::floor(run)];
    blocks.extend(costs.iter().flatten().map(|line| Block::plain(&format!("{}.", uppercased(line)))));
    blocks.push(Block::plain("The whole method is in docs/METHODOLOGY.md of the project, the formula of each figure in docs/FIGURES.md."));
    blocks
}

fn uppercased(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The rule that ended the run: fixed before it began.
fn rule(run: &Run) -> String {
    let plan = &run.header.plan;
    let Some(rule) = &plan.rule else {
        return format!("The rule, fixed before the run: {}.", counted(plan.blocks, "block"));
    };
    let mut parts = Vec::new();
    if rule.least_blocks == rule.most_blocks {
        parts.push(counted(rule.most_blocks, "block"));
    } else {
        parts.push(format!("from {} to {} blocks", rule.least_blocks, rule.most_blocks));
    }
    parts.extend(
        rule.precision.map(|precision| format!("until every interval is within ±{}", percent(precision))),
    );
    parts.extend(rule.max_time_ns.map(|ns| format!("at most {} s", ns / 1_000_000_000)));
    let ended = plan.ended.as_ref().map_or_else(
        || "it was cut short".to_owned(),
        |ended| {
            let why = match ended.reason {
                StopReason::Blocks => "all were measured",
                StopReason::Precision => "every interval is narrow enough",
                StopReason::MaxTime => "time was up",
                StopReason::Interrupted => "it was interrupted",
            };
            format!("it ended after {}: {why}", counted(ended.blocks, "block"))
        },
    );
    format!("The rule, fixed before the run: {}; {ended}.", parts.join(", "))
}
