//! Dot plots: a line for each row, with its value, its interval, and each block as a faint dot. No bars: a logarithm has no beginning.

use super::chart::WIDTH;
use super::sources::{Look, written};
use crate::render::svg::{Anchor, Canvas, Scale, XAxis, fitted, tick_text, width, x_axis};
use crate::tables::{Cell, Column, Figure, Interval, Spread, Table, Unit};

const LINE: f64 = 28.0;
const PANEL: f64 = 28.0;
const SIZE: f64 = 13.0;
const AXIS: f64 = 46.0;

/// What is plotted.
pub(crate) struct Dots {
    pub(crate) unit: Unit,
    pub(crate) axis: String,
    /// What values are compared with.
    pub(crate) reference: Option<f64>,
    /// Within this, differences do not matter.
    pub(crate) band: Option<(f64, f64)>,
    pub(crate) panels: Vec<Panel>,
}

/// Lines that belong together.
pub(crate) struct Panel {
    pub(crate) title: Option<String>,
    pub(crate) lines: Vec<DotLine>,
}

/// One row.
pub(crate) struct DotLine {
    pub(crate) label: String,
    pub(crate) look: Look,
    pub(crate) blocks: Vec<f64>,
    /// From the least to the most.
    pub(crate) range: Option<(f64, f64)>,
    pub(crate) interval: Option<(f64, f64)>,
    pub(crate) value: Option<f64>,
    /// Whether it could be more.
    pub(crate) at_least: bool,
    /// What its table says.
    pub(crate) said: String,
}

impl DotLine {
    pub(crate) fn new(label: &str, look: Look, said: String) -> Self {
        Self {
            label: label.to_owned(),
            look,
            blocks: Vec::new(),
            range: None,
            interval: None,
            value: None,
            at_least: false,
            said,
        }
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        let ends = [self.range, self.interval].into_iter().flatten().flat_map(|(low, high)| [low, high]);
        self.blocks.iter().copied().chain(ends).chain(self.value)
    }
}

/// Draws it; none where there is nothing to draw.
pub(crate) fn dots(plot: &Dots) -> Option<Canvas> {
    let lines = || plot.panels.iter().flat_map(|panel| &panel.lines);
    let widest = |texts: &mut dyn Iterator<Item = &String>, most: f64| {
        texts.map(|text| width(text, SIZE)).fold(0.0, f64::max).min(most)
    };
    let left = widest(&mut lines().map(|line| &line.label), 170.0);
    let right = widest(&mut lines().map(|line| &line.said), 310.0);
    let (from, to) = (left + 34.0, WIDTH - right - 26.0);
    let extra = plot.reference.into_iter().chain(plot.band.into_iter().flat_map(|(low, high)| [low, high]));
    lines().flat_map(DotLine::values).find(|value| *value > 0.0)?;
    let scale = Scale::log(lines().flat_map(DotLine::values).chain(extra), (from, to))?;
    let height: f64 = plot.panels.iter().map(|panel| f64::from(panel.title.is_some()) * PANEL).sum::<f64>()
        + lines().count() as f64 * LINE
        + 12.0;
    let mut canvas = Canvas::new(WIDTH, height + AXIS);
    if let Some((low, high)) = plot.band {
        canvas.area((scale.at(low), 4.0), (scale.at(high), height), "band", None);
    }
    let binary = plot.unit == Unit::Quantity(crate::facts::Unit::Bytes);
    let ticks: Vec<(f64, String)> =
        scale.ticks(binary).into_iter().map(|tick| (tick, tick_text(&written(tick, plot.unit)))).collect();
    let axis = XAxis {
        scale: &scale,
        ticks: &ticks,
        title: &plot.axis,
        y: height,
        tops: &[(4.0, height)],
        ends: (4.0, WIDTH - 4.0),
    };
    x_axis(&mut canvas, &axis);
    let mut y = 6.0;
    for panel in &plot.panels {
        if let Some(title) = &panel.title {
            y += PANEL;
            canvas.text((10.0, y - 8.0), Anchor::Start, "panel", &fitted(title, SIZE * 1.1, WIDTH - 20.0));
        }
        if let Some(reference) = plot.reference {
            let end = y + LINE * panel.lines.len() as f64;
            canvas.line((scale.at(reference), y), (scale.at(reference), end), "one");
        }
        for line in &panel.lines {
            let middle = y + LINE / 2.0;
            one(&mut canvas, &scale, line, middle, plot.unit);
            let label = fitted(&line.label, SIZE, left);
            canvas.cut_text((left + 16.0, middle + 4.0), Anchor::End, "label", (&label, &line.label));
            let said = fitted(&line.said, SIZE, right);
            canvas.cut_text((to + 16.0, middle + 4.0), Anchor::Start, "label", (&said, &line.said));
            y += LINE;
        }
    }
    Some(canvas)
}

