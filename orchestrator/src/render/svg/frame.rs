//! Axes: their lines, ticks and words.

use super::canvas::{Anchor, Canvas};
use super::scale::Scale;
use super::text::{fitted, width};

const SMALL: f64 = 12.0;

/// A tick's label, without digits that say nothing: `10 µs` for `10.0 µs`.
pub(crate) fn tick_text(text: &str) -> String {
    let end =
        text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-' || c == '+')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number =
        if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number };
    format!("{number}{unit}")
}

/// An axis from left to right, below a plot.
pub(crate) struct XAxis<'a> {
    pub(crate) scale: &'a Scale,
    /// Ticks with their labels, ascending.
    pub(crate) ticks: &'a [(f64, String)],
    pub(crate) title: &'a str,
    /// Where it lies.
    pub(crate) y: f64,
    /// Up to where its grid goes; several plots may stand above each other.
    pub(crate) tops: &'a [(f64, f64)],
    /// How far labels may reach.
    pub(crate) ends: (f64, f64),
}

/// Draws it with its grid. A label that has no room is left out; its tick is not.
pub(crate) fn x_axis(canvas: &mut Canvas, axis: &XAxis<'_>) {
    let (from, to) = axis.scale.places();
    let mut free = axis.ends.0;
    for (value, label) in axis.ticks {
        let x = axis.scale.at(*value);
        for (top, bottom) in axis.tops {
            canvas.line((x, *top), (x, *bottom), "grid");
        }
        canvas.line((x, axis.y), (x, axis.y + 4.0), "axis");
        let half = width(label, SMALL) / 2.0;
        let middle = x.max(axis.ends.0 + half).min(axis.ends.1 - half);
        if middle - half >= free {
            canvas.text((middle, axis.y + 17.0), Anchor::Middle, "small muted", label);
            free = middle + half + 6.0;
        }
    }
    canvas.line((from, axis.y), (to, axis.y), "axis");
    if axis.scale.zero().is_some() {
        // The scale does not go on to 0.
        let gap = from + 18.0;
        canvas.line((gap - 5.0, axis.y + 5.0), (gap - 1.0, axis.y - 5.0), "axis");
        canvas.line((gap + 1.0, axis.y + 5.0), (gap + 5.0, axis.y - 5.0), "axis");
    }
    let middle = from.midpoint(to);
    let title = fitted(axis.title, SMALL, 2.0 * (middle - axis.ends.0).min(axis.ends.1 - middle));
    canvas.cut_text((middle, axis.y + 35.0), Anchor::Middle, "small", (&title, axis.title));
}

/// An axis from below to above, left of a plot.
pub(crate) struct YAxis<'a> {
    pub(crate) scale: &'a Scale,
    pub(crate) ticks: &'a [(f64, String)],
    /// Where it stands.
    pub(crate) x: f64,
    /// Up to where its grid goes.
    pub(crate) right: f64,
}

/// Draws it with its grid.
pub(crate) fn y_axis(canvas: &mut Canvas, axis: &YAxis<'_>) {
    let mut free = f64::INFINITY;
    for (value, label) in axis.ticks {
        let y = axis.scale.at(*value);
        canvas.line((axis.x, y), (axis.right, y), "grid");
        if y + 5.0 <= free {
            canvas.text((axis.x - 6.0, y + 4.0), Anchor::End, "small muted", label);
            free = y - 8.0;
        }
    }
    let (from, to) = axis.scale.places();
    canvas.line((axis.x, from), (axis.x, to), "axis");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_have_no_more_digits_than_they_need() {
        let texts = ["10.0 µs", "1.50x", "100 ns", "1.00x", "0 %", "-", "2.0 MiB", "5"].map(tick_text);
        assert_eq!(texts, ["10 µs", "1.5x", "100 ns", "1x", "0 %", "-", "2 MiB", "5"]);
    }

    #[test]
    fn labels_do_not_stand_on_each_other() {
        let mut canvas = Canvas::new(100.0, 50.0);
        let scale = Scale::linear([0.0, 100.0], true, (10.0, 90.0)).expect("values");
        let ticks: Vec<(f64, String)> = (0..=10).map(|n| (f64::from(n) * 10.0, format!("{n}0000"))).collect();
        let tops = [(0.0, 20.0)];
        x_axis(
            &mut canvas,
            &XAxis { scale: &scale, ticks: &ticks, title: "x", y: 20.0, tops: &tops, ends: (0.0, 100.0) },
        );
        let svg = canvas.in_page("i", "t", "d");
        assert!(svg.matches("<text").count() < 5 && svg.matches("class=\"grid\"").count() == 11, "{svg}");
    }
}
