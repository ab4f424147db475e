//! Each question measures what it says: implementations whose limits and costs are known, and what is said of them.
//!
//! Real BPF programs, the real load, and a runner that is the baseline's or stands before it (`examples/hostile-runner`). Bounds are
//! such as a busy machine keeps. They need root and the runner of the baseline built (`make build`).

mod common;

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use common::project::{Project, tampering};
use common::skipped_without_root;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rstest::rstest;
use serde_json::Value;

/// These tests look at figures, so that they measure one after another.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// What `orchestrator` answers in a project with this runner. On a machine that is busy with something else the load stands still
/// now and then, which makes a trial invalid, as it should: then it is asked again.
fn asked(script: &str, arguments: &[&str]) -> (Project, Value) {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..3 {
        let project = Project::new(script, "");
        let run = answered(&project, arguments);
        let stood_still = |trial: &Value| {
            let failed = &trial["measurement"]["verdict"]["failed"];
            failed
                .as_array()
                .is_some_and(|failed| failed.iter().any(|why| why.to_string().contains("standstill")))
        };
        if !list(&run["trials"]).iter().any(stood_still) {
            return (project, run);
        }
    }
    panic!("the load stood still three times: this machine is too busy");
}

fn answered(project: &Project, arguments: &[&str]) -> Value {
    let output = project.orchestrator(arguments).arg("--json").output().expect("started");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// One short block of a question.
fn compared(script: &str, question: &str, more: &[&str]) -> (Project, Value) {
    let usual = ["compare", "--blocks", "1", "--duration", "0.3", "--questions", question];
    asked(script, &[&usual, more].concat())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The index of the benchmark with this name.
fn index(run: &Value, name: &str) -> usize {
    let benchmarks = list(&run["plan"]["benchmarks"]);
    benchmarks.iter().position(|benchmark| benchmark["name"] == name).unwrap_or_else(|| panic!("no `{name}`"))
}

/// What was measured of one row in the only block of a benchmark; it must be valid.
fn measured<'a>(run: &'a Value, benchmark: usize, label: &str) -> &'a Value {
    let is_it =
        |trial: &&Value| trial["planned"]["benchmark"] == benchmark && trial["planned"]["label"] == label;
    let trial = list(&run["trials"]).iter().find(is_it).expect("it was run");
    assert_eq!(trial["measurement"]["verdict"]["kind"], "valid", "{:#}", trial["measurement"]);
    &trial["measurement"]
}

fn figure(run: &Value, benchmark: usize, name: &str) -> Option<f64> {
    measured(run, benchmark, "sixth")["figures"][name].as_f64()
}

/// A figure at each point of a curve.
fn along(run: &Value, curve: &Value, name: &str) -> Vec<f64> {
    let points = list(&curve["points"]).iter();
    let of = |point: &Value| {
        let index = usize::try_from(point["benchmark"].as_u64().expect("an index")).expect("small");
        figure(run, index, name).unwrap_or_else(|| panic!("no `{name}` of {}", point["x"]))
    };
    points.map(of).collect()
}

fn curve<'a>(run: &'a Value, series: &str) -> &'a Value {
    let curves = list(&run["analysis"]["curves"]);
    curves.iter().find(|curve| curve["series"] == series).unwrap_or_else(|| panic!("no curve of `{series}`"))
}

fn xs(curve: &Value) -> Vec<f64> {
    list(&curve["points"]).iter().filter_map(|point| point["x"].as_f64()).collect()
}

