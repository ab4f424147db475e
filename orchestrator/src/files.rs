//! Files and folders reached step by step, so that no symbolic link leads a privileged process astray.
//!
//! Results and builds lie in folders that belong to a user, and are written by root behind sudo. A link there could lead root
//! anywhere. So folders are opened component by component and held open, what is in them is named relative to them, and a link is
//! followed only if it cannot lead to more than its owner could reach: it is root's or our own, or what it leads to belongs to
//! its owner (the kernel's `protected_symlinks` draws the line alike). Files are never opened through a link.

mod hash;

pub use hash::{file_hash, hexadecimal};

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, openat, renameat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat, mkdirat};
use nix::unistd::{Gid, Uid, UnlinkatFlags, fchownat, geteuid, unlinkat};

/// An open folder. What is done in it happens there, whatever becomes of its name.
#[derive(Debug)]
pub struct Folder(OwnedFd);

/// User and group that get what a privileged process makes for them.
pub type Ids = (Uid, Gid);

/// What becomes of a folder that is not there.
#[derive(Debug, Clone, Copy)]
enum Missing {
    Refused,
    Made(Option<Ids>),
}

const FOLDER: OFlag = OFlag::O_DIRECTORY.union(OFlag::O_CLOEXEC);
/// A file that must not be a link; without waiting, should it be a pipe.
const PLAIN: OFlag = OFlag::O_NOFOLLOW.union(OFlag::O_NONBLOCK).union(OFlag::O_CLOEXEC);

