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
    safe fn vectors__protocol_lines() -> Option<NonNull<c_char>>;
    safe fn vectors__report(
        attempted: u64,
        submitted: u64,
        dropped: u64,
        received: u64,
        drained: u64,
    ) -> Option<NonNull<c_char>>;
    fn vectors__error_line(message: *const c_char) -> Option<NonNull<c_char>>;
    fn verifier_log__is_verdict(log: *const c_char) -> bool;
    fn vectors__histogram(delays_ns: *const u64, count: usize) -> Option<NonNull<c_char>>;
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
fn writes_protocol_lines_byte_for_byte() {
    assert_eq!(owned(vectors__protocol_lines()), include_str!("../../testdata/protocol.jsonl"));
}

#[test]
fn writes_the_report_byte_for_byte() {
    let report = owned(vectors__report(1_234_600, 1_234_567, 33, 1_234_567, 0));
    assert_eq!(report, include_str!("../../testdata/report.txt"));
}

#[test]
fn report_of_no_event_says_how_to_get_some() {
    let report = owned(vectors__report(0, 0, 0, 0, 0));
    let end = "latency      none recorded\naccounting   balanced\n\n\
               hint: nothing triggered the program; run `orchestrator load` in another terminal\n";
    assert!(report.ends_with(end), "{report}");
    assert!(report.contains("dropped      0 (0.00 %)\n"), "{report}");
}

#[test]
fn report_names_every_equation_that_fails() {
    let report = owned(vectors__report(5, 3, 1, 2, 0));
    let line =
        "accounting   NOT BALANCED: attempted 5 != submitted 3 + dropped 1; submitted 3 != received 2\n";
    assert!(report.contains(line), "{report}");
}

#[test]
fn rates_are_of_what_was_read_until_the_runner_decided_to_stop() {
    let report = owned(vectors__report(100, 100, 0, 100, 30));
    assert!(report.contains("events       100 received of 100 attempted\n"), "{report}");
    assert!(report.contains("throughput   7 events/s, 0.00 MB/s\n"), "{report}");
}

#[test]
fn error_lines_stay_json_whatever_the_text() {
    let cases: [(&[u8], &str); 4] = [
        (b"a\x01\x1f\r\n\x08\x0c\x7f", "a\u{1}\u{1f}\r\n\u{8}\u{c}\u{7f}"),
        ("tür €😀".as_bytes(), "tür €😀"),
        // A lone byte, an overlong form, a surrogate, a character cut short.
        (
            b"\xff|\xc0\xaf|\xed\xa0\x80|\xe2\x82",
            "\u{fffd}|\u{fffd}\u{fffd}|\u{fffd}\u{fffd}\u{fffd}|\u{fffd}\u{fffd}",
        ),
        (b"", ""),
    ];
    for (bytes, expected) in cases {
        let message = CString::new(bytes).expect("the cases have no zero byte");
        // SAFETY: `message` is a terminated string that outlives the call.
        let line = owned(unsafe { vectors__error_line(message.as_ptr()) });
        let line: Value = serde_json::from_str(&line).expect("an error line is JSON");
        assert_eq!(line["message"], expected);
    }
}

#[test]
fn the_longest_message_fits_a_protocol_line() {
    let message = CString::new("\u{1}".repeat(100_000)).expect("it has no zero byte");
    // SAFETY: `message` is a terminated string that outlives the call.
    let line = owned(unsafe { vectors__error_line(message.as_ptr()) });
    assert!(line.len() < 64 * 1024);
}

/// What the C library encodes, decoded by the Rust library.
fn histogram_of(delays_ns: &[u64]) -> Histogram<u64> {
    // SAFETY: pointer and length belong to one slice that outlives the call.
    let text = owned(unsafe { vectors__histogram(delays_ns.as_ptr(), delays_ns.len()) });
    let payload = STANDARD.decode(&text).expect("the histogram is base64");
    Deserializer::new().deserialize(&mut payload.as_slice()).expect("the histogram is V2 compressed")
}

#[test]
fn histogram_is_read_by_another_implementation() {
    let delays: Vec<u64> = (0..100_000_u64).map(|i| 1 + i * i % 7_919 * 1_009).collect();
    let decoded = histogram_of(&delays);

    let mut expected = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3).expect("the bounds are valid");
    for delay in &delays {
        expected.record(*delay).expect("the delays are in bounds");
    }
    assert_eq!((decoded.low(), decoded.high(), decoded.sigfig()), (1, 60_000_000_000, 3));
    assert_eq!(decoded.len(), expected.len());
    assert_eq!(decoded, expected);
}

#[test]
fn longer_delays_and_those_below_zero_are_recorded_as_the_highest_value() {
    let below_zero = 5_u64.wrapping_sub(6);
    let decoded = histogram_of(&[60_000_000_001, below_zero, 5]);
    assert_eq!(decoded.len(), 3);
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
        assert_eq!(unsafe { verifier_log__is_verdict(log.as_ptr()) }, expected, "{log:?}");
    }
}

#[test]
fn an_empty_histogram_can_be_encoded() {
    assert_eq!(histogram_of(&[]).len(), 0);
}