fn one(canvas: &mut Canvas, scale: &Scale, line: &DotLine, y: f64, unit: Unit) {
    let (stroke, fill) = (line.look.stroke(), line.look.fill());
    for (index, block) in line.blocks.iter().enumerate() {
        // Below the interval, which would hide them, and not all at the same height, so that they do not hide each other.
        let aside = [7.0, 9.0, 5.0][index % 3];
        let said = format!("{}: {}", line.label, written(*block, unit));
        let class = format!("{fill} faint");
        canvas.mark(
            crate::render::svg::Shape::Circle,
            (scale.at(*block), y + aside),
            2.2,
            &class,
            Some(&said),
        );
    }
    if let Some((low, high)) = line.range {
        canvas.line((scale.at(low), y), (scale.at(high), y), &format!("thin {stroke}"));
    }
    if let Some((low, high)) = line.interval {
        canvas.line((scale.at(low), y), (scale.at(high), y), &format!("bar {stroke}"));
        for end in [low, high] {
            canvas.line((scale.at(end), y - 5.0), (scale.at(end), y + 5.0), &format!("line {stroke}"));
        }
    }
    if let Some(value) = line.value {
        let said = format!("{}: {}", line.label, line.said);
        canvas.mark(line.look.shape, (scale.at(value), y), 5.0, &fill, Some(&said));
        if line.at_least {
            let tip = scale.at(value) + 14.0;
            canvas.line((scale.at(value), y), (tip, y), &format!("line {stroke}"));
            canvas.path(
                &[(tip - 5.0, y - 5.0), (tip, y), (tip - 5.0, y + 5.0)],
                false,
                &format!("line {stroke}"),
                None,
            );
        }
    }
}

/// What was drawn.
pub(crate) fn data(plot: &Dots) -> Table {
    let mut columns = vec![
        Column::words("of"),
        Column::words("row"),
        Column::numbers("value"),
        Column::words("in words"),
        Column::numbers("least"),
        Column::numbers("most"),
        Column::words("blocks"),
    ];
    let is_whole = plot.panels.iter().all(|panel| panel.title.is_none());
    let row = |panel: &Panel, line: &DotLine| {
        let interval = line.interval.map(|(low, high)| Interval { low, high, spread: Spread::Ends });
        let value = line.value.map_or(Cell::Unknown, |value| {
            Figure { interval, at_least: line.at_least, ..Figure::plain(value, plot.unit) }.into()
        });
        let blocks: Vec<String> = line.blocks.iter().map(f64::to_string).collect();
        let cells = [
            Cell::word(panel.title.clone()),
            Cell::Word(line.label.clone()),
            value,
            Cell::Word(line.said.clone()),
            Cell::number(line.range.map(|(low, _)| low), plot.unit),
            Cell::number(line.range.map(|(_, high)| high), plot.unit),
            if blocks.is_empty() { Cell::Unknown } else { Cell::Word(blocks.join(" ")) },
        ];
        cells.into_iter().skip(usize::from(is_whole)).collect()
    };
    if is_whole {
        columns.remove(0);
    }
    let rows = plot.panels.iter().flat_map(|panel| panel.lines.iter().map(move |line| row(panel, line)));
    Table { columns, rows: rows.collect() }.without_unknown_columns()
}

/// What can be seen, in words.
pub(crate) fn in_words(plot: &Dots) -> String {
    let panel = |panel: &Panel| {
        let lines: Vec<String> =
            panel.lines.iter().map(|line| format!("{} {}", line.label, line.said)).collect();
        match &panel.title {
            Some(title) => format!("{title}: {}", lines.join("; ")),
            None => lines.join("; "),
        }
    };
    plot.panels.iter().map(panel).collect::<Vec<_>>().join(". ") + "."
}