/// The report of the project's only run, as people read it.
fn report(project: &Project) -> String {
    let output = project.orchestrator(&["report", "latest"]).output().expect("started");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn events(project: &Project) -> Vec<Value> {
    let text = std::fs::read_to_string(project.events_path().expect("a run")).expect("readable");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[rstest]
#[case::as_everybody_gets_it("throughput")]
#[case::without_wakeups("throughput_batched")]
fn a_consumer_that_reads_so_many_records_a_second_carries_so_many(#[case] benchmark: &str) {
    if skipped_without_root("a_consumer_that_reads_so_many_records_a_second_carries_so_many") {
        return;
    }
    // 667 ns a record. The search ends within 5 % of it, and a backlog of 2 to 3 ms in 100 is allowed.
    let limit = 1.5e6;
    for _ in 0..3 {
        let (_project, run) = compared(&tampering("limited:667"), "throughput", &[]);
        let index = index(&run, benchmark);
        let found = figure(&run, index, "loss_free_per_sec").expect("a rate was carried");
        assert!(found < 1.08 * limit, "no consumer carries more than it reads: {found}");
        let measurement = measured(&run, index, "sixth");
        if found > 0.85 * limit && measurement["figures"]["limit"]["by"] == "consumer" {
            return;
        }
        // Whoever takes its processor makes it slower.
        let disturbed = measurement["disturbed"].to_string();
        assert!(
            ["others_on_processor", "busy_before"].iter().any(|cause| disturbed.contains(cause)),
            "{measurement:#}"
        );
    }
}

#[test]
fn a_runner_that_begins_later_sees_its_first_event_so_much_later() {
    if skipped_without_root("a_runner_that_begins_later_sees_its_first_event_so_much_later") {
        return;
    }
    let started = |script: &str| {
        let run = compared(script, "start_up", &[]).1;
        ["first_event_ns", "time_to_ready_ns", "load_ns", "attach_ns", "exit_ns"]
            .map(|name| figure(&run, 0, name).unwrap_or_else(|| panic!("no `{name}`")))
    };
    let honest = tampering("none");
    let [first, ready, load, attach, exit] = started(&honest);
    let [late_first, late_ready, late_load, late_attach, _] = started(&format!("sleep 0.3\n{honest}"));
    assert!(ready < first && load + attach < ready && exit > 0.0, "{first} {ready} {load} {attach} {exit}");
    assert!(late_ready < late_first && late_load + late_attach < late_ready - 3e8);
    for (late, early) in [(late_first, first), (late_ready, ready)] {
        assert!((3e8..8e8).contains(&late) && early < late, "{early} {late}");
    }
}

#[test]
fn memory_that_grows_with_the_ring_has_a_slope() {
    if skipped_without_root("memory_that_grows_with_the_ring_has_a_slope") {
        return;
    }
    let slope = 50e6 / f64::from(16 << 20);
    let (project, run) = compared(&tampering("allocates"), "memory_usage", &[]);
    let curve = curve(&run, "memory_usage");
    assert_eq!(xs(curve), [16.0, 64.0, 256.0, 4096.0, 65536.0].map(|pages| pages * 4096.0));
    let fit = &curve["fits"][0];
    assert_eq!((&fit["law"], &fit["label"], &fit["blocks"]), (&"line".into(), &"sixth".into(), &1.into()));
    let found = fit["slope"]["value"].as_f64().expect("a slope");
    assert!((found / slope - 1.0).abs() < 0.02, "{fit:#}");
    assert!(fit["at_zero"]["value"].as_f64().is_some_and(|bytes| bytes > 0.0 && bytes < 8e6), "{fit:#}");
    assert!(fit["worst"].as_f64().is_some_and(|share| share < 0.10), "{fit:#}");
    for ((x, at_rest), most) in xs(curve)
        .into_iter()
        .zip(along(&run, curve, "private_at_rest_bytes"))
        .zip(along(&run, curve, "private_bytes"))
    {
        assert!(at_rest > slope * x && at_rest < slope * x + 8e6 && most >= at_rest, "{x}: {at_rest} {most}");
    }
    // The ring itself is a map, and no private memory.
    let maps = along(&run, curve, "map_memory_bytes");
    assert!(xs(curve).iter().zip(maps).all(|(x, map)| map >= *x && map < 1.02 * x + 1e6));
    let text = report(&project);
    // 50,000,000 bytes for 16 MiB are 2.98 MiB for each.
    assert!(text.contains("\n→ each MiB of ring adds 3.0 MiB to sixth\n"), "{text}");
}

#[test]
fn work_in_the_program_costs_the_traced_one_time_and_the_verifier_instructions() {
    if skipped_without_root("work_in_the_program_costs_the_traced_one_time_and_the_verifier_instructions") {
        return;
    }
    let (project, run) = compared(&tampering("none"), "complexity", &[]);
    let curve = curve(&run, "complexity");
    assert_eq!(xs(curve), [0.0, 10.0, 100.0, 1_000.0, 10_000.0]);
    let fit = &curve["fits"][0];
    let slope = fit["slope"]["value"].as_f64().filter(|_| fit["law"] == "line").expect("a line");
    assert!(slope > 0.0 && fit["worst"].as_f64().is_some(), "{fit:#}");
    let cost = along(&run, curve, "load_ns_per_trigger");
    // At 10,000 rounds all but the work is a few per cent.
    assert!((slope * 1e4 / (cost[4] - cost[0]) - 1.0).abs() < 0.5, "{slope} {cost:?}");
    let walked = along(&run, curve, "verified_instructions");
    assert!(walked.is_sorted() && walked[4] > 10.0 * walked[0], "{walked:?}");
    let text = report(&project);
    for part in ["\nCPU of the load a trigger\n", "\ninstructions that the verifier walked\n", "\n  10000 "] {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

#[test]
fn a_small_ring_loses_at_high_rates_and_every_event_is_accounted_for() {
    if skipped_without_root("a_small_ring_loses_at_high_rates_and_every_event_is_accounted_for") {
        return;
    }
    // It holds nine triggers' records: 900 events a millisecond, when the consumer looks.
    let (project, run) = compared(&tampering("none"), "drop_curve", &["--ring-size", "65536"]);
    for series in ["drop_curve", "drop_curve_batched"] {
        let curve = curve(&run, series);
        assert_eq!(xs(curve), [1e2, 1e3, 1e4, 2.5e4, 5e4, 1e5, 2e5]);
        let [attempted, read, dropped] =
            ["events_attempted", "events_read", "events_dropped"].map(|name| along(&run, curve, name));
        for ((attempted, read), dropped) in attempted.iter().zip(&read).zip(&dropped) {
            assert!((attempted - read - dropped).abs() < 0.5, "{series}: {attempted} {read} {dropped}");
        }
        let offered = along(&run, curve, "offered_per_sec");
        assert!(offered.is_sorted_by(|a, b| *a < *b * 1.5) && offered[0] < 2e4, "{offered:?}");
    }
    let batched = curve(&run, "drop_curve_batched");
    let lost = along(&run, batched, "drop_ratio");
    assert!(lost[0] < 0.5 && lost[5] > 0.5 && lost[6] > 0.5, "{lost:?}");
    let text = report(&project);
    assert!(text.contains("\ndelivered share\n"), "{text}");
}

#[test]
fn a_rate_that_the_load_cannot_offer_leaves_a_point_of_the_drop_curve_valid() {
    if skipped_without_root("a_rate_that_the_load_cannot_offer_leaves_a_point_of_the_drop_curve_valid") {
        return;
    }
    // A hundred million events a second.
    let config = "benchmarks:\n  - name: beyond\n    question: drop_curve\n    program_type: tracepoint\n    \
                  data_mechanism: ring_buffer\n    event_source: sys_enter_openat2\n    duration_seconds: 0.3\n    \
                  metrics: [drop_curve]\n    wakeup: timer:1ms\n    load: {rate: 1000000}\n";
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), config).expect("written");
    let path = file.path().display().to_string();
    let (_project, run) = asked(&tampering("none"), &["run", &path, "--blocks", "1", "--ring-size", "65536"]);
    assert_eq!(list(&run["analysis"]["curves"]), [] as [Value; 0], "the rate is given");
    assert!(figure(&run, 0, "missed_share").is_some_and(|share| share > 0.2), "{run:#}");
    assert!(figure(&run, 0, "drop_ratio").is_some_and(|share| share > 0.5));
}

#[test]
fn each_thread_that_calls_is_named_and_the_slowest_is_a_share_of_the_mean() {
    if skipped_without_root("each_thread_that_calls_is_named_and_the_slowest_is_a_share_of_the_mean") {
        return;
    }
    let cpus = std::thread::available_parallelism().expect("a number").get();
    let (project, run) = compared(&tampering("none"), "scalability", &[]);
    let curve = curve(&run, "scalability");
    let powers = std::iter::successors(Some(1_usize), |level| Some(level * 2));
    let mut levels: Vec<usize> = powers.take_while(|level| *level < cpus).collect();
    levels.push(cpus);
    assert_eq!(xs(curve), levels.iter().map(|level| *level as f64).collect::<Vec<_>>());
    let trials: Vec<Value> = events(&project).into_iter().filter(|event| event["event"] == "trial").collect();
    // Through one ring, one for each CPU, and with a reader for each.
    assert_eq!(trials.len(), 3 * levels.len());
    for trial in &trials {
        let benchmark = usize::try_from(trial["planned"]["benchmark"].as_u64().expect("one")).expect("small");
        let asked = run["plan"]["benchmarks"][benchmark]["load"]["threads"].as_u64().expect("threads");
        let load = &trial["record"]["load"];
        let share = figure(&run, benchmark, "least_thread_share");
        if asked == 1 {
            assert_eq!(share, None, "of one alone it says nothing");
            continue;
        }
        let each: Vec<u64> =
            list(&load["threads"]).iter().filter_map(|thread| thread["issued"].as_u64()).collect();
        assert_eq!(each.len() as u64, asked, "{load:#}");
        assert_eq!(each.iter().sum::<u64>(), load["issued"].as_u64().expect("a number"));
        assert!(share.is_some_and(|share| share > 0.0 && share <= 1.0), "{share:?}");
        assert!(load["threads"][1]["cpu_ns"].as_u64().is_some_and(|ns| ns > 0), "{load:#}");
    }
}

#[test]
fn more_threads_than_cpus_are_refused_unless_nothing_is_pinned() {
    if skipped_without_root("more_threads_than_cpus_are_refused_unless_nothing_is_pinned") {
        return;
    }
    let cpus = std::thread::available_parallelism().expect("a number").get();
    let config = format!(
        "benchmarks:\n  - name: crowd\n    question: scalability\n    program_type: tracepoint\n    data_mechanism: ring_buffer\n    \
         event_source: sys_enter_openat2\n    duration_seconds: 0.3\n    metrics: [scalability]\n    load: {{threads: {}}}\n",
        cpus + 1
    );
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), config).expect("written");
    let path = file.path().display().to_string();
    let project = Project::new(&tampering("none"), "");
    let refused = project.orchestrator(&["run", &path, "--blocks", "1"]).output().expect("started");
    let text = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{text}");
    let message = format!("error: `crowd`: {} threads call, and there are {cpus} CPUs", cpus + 1);
    assert!(
        text.contains(&message) && text.contains("\nhint: use at most ") && text.contains("`--no-pin`"),
        "{text}"
    );
    assert!(project.events_path().is_none(), "nothing was measured");
    let (project, run) = asked(&tampering("none"), &["run", &path, "--blocks", "1", "--no-pin"]);
    let threads = &events(&project)[1]["record"]["load"]["threads"];
    assert_eq!(list(threads).len(), cpus + 1, "{threads}");
    assert!(figure(&run, 0, "least_thread_share").is_some());
}

