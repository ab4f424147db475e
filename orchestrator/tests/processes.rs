//! What a runner does in other processes counts, and a place that it leaves is seen.

mod common;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::project::{Project, tampering};
use common::{skipped_without_root, spec, supervise};
use libbpf_rs::{MapCore as _, MapHandle, MapType, libbpf_sys};
use orchestrator::plan::Placement;
use orchestrator::sample::Census;
use orchestrator::supervise::{CpuReading, Ended, Party, Placed, TrialRecord, TrialSpec};
use rstest::rstest;

const MS: u64 = 1_000_000;

fn longer(mode: &str) -> TrialSpec {
    let mut spec = spec(&[mode]);
    spec.load.duration_ns = 400 * MS;
    spec.deadlines.exit_ms = 2_000;
    spec
}

fn grown(record: &TrialRecord, field: fn(&CpuReading) -> Option<u64>) -> u64 {
    let of = |reading: &Option<CpuReading>| reading.as_ref().and_then(field);
    // The clocks are of living processes: a child that had begun before the first reading takes its own away.
    let (from, to) =
        (of(&record.processes.released).expect("read"), of(&record.processes.settled).expect("read"));
    to.saturating_sub(from)
}

#[tokio::test]
async fn children_that_were_reaped_count() {
    if skipped_without_root("children_that_were_reaped_count") {
        return;
    }
    let record = supervise(longer("works-in-children")).await;
    assert_eq!(record.ended, Ended::Exited, "{}", record.stderr_tail);
    // One child at least had its 20 ms, however busy the machine is; the runner itself only starts them.
    if record.processes.group.is_some() {
        let (group, clocks) = (grown(&record, |r| r.group_ns), grown(&record, |r| r.clocks_ns));
        assert!(group >= clocks + 15 * MS, "group {group}, clocks {clocks}");
    } else {
        assert!(grown(&record, |r| r.reaped_ns) >= 10 * MS);
    }
    assert!(grown(&record, |r| r.reaped_faults) > 0);
}

#[tokio::test]
async fn a_daemon_that_left_the_tree_counts_and_is_left_behind() {
    if skipped_without_root("a_daemon_that_left_the_tree_counts_and_is_left_behind") {
        return;
    }
    let record = supervise(longer("works-in-a-daemon")).await;
    assert_eq!(record.ended, Ended::LeakedProcess, "{}", record.stderr_tail);
    assert!(record.processes.most >= 2, "{:?}", record.processes);
    // With its group or without: what left the tree has become the supervisor's.
    let (used, processes) = (grown(&record, |r| r.clocks_ns), record.snapshots.last().unwrap().processes);
    assert!(used > 5 * MS && processes >= 2, "{used} ns, processes {processes}");
}

#[tokio::test]
async fn an_honest_runner_is_one_process_and_its_group_agrees_with_its_clock() {
    let record = supervise(longer("well-behaved")).await;
    assert_eq!(record.ended, Ended::Exited, "{}", record.stderr_tail);
    assert_eq!(record.processes.most, 1);
    assert_eq!(record.processes.departures, []);
    assert!(grown(&record, |r| r.clocks_ns) > 0);
    if nix::unistd::geteuid().is_root() && record.processes.group.is_some() {
        let (group, clocks) = (grown(&record, |r| r.group_ns), grown(&record, |r| r.clocks_ns));
        assert!(group.abs_diff(clocks) < 5 * MS, "group {group}, clocks {clocks}");
    }
    let private = record.snapshots.iter().filter_map(|snapshot| snapshot.private_bytes).max().unwrap();
    let peak = record.snapshots.iter().filter_map(|snapshot| snapshot.peak_rss_bytes).max().unwrap();
    assert!(private > 0 && private < peak, "{private} of {peak}");
}

