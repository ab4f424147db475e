//! `impls/<name>/impl.yaml`: all that the orchestrator knows of an implementation.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::yaml::{self, Step};
use super::{Error, Place};
use crate::plan::spec::{Mechanism, ProgramType};

/// `build/logs` holds the logs of all builds.
const RESERVED_NAME: &str = "logs";

/// The flags of docs/PROTOCOL.md, without `--verbose`, which changes no figure.
const CONTRACT_FLAGS: [&str; 16] = [
    "--attach-target",
    "--batch",
    "--cpu",
    "--duration",
    "--help",
    "--latency",
    "--output",
    "--program-type",
    "--record-size",
    "--ring-size",
    "--target-pid",
    "--version",
    "--wakeup",
    "--work",
    "-V",
    "-h",
];

/// A command and its arguments. It runs in the project folder and is never given to a shell.
pub type Argv = Vec<String>;

/// One implementation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Name of the folder: lower-case letters, digits and hyphens.
    pub name: String,
    /// Name in tables.
    pub title: String,
    /// Language of the user side.
    pub language: String,
    /// Framework.
    pub framework: String,
    /// Other names by which it can be selected.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Whether ratios refer to it. At most one implementation.
    #[serde(default)]
    pub baseline: bool,
    /// What building needs; looked for before the build so that the message is clear.
    #[serde(default)]
    pub tools: Vec<Tool>,
    /// What running needs; `orchestrator doctor` tries it.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// Commands that build it, in order.
    #[serde(default)]
    pub build: Vec<Argv>,
    /// Commands that remove what the build made.
    #[serde(default)]
    pub clean: Vec<Argv>,
    /// Variables of the caller's environment that building it needs, by name; one that ends with a star stands for all that
    /// begin so. Builds see these and a few that every program needs, and nothing else of the caller's.
    #[serde(default)]
    pub build_environment: Vec<String>,
    /// Environment variables that its programs need, by name. Nothing else of the caller's environment reaches them.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Its programs by name.
    pub programs: BTreeMap<String, Program>,
    /// What a reader of its figures should know.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Something that building needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// What it is called.
    pub name: String,
    /// A command that succeeds when it is there.
    pub probe: Argv,
    /// Finds the version in what the command prints: a regular expression with one group.
    #[serde(default)]
    pub version: Option<String>,
    /// The oldest version that will do, such as "1.88".
    #[serde(default)]
    pub at_least: Option<String>,
    /// How to get it.
    pub hint: String,
}

/// Something that running needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What is looked for.
    pub name: String,
    /// A command that succeeds when it is there and prints one line about it.
    pub probe: Argv,
    /// What to do when it is not.
    pub hint: String,
}

/// One program of an implementation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The executable that the build makes, relative to the project folder.
    pub from: String,
    /// Program types that it can load, on a kernel that has them.
    pub program_types: Vec<ProgramType>,
    /// How its events travel.
    pub mechanisms: Vec<Mechanism>,
    /// Further arguments. When it does not speak the protocol these are all its arguments, and `{duration}`,
    /// `{target_pid}`, `{program_type}`, `{ring_size}`, `{record_size}`, `{batch}`, `{wakeup}`, `{work}` and `{cpu}` are replaced.
    #[serde(default)]
    pub args: Argv,
    /// Whether it is one process or several.
    #[serde(default, skip_serializing_if = "Processes::is_one")]
    pub processes: Processes,
    /// How its output is to be read; without it, it speaks the protocol.
    #[serde(default)]
    pub output: Option<Output>,
}

/// How many processes a program is. A trial with more than it says is not believed: work may be hidden in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Processes {
    /// One, with as many threads as it likes.
    #[default]
    One,
    /// Several; the time of all of them counts.
    Many,
}

impl Processes {
    /// Whether it is a single process.
    #[must_use]
    pub fn is_one(&self) -> bool {
        *self == Self::One
    }
}

/// How the output of a program is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// What it speaks.
    pub protocol: OutputProtocol,
    /// Text: a line that matches this regular expression means that it is attached and reading.
    #[serde(default)]
    pub ready: Option<String>,
    /// Text: where its figures stand, each a regular expression with one group. The last match counts.
    #[serde(default)]
    pub patterns: BTreeMap<TextField, String>,
}

/// What a program speaks on its standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutputProtocol {
    /// The messages of docs/PROTOCOL.md.
    Jsonl,
    /// Lines for a person.
    Text,
}