#[test]
fn overhead_is_against_nothing_attached_at_the_same_rate() {
    if skipped_without_root("overhead_is_against_nothing_attached_at_the_same_rate") {
        return;
    }
    let (project, run) = compared(&tampering("none"), "overhead", &[]);
    let curve = curve(&run, "overhead");
    assert_eq!(xs(curve), [1e3, 1e4]);
    for benchmark in 0..2 {
        let nothing = measured(&run, benchmark, "(nothing)")["figures"]["load_ns_per_trigger"].as_f64();
        let with = figure(&run, benchmark, "load_ns_per_trigger");
        let added = list(&run["analysis"]["benchmarks"][benchmark]["added"]);
        assert_eq!(added.len(), 1, "{added:?}");
        assert_eq!((&added[0]["label"], &added[0]["blocks"]), (&"sixth".into(), &1.into()));
        let added = added[0]["ns_per_trigger"].as_f64().expect("a cost");
        let difference = with.expect("with it") - nothing.expect("without it");
        assert!((added - difference).abs() < 1e-3 && added > 0.0, "{added} {difference}");
        for name in ["runner_cpu_percent", "private_bytes", "bpf_run_ns", "softirq_percent"] {
            assert!(figure(&run, benchmark, name).is_some(), "no `{name}`");
        }
        assert!(figure(&run, benchmark, "runner_cpu_percent").is_some_and(|percent| percent > 0.0));
        assert!(figure(&run, benchmark, "missed_share").is_some_and(|share| share < 0.1));
    }
    let text = report(&project);
    assert!(text.contains("\noverhead rate=10000: what it costs") && text.contains("\n(nothing) "), "{text}");
}

