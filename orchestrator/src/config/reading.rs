//! Reads a manifest and checks what its types do not say.

use std::path::{Component, Path};

use regex::Regex;

use super::error::Error;
use super::manifest::{Argv, Manifest, OutputProtocol, Program, TextField, Tool, Variant};
use super::place::Place;
use super::yaml::{self, Step};

/// `build/logs` holds the logs of all builds.
const RESERVED_NAME: &str = "logs";

const INSIDE: &str = "give a path relative to the project folder, without `..`";

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
    if !is_plain_name(&manifest.name) || manifest.name == RESERVED_NAME {
        let message = format!("`{folder}` cannot be the name of an implementation");
        let hint = format!("use lower-case letters, digits and hyphens, and not `{RESERVED_NAME}`");
        return Err(invalid(&[Step::Key("name")], message, &hint));
    }
    if manifest.programs.is_empty() {
        let message = "`programs` is empty".to_owned();
        return Err(invalid(&[Step::Key("programs")], message, "name at least one program"));
    }
    let tools: Vec<&Argv> = manifest.tools.iter().map(|tool| &tool.probe).collect();
    let checks: Vec<&Argv> = manifest.checks.iter().map(|check| &check.probe).collect();
    let (build, clean) = (manifest.build.iter().collect(), manifest.clean.iter().collect());
    for (key, commands) in [("tools", tools), ("checks", checks), ("build", build), ("clean", clean)] {
        check_commands(&[Step::Key(key)], &commands, invalid)?;
    }
    check_variables(&[Step::Key("environment")], manifest.environment.keys(), invalid)?;
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
    manifest.programs.iter().try_for_each(|(name, program)| check_program(name, program, invalid))?;
    manifest.variants.iter().try_for_each(|(name, variant)| check_variant(name, variant, manifest, invalid))
}

fn is_plain_name(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    !name.is_empty() && name.chars().all(plain)
}

fn is_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// How messages name a place: `variants.plain.build`.
fn path_of(steps: &[Step<'_>]) -> String {
    steps.iter().fold(String::new(), |path, step| match step {
        Step::Key(key) if path.is_empty() => (*key).to_owned(),
        Step::Key(key) => format!("{path}.{key}"),
        Step::Index(index) => format!("{path}[{index}]"),
    })
}

fn check_commands(at: &[Step<'_>], commands: &[&Argv], invalid: Invalid<'_>) -> Result<(), Error> {
    let Some(index) = commands.iter().position(|argv| argv.first().is_none_or(String::is_empty)) else {
        return Ok(());
    };
    let steps = [at, &[Step::Index(index)]].concat();
    let message = format!("`{}` has an empty command", path_of(&steps));
    Err(invalid(&steps, message, "give the command as a list of words"))
}

fn check_variables<'a>(
    at: &[Step<'_>],
    names: impl IntoIterator<Item = &'a String>,
    invalid: Invalid<'_>,
) -> Result<(), Error> {
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    for name in names {
        let begins_well = !name.starts_with(|letter: char| letter.is_ascii_digit());
        if name.is_empty() || !name.chars().all(word) || !begins_well {
            let message = format!("`{name}` cannot be the name of an environment variable");
            let hint = "use letters, digits and underscores";
            return Err(invalid(&[at, &[Step::Key(name)]].concat(), message, hint));
        }
    }
    Ok(())
}

fn check_variant(
    name: &str,
    variant: &Variant,
    manifest: &Manifest,
    invalid: Invalid<'_>,
) -> Result<(), Error> {
    let at = |key| [Step::Key("variants"), Step::Key(name), Step::Key(key)];
    if !is_plain_name(name) {
        let message = format!("`{name}` cannot be the name of a variant");
        let hint =
            "use lower-case letters, digits and hyphens; the implementation's name comes before by itself";
        return Err(invalid(&at("title")[..2], message, hint));
    }
    let build: Vec<&Argv> = variant.build.iter().flatten().collect();
    check_commands(&at("build"), &build, invalid)?;
    check_variables(&at("environment"), variant.environment.keys(), invalid)?;
    if let Some(from) = variant.from.as_ref().filter(|from| !is_inside(from)) {
        let message = format!("`{from}` is not a path inside the project");
        return Err(invalid(&at("from"), message, INSIDE));
    }
    if manifest.programs.values().any(Program::speaks_protocol) {
        check_arguments(&at("args"), &variant.args, invalid)?;
    }
    Ok(())
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
    if !is_inside(name) || name.contains('/') {
        let message = format!("`{name}` cannot be the name of a program");
        return Err(invalid(&at("from"), message, "use letters, digits and underscores"));
    }
    if !is_inside(&program.from) {
        let message = format!("`{}` is not a path inside the project", program.from);
        return Err(invalid(&at("from"), message, INSIDE));
    }
    if program.speaks_protocol() {
        check_arguments(&at("args"), &program.args, invalid)?;
    }
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
fn check_arguments(at: &[Step<'_>], arguments: &Argv, invalid: Invalid<'_>) -> Result<(), Error> {
    for (index, argument) in arguments.iter().enumerate() {
        let Some(flag) = contract_flag(argument) else { continue };
        let steps = [at, &[Step::Index(index)]].concat();
        let message =
            format!("`{}` is `{argument}`, and `{flag}` is the supervisor's to say", path_of(&steps));
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