/// A figure that can be read from text; the names of the protocol's summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "docs/PROTOCOL.md defines each; `elapsed_s` is in seconds")]
pub enum TextField {
    ElapsedS,
    Attempted,
    Submitted,
    Dropped,
    Lost,
    Received,
    Bytes,
    Marks,
    DroppedMarks,
    Wakeups,
}

impl std::fmt::Display for TextField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ElapsedS => "elapsed_s",
            Self::Attempted => "attempted",
            Self::Submitted => "submitted",
            Self::Dropped => "dropped",
            Self::Lost => "lost",
            Self::Received => "received",
            Self::Bytes => "bytes",
            Self::Marks => "marks",
            Self::DroppedMarks => "dropped_marks",
            Self::Wakeups => "wakeups",
        })
    }
}

impl Program {
    /// Whether it speaks the messages of docs/PROTOCOL.md.
    #[must_use]
    pub fn speaks_protocol(&self) -> bool {
        self.output.as_ref().is_none_or(|output| output.protocol == OutputProtocol::Jsonl)
    }
}

/// Reads and checks one manifest.
pub fn read_manifest(path: &Path) -> Result<Manifest, Error> {
    let text = yaml::read_text(path, "name:")?;
    let manifest: Manifest = yaml::parse(path, &text)?;
    let invalid = |steps: &[Step<'_>], message: String, hint: &str| Error::Invalid {
        place: Place { path: path.to_owned(), line: yaml::line_of(&text, steps) },
        message,
        hint: hint.to_owned(),
    };
    check(&manifest, path, &invalid)?;
    Ok(manifest)
}

