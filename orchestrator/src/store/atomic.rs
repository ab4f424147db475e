//! Writing a file that somebody named.

use std::fs;
use std::path::Path;

use super::error::StoreError;
use crate::files::{Folder, split};

/// Writes a file whole or not at all, unless it is a pipe, a terminal or the like.
pub fn write_file(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let written = match path.metadata() {
        Ok(metadata) if !metadata.is_file() => fs::write(path, content),
        _ => split(path).and_then(|(folder, name)| Folder::open(folder)?.write(name, content)),
    };
    written.map_err(StoreError::write(path))
}
