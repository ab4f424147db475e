//! System calls: each constructor returns a function that makes one call and says whether the kernel answered as expected.
//!
//! Each call carries a cookie in the place of the directory descriptor, where tracers read it (docs/PROTOCOL.md, Marks). The kernel
//! does not look at it: two of the calls fail before, and the path of the other two is absolute (openat(2)).
//!
//! Raw system calls, because glibc has no openat2 and adds cancellation points to openat.

use std::ffi::{CStr, c_long};
use std::mem;
use std::ptr;

use super::caller::Caller;
use crate::plan::{LoadShape, Syscall, SystemCall};

const DEV_NULL: &CStr = c"/dev/null";

/// Gives the caller the call to make.
pub(super) fn give(SystemCall { shape, syscall }: SystemCall, caller: impl Caller) {
    match (syscall, shape) {
        (Syscall::Openat2, LoadShape::FailFast) => caller.run(&failing_openat2()),
        (Syscall::Openat2, LoadShape::OpenClose) => caller.run(&opening_openat2()),
        (Syscall::Openat, LoadShape::FailFast) => caller.run(&failing_openat()),
        (Syscall::Openat, LoadShape::OpenClose) => caller.run(&opening_openat()),
    }
}

/// What it does, in words.
pub(super) fn describe(SystemCall { shape, syscall }: SystemCall) -> String {
    match shape {
        LoadShape::FailFast => format!("{syscall} that fails at once"),
        LoadShape::OpenClose => format!("{syscall} of /dev/null"),
    }
}

/// `openat2` with a size of 0, which the kernel rejects before it reads any argument.
fn failing_openat2() -> impl Fn(u32) -> bool {
    let errno = errno_of_this_thread();
    move |cookie| {
        // SAFETY: the kernel dereferences none of the pointers: it rejects the size first.
        let result = unsafe {
            libc::syscall(
                libc::SYS_openat2,
                descriptor(cookie),
                ptr::null::<libc::c_char>(),
                ptr::null::<libc::open_how>(),
                0_usize,
            )
        };
        // SAFETY: the pointer is this thread's errno, which lives as long as the thread; the function cannot leave it.
        result == -1 && unsafe { errno.read() } == libc::EINVAL
    }
}

/// `openat` with `O_TMPFILE` but without write access, which the kernel rejects (`build_open_flags`)
/// before it reads the path.
fn failing_openat() -> impl Fn(u32) -> bool {
    let errno = errno_of_this_thread();
    let flags = c_long::from(libc::O_TMPFILE | libc::O_RDONLY);
    let mode: c_long = 0;
    move |cookie| {
        // SAFETY: the path is a null pointer that the kernel never reads, and would answer with EFAULT if it did.
        let result = unsafe {
            libc::syscall(libc::SYS_openat, descriptor(cookie), ptr::null::<libc::c_char>(), flags, mode)
        };
        // SAFETY: as in `failing_openat2`.
        result == -1 && unsafe { errno.read() } == libc::EINVAL
    }
}

/// `openat2` that opens `/dev/null`, and `close`.
fn opening_openat2() -> impl Fn(u32) -> bool {
    // SAFETY: three integers, for which zero is a value.
    let mut how: libc::open_how = unsafe { mem::zeroed() };
    how.flags = u64::from((libc::O_RDONLY | libc::O_CLOEXEC).cast_unsigned());
    move |cookie| {
        // SAFETY: path and `how` are valid for the call, and the size is that of `how`.
        let fd = unsafe {
            libc::syscall(
                libc::SYS_openat2,
                descriptor(cookie),
                DEV_NULL.as_ptr(),
                ptr::from_ref(&how),
                size_of_val(&how),
            )
        };
        close(fd)
    }
}

/// `openat` that opens `/dev/null`, and `close`.
fn opening_openat() -> impl Fn(u32) -> bool {
    let flags = c_long::from(libc::O_RDONLY | libc::O_CLOEXEC);
    let mode: c_long = 0;
    move |cookie| {
        // SAFETY: the path is valid for the call.
        let fd =
            unsafe { libc::syscall(libc::SYS_openat, descriptor(cookie), DEV_NULL.as_ptr(), flags, mode) };
        close(fd)
    }
}

/// A cookie as a directory descriptor: the same 32 bits.
fn descriptor(cookie: u32) -> c_long {
    cookie.cast_signed().into()
}

/// Closes what an open returned; false if there is nothing to close.
fn close(fd: c_long) -> bool {
    // SAFETY: a descriptor that the caller has just opened and nobody else knows.
    fd >= 0 && unsafe { libc::syscall(libc::SYS_close, fd) } == 0
}

/// Where this thread's errno is: looked up once, so that checking a result costs one load.
fn errno_of_this_thread() -> *const i32 {
    // SAFETY: always returns a valid pointer.
    unsafe { libc::__errno_location() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernel_answers_every_shape_as_expected() {
        // The bounds, the current folder by name, and a descriptor that is open.
        for cookie in [0, 1, 2, u32::MAX, 1 << 31, (1 << 31) - 1, libc::AT_FDCWD.cast_unsigned(), 0xdead_beef]
        {
            assert!(failing_openat2()(cookie), "{cookie}");
            assert!(failing_openat()(cookie), "{cookie}");
            assert!(opening_openat2()(cookie), "{cookie}");
            assert!(opening_openat()(cookie), "{cookie}");
        }
    }

    #[test]
    fn failed_open_is_unexpected() {
        assert!(!close(-1));
    }
}
