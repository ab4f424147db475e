use super::*;
use crate::parse::testing::{SECOND, benchmark, record};
use crate::parse::{Format, measure};
use crate::plan::Question;
use crate::sample::{Pauses, Stranger};
use crate::supervise::{GroupKind, Party, Placed};

const MS: u64 = 1_000_000;

/// A trial of two seconds whose load used 1,960 ms: runner 40 ms, supervisor 100 ms of which 80 kept the processor awake.
fn watched(change: impl Fn(&mut ProcessFacts)) -> TrialRecord {
    let reading = |t_ns, clocks: u64, group: u64, supervisor: u64, processor: u64, machine: u64| CpuReading {
        t_ns,
        clocks_ns: Some(clocks * MS),
        group_ns: Some(group * MS),
        reaped_ns: Some(0),
        reaped_faults: Some(7),
        supervisor_ns: Some(supervisor * MS),
        runner_processor_ns: Some(processor * MS),
        machine_ns: Some(machine * MS),
        runner_processor_awake_ns: None,
        machine_awake_ns: None,
    };
    let mut facts = ProcessFacts {
        group: Some(GroupKind::V2),
        released: Some(reading(10 * SECOND, 10, 15, 500, 9_000, 90_000)),
        settled: Some(reading(12 * SECOND, 50, 55, 600, 9_130, 92_200)),
        most: 1,
        strangers_cpu_ns: Some(60 * MS),
        ..ProcessFacts::default()
    };
    change(&mut facts);
    let pauses = Pauses { cpu: 1, cpu_ns: 80 * MS, pieces: 1, quick_ns: 1, slow_pieces: 0 };
    TrialRecord { processes: facts, pauses: Some(pauses), ..record() }
}

fn settled(facts: &mut ProcessFacts) -> &mut CpuReading {
    facts.settled.as_mut().expect("set above")
}

fn stranger(cpu_ms: u64, hidden_map: bool, has_ring: bool) -> Stranger {
    Stranger { pid: 77, name: "other".into(), cpu_ns: cpu_ms * MS, hidden_map: Some(hidden_map), has_ring }
}

fn doubts_of(change: impl Fn(&mut ProcessFacts)) -> Vec<String> {
    let record = watched(change);
    doubts(&record, balance(&record).as_ref())
}

#[test]
fn every_nanosecond_has_an_owner() {
    let balance = balance(&watched(|_| {})).expect("both readings are there");
    let expected = CpuBalance {
        window_ns: 2 * SECOND,
        runner_ns: Some(40 * MS),
        runner_by: Some(CpuSource::Clocks),
        hidden_ns: Some(0),
        load_ns: Some(1_960 * MS),
        supervisor_ns: Some(100 * MS),
        // 130 ms of its processor less 40 of the runner and 80 of keeping it awake.
        others_on_processor_ns: Some(10 * MS),
        // 2,200 ms of the machine less 40, 1,960 and 100; 60 of them belong to processes without maps.
        others_ns: Some(100 * MS),
        unexplained_ns: Some(40 * MS),
    };
    assert_eq!(balance, expected);
    assert_eq!(doubts_of(|_| {}), Vec::<String>::new());
}

#[test]
fn a_record_of_version_1_has_no_balance_and_no_doubts() {
    assert_eq!(balance(&record()), None);
    assert_eq!(doubts(&record(), None), Vec::<String>::new());
}