type Invalid<'a> = &'a dyn Fn(&[Step<'_>], String, &str) -> Error;

fn check(manifest: &Manifest, path: &Path, invalid: Invalid<'_>) -> Result<(), Error> {
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    if manifest.name != folder {
        let message = format!("`name` is `{}`, but the folder is called `{folder}`", manifest.name);
        return Err(invalid(&[Step::Key("name")], message, "make both the same"));
    }
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if !manifest.name.chars().all(plain) || manifest.name == RESERVED_NAME {
        let message = format!("`{folder}` cannot be the name of an implementation");
        let hint = format!("use lower-case letters, digits and hyphens, and not `{RESERVED_NAME}`");
        return Err(invalid(&[Step::Key("name")], message, &hint));
    }
    if manifest.programs.is_empty() {
        let message = "`programs` is empty".to_owned();
        return Err(invalid(&[Step::Key("programs")], message, "name at least one program"));
    }
    let tools =
        manifest.tools.iter().map(|tool| &tool.probe).enumerate().map(|(index, argv)| ("tools", index, argv));
    let checks = manifest
        .checks
        .iter()
        .map(|check| &check.probe)
        .enumerate()
        .map(|(index, argv)| ("checks", index, argv));
    let builds = manifest.build.iter().enumerate().map(|(index, argv)| ("build", index, argv));
    let cleans = manifest.clean.iter().enumerate().map(|(index, argv)| ("clean", index, argv));
    for (key, index, argv) in tools.chain(checks).chain(builds).chain(cleans) {
        if argv.first().is_none_or(String::is_empty) {
            let message = format!("`{key}[{index}]` has an empty command");
            return Err(invalid(
                &[Step::Key(key), Step::Index(index)],
                message,
                "give the command as a list of words",
            ));
        }
    }
    for name in manifest.environment.keys() {
        let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if name.is_empty()
            || !name.chars().all(word)
            || name.starts_with(|letter: char| letter.is_ascii_digit())
        {
            let message = format!("`{name}` cannot be the name of an environment variable");
            let hint = "use letters, digits and underscores";
            return Err(invalid(&[Step::Key("environment"), Step::Key(name)], message, hint));
        }
    }
    for (index, name) in manifest.build_environment.iter().enumerate() {
        let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let beginning = name.strip_suffix('*').unwrap_or(name);
        if beginning.is_empty() || !beginning.chars().all(word) {
            let message = format!("`{name}` cannot be the name of an environment variable");
            let hint = "use letters, digits and underscores, and a star for all that begin so";
            return Err(invalid(&[Step::Key("build_environment"), Step::Index(index)], message, hint));
        }
    }
    for (index, tool) in manifest.tools.iter().enumerate() {
        check_tool(index, tool, invalid)?;
    }
    manifest.programs.iter().try_for_each(|(name, program)| check_program(name, program, invalid))
}

fn check_tool(index: usize, tool: &Tool, invalid: Invalid<'_>) -> Result<(), Error> {
    let at = |key| [Step::Key("tools"), Step::Index(index), Step::Key(key)];
    if let Some(pattern) = &tool.version {
        check_pattern(pattern, true).map_err(|message| {
            invalid(
                &at("version"),
                message,
                "one group in brackets must catch the version, such as '(\\d+\\.\\d+)'",
            )
        })?;
    }
    if let Some(version) = &tool.at_least {
        if tool.version.is_none() {
            let message = "`at_least` without `version`".to_owned();
            return Err(invalid(
                &at("at_least"),
                message,
                "add `version`, which finds the version in the output",
            ));
        }
        if !version.split('.').all(|part| part.parse::<u64>().is_ok()) {
            let message = format!("`{version}` is not a version");
            return Err(invalid(
                &at("at_least"),
                message,
                "numbers with dots are expected, in quotes: \"1.88\"",
            ));
        }
    }
    Ok(())
}

fn check_program(name: &str, program: &Program, invalid: Invalid<'_>) -> Result<(), Error> {
    let at = |key| [Step::Key("programs"), Step::Key(name), Step::Key(key)];
    let plain = |text: &str| Path::new(text).components().all(|part| matches!(part, Component::Normal(_)));
    if name.is_empty() || !plain(name) || name.contains('/') {
        let message = format!("`{name}` cannot be the name of a program");
        return Err(invalid(&at("from"), message, "use letters, digits and underscores"));
    }
    if program.from.is_empty() || !plain(&program.from) {
        let message = format!("`{}` is not a path inside the project", program.from);
        return Err(invalid(
            &at("from"),
            message,
            "give a path relative to the project folder, without `..`",
        ));
    }
    check_arguments(name, program, invalid)?;
    let Some(output) = &program.output else { return Ok(()) };
    let at = |key| [Step::Key("programs"), Step::Key(name), Step::Key("output"), Step::Key(key)];
    if output.protocol == OutputProtocol::Jsonl {
        if output.ready.is_some() || !output.patterns.is_empty() {
            let message = "`ready` and `patterns` are for `protocol: text`".to_owned();
            return Err(invalid(
                &at("protocol"),
                message,
                "remove them: the messages of the protocol say it all",
            ));
        }
        return Ok(());
    }
    let Some(ready) = &output.ready else {
        let message = format!("`programs.{name}.output` has no `ready`");
        return Err(invalid(
            &at("protocol"),
            message,
            "give a regular expression for the line that says it is attached",
        ));
    };
    check_pattern(ready, false).map_err(|message| {
        invalid(&at("ready"), message, "give a regular expression for the line that says it is attached")
    })?;
    if !output.patterns.contains_key(&TextField::Received) {
        let message = format!("`programs.{name}.output.patterns` has no `received`");
        return Err(invalid(
            &at("protocol"),
            message,
            "at least the number of events that were read must be found",
        ));
    }
    for pattern in output.patterns.values() {
        check_pattern(pattern, true).map_err(|message| {
            invalid(&at("patterns"), message, "one group in brackets must catch the number, such as '(\\d+)'")
        })?;
    }
    Ok(())
}

/// What the supervisor tells every runner is the supervisor's alone: an argument of the manifest's would make another benchmark of
/// one row.
fn check_arguments(name: &str, program: &Program, invalid: Invalid<'_>) -> Result<(), Error> {
    if !program.speaks_protocol() {
        return Ok(());
    }
    for (index, argument) in program.args.iter().enumerate() {
        let Some(flag) = contract_flag(argument) else { continue };
        let steps = [Step::Key("programs"), Step::Key(name), Step::Key("args"), Step::Index(index)];
        let message = format!(
            "`programs.{name}.args[{index}]` is `{argument}`, and `{flag}` is the supervisor's to say"
        );
        return Err(invalid(
            &steps,
            message,
            "remove it: settings of a benchmark stand in its configuration",
        ));
    }
    Ok(())
}

/// The flag of docs/PROTOCOL.md that an argument sets, if it is one that decides what is measured.
fn contract_flag(argument: &str) -> Option<&'static str> {
    let long = argument.split('=').next().unwrap_or(argument);
    let given = CONTRACT_FLAGS.iter().find(|flag| **flag == long);
    let short = || argument.starts_with("-d").then_some(&"-d");
    given.or_else(short).copied()
}

fn check_pattern(pattern: &str, with_group: bool) -> Result<(), String> {
    let regex = Regex::new(pattern).map_err(|_| format!("`{pattern}` is not a regular expression"))?;
    if with_group && regex.captures_len() != 2 {
        return Err(format!("`{pattern}` has {} groups instead of one", regex.captures_len() - 1));
    }
    Ok(())
}
