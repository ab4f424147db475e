//! What libbpf-rs's errors say.

use std::error::Error as _;
use std::io;

use runner_kit::failure::reason;

/// The system's words for what made libbpf-rs fail, without the steps on the way there.
pub(crate) fn root_cause(error: &libbpf_rs::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    reason(&io::Error::other(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use libbpf_rs::ErrorExt as _;

    #[test]
    fn a_root_cause_has_neither_steps_nor_number() {
        let error = libbpf_rs::Error::from_raw_os_error(libc::EPERM);
        assert_eq!(root_cause(&error), "Operation not permitted");
        assert_eq!(root_cause(&error.context("outer").context("outermost")), "Operation not permitted");
    }
}
