//! The libbpf-rs runner of `ringbuf_throughput`: the BPF object of the C runner, read with libbpf-rs.

use std::process::ExitCode;

use runner_kit::{Delays, Failure, Identity, Runner, Session};

mod abi;
mod consumer;
mod log;
mod program;
mod reason;
#[expect(
    unreachable_pub,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    clippy::undocumented_unsafe_blocks,
    clippy::unwrap_used,
    reason = "generated code"
)]
mod skel;

/// libbpf-rs's version; it does not tell itself. A test compares it with Cargo.lock.
const LIBBPF_RS_VERSION: &str = "0.27.2";

struct LibbpfRs;

impl Runner for LibbpfRs {
    fn identity() -> Identity {
        Identity { implementation: "libbpf-rs", framework: "libbpf-rs", framework_version: LIBBPF_RS_VERSION }
    }

    fn run<D: Delays>(session: &mut Session, delays: D) -> Result<(), Failure> {
        log::listen(session.args().verbose);
        program::run(session, delays)
    }
}

fn main() -> ExitCode {
    runner_kit::runner::main::<LibbpfRs>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_version_that_it_is_built_with() {
        let lock = include_str!("../../../Cargo.lock");
        let entry = format!("name = \"libbpf-rs\"\nversion = \"{LIBBPF_RS_VERSION}\"\n");
        assert!(lock.contains(&entry));
    }

    #[test]
    fn is_built_with_the_flags_of_the_other_runner_in_rust() {
        let other = include_str!("../../rust/Cargo.toml");
        assert!(other.contains("\ncodegen-units = 1\nlto = \"thin\""), "{other}");
        assert!(include_str!("../impl.yaml").contains(r#"'profile.release.lto="thin"'"#));
        let own = include_str!("../../../Cargo.toml");
        for package in ["impl-libbpf-rs", "runner-kit", "libbpf-rs", "hdrhistogram"] {
            assert!(own.contains(&format!("\n{package}.codegen-units = 1\n")), "{package}");
        }
    }
}
