//! One measurement at a time: two runs on one machine would measure each other.

use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::PathBuf;

use procfs::net::unix;
use procfs::process::{FDInfo, FDTarget, Process, all_processes};

use crate::error::{self, Error};

/// The name of the lock: a socket that is in no folder. So it is one for all users, whatever their environment holds; nobody can put a
/// link, a pipe or a file without permissions in its place; and it ends with the process that holds it. It is one for
/// each network namespace.
const NAME: &str = "orchestrator-measuring";

/// A lock of another name, for tests of whole runs of which nobody reads the figures.
const OTHER: &str = "ORCHESTRATOR_LOCK";

/// Held while measuring; released when dropped, also by a kill.
#[derive(Debug)]
pub(super) struct Lock {
    _socket: UnixDatagram,
}

impl Lock {
    /// Takes the lock, or says who is measuring.
    pub(super) fn take() -> Result<Self, Error> {
        match std::env::var(OTHER) {
            Ok(other) if !other.is_empty() => {
                error::warn(&format!("`{OTHER}` is set: other runs may measure beside this one"));
                Self::named(&format!("{NAME}-{other}"))
            }
            _ => Self::named(NAME),
        }
    }

    fn named(name: &str) -> Result<Self, Error> {
        let bound =
            SocketAddr::from_abstract_name(name).and_then(|address| UnixDatagram::bind_addr(&address));
        match bound {
            Ok(socket) => Ok(Self { _socket: socket }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                let (who, show) = match holder(name) {
                    Some(pid) => (format!(" (process {pid})"), format!("`ps -fp {pid}`")),
                    None => (String::new(), format!("`sudo ss -xap | grep {name}`")),
                };
                Err(Error::Requirement {
                    message: format!("another run is measuring on this machine{who}"),
                    hint: format!("wait until it is done; {show} shows its process"),
                })
            }
            Err(error) => Err(Error::Requirement {
                message: format!("cannot take the lock `@{name}`: {error}"),
                hint: "allow this process to make Unix sockets".into(),
            }),
        }
    }
}

/// The process that has the socket, if it may be looked at (proc(5), `/proc/net/unix`).
fn holder(name: &str) -> Option<u32> {
    let path = PathBuf::from(format!("@{name}"));
    let socket = unix().ok()?.into_iter().find(|socket| socket.path.as_ref() == Some(&path))?;
    let holds = |process: &Process| {
        let is_it = |open: FDInfo| matches!(open.target, FDTarget::Socket(inode) if inode == socket.inode);
        process.fd().is_ok_and(|open| open.flatten().any(is_it))
    };
    let holder = all_processes().ok()?.flatten().find(holds)?;
    u32::try_from(holder.pid).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_it_and_the_other_is_told_who() {
        let name = format!("orchestrator-test-{}", std::process::id());
        let first = Lock::named(&name).expect("free");
        let refused = Lock::named(&name).expect_err("taken");
        let pid = std::process::id();
        assert_eq!(refused.message(), format!("another run is measuring on this machine (process {pid})"));
        assert!(refused.hint().expect("a hint").contains(&format!("`ps -fp {pid}`")));
        drop(first);
        Lock::named(&name).expect("free again");
    }
}
