//! What the Rust runners share: flags, messages, report, histogram, stopping.
