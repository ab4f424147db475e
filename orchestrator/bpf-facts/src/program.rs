//! One BPF program.

use std::ffi::CStr;
use std::os::fd::{AsRawFd, OwnedFd};

use libbpf_rs::Program;
use libbpf_sys::bpf_prog_info;

use crate::Error;

/// More maps than any program of a benchmark has.
const MAPS_MAX: usize = 64;

/// One BPF program. Counters are since load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramFacts {
    /// Program id.
    pub id: u32,
    /// Name, cut by the kernel to 15 characters.
    pub name: String,
    /// The kernel's number of its kind.
    pub kind: u32,
    /// Hash of its instructions, 16 hexadecimal digits.
    pub tag: String,
    /// Ids of the maps that it uses.
    pub map_ids: Vec<u32>,
    /// Runs that the kernel skipped, because the program was already running on that CPU.
    pub recursion_misses: u64,
    /// Runs while statistics were on.
    pub run_count: u64,
    /// Nanoseconds of those runs.
    pub run_time_ns: u64,
    /// Instructions that the verifier walked (0 before Linux 5.16).
    pub verified_instructions: u32,
    /// Bytes of the translated program.
    pub translated_bytes: u32,
    /// Bytes of native code; 0 when interpreted.
    pub jited_bytes: u32,
}

/// A program, kept open by its id.
#[derive(Debug)]
pub struct BpfProgram {
    id: u32,
    fd: OwnedFd,
}

impl BpfProgram {
    /// Opens a program by its id. Needs `CAP_SYS_ADMIN`.
    pub fn open(id: u32) -> Result<Self, Error> {
        let fd = Program::fd_from_id(id).map_err(|source| Error::Program { id, source })?;
        Ok(Self { id, fd })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Runs that the kernel has skipped since load; none where it does not answer.
    #[must_use]
    pub fn misses(&self) -> Option<u64> {
        let mut info = bpf_prog_info::default();
        self.ask(&mut info).ok().map(|()| info.recursion_misses)
    }

    /// Name of the kernel function that it traces; none for a program that traces none, or where the kernel has no types.
    #[must_use]
    pub fn attached_function(&self) -> Option<String> {
        let mut info = bpf_prog_info::default();
        self.ask(&mut info).ok()?;
        let id = libbpf_rs::btf::TypeId::from(info.attach_btf_id);
        if info.attach_btf_id == 0 {
            return None;
        }
        let types = libbpf_rs::btf::Btf::from_vmlinux().ok()?;
        let function: libbpf_rs::btf::types::Func<'_> = types.type_by_id(id)?;
        function.name().map(|name| name.to_string_lossy().into_owned())
    }

    /// Its counters and sizes now.
    pub fn facts(&self) -> Result<ProgramFacts, Error> {
        let mut map_ids = [0_u32; MAPS_MAX];
        let mut info = bpf_prog_info {
            nr_map_ids: u32::try_from(MAPS_MAX).unwrap_or(0),
            map_ids: map_ids.as_mut_ptr() as u64,
            ..bpf_prog_info::default()
        };
        self.ask(&mut info)?;
        let maps = usize::try_from(info.nr_map_ids).unwrap_or(0).min(MAPS_MAX);
        // SAFETY: the kernel ends the name with a zero byte within its 16 bytes.
        let name = unsafe { CStr::from_ptr(info.name.as_ptr()) }.to_string_lossy().into_owned();
        Ok(ProgramFacts {
            id: self.id,
            name,
            kind: info.type_,
            tag: format!("{:016x}", u64::from_be_bytes(info.tag)),
            map_ids: map_ids[..maps].to_vec(),
            recursion_misses: info.recursion_misses,
            run_count: info.run_cnt,
            run_time_ns: info.run_time_ns,
            verified_instructions: info.verified_insns,
            translated_bytes: info.xlated_prog_len,
            jited_bytes: info.jited_prog_len,
        })
    }

    /// `info` says where answers of variable length go, or that they are not wanted.
    fn ask(&self, info: &mut bpf_prog_info) -> Result<(), Error> {
        let mut length = u32::try_from(size_of_val(info)).unwrap_or(u32::MAX);
        // SAFETY: `info` is a plain struct of `length` bytes that outlives the call; its only pointer that is not null
        // is to `nr_map_ids` numbers of the caller, so the kernel writes nothing outside of them.
        let status = unsafe {
            libbpf_sys::bpf_obj_get_info_by_fd(
                self.fd.as_raw_fd(),
                std::ptr::from_mut(info).cast(),
                &raw mut length,
            )
        };
        if status != 0 {
            return Err(Error::Program { id: self.id, source: libbpf_rs::Error::from_raw_os_error(-status) });
        }
        Ok(())
    }
}
