//! The words of the project, from its glossary: explained where they first stand, and listed at the end.

use std::fmt::Write as _;

use crate::render::charts::name_of;
use crate::render::svg::escaped;
use crate::visible::visible_line;

const GLOSSARY: &str = include_str!("../../../../docs/GLOSSARY.md");

/// A word and what it means.
pub(super) struct Term {
    pub(super) id: String,
    pub(super) word: String,
    pub(super) meaning: String,
}

/// All of them, and which were explained already.
pub(super) struct Glossary {
    /// What is looked for, and which row it is of; longer ones first.
    words: Vec<(String, usize)>,
    rows: Vec<(String, String)>,
    explained: Vec<usize>,
}

impl Glossary {
    pub(super) fn new() -> Self {
        let rows: Vec<(String, String)> = GLOSSARY
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "))
            .filter(|(word, _)| *word != "word")
            .map(|(word, meaning)| (plain(word), plain(meaning)))
            .collect();
        let words = rows
            .iter()
            .enumerate()
            .flat_map(|(index, (word, _))| word.split(", ").map(move |word| (word.to_owned(), index)));
        let mut words: Vec<(String, usize)> = words.collect();
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        Self { words, rows, explained: Vec::new() }
    }

    pub(super) fn terms(&self) -> Vec<Term> {
        let term = |(word, meaning): &(String, String)| Term {
            id: id_of(word),
            word: visible_line(word).into_owned(),
            meaning: visible_line(meaning).into_owned(),
        };
        self.rows.iter().map(term).collect()
    }

    /// The text as HTML; a word that stands on the page for the first time has its meaning, and leads to the list.
    pub(super) fn explained(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        let mut before = ' ';
        while let Some(first) = rest.chars().next() {
            let found = (!before.is_alphanumeric()).then(|| self.word_at(rest)).flatten();
            if let Some((length, index)) = found {
                self.explained.push(index);
                let (word, meaning) = &self.rows[index];
                // Writing to a string cannot fail.
                write!(
                    out,
                    "<a class=\"term\" href=\"#{}\" title=\"{}\">{}</a>",
                    id_of(word),
                    escaped(meaning),
                    escaped(&rest[..length])
                )
                .ok();
                before = 'x';
                rest = &rest[length..];
            } else {
                out.push_str(&escaped(first.encode_utf8(&mut [0; 4])));
                before = first;
                rest = &rest[first.len_utf8()..];
            }
        }
        out
    }

    /// Length and row of the word that a text begins with, unless it was explained.
    fn word_at(&self, text: &str) -> Option<(usize, usize)> {
        self.words.iter().find_map(|(word, index)| {
            let after = text.strip_prefix(word.as_str())?;
            let length = word.len() + usize::from(after.starts_with('s'));
            let ends = !text[length..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
            (ends && !self.explained.contains(index)).then_some((length, *index))
        })
    }
}

fn id_of(word: &str) -> String {
    format!("word-{}", name_of(word))
}

/// Markdown without its signs; of a link its text.
fn plain(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        let link = after.split_once("](").and_then(|(text, after)| Some((text, after.split_once(')')?.1)));
        let Some((text, after)) = link else {
            out.push('[');
            rest = after;
            continue;
        };
        out.push_str(text);
        rest = after;
    }
    out.push_str(rest);
    out.replace(['`', '*'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_explained_once_and_whole() {
        let mut glossary = Glossary::new();
        let html = glossary.explained("blocks of a block, <b> and blockade");
        assert!(
            html.starts_with("<a class=\"term\" href=\"#word-block\" title=\"every implementation once"),
            "{html}"
        );
        assert!(html.ends_with("\">blocks</a> of a block, &lt;b&gt; and blockade"), "{html}");
        assert!(glossary.explained("a ring buffer").contains(">ring buffer</a>"));
    }

    #[test]
    fn every_row_of_the_document_is_there_and_has_an_id_of_its_own() {
        let terms = Glossary::new().terms();
        assert!(terms.len() > 60, "{}", terms.len());
        let mut ids: Vec<&str> = terms.iter().map(|term| term.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), terms.len());
        for Term { word, meaning, .. } in &terms {
            assert!(
                !word.contains(['`', '*', '[']) && !meaning.contains(['`', '*', '[']),
                "{word}: {meaning}"
            );
        }
    }
}
