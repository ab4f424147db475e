//! What is drawn on.

use std::fmt::Write as _;

use super::style::in_file;
use super::text::escaped;

/// A drawing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Canvas {
    pub(crate) width: f64,
    pub(crate) height: f64,
    body: String,
}

/// Where a text stands beside its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// The form of a mark: who cannot tell the colours tells the forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Circle,
    Square,
    Diamond,
    Up,
    Down,
    Cross,
    Bow,
}

/// All forms. There are as many as have no common factor with the colours, so that pairs of both come late again.
pub(crate) const SHAPES: [Shape; 7] =
    [Shape::Circle, Shape::Square, Shape::Diamond, Shape::Up, Shape::Down, Shape::Cross, Shape::Bow];

impl Canvas {
    pub(crate) fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    pub(crate) fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), class: &str) {
        if let Some([x1, y1, x2, y2]) = numbers([x1, y1, x2, y2]) {
            self.push(&format!("<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"));
        }
    }

    /// A rectangle from a corner to the opposite one, in whichever order.
    pub(crate) fn area(
        &mut self,
        (x1, y1): (f64, f64),
        (x2, y2): (f64, f64),
        class: &str,
        said: Option<&str>,
    ) {
        let sides = [x1.min(x2), y1.min(y2), (x2 - x1).abs(), (y2 - y1).abs()];
        if let Some([x, y, width, height]) = numbers(sides) {
            self.shape(
                "rect",
                &format!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""),
                class,
                said,
            );
        }
    }

    /// A mark around a place.
    pub(crate) fn mark(
        &mut self,
        shape: Shape,
        (x, y): (f64, f64),
        radius: f64,
        class: &str,
        said: Option<&str>,
    ) {
        if numbers([x, y, radius]).is_none() {
            return;
        }
        let corners = |corners: &[(f64, f64)]| {
            let places = corners
                .iter()
                .map(|(dx, dy)| format!("{} {}", number(x + dx * radius), number(y + dy * radius)));
            format!("M{}Z", places.collect::<Vec<_>>().join("L"))
        };
        let d = match shape {
            Shape::Circle => {
                let place = format!("cx=\"{}\" cy=\"{}\" r=\"{}\"", number(x), number(y), number(radius));
                return self.shape("circle", &place, class, said);
            }
            Shape::Square => corners(&[(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]),
            Shape::Diamond => corners(&[(0.0, -1.4), (1.4, 0.0), (0.0, 1.4), (-1.4, 0.0)]),
            Shape::Up => corners(&[(0.0, -1.3), (1.3, 1.0), (-1.3, 1.0)]),
            Shape::Down => corners(&[(0.0, 1.3), (1.3, -1.0), (-1.3, -1.0)]),
            Shape::Cross => corners(&[
                (-0.45, -1.3),
                (0.45, -1.3),
                (0.45, -0.45),
                (1.3, -0.45),
                (1.3, 0.45),
                (0.45, 0.45),
                (0.45, 1.3),
                (-0.45, 1.3),
                (-0.45, 0.45),
                (-1.3, 0.45),
                (-1.3, -0.45),
                (-0.45, -0.45),
            ]),
            Shape::Bow => corners(&[(-1.2, -1.0), (1.2, 1.0), (1.2, -1.0), (-1.2, 1.0)]),
        };
        self.shape("path", &format!("d=\"{d}\""), class, said);
    }

    /// A line through places; closed, it is an area.
    pub(crate) fn path(&mut self, places: &[(f64, f64)], closed: bool, class: &str, said: Option<&str>) {
        let known: Option<Vec<String>> =
            places.iter().map(|(x, y)| numbers([*x, *y]).map(|[x, y]| format!("{x} {y}"))).collect();
        let Some(known) = known.filter(|known| known.len() > 1) else { return };
        let end = if closed { "Z" } else { "" };
        self.shape("path", &format!("d=\"M{}{end}\"", known.join("L")), class, said);
    }

    pub(crate) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, class: &str, text: &str) {
        let Some([x, y]) = numbers([x, y]) else { return };
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escaped(text);
        self.push(&format!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"
        ));
    }

    /// A text that was perhaps cut; what it was then shows when it is pointed at.
    pub(crate) fn cut_text(
        &mut self,
        place: (f64, f64),
        anchor: Anchor,
        class: &str,
        (shown, whole): (&str, &str),
    ) {
        if shown == whole {
            return self.text(place, anchor, class, shown);
        }
        self.push(&format!("<g><title>{}</title>", escaped(whole)));
        self.text(place, anchor, class, shown);
        self.push("</g>");
    }

    fn shape(&mut self, tag: &str, attributes: &str, class: &str, said: Option<&str>) {
        match said {
            Some(said) => {
                let said = escaped(said);
                self.push(&format!("<{tag} class=\"{class}\" {attributes}><title>{said}</title></{tag}>"));
            }
            None => self.push(&format!("<{tag} class=\"{class}\" {attributes}/>")),
        }
    }

    fn push(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }

    /// As a part of a page, which has the style.
    pub(crate) fn in_page(&self, id: &str, title: &str, description: &str) -> String {
        let (width, height) = (number(self.width), number(self.height));
        let (id, title, description) = (escaped(id), escaped(title), escaped(description));
        format!(
            "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             aria-labelledby=\"{id}-title\" aria-describedby=\"{id}-desc\"><title id=\"{id}-title\">{title}</title>\
             <desc id=\"{id}-desc\">{description}</desc>\n{}</svg>",
            self.body
        )
    }

    /// As a file by itself, with its heading above it.
    pub(crate) fn in_file(&self, title: &str, description: &str) -> String {
        const HEADING: f64 = 34.0;
        let (width, height) = (number(self.width), number(self.height + HEADING));
        let mut out = String::new();
        // Writing to a string cannot fail.
        write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\"><title>{}</title><desc>{}</desc><style>{}</style>\n\
             <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n\
             <text class=\"heading\" x=\"10\" y=\"22\">{}</text>\n<g transform=\"translate(0 {HEADING})\">\n{}</g></svg>\n",
            escaped(title),
            escaped(description),
            in_file(),
            escaped(&super::text::fitted(title, 15.0, self.width - 20.0)),
            self.body
        )
        .ok();
        out
    }
}

