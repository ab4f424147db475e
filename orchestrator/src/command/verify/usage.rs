//! Whether a program refuses what it does not understand: a flag that is ignored makes another benchmark of it.

use std::path::Path;
use std::time::Duration;

use super::{Line, Status, failed};
use crate::config::Implementation;
use crate::prepare::{Workplace, capture};

/// Name of the check.
pub(super) const NAME: &str = "usage errors";
/// Exit status of a usage error (docs/PROTOCOL.md).
const STATUS: i32 = 64;
/// An interpreter on a busy machine takes a while to refuse.
const LIMIT: Duration = Duration::from_secs(30);

/// Arguments that are wrong, and the word that the error must name.
const CASES: [(&[&str], &str); 17] = [
    (&["--foo"], "--foo"),
    (&["stray"], "stray"),
    (&["--batch"], "--batch"),
    (&["--latency=yes"], "--latency"),
    (&["--duration", "0"], "--duration"),
    (&["--output=xml"], "--output"),
    (&["--program-type", "xdp"], "--program-type"),
    (&["--attach-target", "openat2"], "--attach-target"),
    (&["--target-pid", "-1"], "--target-pid"),
    (&["--ring-size", "5000"], "--ring-size"),
    (&["--record-size=65"], "--record-size"),
    (&["--batch", "1001"], "--batch"),
    (&["--wakeup", "timer:99us"], "--wakeup"),
    (&["--work", "10001"], "--work"),
    (&["--cpu", "-1"], "--cpu"),
    (&["--cpu=4096"], "--cpu"),
    // In range, and not there: only the second half of a check refuses it.
    (&["--cpu", "4095"], "--cpu"),
];

/// One line for all cases; none for a program that does not speak the protocol.
pub(super) fn check(implementation: &Implementation, program: &str, root: &Path) -> Option<Line> {
    let speaks = implementation.manifest.programs.get(program)?.speaks_protocol();
    if !speaks {
        return None;
    }
    let executable = implementation.executable(root, program).display().to_string();
    let wrong: Vec<String> = CASES.iter().filter_map(|case| wrong(&executable, *case, root)).collect();
    Some(if wrong.is_empty() {
        let (implementation, check) = (implementation.name().to_owned(), NAME.to_owned());
        Line { implementation, check, status: Status::Passed, reason: None, hint: None }
    } else {
        failed(implementation.name(), NAME, wrong.join("; "))
    })
}

fn wrong(executable: &str, (arguments, word): (&[&str], &str), root: &Path) -> Option<String> {
    let argv: Vec<String> = [executable].iter().chain(arguments).map(|part| (*part).to_owned()).collect();
    let shown = arguments.join(" ");
    match capture(&argv, Workplace::plain(root), LIMIT) {
        Ok((status, _)) if status.code() != Some(STATUS) => {
            Some(format!("`{shown}` ends with {status}, not with status {STATUS}"))
        }
        Ok((_, said)) if !said.contains(&format!("`{word}`")) => {
            Some(format!("the error of `{shown}` does not name `{word}`"))
        }
        Ok(_) => None,
        Err(error) => Some(format!("`{shown}`: {error}")),
    }
}