#[rstest]
#[case::place("changes-its-place", Placed::Cpus, "0")]
#[case::policy("changes-its-policy", Placed::Policy, "SCHED_OTHER")]
#[case::niceness("changes-its-niceness", Placed::Nice, "0")]
#[tokio::test]
async fn what_does_not_stay_as_it_was_set_is_named(
    #[case] mode: &str,
    #[case] what: Placed,
    #[case] set: &str,
) {
    if std::thread::available_parallelism().unwrap().get() < 2 {
        eprintln!("skipped what_does_not_stay_as_it_was_set_is_named: it needs two processors");
        return;
    }
    let mut spec = longer(mode);
    let pinned = what == Placed::Cpus;
    spec.placement = Placement { runner: pinned.then_some(0), ..Placement::default() };
    let record = supervise(spec).await;
    assert_eq!(record.ended, Ended::Exited, "{}", record.stderr_tail);
    let [departure] = record.processes.departures.as_slice() else {
        panic!("{:?}", record.processes.departures)
    };
    assert_eq!((departure.of, departure.what, departure.set.as_str()), (Party::Runner, what, set));
    assert_ne!(departure.found, departure.set);
}

#[tokio::test]
async fn a_runner_that_leaves_its_group_is_named() {
    if skipped_without_root("a_runner_that_leaves_its_group_is_named") {
        return;
    }
    let record = supervise(longer("leaves-its-group")).await;
    assert_eq!(record.ended, Ended::Exited, "{}", record.stderr_tail);
    if record.processes.group.is_none() {
        eprintln!("skipped a_runner_that_leaves_its_group_is_named: no control group can be made here");
        return;
    }
    let [departure] = record.processes.departures.as_slice() else {
        panic!("{:?}", record.processes.departures)
    };
    assert_eq!((departure.of, departure.what), (Party::Runner, Placed::Group));
    assert!(departure.set.starts_with("orchestrator-") && !departure.found.contains(&departure.set));
}

#[test]
fn whoever_has_a_ring_open_is_found() {
    if skipped_without_root("whoever_has_a_ring_open_is_found") {
        return;
    }
    let before = Census::take(&[]);
    let options = libbpf_sys::bpf_map_create_opts {
        sz: size_of::<libbpf_sys::bpf_map_create_opts>() as libbpf_sys::size_t,
        ..Default::default()
    };
    // This process is the stranger that has the ring.
    let ring = MapHandle::create(MapType::RingBuf, Some("strange"), 0, 0, 4096, &options).unwrap();
    let rings = [ring.info().unwrap().info.id].into();
    let own = std::process::id();
    let strangers = Census::take(&[]).strangers_since(&before, &rings);
    let found: Vec<_> = strangers.iter().filter(|stranger| stranger.has_ring).collect();
    assert_eq!(found.iter().map(|stranger| stranger.pid).collect::<Vec<_>>(), [own], "{strangers:?}");
    assert_eq!(found[0].hidden_map, Some(false), "its descriptor tells which");
    assert!(Census::take(&[own]).strangers_since(&before, &rings).iter().all(|stranger| !stranger.has_ring));
    drop(ring);
}

/// Opens every ring that appears, until told to stop: what somebody does who reads in the runner's place.
fn open_rings(stop: &AtomicBool) {
    let before: BTreeSet<u32> = bpf_facts::map_ids().unwrap_or_default().into_iter().collect();
    let mut open = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let known =
            |id: &u32| before.contains(id) || open.iter().any(|map: &bpf_facts::Map| map.facts().id == *id);
        let new: Vec<u32> =
            bpf_facts::map_ids().unwrap_or_default().into_iter().filter(|id| !known(id)).collect();
        let maps = new.into_iter().filter_map(|id| bpf_facts::Map::open(id).ok());
        open.extend(maps.filter(|map| map.facts().name == "events"));
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_trial_whose_ring_somebody_else_has_open_is_not_believed() {
    if skipped_without_root("a_trial_whose_ring_somebody_else_has_open_is_not_believed") {
        return;
    }
    let project = Project::new(&tampering("none"), "");
    let stop = AtomicBool::new(false);
    let (_, run) = std::thread::scope(|scope| {
        scope.spawn(|| open_rings(&stop));
        let compared = project.compare(&["--questions", "saturation"]);
        stop.store(true, Ordering::Relaxed);
        compared
    });
    let measurement = &run["trials"][0]["measurement"];
    assert_eq!(measurement["outcome"]["kind"], "completed", "{measurement:#}");
    assert_eq!(measurement["verdict"]["kind"], "unverified", "{measurement:#}");
    let missing = measurement["verdict"]["missing"].to_string();
    let named = format!("(process {}), which is not the runner's, had its ring open", std::process::id());
    assert!(missing.contains(&named), "{missing}");
    assert_eq!(run["analysis"]["benchmarks"][0]["rows"][0]["group"], serde_json::Value::Null);
}
