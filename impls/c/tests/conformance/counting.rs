//! Real events, counted exactly.

use serde_json::Value;

use crate::process::{Runner, lock_load, number, trigger, trigger_by};

/// Runs `times` triggers and checks what every summary has to fulfil.
fn count(args: &[&str], times: u64, batch: u64) -> Value {
    count_by(args, times, batch, |_| trigger(times))
}

/// The same with a runner that reads nothing meanwhile, however quick it is: what does not fit is dropped for certain.
fn count_held(args: &[&str], times: u64, batch: u64) -> Value {
    count_by(args, times, batch, |runner| {
        runner.hold();
        let cookies = trigger(times);
        runner.signal(libc::SIGCONT);
        cookies
    })
}

/// The same by a load that answers the sum of its cookies.
fn count_by(args: &[&str], times: u64, batch: u64, load: impl FnOnce(&Runner) -> u64) -> Value {
    let mut runner = Runner::start(args);
    runner.expect_message("ready");
    let cookies = load(&runner);
    let (summary, status) = runner.stop();
    assert!(status.success(), "{args:?}: {status}");
    assert_eq!(number(&summary, "attempted"), times * batch, "{args:?}: {summary}");
    assert_eq!(
        number(&summary, "attempted"),
        number(&summary, "submitted") + number(&summary, "dropped"),
        "{args:?}: {summary}"
    );
    assert_eq!(number(&summary, "submitted"), number(&summary, "received"), "{args:?}: {summary}");
    let marks = batch * cookies + times * batch * (batch - 1) / 2;
    assert_eq!(
        number(&summary, "marks").wrapping_add(number(&summary, "dropped_marks")),
        marks,
        "{args:?}: {summary}"
    );
    if number(&summary, "dropped") == 0 {
        assert_eq!(number(&summary, "dropped_marks"), 0, "{args:?}: {summary}");
    }
    assert_eq!(number(&summary, "lost"), 0);
    summary
}

#[test]
fn counts_exactly_23_triggers() {
    let Some(_load) = lock_load() else { return };
    for program_type in ["tracepoint", "raw_tracepoint"] {
        let summary = count(&["--program-type", program_type], 23, 1);
        assert_eq!(number(&summary, "received"), 23);
        assert_eq!(number(&summary, "bytes"), 23 * 64);
        assert_eq!(summary["latency"], Value::Null);
    }
}

#[test]
fn kprobe_and_fentry_count_or_are_unsupported() {
    let Some(_load) = lock_load() else { return };
    for program_type in ["kprobe", "fentry"] {
        let args = ["--program-type", program_type];
        let mut runner = Runner::start(&args);
        runner.expect_message("hello");
        let message = runner.next_message().expect("`ready` or `error` follows");
        if message["type"] == "ready" {
            runner.stop();
            assert_eq!(number(&count(&args, 23, 1), "received"), 23);
        } else {
            assert_eq!(message["kind"], "unsupported", "{message}");
            assert!(message["hint"].is_string(), "{message}");
            assert!(runner.next_message().is_none());
            assert_eq!(runner.wait().code(), Some(69));
        }
    }
}

#[test]
fn says_what_it_attached_to() {
    let Some(_load) = lock_load() else { return };
    let mut runner = Runner::start(&["--program-type", "raw_tracepoint"]);
    let ready = runner.expect_message("ready");
    assert_eq!(ready["program_type"], "raw_tracepoint");
    assert_eq!(ready["attach_target"], "sys_enter");
    assert_eq!(ready["program_ids"].as_array().map(Vec::len), Some(1));
    let maps = ready["map_ids"].as_array().expect("ids");
    assert_eq!(maps.len(), 3, "the ring, the counters and the read-only data: {ready}");
    assert!(maps.iter().enumerate().all(|(i, id)| !maps[..i].contains(id)), "each once: {ready}");
    assert!(number(&ready, "load_ns") > 0 && number(&ready, "attach_ns") > 0);
    runner.stop();
}

#[test]
fn counts_every_drop_of_a_small_ring() {
    let Some(_load) = lock_load() else { return };
    // 4096 bytes hold 56 records of 64 bytes and their headers; one trigger alone brings ten times as many.
    let args = ["--ring-size", "4096", "--batch", "560", "--wakeup", "none"];
    let summary = count(&args, 100, 560);
    assert!(number(&summary, "dropped") >= 100 * (560 - 56 * 2), "{summary}");
    assert!(number(&summary, "received") >= 56, "{summary}");
}

#[test]
fn loads_every_batch_and_record_size() {
    let Some(_load) = lock_load() else { return };
    for batch in [1, 10, 100, 1000] {
        for record_size in [48, 64, 128, 256, 512, 1024] {
            let (batch_arg, size_arg) = (batch.to_string(), record_size.to_string());
            let summary = count(&["--batch", &batch_arg, "--record-size", &size_arg], 3, batch);
            assert_eq!(number(&summary, "dropped"), 0, "{batch} of {record_size}: {summary}");
            assert_eq!(number(&summary, "bytes"), 3 * batch * record_size);
        }
    }
}

