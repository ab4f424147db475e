//! Which kinds of BPF program this kernel takes: each is really loaded and attached by a runner.

use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::unistd::Uid;
use serde_json::Value;

use super::finding::Finding;
use crate::config::{Catalogue, Implementation};
use crate::plan::{Mechanism, ProgramType};
use crate::prepare::{Workplace, capture};

const AREA: &str = "programs";
const LIMIT: Duration = Duration::from_secs(30);
/// The program by which they are tried.
const PROGRAM: &str = Mechanism::USUAL.facts().program;

pub(super) fn look(catalogue: &Catalogue) -> Vec<Finding> {
    // The baseline comes first; any other built runner will do.
    let built = catalogue
        .implementations
        .iter()
        .filter_map(|implementation| Some((implementation, runner(implementation, &catalogue.root)?)));
    let Some((implementation, executable)) = built.into_iter().next() else {
        let advice = "run `orchestrator build`, then this again";
        return vec![Finding::warn(AREA, "program types", "not tried: no implementation is built", advice)];
    };
    ProgramType::all()
        .map(|program_type| attempt(program_type, implementation, &executable, &catalogue.root))
        .collect()
}

fn runner(implementation: &Implementation, root: &Path) -> Option<PathBuf> {
    let program = implementation.manifest.programs.get(PROGRAM)?;
    let executable = implementation.executable(root, PROGRAM);
    (program.speaks_protocol() && executable.is_file()).then_some(executable)
}

fn attempt(
    program_type: ProgramType,
    implementation: &Implementation,
    executable: &Path,
    root: &Path,
) -> Finding {
    let mut argv = vec![
        executable.display().to_string(),
        format!("--program-type={program_type}"),
        "--duration=0.2".to_owned(),
        "--output=jsonl".to_owned(),
    ];
    if !Uid::effective().is_root() {
        argv.splice(0..0, ["sudo", "-n", "--"].map(str::to_owned));
    }
    let name = program_type.name();
    let output = match capture(&argv, Workplace::plain(root), LIMIT) {
        Ok((_, output)) => output,
        Err(error) => {
            return Finding::warn(
                AREA,
                name,
                format!("not tried: {error}"),
                "run `sudo orchestrator doctor`",
            );
        }
    };
    judge(program_type, implementation.name(), &output)
}

/// Reads what the runner said: the last message is `summary` when all went well, `error` otherwise.
fn judge(program_type: ProgramType, implementation: &str, output: &str) -> Finding {
    let name = program_type.name();
    let messages: Vec<Value> = output.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of_type = |kind: &str| messages.iter().find(|message| message["type"] == kind);
    if of_type("summary").is_some() {
        let target =
            of_type("ready").and_then(|ready| ready["attach_target"].as_str()).unwrap_or("its target");
        return Finding::ok(AREA, name, format!("attached to {target} (tried with {implementation})"));
    }
    if let Some(error) = of_type("error") {
        let message = error["message"].as_str().unwrap_or("the runner failed without a message");
        let hint = error["hint"].as_str().unwrap_or("see `--verbose` of the runner");
        return if program_type.facts().needed {
            Finding::missing(AREA, name, message, hint)
        } else {
            Finding::warn(AREA, name, message, hint)
        };
    }
    let last = output.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("the runner said nothing");
    Finding::warn(AREA, name, format!("not tried: {last}"), "run `sudo orchestrator doctor`")
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_summary_is_proof() {
        let output = "{\"type\":\"ready\",\"attach_target\":\"a/b\"}\nnoise\n{\"type\":\"summary\"}\n";
        let finding = judge(ProgramType::Tracepoint, "some", output);
        assert_eq!(
            (finding.state, finding.detail.as_str()),
            (State::Ok, "attached to a/b (tried with some)")
        );
    }

    #[test]
    fn the_runners_own_words_explain_what_the_kernel_lacks() {
        let output = "{\"type\":\"error\",\"kind\":\"unsupported\",\"message\":\"no kprobes\",\"hint\":\"use another\"}\n";
        let finding = judge(ProgramType::Kprobe, "some", output);
        assert_eq!((finding.state, finding.detail.as_str()), (State::Warn, "no kprobes"));
        assert_eq!(judge(ProgramType::Tracepoint, "some", output).state, State::Missing);
    }

    #[test]
    fn silence_is_not_a_verdict() {
        let finding = judge(ProgramType::Fentry, "some", "sudo: a password is required\n");
        assert_eq!(finding.state, State::Warn);
        assert_eq!(finding.detail, "not tried: sudo: a password is required");
    }
}
