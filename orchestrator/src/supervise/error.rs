//! Why supervising as a whole failed. What happens within a trial is an outcome of that trial, not an error.

use std::io;

/// Failures of the helper or of the connection to it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither root nor a sudo to become it.
    #[error("runners need root, and `sudo` was not found")]
    NoPrivileges,
    /// The helper's executable could not be started.
    #[error("cannot start the privileged helper `{command}`")]
    Start {
        /// What was run.
        command: String,
        /// Reason.
        #[source]
        source: io::Error,
    },
    /// It ended without saying hello: sudo refused, most often.
    #[error("the privileged helper ended at once ({status})")]
    NoHello {
        /// Its exit status in words.
        status: String,
    },
    /// It ended in the middle of a run.
    #[error("the privileged helper ended unexpectedly ({status})")]
    Ended {
        /// Its exit status in words.
        status: String,
    },
    /// It said something that is not a message.
    #[error("the privileged helper said something unexpected: {line}")]
    Nonsense {
        /// The beginning of the line.
        line: String,
    },
    /// It refused a request.
    #[error("the privileged helper refused: {message}")]
    Refused {
        /// Why.
        message: String,
    },
    /// The pipe broke.
    #[error("cannot talk to the privileged helper")]
    Talk(#[source] io::Error),
    /// A resource limit of the caller under which nothing can be measured.
    #[error("the limit of {name} (`ulimit {option}`) is {limit}, and measuring needs {least}")]
    Limit {
        /// What is limited.
        name: &'static str,
        /// The option of `ulimit`.
        option: &'static str,
        /// The hard limit.
        limit: u64,
        /// What is needed.
        least: u64,
    },
    /// In a pid namespace the kernel sees other numbers than we do.
    #[error("this is not the initial pid namespace, so the pid that the kernel sees cannot be known")]
    PidNamespace,
    /// The kernel loads no BPF program for it.
    #[error(
        "this is not the initial user namespace: its root is not root for the kernel, which refuses it every BPF program"
    )]
    UserNamespace,
    /// Every delay would be wrong by it.
    #[error(
        "this time namespace shifts the clock by {offset_s} s, and the kernel's programs see no such shift"
    )]
    TimeNamespace {
        /// Seconds.
        offset_s: f64,
    },
    /// A root that may not do everything.
    #[error("root lacks {}", names.join(", "))]
    Capabilities {
        /// Which.
        names: Vec<String>,
    },
}

impl Error {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoPrivileges => Some(
                "run it as root, or install sudo (`make setup` does); CAP_BPF and CAP_PERFMON alone do not suffice",
            ),
            Self::NoHello { .. } => Some("check with `sudo -v` that you may use sudo, or run it as root"),
            Self::PidNamespace => Some(
                "run it outside of the container (or of `unshare --pid`), or start the container with `--pid=host`",
            ),
            Self::UserNamespace => Some(
                "run it outside of the container (or of `unshare --user`), as root or with sudo; a rootless container cannot do it",
            ),
            Self::TimeNamespace { .. } => Some(
                "run it outside of the time namespace: `nsenter --target 1 --time COMMAND` as root, or without `unshare --time`",
            ),
            Self::Capabilities { .. } => Some(
                "give it all of root's (a container: `--privileged`, or `--cap-add` for each): the supervisor reads the kernel's \
                 counters by id, for which CAP_BPF and CAP_PERFMON do not suffice, and runs the load as another user",
            ),
            Self::Refused { .. } => Some(
                "what root starts must belong to root or to you, with every folder above it, and others may not write there: \
                 `chown` or `chmod go-w` what the message names",
            ),
            Self::Limit { .. } => {
                Some("raise it in the shell, in `/etc/security/limits.conf` or for the service")
            }
            _ => None,
        }
    }
}