impl Folder {
    /// Opens a folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::walk(path, Missing::Refused)
    }

    /// The same, and makes what is missing on the way; `owner` gets what is made.
    pub fn make(path: &Path, owner: Option<Ids>) -> io::Result<Self> {
        Self::walk(path, Missing::Made(owner))
    }

    fn walk(path: &Path, missing: Missing) -> io::Result<Self> {
        let mut folder = Self(openat(AT_FDCWD, ".", FOLDER, Mode::empty())?);
        for component in path.components() {
            folder = match component {
                Component::CurDir => continue,
                Component::RootDir => Self(openat(AT_FDCWD, "/", FOLDER, Mode::empty())?),
                Component::ParentDir => Self(openat(&folder.0, "..", FOLDER, Mode::empty())?),
                Component::Prefix(_) => return Err(Errno::EINVAL.into()),
                Component::Normal(name) => match (folder.folder(name), missing) {
                    (Err(error), Missing::Made(owner)) if error.kind() == io::ErrorKind::NotFound => {
                        match folder.make_folder(name, owner) {
                            // Somebody else was quicker.
                            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                                folder.folder(name)?
                            }
                            new => new?,
                        }
                    }
                    (opened, _) => opened?,
                },
            };
        }
        Ok(folder)
    }

    /// Opens a folder in this one.
    pub fn folder(&self, name: &OsStr) -> io::Result<Self> {
        match openat(&self.0, name, FOLDER | OFlag::O_NOFOLLOW, Mode::empty()) {
            Ok(folder) => Ok(Self(folder)),
            Err(Errno::ELOOP | Errno::ENOTDIR) => self.follow(name),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Opens the folder that a link leads to, if the link may be followed.
    fn follow(&self, name: &OsStr) -> io::Result<Self> {
        let link = fstatat(&self.0, name, AtFlags::AT_SYMLINK_NOFOLLOW)?;
        if !is(&link, SFlag::S_IFLNK) {
            return Err(Errno::ENOTDIR.into());
        }
        let folder = openat(&self.0, name, FOLDER, Mode::empty())?;
        may_follow(name, &link, &fstat(&folder)?)?;
        Ok(Self(folder))
    }

    /// Makes a folder in this one, which must not be there; `owner` gets it.
    pub fn make_folder(&self, name: &OsStr, owner: Option<Ids>) -> io::Result<Self> {
        mkdirat(&self.0, name, Mode::from_bits_truncate(0o777))?;
        let folder = Self(openat(&self.0, name, FOLDER | OFlag::O_NOFOLLOW, Mode::empty())?);
        if let Some(owner) = owner {
            give(&folder.0, owner)?;
        }
        Ok(folder)
    }

    /// Opens a file to be read; a link under the same conditions as for folders.
    pub fn read(&self, name: &OsStr) -> io::Result<File> {
        let link = fstatat(&self.0, name, AtFlags::AT_SYMLINK_NOFOLLOW)?;
        if !is(&link, SFlag::S_IFLNK) {
            return self.file(name, OFlag::O_RDONLY);
        }
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let file = openat(&self.0, name, flags, Mode::empty())?;
        let target = fstat(&file)?;
        may_follow(name, &link, &target)?;
        if !is(&target, SFlag::S_IFREG) {
            return Err(not_a_file(name, "is not a regular file"));
        }
        Ok(file.into())
    }

    /// Opens a file to be appended to, and read.
    pub fn append(&self, name: &OsStr) -> io::Result<File> {
        self.file(name, OFlag::O_RDWR | OFlag::O_APPEND)
    }

    /// Makes a file to be appended to, and read, which must not be there.
    pub fn create_new(&self, name: &OsStr) -> io::Result<File> {
        self.file(name, OFlag::O_RDWR | OFlag::O_APPEND | OFlag::O_CREAT | OFlag::O_EXCL)
    }

    /// The same in the place of whatever was there: left by a crash, or put there, and not ours to write into.
    pub fn create(&self, name: &OsStr) -> io::Result<File> {
        self.remove(name)?;
        self.create_new(name)
    }

    /// Whatever else is there would be waited for, or be somebody's device.
    fn file(&self, name: &OsStr, flags: OFlag) -> io::Result<File> {
        let file = openat(&self.0, name, PLAIN | flags, Mode::from_bits_truncate(0o666));
        let file = file.map_err(|errno| match errno {
            Errno::ELOOP => not_a_file(name, "is a symbolic link"),
            errno => errno.into(),
        })?;
        if !is(&fstat(&file)?, SFlag::S_IFREG) {
            return Err(not_a_file(name, "is not a regular file"));
        }
        Ok(file.into())
    }

    /// Writes a file whole or not at all: beside its name, flushed to disk, then renamed over what was there, be it a link.
    pub fn write(&self, name: &OsStr, content: &[u8]) -> io::Result<()> {
        let mut partial = name.to_owned();
        partial.push(".partial");
        let written = self.create(&partial).and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()?;
            self.rename(&partial, name)?;
            self.sync()
        });
        if written.is_err() {
            // The error that matters is the first one.
            self.remove(&partial).ok();
        }
        written
    }

    /// Renames a file within the folder, over what was there.
    pub fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        renameat(&self.0, from, &self.0, to).map_err(Into::into)
    }

    /// Removes a file, be it a link; that there is none is no failure.
    pub fn remove(&self, name: &OsStr) -> io::Result<()> {
        match unlinkat(&self.0, name, UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Removes a folder with all that is in it; that there is none is no failure.
    pub fn remove_all(&self, name: &OsStr) -> io::Result<()> {
        // The name leads to the open folder, and the library follows no link below it.
        let path = Path::new("/proc/self/fd").join(self.0.as_raw_fd().to_string()).join(name);
        match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Flushes its list of names to disk: a file's name is safe only then.
    pub fn sync(&self) -> io::Result<()> {
        File::from(self.0.try_clone()?).sync_all()
    }

    /// Whether the name still stands for this open file.
    pub fn holds(&self, name: &OsStr, file: &File) -> io::Result<bool> {
        let identity = |stat: FileStat| (stat.st_dev, stat.st_ino);
        match fstatat(&self.0, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
            Ok(named) => Ok(identity(named) == identity(fstat(file)?)),
            Err(Errno::ENOENT) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Gives the folder and all that this process's user owns in it to somebody else. Links, what has a second name and what
    /// belongs to others stay as they are.
    pub fn give_all(&self, owner: Ids) -> io::Result<()> {
        let mut entries = Dir::from_fd(openat(&self.0, ".", FOLDER, Mode::empty())?)?;
        for entry in entries.iter() {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            match openat(&self.0, name, FOLDER | OFlag::O_NOFOLLOW, Mode::empty()) {
                Ok(folder) => Self(folder).give_all(owner)?,
                Err(Errno::ELOOP | Errno::ENOTDIR) => self.give(name, owner)?,
                Err(errno) => return Err(errno.into()),
            }
        }
        give(&self.0, owner)
    }

    /// Gives a file or a folder in this one away, under the same conditions.
    pub fn give(&self, name: &OsStr, owner: Ids) -> io::Result<()> {
        let file =
            openat(&self.0, name, OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC, Mode::empty())?;
        give(&file, owner)
    }
}

/// Gives an open file or folder away, if it is ours and has no other name.
fn give(opened: impl AsFd, (uid, gid): Ids) -> io::Result<()> {
    let stat = fstat(&opened)?;
    let one = is(&stat, SFlag::S_IFDIR) || (is(&stat, SFlag::S_IFREG) && stat.st_nlink == 1);
    if one && stat.st_uid == geteuid().as_raw() {
        fchownat(&opened, "", Some(uid), Some(gid), AtFlags::AT_EMPTY_PATH)?;
    }
    Ok(())
}

/// Opens a file that somebody named, links followed; a pipe or a device in its place is an error and not waited for.
pub fn open_plain(path: &Path) -> io::Result<File> {
    let file = File::options().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(not_a_file(path.as_os_str(), "is not a regular file"));
    }
    Ok(file)
}

/// The same, and reads it.
pub fn read_plain(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open_plain(path)?.read_to_end(&mut content)?;
    Ok(content)
}

/// The folder of a path, `.` for a bare name, and the name in it.
pub fn split(path: &Path) -> io::Result<(&Path, &OsStr)> {
    let name = path.file_name().ok_or(Errno::EISDIR)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    Ok((folder.unwrap_or(Path::new(".")), name))
}

/// Root's links and our own; others only to what belongs to their owner.
fn may_follow(name: &OsStr, link: &FileStat, target: &FileStat) -> io::Result<()> {
    if link.st_uid == 0 || link.st_uid == geteuid().as_raw() || target.st_uid == link.st_uid {
        return Ok(());
    }
    let name = name.display();
    let message =
        format!("`{name}` is a symbolic link to something that does not belong to the link's owner");
    Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
}

fn is(stat: &FileStat, kind: SFlag) -> bool {
    SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT == kind
}

fn not_a_file(name: &OsStr, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("`{}` {why}", name.display()))
}

#[cfg(test)]
mod tests;
