//! Records for tests: one trial in which everything balances, to be bent by each test.

use crate::facts::PatternKind;
use crate::load::LoadReport;
use crate::plan::{
    Benchmark, Consumers, LoadPattern, LoadSpec, Mechanism, Metric, ProgramType, Question, Rings,
    RunnerSettings, Trigger, Wakeup,
};
use crate::sample::{Snapshot, Walk};
use crate::supervise::{
    AttachFacts, BufferFacts, Ended, ExitStatus, KernelCounters, KernelFacts, KernelReading, KernelReadings,
    MapFacts, PhaseTimes, ProcessFacts, ProgramFacts, ProgramFile, RecordFacts, SupervisorCost, TimedLine,
    TrialRecord,
};

pub(crate) const SECOND: u64 = 1_000_000_000;

/// Of the 1,000 triggers of [`record`]: their cookies add up to 5,000.
pub(crate) const MARKS: u64 = 10 * 5_000 + 1_000 * 45;

/// A benchmark with batch 10 and records of 64 bytes.
pub(crate) fn benchmark(question: Question) -> Benchmark {
    let pattern = match question.facts().load {
        PatternKind::Bursts => LoadPattern::Bursts { triggers: 100, pause_ns: 20_000_000 },
        PatternKind::Ladder => LoadPattern::Ladder,
        PatternKind::Closed => LoadPattern::Closed,
        PatternKind::Open => LoadPattern::Open { rate_per_sec: 10_000 },
        PatternKind::Beside => LoadPattern::Beside { rate_per_sec: 1_000, busy: 1 },
    };
    Benchmark {
        name: format!("ring_buffer_{question}"),
        question,
        program: "ringbuf_throughput".into(),
        program_type: ProgramType::Tracepoint,
        attach_target: None,
        mechanism: Mechanism::RingBuffer,
        runner: RunnerSettings {
            ring_size: 1 << 24,
            record_size: 64,
            batch: 10,
            wakeup: Wakeup::Adaptive,
            work: 0,
            // The record has no delays; a test that is about them says so.
            latency: false,
            keep_one_in: 1,
            lookups: 0,
            programs: 1,
            rings: Rings::One,
            consumers: Consumers::One,
        },
        load: LoadSpec {
            pattern,
            trigger: Trigger::CHEAPEST,
            threads: 1,
            duration_ns: 2 * SECOND,
            count: None,
            keep_one_in: 1,
        },
        most_loss: None,
        cold: false,
        metrics: vec![Metric::Capacity, Metric::Throughput],
        implementations: vec!["a".into(), "b".into()],
        point: None,
        placement: None,
    }
}

pub(crate) const HELLO: &str = r#"{"type":"hello","protocol_version":2,"implementation":"a","framework":"f","framework_version":"1.2.3","pid":1}"#;
pub(crate) const READY: &str = r#"{"type":"ready","program_ids":[7],"map_ids":[11,12],"load_ns":2500000,"attach_ns":40000,"program_type":"tracepoint","attach_target":"syscalls/sys_enter_openat2"}"#;

pub(crate) fn counters_line(t_ns: u64, received: u64) -> String {
    format!(
        r#"{{"type":"counters","t_ns":{t_ns},"received":{received},"bytes":{},"wakeups":1}}"#,
        received * 64
    )
}

/// A summary of `attempted` records, of which `dropped` were dropped and the rest received.
pub(crate) fn summary_line(attempted: u64, dropped: u64, latency: Option<&str>) -> String {
    let received = attempted - dropped;
    let latency = latency.map_or("null".into(), |histogram| format!("\"{histogram}\""));
    format!(
        concat!(
            r#"{{"type":"summary","elapsed_ns":2000000000,"attempted":{},"submitted":{received},"dropped":{},"lost":0,"#,
            r#""received":{received},"bytes":{},"dropped_marks":300,"marks":{marks},"wakeups":5,"latency":{}}}"#
        ),
        attempted,
        dropped,
        received * 64,
        latency,
        received = received,
        marks = MARKS - 300
    )
}

pub(crate) fn timed(lines: &[&str]) -> Vec<TimedLine> {
    lines.iter().map(|line| TimedLine { t_ns: 0, line: (*line).to_owned() }).collect()
}

