use std::time::Duration;

use rstest::rstest;

use super::super::builtin::builtin_entries;
use super::*;

fn entry(question: Question) -> BenchmarkEntry {
    builtin_entries(&[question], Seconds(Duration::from_secs(10))).remove(0)
}

fn resolved(entry: &BenchmarkEntry) -> Result<Benchmark, Error> {
    resolve(entry, &Overrides::default(), vec!["c".to_owned()])
}

#[test]
fn capacity_fills_seven_eighths_of_the_ring_and_wakes_once_a_burst() {
    let benchmark = resolved(&entry(Question::Capacity)).expect("valid");
    let triggers = (16 << 20) / 8 * 7 / (100 * 72);
    assert_eq!(benchmark.load.pattern, LoadPattern::Bursts { triggers, pause_ns: 20_000_000 });
    assert_eq!(benchmark.runner.wakeup, Wakeup::Sampled { bytes: triggers * 7200 });
    assert!(!benchmark.runner.latency);
}

#[test]
fn throughput_saturates_and_latency_keeps_a_rate() {
    let throughput = resolved(&entry(Question::Saturation)).expect("valid");
    assert_eq!(throughput.load.pattern, LoadPattern::Closed);
    assert_eq!((throughput.runner.batch, throughput.runner.wakeup), (100, Wakeup::Adaptive));
    let latency = resolved(&entry(Question::Latency)).expect("valid");
    assert_eq!(latency.load.pattern, LoadPattern::Open { rate_per_sec: 10_000 });
    assert_eq!((latency.runner.batch, latency.runner.latency), (1, true));
}

#[rstest]
#[case("x86_64", "__x64_sys_openat")]
#[case("aarch64", "__arm64_sys_openat")]
#[case("powerpc64", "sys_openat")]
fn kernel_functions_are_named_by_architecture(#[case] arch: &str, #[case] expected: &str) {
    let grammar = ProgramType::Kprobe.facts().target;
    assert_eq!(grammar.entry_of("openat", arch).as_deref(), Some(expected));
}

#[rstest]
#[case("sys_enter_openat", ProgramType::Tracepoint, Ok(Some("syscalls/sys_enter_openat")))]
#[case("syscalls/sys_enter_openat2", ProgramType::Tracepoint, Ok(None))]
#[case("sys_enter_openat2", ProgramType::RawTracepoint, Ok(None))]
#[case("sys_enter_openat", ProgramType::RawTracepoint, Err("raw_tracepoint counts openat2 only"))]
#[case("sys_enter_read", ProgramType::Tracepoint, Err("cannot cause `sys_enter_read`"))]
fn event_source_decides_where_to_attach(
    #[case] source: &str,
    #[case] program_type: ProgramType,
    #[case] expected: Result<Option<&str>, &str>,
) {
    let entry =
        BenchmarkEntry { event_source: source.to_owned(), program_type, ..entry(Question::Saturation) };
    match (resolved(&entry), expected) {
        (Ok(benchmark), Ok(target)) => assert_eq!(benchmark.attach_target.as_deref(), target),
        (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
        (found, expected) => panic!("{found:?} instead of {expected:?}"),
    }
}

#[rstest]
#[case(ProgramType::Kprobe, "syscalls/sys_enter_openat", false)]
#[case(ProgramType::Kprobe, "do_sys_openat2", true)]
#[case(ProgramType::Fentry, "", false)]
#[case(ProgramType::Tracepoint, "sched/sched_switch", true)]
#[case(ProgramType::Tracepoint, "sched_switch", false)]
#[case(ProgramType::Tracepoint, "../x/y", false)]
#[case(ProgramType::RawTracepoint, "sys_exit", false)]
fn attach_target_must_suit_the_program_type(
    #[case] program_type: ProgramType,
    #[case] target: &str,
    #[case] good: bool,
) {
    let entry = BenchmarkEntry {
        program_type,
        attach_target: Some(target.to_owned()),
        ..entry(Question::Saturation)
    };
    assert_eq!(resolved(&entry).is_ok(), good);
}

#[test]
fn a_trigger_larger_than_the_ring_is_impossible() {
    let overrides = Overrides { ring_size: Some(RingSize(4096)), ..Overrides::default() };
    let error = resolve(&entry(Question::Capacity), &overrides, Vec::new()).expect_err("too small");
    assert!(error.to_string().starts_with("benchmark `capacity`: one trigger of 100 records"), "{error}");
}

#[test]
fn keys_of_one_pattern_do_not_go_with_another() {
    let mut entry = entry(Question::Saturation);
    entry.load.rate = "5".parse().ok();
    let error = resolved(&entry).expect_err("closed has no rate");
    assert!(error.to_string().contains("`load.rate` goes with `load.pattern: open` only"), "{error}");
}

#[rstest]
#[case(&[Metric::Throughput, Metric::Latency], Question::Throughput)]
#[case(&[Metric::Latency, Metric::CpuUsage], Question::Latency)]
#[case(&[Metric::Capacity], Question::Capacity)]
#[case(&[Metric::MemoryUsage], Question::MemoryUsage)]
#[case(&[Metric::CpuUsage, Metric::MemoryUsage], Question::Saturation)]
#[case(&[Metric::Scalability, Metric::MemoryUsage], Question::Scalability)]
fn the_question_follows_from_the_metrics(#[case] metrics: &[Metric], #[case] expected: Question) {
    let entry = BenchmarkEntry { question: None, metrics: metrics.to_vec(), ..entry(Question::Capacity) };
    assert_eq!(resolved(&entry).expect("valid").question, expected);
}

#[rstest]
#[case(Question::Complexity, None, None)]
#[case(Question::Complexity, Some("syscalls/sys_enter_openat"), None)]
#[case(Question::Capacity, None, Some("how much of a ring is filled would be chance"))]
#[case(
    Question::Complexity,
    Some("syscalls/sys_exit_openat2"),
    Some("which a program at `syscalls/sys_exit_openat2` does not see")
)]
fn a_filter_needs_cookies_and_a_load_that_may_be_thinned(
    #[case] question: Question,
    #[case] target: Option<&str>,
    #[case] refused: Option<&str>,
) {
    let entry = BenchmarkEntry {
        keep_one_in: "10".parse().ok(),
        attach_target: target.map(str::to_owned),
        ..entry(question)
    };
    match (resolved(&entry), refused) {
        (Ok(benchmark), None) => {
            assert_eq!((benchmark.runner.keep_one_in, benchmark.load.keep_one_in), (10, 10));
            assert!(benchmark.load.arguments(&[]).contains(&"--keep-one-in=10".to_owned()));
        }
        (Err(error), Some(words)) => assert!(error.to_string().contains(words), "{error}"),
        (found, _) => panic!("{found:?}"),
    }
}
