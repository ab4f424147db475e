//! Frozen variables of a program: what user space set before it loaded the program, and can no longer change.

use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd};

use libbpf_rs::{MapCore, MapFlags, MapHandle};
use libbpf_sys::{bpf_map_info, btf, btf_type, btf_var_secinfo};

/// Kernel: include/uapi/linux/btf.h.
const KIND_DATASEC: u32 = 15;

/// The bytes of the variable `name`, from a map that holds a section of read-only data; none when the map is not frozen, has no
/// type information, or no such variable.
pub(crate) fn frozen_variable(handle: &MapHandle, name: &str) -> Option<Vec<u8>> {
    if handle.query_fdinfo().ok()?.frozen != Some(true) {
        return None;
    }
    let info = info(handle)?;
    let (offset, size) = place(info.btf_id, info.btf_value_type_id, name)?;
    let value = handle.lookup(&0_u32.to_ne_bytes(), MapFlags::ANY).ok()??;
    value.get(offset..offset + size).map(<[u8]>::to_vec)
}

fn info(handle: &MapHandle) -> Option<bpf_map_info> {
    let mut info = bpf_map_info::default();
    let mut length = u32::try_from(size_of_val(&info)).ok()?;
    // SAFETY: `info` is a plain struct of `length` bytes that outlives the call.
    let status = unsafe {
        libbpf_sys::bpf_map_get_info_by_fd(handle.as_fd().as_raw_fd(), &raw mut info, &raw mut length)
    };
    (status == 0 && info.btf_id != 0).then_some(info)
}

/// Where a variable lies in the section that is the type `section` of the kernel's BTF object `btf_id`: offset and size.
fn place(btf_id: u32, section: u32, name: &str) -> Option<(usize, usize)> {
    // SAFETY: any number is allowed; the result is null or an object of ours.
    let types = Types(unsafe { libbpf_sys::btf__load_from_kernel_by_id(btf_id) });
    if types.0.is_null() {
        return None;
    }
    let section = types.get(section)?;
    if section.info >> 24 & 0x1f != KIND_DATASEC {
        return None;
    }
    let variables = usize::try_from(section.info & 0xffff).ok()?;
    // SAFETY: libbpf has checked that this many entries follow a type of this kind.
    let entries = unsafe {
        let first = std::ptr::from_ref(section).add(1).cast::<btf_var_secinfo>();
        std::slice::from_raw_parts(first, variables)
    };
    let entry = entries.iter().find(|entry| types.name_of(entry.type_).as_deref() == Some(name))?;
    Some((usize::try_from(entry.offset).ok()?, usize::try_from(entry.size).ok()?))
}

struct Types(*mut btf);

impl Types {
    fn get(&self, id: u32) -> Option<&btf_type> {
        // SAFETY: the object is not null; the result is null or points into it.
        unsafe { libbpf_sys::btf__type_by_id(self.0, id).as_ref() }
    }

    fn name_of(&self, id: u32) -> Option<String> {
        let offset = self.get(id)?.name_off;
        // SAFETY: the object is not null; the result is null or a string inside of it.
        let name = unsafe { libbpf_sys::btf__name_by_offset(self.0, offset) };
        if name.is_null() {
            return None;
        }
        // SAFETY: not null, and a string that ends within the object.
        Some(unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned())
    }
}

impl Drop for Types {
    fn drop(&mut self) {
        // SAFETY: an object of ours, or null, which is allowed; freed once.
        unsafe { libbpf_sys::btf__free(self.0) };
    }
}
