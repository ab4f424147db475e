//! Puts programs where runs find them: `build/<implementation>/<program>`.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Error, Owner};
use crate::config::{Implementation, Program};
use crate::files::{Folder, split};

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
            manifest: implementation.path.strip_prefix(root).unwrap_or(&implementation.path).to_owned(),
            path: program.from.clone().into(),
        });
    }
    let failed = |source| Error::Write { path: to.clone(), source };
    if is_current(&from, &to).map_err(failed)? {
        return Ok(false);
    }
    let (folder, program) = split(&to).map_err(failed)?;
    let folder = Folder::make(folder, owner.map(Owner::ids)).map_err(failed)?;
    // Renamed into place: a run that has the old one open keeps it whole, and nobody sees half a file.
    let part = format!(".{name}.{}", std::process::id());
    let part = OsStr::new(&part);
    copy(&from, &folder, part, owner).and_then(|()| folder.rename(part, program)).map_err(|source| {
        folder.remove(part).ok();
        Error::Write { path: to.clone(), source }
    })?;
    Ok(true)
}

fn copy(from: &Path, folder: &Folder, name: &OsStr, owner: Option<&Owner>) -> io::Result<()> {
    let (above, product) = split(from)?;
    // Root copies for a user only what the user could have copied.
    let mut source = Folder::open(above)?.read(product)?;
    let mut file = folder.create(name)?;
    io::copy(&mut source, &mut file)?;
    file.set_permissions(Permissions::from_mode(MODE))?;
    // The time of the source tells the next build that there is nothing to copy.
    file.set_modified(source.metadata()?.modified()?)?;
    owner.map_or(Ok(()), |owner| folder.give(name, owner.ids()))
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
    let folder = root.join("build");
    match Folder::open(&folder).and_then(|folder| folder.remove_all(OsStr::new(implementation))) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(Error::Write { path: folder.join(implementation), source })
        }
        _ => Ok(()),
    }
}

/// Creates a file, in the place of what was there, and the folders above it, all in the owner's name.
pub(super) fn create_file(path: &Path, owner: Option<&Owner>) -> Result<File, Error> {
    let ids = owner.map(Owner::ids);
    let create = || {
        let (folder, name) = split(path)?;
        let folder = Folder::make(folder, ids)?;
        let file = folder.create(name)?;
        ids.map_or(Ok(()), |ids| folder.give(name, ids)).map(|()| file)
    };
    create().map_err(|source| Error::Write { path: path.to_owned(), source })
}
