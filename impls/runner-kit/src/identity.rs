//! Who a runner is, and its versions.

use crate::protocol::VERSION;
use std::fmt;

/// Who a runner is.
#[derive(Debug, Clone, Copy)]
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
            "ringbuf_throughput {version} ({implementation}, {framework} {framework_version}, protocol {VERSION})"
        )
    }
}
