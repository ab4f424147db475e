//! Writing to standard output without a panic when nobody reads it any more.

use std::io::{self, Write};

use serde::Serialize;

use crate::error::Error;
use crate::visible::{visible, visible_json};

/// Prints text, and shows what would act on a terminal.
pub(super) fn print(text: &str) -> Result<(), Error> {
    write(&visible(text))
}

fn write(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Error::Output)
}

/// Prints lines, each with its end.
pub(super) fn print_lines(lines: impl IntoIterator<Item = String>) -> Result<(), Error> {
    print(&lines.into_iter().fold(String::new(), |text, line| text + &line + "\n"))
}

/// Prints a value as indented JSON.
pub(super) fn print_json(value: &impl Serialize) -> Result<(), Error> {
    let mut text = serde_json::to_string_pretty(value).map_err(|error| Error::Output(error.into()))?;
    text.push('\n');
    write(&visible_json(&text))
}