#[test]
fn time_of_processes_that_ended_counts_and_is_doubted_unless_the_manifest_says_so() {
    let more = |facts: &mut ProcessFacts| settled(facts).group_ns = Some(85 * MS);
    let hidden = balance(&watched(more)).expect("both readings are there");
    assert_eq!((hidden.runner_ns, hidden.hidden_ns), (Some(70 * MS), Some(30 * MS)));
    assert_eq!(hidden.runner_by, Some(CpuSource::Group));
    assert_eq!(
        doubts_of(more),
        [
            "30 ms of its CPU time went to processes that had ended, and its manifest does not say `processes: many`"
        ]
    );
    let said = doubts_of(|facts| {
        more(facts);
        facts.many = true;
    });
    assert_eq!(said, Vec::<String>::new());
    // An event costs that much more.
    let cost = |change: &dyn Fn(&mut ProcessFacts)| {
        let record = TrialRecord { left_bytes: None, ..watched(change) };
        measure(&record, &benchmark(Question::Capacity), &Format::Protocol).figures.cpu_ns_per_event
    };
    let (usual, more) = (cost(&|_| {}).expect("known"), cost(&more).expect("known"));
    assert!((more - usual - 30.0 * 1e6 / 9_900.0).abs() < 1e-6, "{usual} {more}");
}

#[test]
fn differences_between_clock_and_group_that_reading_makes_are_no_doubt() {
    assert_eq!(doubts_of(|facts| settled(facts).group_ns = Some(55 * MS + 390_000)), Vec::<String>::new());
}

#[test]
fn without_a_group_what_was_reaped_counts() {
    let reaped = |facts: &mut ProcessFacts| {
        facts.group = None;
        settled(facts).group_ns = None;
        settled(facts).reaped_ns = Some(20 * MS);
    };
    let balance = balance(&watched(reaped)).expect("both readings are there");
    assert_eq!((balance.runner_ns, balance.runner_by), (Some(60 * MS), Some(CpuSource::Reaped)));
}

#[test]
fn a_child_too_short_to_be_timed_is_seen_by_its_faults() {
    let doubts = doubts_of(|facts| settled(facts).reaped_faults = Some(8));
    assert_eq!(
        doubts,
        ["it had child processes that ended, and its manifest does not say `processes: many`"]
    );
    assert_eq!(
        doubts_of(|facts| facts.most = 3),
        ["it was 3 processes, and its manifest does not say `processes: many`"]
    );
}

#[test]
fn time_that_nobody_accounts_for_is_a_doubt_from_a_quarter_of_a_core_on() {
    let busier =
        |ms: u64| move |facts: &mut ProcessFacts| settled(facts).machine_ns = Some(92_200 * MS + ms * MS);
    assert_eq!(doubts_of(busier(460)), Vec::<String>::new());
    assert_eq!(doubts_of(busier(470)), ["CPU time of 26 % of a core that nobody accounts for"]);
}

#[test]
fn only_what_ticks_and_clock_both_saw_was_work() {
    // The ticks met the runner again and again: 900 ms of others on its processor, of which the clock knows 30.
    let record = watched(|facts| {
        let released = facts.released.as_mut().expect("set above");
        (released.runner_processor_awake_ns, released.machine_awake_ns) =
            (Some(7_000 * MS), Some(70_000 * MS));
        let settled = settled(facts);
        (settled.runner_processor_ns, settled.machine_ns) = (Some(10_020 * MS), Some(93_100 * MS));
        (settled.runner_processor_awake_ns, settled.machine_awake_ns) = (Some(7_150 * MS), Some(72_230 * MS));
    });
    let measured = balance(&record).expect("both readings are there");
    assert_eq!((measured.others_on_processor_ns, measured.unexplained_ns), (Some(30 * MS), Some(70 * MS)));
    assert_eq!(doubts(&record, Some(&measured)), Vec::<String>::new());
}

#[test]
fn a_busy_neighbour_is_explained_unless_it_has_a_map_that_it_does_not_tell() {
    let neighbour = |hidden_map: bool| {
        move |facts: &mut ProcessFacts| {
            settled(facts).machine_ns = Some(93_000 * MS);
            facts.strangers_cpu_ns = Some(860 * MS);
            facts.strangers = vec![stranger(800, hidden_map, false)];
        }
    };
    assert_eq!(doubts_of(neighbour(false)), Vec::<String>::new());
    assert_eq!(
        doubts_of(neighbour(true)),
        [
            "CPU time of 42 % of a core that only processes with a BPF map that they do not tell account for: `other` (process 77)"
        ]
    );
}