#[test]
fn a_sweep_that_was_stopped_in_its_middle_is_resumed_to_all_its_points() {
    if skipped_without_root("a_sweep_that_was_stopped_in_its_middle_is_resumed_to_all_its_points") {
        return;
    }
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let project = Project::new(&tampering("none"), "");
    let usual = ["compare", "--blocks", "1", "--duration", "0.3", "--questions", "complexity"];
    let mut command = project.orchestrator(&usual);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    let deadline = Instant::now() + Duration::from_secs(60);
    // A header and two of thirteen trials.
    while project.events() < 3 {
        assert!(child.try_wait().expect("a child").is_none() && Instant::now() < deadline, "no two trials");
        std::thread::sleep(Duration::from_millis(10));
    }
    kill(Pid::from_raw(i32::try_from(child.id()).expect("a number")), Signal::SIGINT).expect("interrupted");
    assert!(!child.wait().expect("a child").success());
    let before = events(&project);
    let trials = |events: &[Value]| events.iter().filter(|event| event["event"] == "trial").count();
    assert!((2..13).contains(&trials(&before)), "{}", trials(&before));
    let shown = report(&project);
    assert!(shown.contains("\nthis run is not complete: "), "{shown}");

    let run = answered(&project, &["resume"]);
    assert_eq!(events(&project)[..before.len()], before, "what was measured is kept");
    // With the lookups' and the filter's.
    assert_eq!(list(&run["trials"]).len(), 13);
    let numbers: BTreeSet<u64> =
        list(&run["trials"]).iter().filter_map(|trial| trial["planned"]["number"].as_u64()).collect();
    assert_eq!(numbers.len(), 13, "each once");
    let curve = curve(&run, "complexity");
    assert_eq!(xs(curve), [0.0, 10.0, 100.0, 1_000.0, 10_000.0]);
    assert_eq!(list(&run["resumed"]).len(), 1);
    let valid =
        list(&run["trials"]).iter().filter(|trial| trial["measurement"]["verdict"]["kind"] == "valid");
    if valid.count() == 5 {
        assert_eq!(curve["fits"][0]["law"], "line", "{curve:#}");
    }
}

