//! What a page is made of. How it is written is in `templates/report.html`.

use askama::Template;

use super::glossary::Term;
use super::table::HtmlTable;
use crate::visible::visible_line;

/// The page.
#[derive(Template)]
#[template(path = "report.html")]
pub(super) struct Page {
    pub(super) title: String,
    pub(super) subtitle: String,
    pub(super) style: String,
    pub(super) script: String,
    pub(super) script_hash: String,
    pub(super) sections: Vec<Section>,
    pub(super) footer: String,
}

/// A part with a heading.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) blocks: Vec<Block>,
}

impl Section {
    pub(super) fn new(id: &'static str, title: &'static str, blocks: Vec<Block>) -> Self {
        Self { id, title, blocks }
    }
}

/// One thing below another. All texts are escaped by the template, but for paragraphs, which are HTML.
pub(super) enum Block {
    Heading { id: String, text: String },
    Answer { question: String, asks: String, said: Vec<String>, link: String },
    Paragraph(String),
    Note(String),
    Warning { what: String, remedy: Option<String> },
    List(Vec<String>),
    Command(String),
    Link { name: String, href: String, text: String },
    Terms(Vec<Term>),
    Table(HtmlTable),
    Figure(HtmlFigure),
}

/// A chart.
pub(super) struct HtmlFigure {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) svg: String,
    pub(super) alternative: String,
    pub(super) notes: Vec<String>,
    /// Its data.
    pub(super) link: Option<String>,
}

impl Block {
    /// A paragraph of plain text.
    pub(super) fn plain(text: &str) -> Self {
        Self::Paragraph(crate::render::svg::escaped(text))
    }

    pub(super) fn note(text: &str) -> Self {
        Self::Note(visible_line(text).into_owned())
    }
}
