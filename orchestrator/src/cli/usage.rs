//! What is wrong with a command line, in this project's form: one line, and a hint.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

use super::command_line::Cli;
use super::options::Gone;

/// A command line that asks for nothing to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Usage {
    /// It asks for this text: the help or the version.
    Text(String),
    /// It is wrong.
    Wrong {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
}

/// Reads the command line.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, Usage> {
    let arguments: Vec<_> = arguments.into_iter().collect();
    // Also of paths: they are written into results and messages, which are text.
    if let Some(word) = arguments.iter().find(|word| word.to_str().is_none()) {
        return Err(Usage::Wrong {
            message: format!("the argument `{}` is not valid UTF-8", word.display()),
            hint: "give files and folders names in UTF-8".into(),
        });
    }
    Cli::try_parse_from(&arguments).map_err(|error| explain(&error, &called(&arguments)))
}

/// The command that was meant, with its subcommand: what to add `--help` to.
fn called(arguments: &[OsString]) -> String {
    let known = Cli::command();
    let subcommand = arguments
        .iter()
        .filter_map(|word| word.to_str())
        .find(|word| known.get_subcommands().any(|command| command.get_name() == *word));
    subcommand.map_or_else(|| "orchestrator".to_owned(), |name| format!("orchestrator {name}"))
}

fn explain(error: &clap::Error, called: &str) -> Usage {
    let rendered = error.render().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return Usage::Text(rendered),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            let commands: Vec<_> = Cli::command()
                .get_subcommands()
                .filter(|command| !command.is_hide_set())
                .map(|command| command.get_name().to_owned())
                .collect();
            return Usage::Wrong {
                message: "no command given".into(),
                hint: format!("there are {}; `orchestrator --help` explains them", commands.join(", ")),
            };
        }
        _ => {}
    }
    if let Some(gone) = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Gone>()) {
        return Usage::Wrong { message: gone.message.into(), hint: gone.hint.into() };
    }
    Usage::Wrong { message: message(error, &rendered), hint: hint(error, &rendered, called) }
}

fn message(error: &clap::Error, rendered: &str) -> String {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    if let (Some(flag), Some(value)) = (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue)) {
        let flag = flag.split_once(" <").map_or(flag, |(flag, _)| flag);
        return match std::error::Error::source(error) {
            Some(reason) => format!("invalid value `{value}` for `{flag}`: {reason}"),
            None if value.is_empty() => format!("`{flag}` needs a value"),
            None => format!("invalid value `{value}` for `{flag}`"),
        };
    }
    let paragraph = rendered.split("\n\n").next().unwrap_or(rendered);
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_start_matches("error: ").trim_end_matches(':').replace('\'', "`")
}

fn hint(error: &clap::Error, rendered: &str, called: &str) -> String {
    let after = |prefix| rendered.lines().find_map(|line| line.trim().strip_prefix(prefix));
    // How to give a word with hyphens as a value helps nobody here.
    let tip = after("tip: ").filter(|tip| !tip.starts_with("to pass"));
    if let Some(tip) = tip.filter(|_| error.kind() != ErrorKind::ValueValidation) {
        return tip.replace('\'', "`");
    }
    if let Some(values) = after("[possible values: ") {
        return format!("it may be {}", values.trim_end_matches(']'));
    }
    format!("run `{called} --help` for the flags and their values")
}
