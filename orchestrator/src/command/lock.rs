//! One measurement at a time: two runs on one machine would measure each other.

use std::fs;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

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
    let sockets = fs::read_to_string("/proc/net/unix").ok()?;
    let suffix = format!(" @{name}");
    let inode = sockets.lines().find(|line| line.ends_with(&suffix))?.split_whitespace().nth(6)?.to_owned();
    let socket = format!("socket:[{inode}]");
    fs::read_dir("/proc").ok()?.flatten().find_map(|process| {
        let pid = process.file_name().to_str()?.parse().ok()?;
        let open = fs::read_dir(process.path().join("fd")).ok()?.flatten();
        let holds = |descriptor: fs::DirEntry| {
            fs::read_link(descriptor.path()).is_ok_and(|target| target.as_os_str() == socket.as_str())
        };
        open.into_iter().any(holds).then_some(pid)
    })
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