/// 1,000 triggers between seconds 10 and 12, 10,000 records, 9,900 received, 100 dropped, 990 µs of CPU time.
pub(crate) fn record() -> TrialRecord {
    let counters = [counters_line(11 * SECOND, 4_950), counters_line(13 * SECOND, 9_900)];
    TrialRecord {
        number: 1,
        ended: Ended::Exited,
        exit: Some(ExitStatus::Code(0)),
        times: PhaseTimes {
            spawned_ns: Some(9 * SECOND),
            ready_ns: Some(9 * SECOND + 300_000_000),
            load_ended_ns: Some(12 * SECOND),
            ..PhaseTimes::default()
        },
        program: Some(ProgramFile {
            implementation: Some("a".into()),
            sha256: Some("5ca1ab1e".into()),
            sha256_at_start: Some("5ca1ab1e".into()),
        }),
        walk: Some(Walk {
            ring_bytes: 1 << 24,
            record_bytes: 64,
            walks: 7,
            fastest_ns: 90.0,
            median_ns: 95.0,
            wake_ns: None,
        }),
        stdout: timed(&[HELLO, READY, &counters[0], &counters[1], &summary_line(10_000, 100, None)]),
        stderr_tail: String::new(),
        load: Some(load_report()),
        target_pid: Some(4242),
        before: None,
        pauses: None,
        left_bytes: None,
        rungs: Vec::new(),
        at_rest: None,
        files: None,
        first_read_ns: None,
        warm_up: None,
        cpu_ready_ns: Some(1_000_000),
        cpu_settled_ns: Some(1_990_000),
        cpu_load_ended_ns: Some(1_900_000),
        snapshots: vec![snapshot(0), snapshot(50)],
        machine: Vec::new(),
        kernel: kernel(9_900),
        readings: readings(),
        processes: ProcessFacts::default(),
        supervisor: SupervisorCost { cpu_ns: 20_000_000, wall_ns: 2 * SECOND, peak_rss_bytes: None },
    }
}

pub(crate) fn load_report() -> LoadReport {
    LoadReport {
        issued: 1_000,
        warm_up_issued: 0,
        cookies: Some(5_000),
        warm_up_cookies: Some(0),
        kept: None,
        warm_up_kept: None,
        kept_cookies: None,
        warm_up_kept_cookies: None,
        started_ns: 10 * SECOND,
        ended_ns: 12 * SECOND,
        user_ns: SECOND,
        system_ns: 960_000_000,
        to_run_ns: None,
        not_running_ns: None,
        longest_gap_ns: None,
        bursts: None,
        on_schedule: None,
        late: None,
        missed: None,
        lateness: None,
        call_ns: None,
        threads: Vec::new(),
        unexpected_results: 0,
    }
}

fn readings() -> KernelReadings {
    let reading = |records: u64, counters: KernelCounters| KernelReading {
        t_ns: 9 * SECOND,
        counters: Some(counters),
        produced: Some(records * 72),
        consumed: Some(records * 72),
        missed: Some(0),
        unattended_bytes: None,
    };
    let all = KernelCounters { attempted: 10_000, submitted: 9_900, dropped: 100, dropped_marks: 300 };
    KernelReadings {
        ready: Some(reading(0, KernelCounters::default())),
        ended: Some(reading(9_900, all)),
        ..KernelReadings::default()
    }
}

fn kernel(received: u64) -> KernelFacts {
    KernelFacts {
        available: true,
        buffers: vec![BufferFacts {
            map_id: 11,
            cpu: None,
            size_bytes: 1 << 24,
            produced: received * 72,
            consumed: received * 72,
        }],
        programs: vec![ProgramFacts {
            id: 7,
            name: "bench".into(),
            kind: Some("tracepoint".into()),
            older_than_runner: Some(false),
            missed: Some(0),
            ..ProgramFacts::default()
        }],
        maps: vec![
            MapFacts { kind: Some("ringbuf".into()), ..map(11, "events", 1 << 24, 0) },
            MapFacts { memory_bytes: Some(4096), ..map(12, "counters", 1, 32) },
        ],
        attached: Some(vec![AttachFacts {
            program_id: 7,
            kind: "tracepoint".into(),
            target: Some("sys_enter_openat2".into()),
        }]),
        counters_frozen: Some(true),
        last_records: Some(RecordFacts {
            looked_at: 4096,
            of_told_size: 4096,
            of_the_load: Some(4096),
            newest_ktime_ns: Some(12 * SECOND),
        }),
        ..KernelFacts::default()
    }
}

fn map(id: u32, name: &str, max_entries: u64, value_bytes: u64) -> MapFacts {
    MapFacts {
        id,
        name: name.into(),
        kind: Some("percpu_array".into()),
        max_entries: Some(max_entries),
        value_bytes: Some(value_bytes),
        frozen: Some(false),
        read_only_to_programs: Some(false),
        older_than_runner: Some(false),
        memory_bytes: Some(max_entries),
    }
}

fn snapshot(grown: u64) -> Snapshot {
    Snapshot {
        t_ns: 10 * SECOND + grown,
        processes: 1,
        user_ns: Some(10_000_000 + grown),
        rss_bytes: Some(4_000_000 + grown),
        peak_rss_bytes: Some(5_000_000 + grown),
        virtual_bytes: Some(60_000_000),
        minor_faults: Some(100 + grown),
        threads: Some(2),
        voluntary_switches: Some(6),
        ..Snapshot::default()
    }
}
