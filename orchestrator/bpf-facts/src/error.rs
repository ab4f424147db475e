//! Why the kernel did not answer.

/// Why the kernel did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such map, or no privileges.
    #[error("cannot open BPF map {id}")]
    Map {
        /// Map id.
        id: u32,
        /// Reason.
        #[source]
        source: libbpf_rs::Error,
    },
    /// No such program, or no privileges.
    #[error("cannot open BPF program {id}")]
    Program {
        /// Program id.
        id: u32,
        /// Reason.
        #[source]
        source: libbpf_rs::Error,
    },
    /// No list of what is loaded: no privileges.
    #[error("cannot list what is loaded")]
    List {
        /// Reason.
        #[source]
        source: libbpf_rs::Error,
    },
    /// No statistics: no privileges, or an old kernel.
    #[error("cannot turn on BPF statistics")]
    Statistics {
        /// Reason.
        #[source]
        source: libbpf_rs::Error,
    },
    /// The ring's pages could not be mapped.
    #[error("cannot map the positions of ring buffer {id}")]
    Mmap {
        /// Map id.
        id: u32,
        /// Reason.
        #[source]
        source: nix::Error,
    },
}
