//! What is done before anything is started: the machine comes to rest, and what reading costs at least is timed.

use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;

use super::surroundings::Surroundings;
use crate::files::file_hash;
use crate::sample::{Mappings, Quiet, Walk, canary, settle};
use crate::supervise::child::{Child, ChildEvent, Output};
use crate::supervise::facts::loaded_objects;
use crate::supervise::launch::Launch;
use crate::supervise::record::{ProgramFile, Speaks, TrialSpec};

/// Walks of a run's first trial with a ring and a record size, and of each later one. The fastest of all counts.
const WALKS: (u32, u32) = (7, 2);
/// An emulated machine needs a while; without an answer there is no floor.
const WALK_PATIENCE: Duration = Duration::from_secs(10);

/// Waits until the last trial is over for the machine as well, and sees how fast it is.
pub(super) async fn quiet(spec: &TrialSpec, surroundings: &mut Surroundings) -> Quiet {
    let cpus: Vec<u32> = spec.placement.runner.iter().chain(&spec.placement.load).copied().collect();
    let mut quiet = settle(loaded_objects, surroundings.bpf_base, &cpus).await;
    if quiet.leftover_bpf.is_some_and(|left| left > 0) {
        // Somebody else has loaded something: the same wait before every later trial would be in vain.
        surroundings.bpf_base = loaded_objects();
    }
    quiet.canary = canary(spec.placement.runner);
    quiet
}

/// Has everything that is in a file read from the disk again, but for what a process has mapped now (Documentation/admin-guide/sysctl/vm.rst).
pub(super) fn empty_page_cache() -> Result<(), String> {
    // What was changed cannot be dropped before it is written.
    nix::unistd::sync();
    std::fs::write("/proc/sys/vm/drop_caches", "1\n")
        .map_err(|error| format!("the page cache cannot be emptied: {error}"))
}

/// Who has maps in memory before anything is started.
pub(super) fn mappings(spec: &TrialSpec, surroundings: &Surroundings) -> Mappings {
    // Without a program nobody can read for it, and without privileges nobody's memory can be looked at.
    if spec.argv.is_empty() || !nix::unistd::geteuid().is_root() {
        return surroundings.mappings.clone();
    }
    Mappings::take(&[std::process::id()], &surroundings.mappings)
}

/// The file that is about to be started.
pub(super) fn program_file(spec: &TrialSpec) -> Option<ProgramFile> {
    let path = Path::new(spec.argv.first()?);
    let sha256 = file_hash(path).ok();
    Some(ProgramFile {
        implementation: spec.told.implementation.clone(),
        sha256,
        sha256_at_start: spec.told.program_sha256.clone(),
    })
}

/// Times a bare walk on the trial's processors, in a process of its own: its memory is not the supervisor's.
pub(super) async fn bare_walk(spec: &TrialSpec, surroundings: &mut Surroundings) -> Option<Walk> {
    let (ring_bytes, record_bytes) = spec.told.map_bytes.zip(spec.told.record_bytes)?;
    let is_walked = spec.told.mechanism.is_some_and(|mechanism| mechanism.facts().is_walked);
    if !is_walked || spec.argv.is_empty() || spec.speaks != Speaks::Protocol {
        return None;
    }
    let same = |walk: &Walk| walk.ring_bytes == ring_bytes && walk.record_bytes == record_bytes;
    let known = surroundings.walks.iter().position(same);
    let mut argv = vec![surroundings.load_argv.first()?.clone(), "walk".to_owned()];
    argv.push(format!("--ring-size={ring_bytes}"));
    argv.push(format!("--record-size={record_bytes}"));
    argv.push(format!("--walks={}", if known.is_some() { WALKS.1 } else { WALKS.0 }));
    argv.extend(spec.placement.runner.map(|cpu| format!("--reader={cpu}")));
    argv.extend(spec.placement.load.first().map(|cpu| format!("--writer={cpu}")));
    let (owner, affinity) = (surroundings.load_owner, surroundings.affinity);
    let child = Child::spawn(&argv, Launch { owner, affinity, ..Launch::default() }).ok()?;
    let walked = timeout(WALK_PATIENCE, answer(child)).await.ok().flatten();
    match (known.and_then(|index| surroundings.walks.get_mut(index)), walked) {
        (Some(known), Some(now)) => {
            known.walks += now.walks;
            known.fastest_ns = known.fastest_ns.min(now.fastest_ns);
            known.median_ns = now.median_ns;
            known.wake_ns = known.wake_ns.into_iter().chain(now.wake_ns).min();
            Some(*known)
        }
        (Some(known), None) => Some(*known),
        (None, now) => {
            surroundings.walks.extend(now);
            now
        }
    }
}

/// One JSON object, over several lines.
async fn answer(mut child: Child) -> Option<Walk> {
    let mut text = String::new();
    loop {
        match child.next().await {
            ChildEvent::Output(Output::Line(line)) => {
                text.push_str(&line.line);
                text.push('\n');
            }
            ChildEvent::Output(Output::TooMuch) => return None,
            ChildEvent::Exited(_) => return serde_json::from_str(&text).ok(),
        }
    }
}
