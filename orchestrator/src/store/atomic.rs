//! Writing a file so that it appears whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::error::StoreError;

/// Writes a file that somebody named: whole or not at all, unless it is a pipe, a terminal or the like.
pub fn write_file(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    match path.metadata() {
        Ok(metadata) if !metadata.is_file() => fs::write(path, content).map_err(StoreError::write(path)),
        _ => write(path, content),
    }
}

/// Writes beside the target, flushes to disk, renames over the target, and flushes the folder.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = path.with_file_name(name);
    let result = write_and_rename(&partial, path, content);
    if result.is_err() && partial.exists() {
        // The error that matters is the first one.
        drop(fs::remove_file(&partial));
    }
    result.map_err(StoreError::write(path))
}

fn write_and_rename(partial: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(partial)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(partial, path)?;
    sync_folder(path.parent())
}

/// A file's name is safe on disk only once its folder is.
pub(super) fn sync_folder(folder: Option<&Path>) -> io::Result<()> {
    let here = Path::new(".");
    let folder = folder.map(|folder| if folder.as_os_str().is_empty() { here } else { folder });
    folder.map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
