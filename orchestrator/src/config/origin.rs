//! Where an entry of a configuration stands, for checks that come after it was read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::place::Place;
use super::yaml::{self, Step};

/// The file that an entry came from, kept so that a later check can name the line of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    path: PathBuf,
    text: Arc<str>,
    index: usize,
}

impl Origin {
    pub(super) fn new(path: &Path, text: &Arc<str>, index: usize) -> Self {
        Self { path: path.to_owned(), text: Arc::clone(text), index }
    }

    /// Where `key` of the entry stands, or the entry itself when it has no such key. A dot descends: `load.rate`.
    #[must_use]
    pub fn place(&self, key: &str) -> Place {
        let whole = self.steps(key);
        let line = yaml::line_of(&self.text, &whole).or_else(|| yaml::line_of(&self.text, &whole[..2]));
        Place { path: self.path.clone(), line }
    }

    /// Whether the entry has `key`. A dot descends.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        yaml::line_of(&self.text, &self.steps(key)).is_some()
    }

    /// Where item `item` of the list `key` stands. A dot descends.
    #[must_use]
    pub fn place_of_item(&self, key: &str, item: usize) -> Place {
        let steps = [self.steps(key), vec![Step::Index(item)]].concat();
        Place { path: self.path.clone(), line: yaml::line_of(&self.text, &steps) }
    }

    fn steps<'a>(&self, key: &'a str) -> Vec<Step<'a>> {
        let entry = [Step::Key("benchmarks"), Step::Index(self.index)];
        entry.into_iter().chain(key.split('.').map(Step::Key)).collect()
    }
}