/// All of them as they are written, or none where one is no number.
fn numbers<const N: usize>(values: [f64; N]) -> Option<[String; N]> {
    values.iter().all(|value| value.is_finite()).then(|| values.map(number))
}

/// With a tenth of a pixel.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_not_drawn() {
        let mut canvas = Canvas::new(100.0, 50.0);
        let empty = canvas.clone();
        canvas.line((f64::NAN, 0.0), (1.0, 1.0), "a");
        canvas.area((0.0, 0.0), (f64::INFINITY, 1.0), "a", None);
        canvas.path(&[(0.0, 0.0), (1.0, f64::NAN)], false, "a", None);
        canvas.path(&[(0.0, 0.0)], false, "a", None);
        canvas.text((f64::NAN, 1.0), Anchor::Start, "a", "text");
        for shape in SHAPES {
            canvas.mark(shape, (1.0, f64::NAN), 4.0, "a", None);
        }
        assert_eq!(canvas, empty);
    }

    #[test]
    fn a_drawing_is_the_same_in_a_page_and_in_a_file() {
        let mut canvas = Canvas::new(100.0, 50.0);
        canvas.mark(Shape::Diamond, (10.0, 10.04), 5.0, "f0", Some("<1>"));
        canvas.cut_text((-0.01, 3.25), Anchor::End, "label", ("l…g", "long"));
        let (page, file) = (canvas.in_page("i", "t", "d"), canvas.in_file("t", "d"));
        let body = "<path class=\"f0\" d=\"M10 3L17 10L10 17L3 10Z\"><title>&lt;1&gt;</title></path>\n\
                    <g><title>long</title>\n<text class=\"label\" x=\"0\" y=\"3.2\" text-anchor=\"end\">l…g</text>\n</g>\n";
        assert!(page.contains(body) && file.contains(body), "{page}\n{file}");
        assert!(!file.contains("var(") && page.contains("role=\"img\""));
    }
}
