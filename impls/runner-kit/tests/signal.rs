//! A process of its own, since the request to stop is one flag for the whole process.

use runner_kit::stop::Stop;

#[test]
fn notices_a_signal() {
    let stop = Stop::install().unwrap();
    assert!(!stop.signalled());
    // SAFETY: the handler for SIGTERM was installed a moment ago.
    unsafe { libc::raise(libc::SIGTERM) };
    assert!(stop.signalled());
}
