//! What a build printed.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use super::error::Error;
use super::install;
use super::log_path::log_path;
use super::owner::Owner;
use crate::visible::visible_line;

/// The file to which a build's lines are written.
pub(super) struct Log(pub(super) File);

impl Log {
    pub(super) fn create(root: &Path, implementation: &str, owner: Option<&Owner>) -> Result<Self, Error> {
        install::create_file(&root.join(log_path(implementation)), owner).map(Self)
    }

    /// A log that cannot be written must not stop a build that can go on.
    pub(super) fn line(&mut self, line: &str) {
        writeln!(self.0, "{line}").ok();
    }
}

/// The last line with something in it that the last build printed; none where there is no log. Long lines are cut.
#[must_use]
pub fn last_words(root: &Path, implementation: &str) -> Option<String> {
    const TAIL: i64 = 4096;
    const LONGEST: usize = 200;
    let mut file = File::open(root.join(log_path(implementation))).ok()?;
    // Fails for a shorter file, which is then read from its start.
    file.seek(SeekFrom::End(-TAIL)).or_else(|_| file.rewind().map(|()| 0)).ok()?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).ok()?;
    let tail = String::from_utf8_lossy(&tail);
    let last = tail.lines().map(str::trim).rfind(|line| !line.is_empty())?;
    let mut words: String = visible_line(last).chars().take(LONGEST).collect();
    if last.chars().count() > LONGEST {
        words.push('…');
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_a_build_are_one_harmless_line() {
        let root = tempfile::tempdir().expect("a folder");
        assert_eq!(last_words(root.path(), "x"), None);
        let log = root.path().join(log_path("x"));
        std::fs::create_dir_all(log.parent().expect("a folder")).expect("made");
        std::fs::write(&log, format!("{}\nerror: no \u{1b}[31mlinker\n\n  \n", "a".repeat(9_000)))
            .expect("written");
        assert_eq!(last_words(root.path(), "x").as_deref(), Some("error: no [U+001B][31mlinker"));
        std::fs::write(&log, "é".repeat(5_000)).expect("written");
        assert_eq!(last_words(root.path(), "x").map(|words| words.chars().count()), Some(201));
        std::fs::write(&log, "\n").expect("written");
        assert_eq!(last_words(root.path(), "x"), None);
    }
}
