//! A small writer of SVG: shapes and text with classes, scales with ticks, labels that keep apart. What a class looks like is in one style
//! sheet, with variables in a page and with fixed colours in a file. Nothing that is not a number is ever drawn.

mod canvas;
mod frame;
mod png;
mod scale;
mod spread;
mod style;
mod text;

pub(super) use canvas::{Anchor, Canvas, SHAPES, Shape};
pub(super) use frame::{XAxis, YAxis, tick_text, x_axis, y_axis};
pub(super) use png::Painter;
pub(super) use scale::Scale;
pub(super) use spread::spread;
pub(super) use style::{COLOURS, PAGE, variables};
pub(super) use text::{escaped, fitted, width};
