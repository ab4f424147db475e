//! `impls/<name>/impl.yaml`: all that the orchestrator knows of an implementation.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::spec::{Mechanism, ProgramType};

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
    /// The same under other flags, environment or build, by name: each is chosen as `NAME+VARIANT`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variants: BTreeMap<String, Variant>,
}

/// What a variant of an implementation has otherwise. Its programs say the implementation's own name in `hello`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Name in tables.
    pub title: String,
    /// Arguments of its programs, after the implementation's own.
    #[serde(default)]
    pub args: Argv,
    /// Environment variables of its programs, besides the implementation's own and instead of those of the same name.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Commands that build it, in order; without them, the implementation's own.
    #[serde(default)]
    pub build: Option<Vec<Argv>>,
    /// The executable that its build makes, relative to the project folder; without it, the implementation's own.
    #[serde(default)]
    pub from: Option<String>,
    /// Whether it takes part where no implementation is named.
    #[serde(default)]
    pub default: bool,
    /// What a reader of its figures should know, before what the implementation says.
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
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
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

impl Program {
    /// Whether it speaks the messages of docs/PROTOCOL.md.
    #[must_use]
    pub fn speaks_protocol(&self) -> bool {
        self.output.as_ref().is_none_or(|output| output.protocol == OutputProtocol::Jsonl)
    }
}
