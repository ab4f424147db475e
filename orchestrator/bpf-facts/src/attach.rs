//! Through which descriptors of a process a program is attached, and to what.

use std::collections::BTreeSet;
use std::ffi::CStr;
use std::fs;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use libbpf_sys::{
    BPF_FD_TYPE_KPROBE, BPF_FD_TYPE_KRETPROBE, BPF_FD_TYPE_RAW_TRACEPOINT, BPF_FD_TYPE_TRACEPOINT,
    BPF_FD_TYPE_UPROBE, BPF_FD_TYPE_URETPROBE, BPF_PERF_EVENT_KPROBE, BPF_PERF_EVENT_KRETPROBE,
    BPF_PERF_EVENT_TRACEPOINT,
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

/// The ids of all programs that a process holds: by a descriptor of their own, or because it keeps them attached.
#[must_use]
pub fn held_programs(pid: u32) -> BTreeSet<u32> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return BTreeSet::new() };
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    numbers.filter_map(|fd| program_of(pid, fd)).collect()
}

fn program_of(pid: u32, fd: i32) -> Option<u32> {
    let object = fs::read_link(format!("/proc/{pid}/fd/{fd}")).ok()?;
    match object.to_str()? {
        "anon_inode:[perf_event]" => ask(pid, fd).map(|attachment| attachment.program_id),
        "anon_inode:bpf-prog" | "anon_inode:bpf-link" | "anon_inode:bpf_link" => {
            value(&fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).ok()?, "prog_id")?.parse().ok()
        }
        _ => None,
    }
}

/// A line of `/proc/<pid>/fdinfo/<fd>`.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.map(str::trim)
}

fn of_descriptor(pid: u32, fd: i32) -> Option<Attachment> {
    let object = fs::read_link(format!("/proc/{pid}/fd/{fd}")).ok()?;
    match object.to_str()? {
        "anon_inode:[perf_event]" => ask(pid, fd),
        "anon_inode:bpf-link" | "anon_inode:bpf_link" => of_link(pid, fd),
        _ => None,
    }
}

/// Kernel: the `show_fdinfo` of links, kernel/bpf/syscall.c.
fn of_link(pid: u32, fd: i32) -> Option<Attachment> {
    let text = fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).ok()?;
    let value = |key: &str| value(&text, key);
    let kind = value("link_type")?.to_owned();
    let program_id = value("prog_id")?.parse().ok()?;
    if kind == "perf" || kind == "perf_event" {
        let (kind, target) = perf_event(value("link_id")?.parse().ok()?).unwrap_or((kind, None));
        return Some(Attachment { program_id, kind, target });
    }
    Some(Attachment { program_id, kind, target: value("tp_name").map(str::to_owned) })
}

/// `struct bpf_link_info` as far as links of perf events use it: include/uapi/linux/bpf.h. Tracepoints and functions have their names
/// at the same place.
#[repr(C)]
#[derive(Default)]
struct PerfLinkInfo {
    kind: u32,
    id: u32,
    program_id: u32,
    padding: u32,
    event: u32,
    padding_of_event: u32,
    name: u64,
    name_length: u32,
    rest: [u32; 9],
}

/// What the perf event of a link is attached to. Kernels before 6.6 do not say.
fn perf_event(link_id: u32) -> Option<(String, Option<String>)> {
    // SAFETY: takes a number and gives a new descriptor or an error.
    let fd = unsafe { libbpf_sys::bpf_link_get_fd_by_id(link_id) };
    if fd < 0 {
        return None;
    }
    // SAFETY: a new descriptor that nobody else knows.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    let mut name = [0_u8; NAME_MAX];
    let mut info = PerfLinkInfo {
        name: name.as_mut_ptr() as u64,
        name_length: u32::try_from(NAME_MAX).ok()?,
        ..PerfLinkInfo::default()
    };
    let mut length = u32::try_from(size_of_val(&info)).ok()?;
    // SAFETY: `info` is a plain struct of `length` bytes that outlives the call, and its only pointer is to `name_length` bytes.
    let status = unsafe {
        libbpf_sys::bpf_obj_get_info_by_fd(fd.as_raw_fd(), (&raw mut info).cast(), &raw mut length)
    };
    let kind = match info.event {
        BPF_PERF_EVENT_TRACEPOINT => "tracepoint",
        BPF_PERF_EVENT_KPROBE => "kprobe",
        BPF_PERF_EVENT_KRETPROBE => "kretprobe",
        _ => return None,
    };
    (status == 0).then(|| (kind.to_owned(), text(&name)))
}

fn text(name: &[u8]) -> Option<String> {
    let text = CStr::from_bytes_until_nul(name).ok()?.to_string_lossy().into_owned();
    Some(text).filter(|name| !name.is_empty())
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
    Some(Attachment { program_id, kind: kind_name(kind), target: text(&name) })
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
