//! Builds, runs, checks and compares eBPF programs across frameworks.

use std::io::Write;
use std::process::ExitCode;

use orchestrator::cli::{self, Usage};
use orchestrator::{command, error, exit_code};

fn main() -> ExitCode {
    let status = match cli::parse(std::env::args_os()) {
        Ok(cli) => command::dispatch(&cli).unwrap_or_else(|error| {
            if error.is_closed_pipe() {
                return exit_code::SUCCESS;
            }
            error::show(&error.message(), error.hint().as_deref());
            error.category().exit_code()
        }),
        Err(Usage::Text(text)) => {
            // Whoever reads the help through a pipe may stop early.
            std::io::stdout().write_all(text.as_bytes()).ok();
            exit_code::SUCCESS
        }
        Err(Usage::Wrong { message, hint }) => {
            error::show(&message, Some(&hint));
            exit_code::USAGE
        }
    };
    status.into()
}
