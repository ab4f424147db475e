//! Aya's own log, on standard error.

use log::{LevelFilter, Log, Metadata, Record};
use std::io::{self, Write as _};

struct Stderr;

impl Log for Stderr {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        // There is nowhere left to tell that standard error is closed.
        writeln!(io::stderr(), "{}: {}", record.target(), record.args()).ok();
    }

    fn flush(&self) {}
}

/// Shows what Aya logs from now on.
pub(crate) fn install() {
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(LevelFilter::Debug);
    }
}