#[rstest]
#[case("throughput", None, &["it"])]
#[case("latency", None, &["it"])]
#[case("overhead", Some("load: {rate: 5000}"), &["it rate=1000", "it rate=10000"])]
#[case("scalability", Some("load: {threads: 1}"), &[])]
#[case("complexity", Some("work: 7"), &["it work=0", "it work=10", "it work=100", "it work=1000", "it work=10000"])]
#[case(
    "memory_usage",
    Some("ring_size: 1MiB"),
    &["it ring_size=64KiB", "it ring_size=256KiB", "it ring_size=1MiB", "it ring_size=16MiB", "it ring_size=256MiB"]
)]
fn every_scenario_is_a_metric_and_a_question_of_a_configuration(
    #[case] name: &str,
    #[case] single: Option<&str>,
    #[case] points: &[&str],
) {
    let project = Project::new(&tampering("none"), "");
    let planned = |more: &str| {
        let config = format!(
            "benchmarks:\n  - name: it\n    program_type: tracepoint\n    data_mechanism: ring_buffer\n    \
             event_source: sys_enter_openat2\n    duration_seconds: 1\n    {more}\n"
        );
        let path = project.path().join("it.yaml");
        std::fs::write(&path, config).expect("written");
        let plan = answered(&project, &["run", &path.display().to_string(), "--dry-run"]);
        let names = list(&plan["benchmarks"]).iter().map(|benchmark| {
            assert_eq!(benchmark["question"], name);
            benchmark["name"].as_str().expect("a name").to_owned()
        });
        names.collect::<Vec<_>>()
    };
    // The name alone as a metric, and as the question of any other metric.
    for more in [format!("metrics: [{name}]"), format!("question: {name}\n    metrics: [cpu_usage]")] {
        let names = planned(&more);
        if name == "scalability" {
            let cpus = std::thread::available_parallelism().expect("a number").get();
            assert_eq!(names.first().map(String::as_str), Some("it threads=1"));
            assert_eq!(names.last(), Some(&format!("it threads={cpus}")));
        } else {
            assert_eq!(names, points);
        }
        // Whoever sets the value that it would be swept over asks for that one point.
        if let Some(single) = single {
            assert_eq!(planned(&format!("{more}\n    {single}")), ["it"]);
        }
    }
}
