//! Trials of runners that were told to filter, to look things up, or to use a ring for each CPU.

use super::Verdict;
use crate::load::ThreadReport;
use crate::parse::testing::{READY, SECOND, benchmark, record};
use crate::parse::{Format, Measurement, measure};
use crate::plan::{Benchmark, LoadPattern, Question, Rings};
use crate::sample::Glances;
use crate::supervise::{
    AttachFacts, BufferFacts, KernelCounters, KernelReading, MapFacts, ProgramFacts, RingGlances,
    RingReading, RingsReading, TrialRecord,
};

/// The load says that of so many triggers so many are to be kept, with this sum of cookies.
fn filtered(issued: u64, kept: u64, kept_cookies: u64) -> Measurement {
    let mut record = record();
    let load = record.load.as_mut().expect("load");
    (load.issued, load.cookies) = (issued, Some(99_999));
    (load.kept, load.kept_cookies) = (Some(kept), Some(kept_cookies));
    (load.warm_up_kept, load.warm_up_kept_cookies) = (Some(0), Some(0));
    let mut benchmark = benchmark(Question::Saturation);
    benchmark.runner.keep_one_in = 10;
    measure(&record, &benchmark, &Format::Protocol)
}

#[test]
fn who_was_told_to_filter_has_records_of_the_kept_triggers_and_of_no_others() {
    let exact = filtered(10_123, 1_000, 5_000);
    assert_eq!(exact.verdict, Some(Verdict::Valid), "{:?}", exact.equations);
    assert_eq!((exact.counts.issued, exact.counts.kept), (Some(10_123), Some(1_000)));
    assert_eq!(exact.figures.offered_per_sec, Some(5_000.0), "of records, not of triggers");
    let triggers = exact.equations.iter().find(|equation| equation.name == "triggers").expect("counted");
    assert_eq!(triggers.text(), "kept 1000, one in 10 of issued 10123 x batch 10 = attempted 10000");
    // A program that filters less, more, or others.
    for (kept, cookies) in [(990, 5_000), (1_010, 5_000), (1_000, 5_001)] {
        let verdict = filtered(10_123, kept, cookies).verdict;
        let Some(Verdict::Invalid { failed }) = verdict else { panic!("{kept}, {cookies}: {verdict:?}") };
        assert!(failed.iter().any(|text| text.contains("marks of the load")), "{failed:?}");
        assert_eq!(failed.iter().any(|text| text.starts_with("kept")), kept != 1_000, "{failed:?}");
    }
}

#[test]
fn a_table_is_there_for_who_was_told_to_look_things_up_and_is_no_way_to_tell_the_consumer() {
    let table = MapFacts {
        id: 13,
        name: "table".into(),
        kind: Some("hash".into()),
        max_entries: Some(1024),
        value_bytes: Some(8),
        frozen: Some(false),
        read_only_to_programs: Some(true),
        older_than_runner: Some(false),
        memory_bytes: Some(1),
    };
    let mut told = benchmark(Question::Saturation);
    told.runner.lookups = 5;
    let mut record = record();
    record.stdout[1].line = READY.replace("[11,12]", "[11,12,13]");
    record.kernel.maps.push(table);
    let verdict = |record: &TrialRecord, told: &_| measure(record, told, &Format::Protocol).verdict;
    assert_eq!(verdict(&record, &told), Some(Verdict::Valid));
    assert_eq!(verdict(&record, &benchmark(Question::Saturation)), Some(Verdict::Valid), "it harms nobody");
    record.kernel.maps[2].read_only_to_programs = Some(false);
    let Some(Verdict::Invalid { failed }) = verdict(&record, &told) else { panic!("it can be written to") };
    assert_eq!(failed, ["tables of 1024 elements to look up in 0 != 1"]);
    let words = "what the consumer knows = what is in the ring (the program also uses the map `table`)";
    let Some(Verdict::Unverified { missing }) = verdict(&record, &benchmark(Question::Saturation)) else {
        panic!("a map that can be written to may say something")
    };
    assert_eq!(missing, [words]);
}

