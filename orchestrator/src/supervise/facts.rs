//! What is loaded in this kernel, by anyone.

use bpf_facts::LoadedProgram;

use super::record::OtherProgram;

/// How many BPF programs and maps are loaded, by anyone; none without privileges to ask.
pub(super) fn loaded_objects() -> Option<u32> {
    let both = bpf_facts::program_ids().ok()?.len() + bpf_facts::map_ids().ok()?.len();
    u32::try_from(both).ok()
}

/// The BPF programs that are loaded, by anyone; none without privileges to ask.
pub(super) fn loaded_programs() -> Option<Vec<OtherProgram>> {
    let programs = bpf_facts::loaded_programs().ok()?;
    Some(
        programs
            .into_iter()
            .map(|LoadedProgram { id, name, kind }| OtherProgram { id, name, kind })
            .collect(),
    )
}
