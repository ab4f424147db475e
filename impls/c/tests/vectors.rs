//! The C functions against the shared test vectors. `vectors.c` calls them; see there.

extern crate hdrhistogram_c as _;
extern crate libbpf_sys as _;

use std::ffi::{CStr, CString, c_char};
use std::ptr::NonNull;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use serde_json::Value;

unsafe extern "C" {
    safe fn vectors__summary() -> Option<NonNull<c_char>>;
    safe fn vectors__report(
        attempted: u64,
        submitted: u64,
        dropped: u64,
        received: u64,
        drained: u64,
    ) -> Option<NonNull<c_char>>;
    fn vectors__error_line(message: *const c_char) -> Option<NonNull<c_char>>;
    fn vectors__latency(delays_ns: *const u64, count: usize) -> Option<NonNull<c_char>>;
    fn program__is_verdict(log: *const c_char) -> bool;
}

/// Takes over text that a function of `vectors.c` returned.
fn owned(text: Option<NonNull<c_char>>) -> String {
    let text = text.expect("there is memory").as_ptr();
    // SAFETY: it is a terminated string, allocated for the caller to free, and not used afterwards.
    unsafe {
        let copy = CStr::from_ptr(text).to_str().expect("the runner writes UTF-8").to_owned();
        libc::free(text.cast());
        copy
    }
}

#[test]
fn numbers_of_the_summary_are_exact() {
    let line: Value = serde_json::from_str(&owned(vectors__summary())).expect("a summary is JSON");
    let expected =
        include_str!("../../testdata/protocol.jsonl").lines().find(|line| line.contains("summary"));
    assert_eq!(line, serde_json::from_str::<Value>(expected.expect("there is one")).expect("it is JSON"));
}

#[test]
fn report_of_no_event_says_how_to_get_some() {
    let report = owned(vectors__report(0, 0, 0, 0, 0));
    let end = "latency      none recorded\naccounting   balanced\n\n\
               hint: nothing triggered the program; run `orchestrator load` in another terminal\n";
    assert!(report.ends_with(end), "{report}");
    assert!(report.contains("dropped      0\n"), "{report}");
}

#[test]
fn report_says_what_does_not_balance() {
    for (attempted, submitted, received) in [(5, 4, 4), (4, 3, 2)] {
        let report = owned(vectors__report(attempted, submitted, 1, received, 0));
        assert_eq!(report.contains("NOT BALANCED: attempted 4"), attempted == 4, "{report}");
    }
}

#[test]
fn rates_are_of_what_was_read_until_the_runner_decided_to_stop() {
    let report = owned(vectors__report(100, 100, 0, 100, 30));
    assert!(report.contains("events       100 received of 100 attempted\n"), "{report}");
    assert!(report.contains("throughput   7 events/s\n"), "{report}");
}

#[test]
fn error_lines_stay_json_whatever_the_text() {
    let cases: [(&[u8], &str); 3] =
        [(b"a\x01\r\n\x7f\"\\", "a????\"\\"), ("tür".as_bytes(), "t??r"), (b"\xff|", "?|")];
    for (bytes, expected) in cases {
        let message = CString::new(bytes).expect("the cases have no zero byte");
        // SAFETY: `message` is a terminated string that outlives the call.
        let line = owned(unsafe { vectors__error_line(message.as_ptr()) });
        let line: Value = serde_json::from_str(&line).expect("an error line is JSON");
        assert_eq!(line["message"], expected);
    }
}

/// What the C library encodes, decoded by the Rust library.
fn histogram_of(delays_ns: &[u64]) -> Histogram<u64> {
    // SAFETY: pointer and length belong to one slice that outlives the call.
    let line = owned(unsafe { vectors__latency(delays_ns.as_ptr(), delays_ns.len()) });
    let line: Value = serde_json::from_str(&line).expect("a summary is JSON");
    let text = line["latency"].as_str().expect("delays were recorded");
    let payload = STANDARD.decode(text).expect("the histogram is base64");
    Deserializer::new().deserialize(&mut payload.as_slice()).expect("the histogram is V2 compressed")
}

#[test]
fn longer_delays_and_those_below_zero_are_recorded_as_the_highest_value() {
    let below_zero = 5_u64.wrapping_sub(6);
    let decoded = histogram_of(&[60_000_000_001, below_zero, 5]);
    assert_eq!((decoded.low(), decoded.high(), decoded.sigfig()), (1, 60_000_000_000, 3));
    assert_eq!(decoded.len(), 3);
    assert_eq!(decoded.count_at(5), 1);
    assert_eq!(decoded.count_at(60_000_000_000), 2);
}

#[test]
fn a_verdict_is_a_log_of_instructions_that_were_looked_at() {
    for (log, expected) in [
        (c"prog 'x': -- BEGIN PROG LOAD LOG --\n0: (95) exit\nR0 !read_ok\nprocessed 1 insns (limit 1000000)", true),
        (c"prog 'x': -- BEGIN PROG LOAD LOG --\nx() is not modifiable\nprocessed 0 insns (limit 1000000)", false),
        (c"prog 'x': BPF program load failed: -EPERM\n", false),
        (c"0: (85) call unknown#999\ninvalid func unknown#999\nprocessed 1 insns (limit 1000000)", false),
        (c"program of this type cannot use helper bpf_x#113\nprocessed 9 insns (limit 1000000)", false),
        (c"", false),
    ] {
        // SAFETY: `log` is a terminated string that outlives the call.
        assert_eq!(unsafe { program__is_verdict(log.as_ptr()) }, expected, "{log:?}");
    }
}

#[test]
fn an_empty_histogram_can_be_encoded() {
    assert_eq!(histogram_of(&[]).len(), 0);
}
