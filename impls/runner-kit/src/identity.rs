//! Who a runner is.

use serde::Serialize;
use std::fmt;

/// The version of the protocol that these messages belong to.
pub(crate) const PROTOCOL_VERSION: u32 = 2;

/// Who a runner is.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Identity {
    /// Name of the implementation: its folder.
    pub implementation: &'static str,
    /// Name of its framework.
    pub framework: &'static str,
    /// Version of its framework.
    pub framework_version: &'static str,
}

/// One line with the versions.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { implementation, framework, framework_version } = self;
        let version = env!("CARGO_PKG_VERSION");
        write!(
            f,
            "ringbuf_throughput {version} ({implementation}, {framework} {framework_version}, protocol {PROTOCOL_VERSION})"
        )
    }
}
