//! What is loaded in this kernel, by anyone.

use std::ffi::CStr;

use crate::{BpfProgram, Error};

/// A program that somebody has loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedProgram {
    /// Program id.
    pub id: u32,
    /// Name, cut by the kernel to 15 characters.
    pub name: String,
    /// Kind of program, as libbpf names it; the kernel's number where it has no name.
    pub kind: String,
}

/// Ids of all loaded programs. Needs CAP_SYS_ADMIN.
pub fn program_ids() -> Result<Vec<u32>, Error> {
    // SAFETY: the call writes one integer, to the address that it is given.
    ids(|id, next| unsafe { libbpf_sys::bpf_prog_get_next_id(id, next) })
}

/// Ids of all maps. Needs CAP_SYS_ADMIN.
pub fn map_ids() -> Result<Vec<u32>, Error> {
    // SAFETY: as above.
    ids(|id, next| unsafe { libbpf_sys::bpf_map_get_next_id(id, next) })
}

/// All loaded programs. One that is unloaded meanwhile is left out. Needs CAP_SYS_ADMIN.
pub fn loaded_programs() -> Result<Vec<LoadedProgram>, Error> {
    let facts = |id| BpfProgram::open(id).and_then(|program| program.facts()).ok();
    let program = |id| {
        let facts = facts(id)?;
        Some(LoadedProgram { id, name: facts.name, kind: program_kind(facts.kind) })
    };
    Ok(program_ids()?.into_iter().filter_map(program).collect())
}

fn ids(next_id: impl Fn(u32, *mut u32) -> i32) -> Result<Vec<u32>, Error> {
    let mut ids = Vec::new();
    let mut id = 0;
    loop {
        match next_id(id, &raw mut id) {
            0 => ids.push(id),
            // The one way in which a list ends.
            status if -status == nix::errno::Errno::ENOENT as i32 => return Ok(ids),
            status => {
                return Err(Error::List { source: libbpf_rs::Error::from_raw_os_error(-status) });
            }
        }
    }
}

/// A kind of program as libbpf names it; the kernel's number where it has no name.
#[must_use]
pub fn program_kind(kind: u32) -> String {
    // SAFETY: any number is allowed; the result is null or a string that lives as long as the program.
    let name = unsafe { libbpf_sys::libbpf_bpf_prog_type_str(kind) };
    if name.is_null() {
        return kind.to_string();
    }
    // SAFETY: not null, and a constant of libbpf.
    unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned()
}
