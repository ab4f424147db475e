//! One measurement at a time: two runs on one machine would measure each other.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use nix::fcntl::{Flock, FlockArg};

use crate::error::Error;

/// Held while measuring; released when dropped, also by a kill.
#[derive(Debug)]
pub(super) struct Lock {
    _file: Flock<File>,
}

impl Lock {
    /// Takes the lock, or says who is measuring.
    pub(super) fn take() -> Result<Self, Error> {
        // In the folder for temporary files: it is there for every user, and a lock must not outlive a reboot.
        let path: PathBuf = std::env::temp_dir().join("orchestrator-measuring.lock");
        let failed = |error: &dyn std::fmt::Display| Error::Requirement {
            message: format!("cannot take the lock `{}`: {error}", path.display()),
            hint: "remove the file if it belongs to another user".into(),
        };
        // Locking needs no writing, so that another user's file will do; it is made where there is none.
        let file = File::open(&path).or_else(|_| {
            std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o644).open(&path)
        });
        match Flock::lock(file.map_err(|error| failed(&error))?, FlockArg::LockExclusiveNonblock) {
            Ok(file) => Ok(Self { _file: file }),
            Err((_, nix::errno::Errno::EWOULDBLOCK)) => Err(Error::Requirement {
                message: "another run is measuring on this machine".into(),
                hint: format!("wait until it is done (`fuser {}` shows its process)", path.display()),
            }),
            Err((_, errno)) => Err(failed(&errno)),
        }
    }
}
