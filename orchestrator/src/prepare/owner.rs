//! Who owns what a build makes.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{Gid, Uid, User};

use crate::files::{self, Ids};

/// The user who called sudo. Builds run as that user, so that a later build without sudo can go on from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    uid: Uid,
    gid: Gid,
    name: String,
    home: PathBuf,
}

impl Owner {
    /// The user behind sudo; none when this process is not root, or is root in its own right.
    #[must_use]
    pub fn behind_sudo() -> Option<Self> {
        if !Uid::effective().is_root() {
            return None;
        }
        let uid = std::env::var("SUDO_UID").ok()?.parse().ok().map(Uid::from_raw)?;
        let user = User::from_uid(uid).ok().flatten()?;
        (!uid.is_root()).then_some(Self { uid, gid: user.gid, name: user.name, home: user.dir })
    }

    /// The owner of a folder, as far as this process can become that user; none when that is who it is.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        if !Uid::effective().is_root() {
            return None;
        }
        let uid = Uid::from_raw(folder.metadata().ok()?.uid());
        if uid.is_root() {
            return None;
        }
        let user = User::from_uid(uid).ok().flatten();
        Some(user.map_or_else(
            || Self { uid, gid: Gid::from_raw(uid.as_raw()), name: uid.to_string(), home: "/".into() },
            |user| Self { uid, gid: user.gid, name: user.name, home: user.dir },
        ))
    }

    /// Their name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Makes `command` run as this user, in their home's environment.
    pub(crate) fn apply(&self, command: &mut Command) {
        command
            .uid(self.uid.as_raw())
            .gid(self.gid.as_raw())
            .env("HOME", &self.home)
            .env("USER", &self.name)
            .env("LOGNAME", &self.name);
    }

    /// Their user and group.
    #[must_use]
    pub fn ids(&self) -> Ids {
        (self.uid, self.gid)
    }

    /// Gives them a file or folder that was just made. A symbolic link is not followed, and nothing that is not ours is given.
    pub fn give(&self, path: &Path) -> std::io::Result<()> {
        let (folder, name) = files::split(path)?;
        files::Folder::open(folder)?.give(name, self.ids())
    }
}
