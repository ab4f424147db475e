//! Puts programs where runs find them: `build/<implementation>/<program>`.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Error, Owner};
use crate::config::{Implementation, Program};

const MODE: u32 = 0o755;

/// Copies one program into place and says whether that was necessary.
pub(super) fn install(
    implementation: &Implementation,
    name: &str,
    program: &Program,
    root: &Path,
    owner: Option<&Owner>,
) -> Result<bool, Error> {
    let from = root.join(&program.from);
    let to = implementation.executable(root, name);
    if !from.is_file() {
        return Err(Error::ProductMissing {
            implementation: implementation.name().to_owned(),
            path: program.from.clone().into(),
        });
    }
    let failed = |source| Error::Write { path: to.clone(), source };
    if is_current(&from, &to).map_err(failed)? {
        return Ok(false);
    }
    make_parents(&to, owner)?;
    // Renamed into place: a run that has the old one open keeps it whole, and nobody sees half a file.
    let part = to.with_file_name(format!(".{name}.{}", std::process::id()));
    copy(&from, &part, owner).and_then(|()| fs::rename(&part, &to)).map_err(|source| {
        fs::remove_file(&part).ok();
        Error::Write { path: to.clone(), source }
    })?;
    Ok(true)
}

fn copy(from: &Path, to: &Path, owner: Option<&Owner>) -> io::Result<()> {
    fs::copy(from, to)?;
    fs::set_permissions(to, Permissions::from_mode(MODE))?;
    // The time of the source tells the next build that there is nothing to copy.
    File::open(to)?.set_modified(from.metadata()?.modified()?)?;
    owner.map_or(Ok(()), |owner| owner.give(to))
}

/// Whether `to` is what `from` is. A linker that made the same file again gives it a new time, so that does not decide.
fn is_current(from: &Path, to: &Path) -> io::Result<bool> {
    let Ok(installed) = to.metadata() else { return Ok(false) };
    let made = from.metadata()?;
    if installed.len() != made.len() || installed.permissions().mode() & 0o777 != MODE {
        return Ok(false);
    }
    Ok(installed.modified()? == made.modified()? || fs::read(from)? == fs::read(to)?)
}

/// Removes the programs of an implementation.
pub(super) fn remove(root: &Path, implementation: &str) -> Result<(), Error> {
    let folder = root.join("build").join(implementation);
    match fs::remove_dir_all(&folder) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Write { path: folder, source }),
        _ => Ok(()),
    }
}

/// Creates a file and the folders above it, all in the owner's name.
pub(super) fn create_file(path: &Path, owner: Option<&Owner>) -> Result<File, Error> {
    make_parents(path, owner)?;
    let create = || {
        let file = File::create(path)?;
        owner.map_or(Ok(()), |owner| owner.give(path)).map(|()| file)
    };
    create().map_err(|source| Error::Write { path: path.to_owned(), source })
}

fn make_parents(path: &Path, owner: Option<&Owner>) -> Result<(), Error> {
    let missing: Vec<_> = path.ancestors().skip(1).take_while(|folder| !folder.exists()).collect();
    for folder in missing.into_iter().rev() {
        fs::create_dir(folder)
            .and_then(|()| owner.map_or(Ok(()), |owner| owner.give(folder)))
            .map_err(|source| Error::Write { path: folder.to_owned(), source })?;
    }
    Ok(())
}
