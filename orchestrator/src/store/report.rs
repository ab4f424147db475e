//! Writing the report and its charts beside a result.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;

use super::error::StoreError;
use crate::files::Folder;

/// What the folder of charts is called.
const CHARTS: &str = "charts";

/// Writes the page, and the charts instead of all that were there: each has its name and its content. Nothing else is touched.
pub fn write_report(
    path: &Path,
    (name, page): (&str, &[u8]),
    charts: &[(String, Vec<u8>)],
) -> Result<(), StoreError> {
    let folder = Folder::open(path).map_err(StoreError::write(path))?;
    let inner = path.join(CHARTS);
    // Of an analysis with other settings others may be left.
    folder.remove_all(OsStr::new(CHARTS)).map_err(StoreError::write(&inner))?;
    if !charts.is_empty() {
        let made = folder.make_folder(OsStr::new(CHARTS), None).map_err(StoreError::create(&inner))?;
        for (name, content) in charts {
            // Not flushed, one by one, to the disk: they can be made again.
            let written = made.create_new(OsStr::new(name)).and_then(|mut file| file.write_all(content));
            written.map_err(StoreError::write(&inner.join(name)))?;
        }
    }
    folder.write(OsStr::new(name), page).map_err(StoreError::write(&path.join(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_of_before_are_gone_and_nothing_else_is() {
        let run = tempfile::tempdir().expect("a folder");
        std::fs::write(run.path().join("events.jsonl"), "raw").expect("written");
        let chart = |name: &str| (name.to_owned(), b"drawing".to_vec());
        write_report(run.path(), ("report.html", b"old"), &[chart("a.svg"), chart("b.svg")])
            .expect("written");
        write_report(run.path(), ("report.html", b"new"), &[chart("b.svg")]).expect("written");
        let read = |name: &str| std::fs::read_to_string(run.path().join(name)).ok();
        assert_eq!(read("report.html").as_deref(), Some("new"));
        assert_eq!((read("charts/a.svg"), read("charts/b.svg").as_deref()), (None, Some("drawing")));
        assert_eq!(read("events.jsonl").as_deref(), Some("raw"));
    }
}
