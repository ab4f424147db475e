//! What libbpf says: shown with `--verbose`, and heard in any case, since it alone tells whether it was the verifier that
//! refused a program.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use libbpf_rs::PrintLevel;
use runner_kit::failure::is_verdict;

static VERBOSE: AtomicBool = AtomicBool::new(false);
static HAS_VERDICT: AtomicBool = AtomicBool::new(false);

/// Reads what libbpf says from now on, and passes it on to standard error if `verbose`.
pub(crate) fn listen(verbose: bool) {
    VERBOSE.store(verbose, Ordering::Relaxed);
    let level = if verbose { PrintLevel::Debug } else { PrintLevel::Warn };
    libbpf_rs::set_print(Some((level, on_message)));
}

/// Whether the verifier's verdict on a program was heard.
pub(crate) fn has_verdict() -> bool {
    HAS_VERDICT.load(Ordering::Relaxed)
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is libbpf-rs's")]
fn on_message(_level: PrintLevel, text: String) {
    HAS_VERDICT.fetch_or(is_verdict(&text), Ordering::Relaxed);
    if VERBOSE.load(Ordering::Relaxed) {
        // There is nowhere left to tell that standard error is closed.
        std::io::stderr().write_all(text.as_bytes()).ok();
    }
}
