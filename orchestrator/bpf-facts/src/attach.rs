//! Through which descriptors of a process a program is attached, and to what.

use std::ffi::CStr;
use std::fs;

use libbpf_sys::{
    BPF_FD_TYPE_KPROBE, BPF_FD_TYPE_KRETPROBE, BPF_FD_TYPE_RAW_TRACEPOINT, BPF_FD_TYPE_TRACEPOINT,
    BPF_FD_TYPE_UPROBE, BPF_FD_TYPE_URETPROBE,
};

/// Longer than the name of any tracepoint or kernel function.
const NAME_MAX: usize = 512;

/// One descriptor that keeps a program attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Program id.
    pub program_id: u32,
    /// `tracepoint`, `raw_tracepoint`, `kprobe`, …; for a link that is not of a perf event the kernel's own word, such as
    /// `tracing`.
    pub kind: String,
    /// Name of the tracepoint (without its category) or of the function, where the kernel says it.
    pub target: Option<String>,
}

/// All attachments that a process holds. Needs `CAP_SYS_ADMIN`; without it, and for a process that is gone, there are none.
#[must_use]
pub fn attachments(pid: u32) -> Vec<Attachment> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    numbers.filter_map(|fd| of_descriptor(pid, fd)).collect()
}

fn of_descriptor(pid: u32, fd: i32) -> Option<Attachment> {
    let object = fs::read_link(format!("/proc/{pid}/fd/{fd}")).ok()?;
    match object.to_str()? {
        "anon_inode:[perf_event]" => ask(pid, fd),
        // A link of a perf event has a descriptor of that event beside it, which says what it is attached to.
        "anon_inode:bpf-link" | "anon_inode:bpf_link" => of_link(pid, fd),
        _ => None,
    }
}

/// Kernel: the `show_fdinfo` of links, kernel/bpf/syscall.c.
fn of_link(pid: u32, fd: i32) -> Option<Attachment> {
    let text = fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).ok()?;
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        line.map(str::trim)
    };
    let kind = value("link_type")?.to_owned();
    if kind == "perf" || kind == "perf_event" {
        return None;
    }
    let program_id = value("prog_id")?.parse().ok()?;
    Some(Attachment { program_id, kind, target: value("tp_name").map(str::to_owned) })
}

fn ask(pid: u32, fd: i32) -> Option<Attachment> {
    let mut name = [0_u8; NAME_MAX];
    let mut length = u32::try_from(NAME_MAX).ok()?;
    let (mut program_id, mut kind, mut offset, mut address) = (0_u32, 0_u32, 0_u64, 0_u64);
    // SAFETY: `name` has `length` bytes, and the other pointers are to numbers of the sizes that the call writes.
    let status = unsafe {
        libbpf_sys::bpf_task_fd_query(
            i32::try_from(pid).ok()?,
            fd,
            0,
            name.as_mut_ptr().cast(),
            &raw mut length,
            &raw mut program_id,
            &raw mut kind,
            &raw mut offset,
            &raw mut address,
        )
    };
    // A perf event without a program is an error: not supported.
    if status != 0 {
        return None;
    }
    let target = CStr::from_bytes_until_nul(&name).ok()?.to_string_lossy().into_owned();
    Some(Attachment {
        program_id,
        kind: kind_name(kind),
        target: Some(target).filter(|name| !name.is_empty()),
    })
}

fn kind_name(kind: u32) -> String {
    match kind {
        BPF_FD_TYPE_RAW_TRACEPOINT => "raw_tracepoint".into(),
        BPF_FD_TYPE_TRACEPOINT => "tracepoint".into(),
        BPF_FD_TYPE_KPROBE => "kprobe".into(),
        BPF_FD_TYPE_KRETPROBE => "kretprobe".into(),
        BPF_FD_TYPE_UPROBE => "uprobe".into(),
        BPF_FD_TYPE_URETPROBE => "uretprobe".into(),
        other => other.to_string(),
    }
}