/// A ring for each of two CPUs: 9,000 and 900 records; the program uses the array that holds them.
fn two_rings() -> (TrialRecord, Benchmark) {
    let mut told = benchmark(Question::Saturation);
    told.runner.rings = Rings::Cpu;
    let mut record = record();
    record.stdout[1].line = READY.replace("[11,12]", "[12,13,14,15]");
    let summary = &mut record.stdout[4].line;
    let rings = r#""latency":null,"rings":[{"cpu":0,"received":9000,"latency":null},{"cpu":1,"received":900,"latency":null}]}"#;
    *summary = summary.replace(r#""latency":null}"#, rings);
    let kernel = &mut record.kernel;
    kernel.online_cpus = Some(2);
    let map = |id, kind: &str, entries| MapFacts {
        id,
        kind: Some(kind.into()),
        max_entries: Some(entries),
        ..kernel.maps[0].clone()
    };
    kernel.maps = vec![
        kernel.maps[1].clone(),
        map(13, "array_of_maps", 2),
        map(14, "ringbuf", 1 << 24),
        map(15, "ringbuf", 1 << 24),
    ];
    kernel.buffers = [(14, 0, 9_000), (15, 1, 900)]
        .map(|(map_id, cpu, records)| BufferFacts {
            map_id,
            cpu: Some(cpu),
            size_bytes: 1 << 24,
            produced: records * 72,
            consumed: records * 72,
        })
        .to_vec();
    let ring = |(cpu, records, dropped): (u32, u64, u64)| RingReading {
        cpu,
        produced: records * 72,
        consumed: records * 72,
        submitted: Some(records),
        dropped: Some(dropped),
    };
    let rings = [(0, 9_000, 100), (1, 900, 0)].map(ring).to_vec();
    let t_ns = record.readings.ended.expect("read").t_ns;
    record.readings.rings = vec![RingsReading { t_ns, rings }];
    (record, told)
}

#[test]
fn a_ring_for_each_cpu_balances_by_itself_and_all_together() {
    let (record, told) = two_rings();
    let verdict = |record: &TrialRecord, told: &Benchmark| measure(record, told, &Format::Protocol).verdict;
    assert_eq!(verdict(&record, &told), Some(Verdict::Valid));
    let failed = |record: &TrialRecord, told: &Benchmark| match verdict(record, told) {
        Some(Verdict::Invalid { failed }) => failed,
        other => panic!("{other:?}"),
    };
    // Who uses one where each CPU is to have its own, and the other way round.
    let one = failed(&crate::parse::testing::record(), &told);
    assert!(one.iter().any(|text| text.starts_with("arrays of maps by CPU 0")), "{one:?}");
    let many = failed(&record, &benchmark(Question::Saturation));
    assert_eq!(many, ["ring buffers that the program uses 2 != 1", "arrays of maps by CPU 1 != 0"]);
    // A ring that is missing.
    let mut fewer = record.clone();
    fewer.kernel.online_cpus = Some(3);
    assert_eq!(failed(&fewer, &told), ["ring buffers that the program uses 2 != CPUs that are online 3"]);
    // One of another size.
    let mut other = record.clone();
    other.kernel.buffers[1].size_bytes = 4096;
    assert_eq!(failed(&other, &told), ["size of the ring 4096 != asked for 16777216"]);
    // What one CPU counted went through the other's ring: the sums agree all the same.
    let mut swapped = record.clone();
    let rings = &mut swapped.readings.rings[0].rings;
    (rings[0].submitted, rings[1].submitted) = (rings[1].submitted, rings[0].submitted);
    let words = "rings of which the producer position is what was submitted on the CPU 0 != all 2";
    assert_eq!(failed(&swapped, &told), [words]);
    // Records of one ring that were told to be of the other.
    let mut mixed = record.clone();
    let line = &mut mixed.stdout[4].line;
    *line = line.replace(r#""received":900,"latency""#, r#""received":901,"latency""#);
    let words = "rings of which the consumer position is what the runner told 1 != all 2";
    assert_eq!(failed(&mixed, &told), [words]);
    // A runner that does not tell leaves it open.
    let mut silent = record;
    let line = &mut silent.stdout[4].line;
    *line = line.replace(r#""rings":"#, r#""others":"#);
    assert!(matches!(verdict(&silent, &told), Some(Verdict::Unverified { .. })));
}

#[test]
fn drops_need_a_ring_that_is_full_and_another_is_no_excuse() {
    let (mut record, told) = two_rings();
    let look = |ms: u64, dropped: u64| KernelReading {
        t_ns: 10 * SECOND + ms * 1_000_000,
        counters: Some(KernelCounters { dropped, ..KernelCounters::default() }),
        produced: Some(0),
        consumed: Some(0),
        ..KernelReading::default()
    };
    // MiB in each of two rings of 16.
    let mut verdict = |waiting: [u64; 2], dropping: u32| {
        record.readings.positions = vec![look(0, 0), look(100, 50), look(200, 100)];
        record.readings.rings.truncate(1);
        for at in &record.readings.positions {
            let dropped = at.counters.map(|counters| counters.dropped);
            let ring = |(cpu, mib): (u32, u64)| RingReading {
                cpu,
                produced: mib << 20,
                dropped: if cpu == dropping { dropped } else { Some(0) },
                ..RingReading::default()
            };
            let rings = (0..).zip(waiting).map(ring).collect();
            record.readings.rings.push(RingsReading { t_ns: at.t_ns, rings });
        }
        measure(&record, &told, &Format::Protocol).verdict
    };
    assert_eq!(verdict([1, 16], 1), Some(Verdict::Valid), "it is full");
    for (waiting, dropping) in [([9, 9], 1), ([1, 16], 0)] {
        let Some(Verdict::Invalid { failed }) = verdict(waiting, dropping) else { panic!("it has room") };
        assert_eq!(failed, ["of 100 dropped records 100 when the ring had room != 0"]);
    }
}

/// The quiet ring, that of CPU 1, has 900 records of one thread, 3 in 4 of them read in 2 ms and the others in 200, and its looks find `waiting` bytes on the average.
fn beside(issued: u64, waiting: u64) -> Measurement {
    let (mut record, mut told) = two_rings();
    told.question = Question::Starvation;
    told.load.pattern = LoadPattern::Beside { rate_per_sec: 45, busy: 1 };
    told.load.threads = 2;
    told.runner.latency = true;
    let delays = |of: &[(u64, u64)]| {
        let mut delays = hdrhistogram::Histogram::new_with_bounds(1, 60 * SECOND, 3).expect("bounds");
        for (ns, count) in of {
            delays.record_n(*ns, *count).expect("within bounds");
        }
        crate::parse::encode_histogram(&delays)
    };
    let quiet = [(2_000_000, 675), (200_000_000, 225)];
    let busy = [(60_000_000, 9_000)];
    let all = delays(&[quiet.as_slice(), &busy].concat());
    let line = &mut record.stdout[4].line;
    *line = line
        .replace(
            r#""received":9000,"latency":null"#,
            &format!(r#""received":9000,"latency":"{}""#, delays(&busy)),
        )
        .replace(
            r#""received":900,"latency":null"#,
            &format!(r#""received":900,"latency":"{}""#, delays(&quiet)),
        )
        .replace(r#""latency":null"#, &format!(r#""latency":"{all}""#));
    let load = record.load.as_mut().expect("load");
    (load.on_schedule, load.missed) = (Some(issued), Some(0));
    let thread = |issued, cpu| ThreadReport { issued, cpu_ns: 1, cpu: Some(cpu) };
    load.threads = vec![thread(1_000 - issued, 0), thread(issued, 1)];
    // Nothing before the release, everything when it was settled.
    let at = |t_ns, records: u64| KernelReading {
        t_ns,
        produced: Some(records * 72),
        consumed: Some(records * 72),
        ..KernelReading::default()
    };
    (record.readings.released, record.readings.settled) = (Some(at(1, 0)), Some(at(2, 9_900)));
    let whole = record.readings.rings[0].rings.clone();
    let none = whole.iter().map(|ring| RingReading { cpu: ring.cpu, ..RingReading::default() }).collect();
    record.readings.rings.insert(0, RingsReading { t_ns: 1, rings: none });
    record.readings.rings.insert(1, RingsReading { t_ns: 2, rings: whole });
    let mut glances = Glances::default();
    (0..1_000).for_each(|_| glances.add(waiting));
    record.readings.glances = Some(glances);
    record.readings.ring_glances = vec![RingGlances { cpu: 1, glances }];
    measure(&record, &told, &Format::Protocol)
}

#[test]
fn the_quiet_ring_has_its_own_delays_which_are_held_against_what_waits_in_it() {
    // 450 records a second of 51.5 ms each: 23 wait on the average.
    let held = beside(90, 23 * 72);
    assert_eq!(held.verdict, Some(Verdict::Valid), "{:#?}", held.equations);
    let figures = &held.figures;
    assert!(figures.quiet_p50_ns.is_some_and(|ns| (2_000_000..2_010_000).contains(&ns)), "{figures:?}");
    let failed = |measurement: Measurement| match measurement.verdict {
        Some(Verdict::Invalid { failed }) => failed.join("; "),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        failed(beside(91, 23 * 72)),
        "records of the quiet ring 900 != those of its thread's triggers 910"
    );
    let told_too_short = failed(beside(90, 60 * 72));
    assert!(
        told_too_short.contains("looks at the quiet ring of which 1000 found something"),
        "{told_too_short}"
    );
}

#[test]
fn of_several_programs_the_first_is_measured_and_the_others_are_attached_elsewhere() {
    let mut told = benchmark(Question::Saturation);
    told.runner.programs = 3;
    let mut record = record();
    record.stdout[1].line = READY.replace("[7]", "[7,5,9]");
    let program = record.kernel.programs[0].clone();
    record.kernel.programs = [5, 7, 9].map(|id| ProgramFacts { id, ..program.clone() }).to_vec();
    let attached = record.kernel.attached.as_mut().expect("asked");
    for (program_id, target) in [(5, "sys_enter_accept"), (9, "sys_enter_bind")] {
        let target = Some(target.to_owned());
        attached.insert(0, AttachFacts { program_id, kind: "tracepoint".into(), target });
    }
    let verdict = |record: &TrialRecord, told: &Benchmark| measure(record, told, &Format::Protocol).verdict;
    assert_eq!(verdict(&record, &told), Some(Verdict::Valid));
    let failed = |record: &TrialRecord, told: &Benchmark| match verdict(record, told) {
        Some(Verdict::Invalid { failed }) => failed,
        other => panic!("{other:?}"),
    };
    assert_eq!(failed(&record, &benchmark(Question::Saturation)), ["programs named in `ready` 3 != 1"]);
    // One that is loaded and not attached costs nothing at start-up.
    record.kernel.attached.as_mut().expect("asked").remove(0);
    assert_eq!(failed(&record, &told), ["further programs that are attached 1 != 2"]);
}