#[test]
fn whoever_else_has_the_ring_open_is_named_however_little_it_used() {
    assert_eq!(
        doubts_of(|facts| facts.strangers = vec![stranger(0, true, true)]),
        ["`other` (process 77), which is not the runner's, had its ring open"]
    );
}

#[test]
fn a_place_that_was_lost_is_named_and_the_trial_is_not_believed() {
    let depart = |facts: &mut ProcessFacts| {
        let departure = |of, what, set: &str, found: &str| Departure {
            t_ns: 1,
            of,
            what,
            set: set.into(),
            found: found.into(),
        };
        facts.departures = vec![
            departure(Party::Runner, Placed::Cpus, "1", "0-1"),
            departure(Party::Load, Placed::Policy, "SCHED_OTHER", "SCHED_FIFO"),
        ];
    };
    let expected = [
        "the runner was pinned to CPU 1, and was then allowed CPU 0-1",
        "the load was scheduled by SCHED_OTHER, and was then found under SCHED_FIFO",
    ];
    assert_eq!(doubts_of(depart), expected);
    let measured = measure(&watched(depart), &benchmark(Question::Capacity), &Format::Protocol);
    assert!(
        matches!(&measured.verdict, Some(Verdict::Unverified { missing }) if missing.ends_with(&expected.map(String::from))),
        "{:?}",
        measured.verdict
    );
}

#[test]
fn doubts_never_mend_what_is_invalid() {
    let invalid = Verdict::Invalid { failed: vec!["a != b".into()] };
    assert_eq!(doubted(invalid.clone(), vec!["doubt".into()]), invalid);
    assert_eq!(doubted(Verdict::Valid, Vec::new()), Verdict::Valid);
}

#[test]
fn others_on_the_runners_processor_are_named_from_a_tenth_of_the_time_on() {
    let said = |ms: u64| {
        let record = watched(|facts| {
            settled(facts).runner_processor_ns = Some((9_120 + ms) * MS);
            facts.strangers = vec![stranger(300, false, false)];
        });
        let balance = balance(&record).expect("both readings are there");
        disturbances(&record, &balance).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(said(190), Vec::<String>::new());
    assert_eq!(said(210), ["others used 10 % of the runner's processor (busy were other)"]);
}

#[test]
fn what_is_counted_beyond_the_clocks_is_said() {
    let record = watched(|facts| settled(facts).group_ns = Some(85 * MS));
    let measured = measure(&record, &benchmark(Question::Capacity), &Format::Protocol);
    let said: Vec<_> = measured.disturbed.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["30.0 ms of its CPU time were of processes that had ended; they count"]);
}

#[test]
fn whoever_mapped_a_map_and_hides_which_is_named_however_little_it_used() {
    let mapped = doubts_of(|facts| facts.mapped = vec![stranger(0, true, false)]);
    let words = "`other` (process 77), which is not the runner's, has mapped a BPF map since the trial began and has no descriptor that \
                 tells which";
    assert_eq!(mapped, [words]);
}

#[test]
fn a_runner_that_is_out_of_its_group_is_named_by_what_is_seen_or_by_what_the_group_lacks() {
    let departure = Departure {
        t_ns: 1,
        of: Party::Runner,
        what: Placed::Group,
        set: "orchestrator-1/trial-1".into(),
        found: "/".into(),
    };
    let seen = doubts_of(|facts| facts.departures = vec![departure.clone()]);
    assert_eq!(
        seen,
        ["the runner was put into the control group `orchestrator-1/trial-1`, and was then found in `/`"]
    );
    let lacks = |group: u64| doubts_of(|facts| settled(facts).group_ns = Some(group * MS));
    assert_eq!(lacks(36), Vec::<String>::new());
    assert_eq!(
        lacks(30),
        ["its processes used 40 ms of CPU time, of which its control group has 15 ms: they were out of it"]
    );
}