#[test]
fn reads_the_tail_that_wakes_nobody() {
    let Some(_load) = lock_load() else { return };
    for wakeup in ["none", "sampled:1000000"] {
        let summary = count(&["--wakeup", wakeup, "--work", "10"], 23, 1);
        assert_eq!(number(&summary, "received"), 23);
        assert_eq!(number(&summary, "wakeups"), 0);
    }
}

#[test]
fn every_policy_counts_the_drops_marks_too() {
    let Some(_load) = lock_load() else { return };
    for wakeup in ["adaptive", "sampled:2000", "timer:100us"] {
        let args = ["--ring-size", "4096", "--batch", "1000", "--wakeup", wakeup];
        let summary = count_held(&args, 50, 1000);
        // 4096 bytes hold 56 records of 64 bytes and their headers.
        assert_eq!(number(&summary, "received"), 56, "{wakeup}: {summary}");
        assert_ne!(number(&summary, "dropped_marks"), 0, "{wakeup}: {summary}");
    }
}

#[test]
fn a_wakeup_is_a_sleep_that_data_ended() {
    let Some(_load) = lock_load() else { return };
    let mut runner = Runner::start(&["--batch", "100", "--wakeup", "sampled:7200"]);
    runner.expect_message("ready");
    for round in 1..=5 {
        runner.expect_sleep();
        trigger(1);
        runner.expect_received(round * 100);
    }
    let (summary, _) = runner.stop();
    assert_eq!(number(&summary, "wakeups"), 5, "{summary}");
}

#[test]
fn marks_any_system_call_with_its_first_argument() {
    let Some(_load) = lock_load() else { return };
    let mut runner = Runner::start(&["--attach-target", "syscalls/sys_enter_dup3"]);
    runner.expect_message("ready");
    // SAFETY: two equal descriptors are refused, whatever they are.
    let cookies = trigger_by(23, |cookie| unsafe {
        libc::syscall(libc::SYS_dup3, cookie, cookie, 0);
    });
    let (summary, _) = runner.stop();
    assert_eq!(number(&summary, "received"), 23, "{summary}");
    assert_eq!(number(&summary, "marks"), cookies, "{summary}");
}

#[test]
fn a_function_that_is_no_system_call_is_marked_with_its_first_argument() {
    /// `AT_FDCWD` as a cookie: what everything else that this process opens has.
    const OTHERS: u64 = 0xffff_ff9c;
    let Some(_load) = lock_load() else { return };
    for program_type in ["kprobe", "fentry"] {
        // Of the second, the argument is a pointer, which the verifier knows as more than a number.
        for function in ["do_sys_openat2", "vfs_open"] {
            let mut runner = Runner::start(&["--program-type", program_type, "--attach-target", function]);
            runner.expect_message("hello");
            let message = runner.next_message().expect("`ready` or `error` follows");
            if message["type"] != "ready" {
                assert_eq!(message["kind"], "unsupported", "{message}");
                continue;
            }
            // SAFETY: the path is absolute, so the descriptor is ignored; what was opened belongs to nobody else.
            let cookies = trigger_by(23, |cookie| unsafe {
                let fd = libc::syscall(libc::SYS_openat, cookie, c"/dev/null".as_ptr(), 0);
                libc::syscall(libc::SYS_close, fd);
            });
            let (summary, _) = runner.stop();
            let received = number(&summary, "received");
            assert!(received >= 23, "{program_type} {function}: {summary}");
            if function == "do_sys_openat2" {
                assert_eq!(number(&summary, "marks"), cookies + (received - 23) * OTHERS, "{summary}");
            }
        }
    }
}

#[test]
fn a_call_without_arguments_has_no_cookie() {
    let Some(_load) = lock_load() else { return };
    let mut runner = Runner::start(&["--attach-target", "syscalls/sys_enter_getpid", "--batch", "10"]);
    runner.expect_message("ready");
    trigger_by(23, |_| unsafe {
        // SAFETY: takes nothing and cannot fail.
        libc::syscall(libc::SYS_getpid);
    });
    let (summary, _) = runner.stop();
    let received = number(&summary, "received");
    assert!(received >= 230, "{summary}"); // the test harness may ask too
    assert_eq!(number(&summary, "marks"), received / 10 * 45, "{summary}");
}

#[test]
fn records_the_delay_of_each_event() {
    let Some(_load) = lock_load() else { return };
    let summary = count(&["--latency"], 23, 1);
    assert!(summary["latency"].as_str().is_some_and(|text| text.starts_with("HISTFAAAA")), "{summary}");
}

#[test]
fn names_a_tracepoint_that_is_not_there() {
    let Some(_load) = lock_load() else { return };
    let mut runner = Runner::start(&["--attach-target", "syscalls/foo"]);
    runner.expect_message("hello");
    let message = runner.next_message().expect("`error` follows");
    assert_eq!(message["kind"], "unsupported");
    assert_eq!(message["message"], "this kernel has no tracepoint `syscalls/foo`");
    assert_eq!(runner.wait().code(), Some(69));
}
