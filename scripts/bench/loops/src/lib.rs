//! What the bare loops share: they read a ring buffer that a runner, which is then stopped, has made and fills.
//!
//! ```text
//! bare-NAME MAP_ID CPU
//! ```
//!
//! Each pins itself, prints `ready`, reads until SIGTERM, and prints `RECEIVED MARKS`. Nothing else: no tick, no clock, no
//! report, so that what a runner costs beyond its framework shows. `MARKS` is the sum of the records' marks modulo 2^64.

use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, Ordering};

/// How long a wait lasts at most, milliseconds; then the stop flag is looked at.
const WAIT_MS: libc::c_int = 100;

static STOP: AtomicBool = AtomicBool::new(false);

/// What a loop has read.
#[derive(Debug, Default, Clone, Copy)]
pub struct Totals {
    /// Records.
    pub received: u64,
    /// Sum of their marks modulo 2^64.
    pub marks: u64,
}

impl Totals {
    /// Counts a record whose event begins at `event`.
    ///
    /// # Safety
    ///
    /// `event` points to at least 16 readable bytes. The mark is the second u64 of `struct event` (impls/bpf/bench.h).
    pub unsafe fn add(&mut self, event: *const u8) {
        // SAFETY: the caller's promise.
        self.marks =
            self.marks.wrapping_add(u64::from_ne_bytes(unsafe { event.add(8).cast::<[u8; 8]>().read() }));
        self.received += 1;
    }
}

/// The command line: map id and CPU.
pub fn arguments() -> Result<(u32, usize), String> {
    let numbers: Vec<u32> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    match numbers[..] {
        [map_id, cpu] => Ok((map_id, cpu as usize)),
        _ => Err("expected MAP_ID and CPU, two whole numbers".into()),
    }
}

/// Pins the process and lets SIGTERM set a flag instead of ending it.
pub fn prepare(cpu: usize) -> Result<(), String> {
    extern "C" fn stop(_signal: libc::c_int) {
        STOP.store(true, Ordering::Relaxed);
    }
    // SAFETY: plain data; the kernel reads `set`, and a handler that only stores a flag is safe at any time.
    let done = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut set);
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = stop as *const () as usize;
        libc::sched_setaffinity(0, size_of_val(&set), &raw const set)
            | libc::sigaction(libc::SIGTERM, &raw const action, std::ptr::null_mut())
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error().to_string()) }
}

/// Whether SIGTERM came.
#[must_use]
pub fn stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// Waits for an epoll descriptor, at most 100 ms.
pub fn wait(epoll: RawFd) {
    // SAFETY: there is room for one event. A signal ends the wait, and then the flag is set.
    unsafe {
        let mut event: libc::epoll_event = std::mem::zeroed();
        libc::epoll_wait(epoll, &raw mut event, 1, WAIT_MS);
    }
}

/// An epoll descriptor that watches one other; `flags` beside `EPOLLIN`.
pub fn epoll(fd: RawFd, flags: libc::c_int) -> Result<RawFd, String> {
    let mut event = libc::epoll_event { events: (libc::EPOLLIN | flags).cast_unsigned(), u64: 0 };
    // SAFETY: `event` outlives the call; the descriptors stay open until the process ends.
    let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    // SAFETY: as above.
    let added = unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, fd, &raw mut event) };
    if epoll >= 0 && added == 0 { Ok(epoll) } else { Err(io::Error::last_os_error().to_string()) }
}

/// Says that reading is about to begin.
pub fn ready() {
    println!("ready");
}

/// Ends a program: what it read, or why it could not.
#[must_use]
pub fn report(result: Result<Totals, String>) -> std::process::ExitCode {
    match result {
        Ok(totals) => {
            println!("{} {}", totals.received, totals.marks);
            std::process::ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
