//! Finds the project folder.

use std::env;
use std::path::{Path, PathBuf};

use super::Error;

/// The project folder: the one given, else the nearest folder with `impls/` at or above the current one, else at or above
/// the executable (`target/release/orchestrator` finds its own project from anywhere).
pub fn find_root(given: Option<&Path>) -> Result<PathBuf, Error> {
    if let Some(path) = given {
        let root =
            path.canonicalize().map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
        return if is_root(&root) { Ok(root) } else { Err(Error::NotARoot { path: path.to_owned() }) };
    }
    let here = env::current_dir().map_err(|source| Error::Unreadable { path: PathBuf::from("."), source })?;
    let executable = env::current_exe().ok();
    [Some(here.as_path()), executable.as_deref()]
        .into_iter()
        .flatten()
        .find_map(|start| start.ancestors().find(|folder| is_root(folder)))
        .map(Path::to_owned)
        .ok_or(Error::RootNotFound { start: here.clone() })
}

fn is_root(folder: &Path) -> bool {
    folder.join("impls").is_dir()
}
