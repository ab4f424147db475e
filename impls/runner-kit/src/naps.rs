//! Whether this thread gave its CPU away: what tells a wait that slept from one that returned at once.

use std::mem::zeroed;

/// Counts this thread's voluntary switches, from one look to the next.
///
/// One look a wait is enough: between two waits a consumer only reads memory. After anything else that may have slept,
/// such as writing a message, one more look leaves that out.
#[derive(Debug)]
pub struct Naps {
    seen: libc::c_long,
}

impl Naps {
    /// Counts from now on.
    #[must_use]
    pub fn new() -> Self {
        Self { seen: voluntary_switches() }
    }

    /// Whether there was one since the last look.
    pub fn any(&mut self) -> bool {
        let now = voluntary_switches();
        std::mem::replace(&mut self.seen, now) != now
    }
}

impl Default for Naps {
    fn default() -> Self {
        Self::new()
    }
}

fn voluntary_switches() -> libc::c_long {
    // SAFETY: zero is valid for every field.
    let mut usage: libc::rusage = unsafe { zeroed() };
    // SAFETY: `usage` is ours to write. It cannot fail for one's own thread.
    unsafe { libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage) };
    usage.ru_nvcsw
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_sleep_is_a_nap_and_a_look_is_none() {
        let mut naps = Naps::new();
        std::thread::sleep(Duration::from_millis(1));
        assert!(naps.any());
        assert!(!naps.any());
    }
}
