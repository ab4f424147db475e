//! In which form a runner speaks.

use super::text::TextFormat;

/// How to understand a runner's standard output.
#[derive(Debug, Clone)]
pub enum Format {
    /// The messages of docs/PROTOCOL.md.
    Protocol,
    /// Plain text, read by the regular expressions of a manifest.
    Text(TextFormat),
}
