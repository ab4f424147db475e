//! Real events: what `orchestrator verify`, which counts them at the usual targets, does not ask.

use std::ptr::null;

use serde_json::Value;

use crate::process::{Runner, lock_load, number, trigger, trigger_by};

/// Runs `times` triggers and checks what every summary has to fulfil.
fn count(args: &[&str], times: u64, batch: u64) -> Value {
    let mut runner = Runner::start(args);
    runner.expect_message("ready");
    let cookies = trigger(times);
    let (summary, status) = runner.stop();
    assert!(status.success(), "{args:?}: {status}");
    assert_eq!(number(&summary, "received"), times * batch, "{args:?}: {summary}");
    let marks = batch * cookies + times * batch * (batch - 1) / 2;
    assert_eq!(number(&summary, "marks"), marks, "{args:?}: {summary}");
    summary
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
fn makes_records_of_what_is_kept_with_everything_beside() {
    let Some(_load) = lock_load() else { return };
    for program_type in ["tracepoint", "raw_tracepoint"] {
        let mut runner = Runner::start(
            &[
                ["--program-type", program_type, "--keep-one-in", "7", "--lookups", "100"],
                ["--batch", "1000", "--work", "10000", "--wakeup", "sampled:1"],
            ]
            .concat(),
        );
        let ready = runner.expect_message("ready");
        let maps = ready["map_ids"].as_array().map(Vec::len);
        assert_eq!(maps, Some(4), "the ring, the counters, the table and the read-only data: {ready}");
        // Multiples of 7 without a sign, not with one.
        for cookie in (0_i64..23).chain([4_294_967_292, 4_294_967_289]) {
            // SAFETY: a size of 0 makes the kernel refuse before it follows a pointer.
            unsafe { libc::syscall(libc::SYS_openat2, cookie, null::<u8>(), null::<u8>(), 0_usize) };
        }
        let (summary, _) = runner.stop();
        assert_eq!(number(&summary, "received"), 5 * 1000, "{program_type}: {summary}");
        let cookies = 7 + 14 + 21 + 4_294_967_292;
        assert_eq!(
            number(&summary, "marks"),
            1000 * cookies + 5 * 1000 * 999 / 2,
            "{program_type}: {summary}"
        );
    }
}

#[test]
fn reads_a_ring_of_each_cpu_by_one_thread_or_by_one_each() {
    let Some(_load) = lock_load() else { return };
    for consumers in ["one", "ring"] {
        for wakeup in ["adaptive", "sampled:700", "timer:1ms"] {
            let args = ["--rings", "cpu", "--consumers", consumers, "--wakeup", wakeup, "--batch", "10"];
            let mut runner = Runner::start(&[&args[..], &["--latency", "--lookups", "3"]].concat());
            runner.expect_message("ready");
            let cookies = trigger(23);
            let (summary, status) = runner.stop();
            assert!(status.success(), "{args:?}: {status}");
            assert_eq!(number(&summary, "received"), 230, "{args:?}: {summary}");
            assert_eq!(number(&summary, "marks"), 10 * cookies + 23 * 10 * 9 / 2, "{args:?}: {summary}");
            let rings = summary["rings"].as_array().expect("a list");
            let sum: u64 = rings.iter().map(|ring| number(ring, "received")).sum();
            assert_eq!(sum, 230, "{args:?}: {summary}");
            assert!(rings.is_sorted_by_key(|ring| number(ring, "cpu")), "{args:?}: {summary}");
            assert!(rings.iter().all(|ring| ring["latency"].is_string()), "{args:?}: {summary}");
        }
    }
}

#[test]
fn what_a_runner_at_rest_drops_is_marked_too() {
    let Some(_load) = lock_load() else { return };
    for wakeup in ["adaptive", "sampled:2000", "timer:100us"] {
        let mut runner = Runner::start(&["--ring-size", "4096", "--batch", "1000", "--wakeup", wakeup]);
        runner.expect_message("ready");
        runner.hold();
        let cookies = trigger(50);
        runner.signal(libc::SIGCONT);
        let (summary, _) = runner.stop();
        // 4096 bytes hold 56 records of 64 bytes and their headers.
        assert_eq!(number(&summary, "received"), 56, "{wakeup}: {summary}");
        assert_eq!(number(&summary, "dropped"), 50 * 1000 - 56, "{wakeup}: {summary}");
        let marks = number(&summary, "marks").wrapping_add(number(&summary, "dropped_marks"));
        assert_eq!(marks, 1000 * cookies + 50 * 1000 * 999 / 2, "{wakeup}: {summary}");
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
