//! Configurations of the project itself, and every way in which a file can be wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use rstest::rstest;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the project folder")
}

/// A project with four small implementations, so that the tests do not depend on the real ones.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let all = [
        ("c", "[libc-style]", "true"),
        ("python", "[py]", "false"),
        ("go", "[golang]", "false"),
        ("rust", "[]", "false"),
    ];
    for (name, aliases, baseline) in all {
        manifest(
            folder.path(),
            name,
            &format!(
                "name: {name}\ntitle: The {name} one\nlanguage: {name}\nframework: none\naliases: {aliases}\nbaseline: {baseline}\n\
             programs:\n  ringbuf_throughput:\n    from: made/{name}\n    program_types: [tracepoint, kprobe]\n    mechanisms: [ring_buffer]\n"
            ),
        );
    }
    folder
}

fn manifest(root: &Path, name: &str, text: &str) {
    let folder = root.join("impls").join(name);
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("impl.yaml"), text).expect("a file");
}

fn orchestrator(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("orchestrator").expect("built");
    command.current_dir(root).arg("--root").arg(root).args(arguments).output().expect("started")
}

fn plan(root: &Path, config: &str) -> Value {
    let output = orchestrator(root, &["run", config, "--dry-run", "--json", "--seed", "1"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn error_of(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_example_is_accepted_unchanged() {
    let example = fs::read_to_string(root().join("configs/example.yaml")).expect("the example");
    let folder = project();
    fs::write(folder.path().join("example.yaml"), example).expect("a file");
    let plan = plan(folder.path(), "example.yaml");
    let benchmark = &plan["benchmarks"][0];
    assert_eq!(benchmark["implementations"], serde_json::json!(["c", "python", "go", "rust"]));
    assert_eq!(benchmark["load"]["syscall"], "openat");
    assert_eq!(benchmark["load"]["duration_ns"], 60_000_000_000_u64);
    let target = benchmark["attach_target"].as_str().expect("a kernel function");
    assert!(target.ends_with("sys_openat"), "{target}");
    assert_eq!(benchmark["question"], "throughput");
    assert_eq!(benchmark["load"]["pattern"]["kind"], "ladder");
    assert_eq!(benchmark["runner"]["latency"], true);
}

#[test]
fn every_configuration_of_the_project_makes_a_plan() {
    let folder = project();
    let configs =
        fs::read_dir(root().join("configs")).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut count = 0;
    for config in configs.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")) {
        let text = fs::read_to_string(&config).expect("a readable file");
        let is_example = config.ends_with("example.yaml");
        assert!(
            is_example || text.starts_with("# yaml-language-server: $schema=../docs/schema/config.json\n"),
            "{config:?}"
        );
        plan(folder.path(), config.to_str().expect("a plain path"));
        count += 1;
    }
    assert!(count >= 6, "only {count} configurations");
}

#[rstest]
#[case("config")]
#[case("manifest")]
fn the_committed_schema_is_the_one_that_the_code_makes(#[case] name: &str) {
    let output = orchestrator(&root(), &["schema", name]);
    let path = root().join("docs/schema").join(format!("{name}.json"));
    let committed = fs::read_to_string(&path).expect("a committed schema");
    let made = String::from_utf8(output.stdout).expect("text");
    assert!(committed == made, "run `orchestrator schema {name} > docs/schema/{name}.json`");
}

/// CPUs that this process may use: the last of them is where a runner is put.
fn usable() -> Vec<u32> {
    orchestrator::config::Topology::read().cpus.iter().map(|cpu| cpu.id).collect()
}

#[test]
fn a_benchmark_runs_where_it_says_and_an_option_leaves_it_to_the_scheduler() {
    let usable = usable();
    let [first, .., last] = usable[..] else { return };
    let folder = project();
    let second = GOOD.replace("benchmarks:\n", "").replace("name: test", "name: usual");
    let placed = format!("{GOOD}    placement: {{runner: {first}, load: '{last}', supervisor: [{last}]}}\n");
    fs::write(folder.path().join("placed.yaml"), placed + &second).expect("a file");
    let plan = plan(folder.path(), "placed.yaml");
    let own = serde_json::json!({ "runner": first, "load": [last], "supervisor": [last] });
    assert_eq!(plan["benchmarks"][0]["placement"], own);
    assert_eq!(plan["benchmarks"][1]["placement"], Value::Null);
    let shown = orchestrator(folder.path(), &["run", "placed.yaml", "--dry-run"]);
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    let words = format!("runner on CPU {first}, load on {last}, supervisor on {last}");
    assert!(text.contains(&words) && text.contains(&format!("--cpus={last}")), "{text}");
    let left = orchestrator(folder.path(), &["run", "placed.yaml", "--dry-run", "--json", "--no-pin"]);
    let (status, said) = error_of(&left);
    assert!(status == Some(0) && said.contains("`--no-pin`") && said.contains("`placement`"), "{said}");
    let plan: Value = serde_json::from_slice(&left.stdout).expect("JSON");
    assert_eq!(plan["benchmarks"][0]["placement"], Value::Null);
    assert_eq!(plan["placement"]["runner"], Value::Null);
}

#[test]
fn a_benchmark_says_when_it_ends_and_an_option_says_it_for_all() {
    let folder = project();
    let second = GOOD.replace("benchmarks:\n", "").replace("name: test", "name: timed");
    let capacity = |text: &str| text.replace("metrics: [throughput]", "metrics: [capacity]");
    let config = format!(
        "{}    precision: 3%\n    max_blocks: 12\n{}    max_time: 2m\n",
        capacity(GOOD),
        capacity(&second)
    );
    fs::write(folder.path().join("ends.yaml"), config).expect("a file");
    let rule = plan(folder.path(), "ends.yaml")["rule"].clone();
    let own = serde_json::json!([
        { "precision": 0.03, "max_time_ns": null },
        { "precision": null, "max_time_ns": 120_000_000_000_u64 },
    ]);
    assert_eq!((&rule["early"], &rule["benchmark_blocks"]), (&own, &serde_json::json!([12, 40])));
    assert_eq!((&rule["least_blocks"], &rule["precision"]), (&1.into(), &Value::Null));
    let of = |more: &[&str]| {
        let arguments = [&["run", "ends.yaml", "--dry-run", "--json"], more].concat();
        let output = orchestrator(folder.path(), &arguments);
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")["rule"].clone()
    };
    let all = of(&["--precision", "2"]);
    assert_eq!((&all["early"], &all["precision"]), (&Value::Null, &0.02.into()));
    assert_eq!(all["benchmark_blocks"], serde_json::json!([12, 40]));
    assert_eq!(of(&["--blocks", "5"])["benchmark_blocks"], serde_json::json!([5, 5]));
    let look = of(&["--quick"]);
    assert_eq!((&look["early"], &look["most_blocks"]), (&Value::Null, &1.into()));
}

#[test]
fn a_precision_that_is_never_reached_is_named_with_file_and_line() {
    let folder = project();
    let config = format!("{GOOD}    question: saturation\n    precision: 3\n");
    fs::write(folder.path().join("ends.yaml"), config).expect("a file");
    let (status, said) = error_of(&orchestrator(folder.path(), &["run", "ends.yaml", "--dry-run"]));
    assert_eq!(status, Some(3), "{said}");
    assert!(said.contains("ends.yaml:10: `precision` cannot be reached"), "{said}");
}

#[test]
fn a_place_that_this_machine_has_not_is_named_with_file_line_and_what_there_is() {
    let folder = project();
    let config = format!("{GOOD}    placement:\n      supervisor: 0\n      load: 8191\n");
    fs::write(folder.path().join("placed.yaml"), config).expect("a file");
    let (status, said) = error_of(&orchestrator(folder.path(), &["run", "placed.yaml", "--dry-run"]));
    assert_eq!(status, Some(3), "{said}");
    let message = "placed.yaml:11: `placement.load` has CPU 8191, which is not there or may not be used";
    assert!(said.contains(message) && said.contains("CPUs that may be used: "), "{said}");
}

const GOOD: &str = "\
benchmarks:
  - name: test
    program_type: tracepoint
    data_mechanism: ring_buffer
    event_source: sys_enter_openat2
    duration_seconds: 1
    languages: [c, golang]
    metrics: [throughput]
";

#[rstest]
#[case::unknown_key(
    "duration_seconds: 1",
    "duration_secs: 1",
    "bad.yaml:6: unknown key `duration_secs` in `benchmarks[0]`",
    "did you mean `duration_seconds`?"
)]
#[case::unknown_list(
    "benchmarks:",
    "benchmark:",
    "bad.yaml:1: unknown key `benchmark`",
    "did you mean `benchmarks`?"
)]
#[case::wrong_type(
    "languages: [c, golang]",
    "languages: c",
    "bad.yaml:7: `benchmarks[0].languages`: invalid type: string \"c\", expected a list",
    ""
)]
#[case::unknown_value(
    "tracepoint",
    "kprob",
    "bad.yaml:3: unknown value `kprob` for `benchmarks[0].program_type`",
    "did you mean `kprobe`?"
)]
#[case::unknown_language(
    "golang",
    "glang",
    "bad.yaml:7: unknown implementation `glang` in `languages`",
    "did you mean `golang`?"
)]
#[case::no_duration(
    "duration_seconds: 1",
    "duration_seconds: 0",
    "bad.yaml:6: `benchmarks[0].duration_seconds`: invalid value `0`: expected seconds above 0",
    ""
)]
#[case::impossible(
    "sys_enter_openat2",
    "sys_enter_read",
    "bad.yaml:5: the load generator cannot cause `sys_enter_read`",
    "sys_enter_openat2"
)]
#[case::raw(
    "tracepoint\n    data_mechanism: ring_buffer\n    event_source: sys_enter_openat2",
    "raw_tracepoint\n    data_mechanism: ring_buffer\n    event_source: sys_enter_openat",
    "bad.yaml:5: `program_type` raw_tracepoint counts openat2 only",
    "tracepoint"
)]
#[case::target(
    "metrics: [throughput]",
    "metrics: [throughput]\n    attach_target: do_sys_open",
    "bad.yaml:9: `program_type` tracepoint cannot attach to `do_sys_open`",
    "CATEGORY/NAME"
)]
#[case::pattern(
    "metrics: [throughput]",
    "metrics: [throughput]\n    load: {pattern: closed,\n      rate: 5}",
    "bad.yaml:10: `load.rate` goes with `load.pattern: open` only",
    ""
)]
#[case::ring(
    "metrics: [throughput]",
    "metrics: [throughput]\n    ring_size: 5000",
    "bad.yaml:9: `benchmarks[0].ring_size`: invalid value `5000`: expected a power of two",
    ""
)]
#[case::tab("  - name", "\t- name", "bad.yaml:2: found character that cannot start any token", "")]
#[case::missing(
    "    metrics: [throughput]\n",
    "",
    "bad.yaml:2: missing key `metrics` in `benchmarks[0]`",
    ""
)]
#[case::duplicate("metrics:", "name: x\n    metrics:", "key `name` stands twice", "")]
#[case::no_language("[c, golang]", "[]", "bad.yaml:7: `languages` is empty", "")]
fn a_wrong_configuration_names_file_line_and_key(
    #[case] good: &str,
    #[case] bad: &str,
    #[case] message: &str,
    #[case] hint: &str,
) {
    assert!(GOOD.contains(good), "the case does not change anything");
    let folder = project();
    fs::write(folder.path().join("bad.yaml"), GOOD.replacen(good, bad, 1)).expect("a file");
    let (status, text) = error_of(&orchestrator(folder.path(), &["run", "bad.yaml", "--dry-run"]));
    assert_eq!(status, Some(3), "{text}");
    let (first, rest) = text.split_once('\n').expect("two lines");
    assert!(first.starts_with("error: ") && first.contains(message), "{text}");
    assert!(rest.starts_with("\nhint: ") && rest.contains(hint), "{text}");
}

#[rstest]
#[case::empty(b"", "`bad.yaml` is empty")]
#[case::comment(b"# nothing\n---\n", "`bad.yaml` is empty")]
#[case::no_entry(b"benchmarks: []\n", "`bad.yaml` is empty")]
#[case::binary(b"\x7fELF\x02\x01\xff\xfe", "`bad.yaml` is not a text file")]
#[case::zero(b"benchmarks:\0\n", "`bad.yaml` is not a text file")]
#[case::list(b"- a\n- b\n", "expected keys with values")]
#[case::word(b"hello\n", "expected keys with values")]
#[case::deep(b"benchmarks: [[[[[[[[[[{}]]]]]]]]]]\n", "invalid type: a list")]
fn a_file_that_is_no_configuration_is_refused(#[case] content: &[u8], #[case] message: &str) {
    let folder = project();
    fs::write(folder.path().join("bad.yaml"), content).expect("a file");
    let (status, text) = error_of(&orchestrator(folder.path(), &["run", "bad.yaml", "--dry-run"]));
    assert_eq!(status, Some(3), "{text}");
    assert!(text.contains(message) && text.contains("\n\nhint: "), "{text}");
}

#[test]
fn folders_and_missing_files_are_refused() {
    let folder = project();
    let (status, text) = error_of(&orchestrator(folder.path(), &["run", "impls", "--dry-run"]));
    assert_eq!((status, text.lines().next()), (Some(3), Some("error: `impls` is a folder, not a file")));
    let (status, text) = error_of(&orchestrator(folder.path(), &["run", "none.yaml", "--dry-run"]));
    assert_eq!(status, Some(3));
    assert!(text.starts_with("error: cannot read `none.yaml`: No such file"), "{text}");
}

#[test]
fn a_sixth_implementation_is_one_folder() {
    let folder = project();
    manifest(
        folder.path(),
        "zig",
        "\
name: zig
title: A new one
language: Zig
framework: none
programs:
  ringbuf_throughput:
    from: impls/zig/run.sh
    program_types: [tracepoint]
    mechanisms: [ring_buffer]
    args: [--seconds, '{duration}', --pid, '{target_pid}']
    output:
      protocol: text
      ready: '^attached$'
      patterns: {received: 'events: (\\d+)', dropped: 'drops: (\\d+)'}
",
    );
    let output = orchestrator(folder.path(), &["compare", "-i", "zig,c", "--dry-run", "--json"]);
    let plan: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(plan["benchmarks"][0]["implementations"], serde_json::json!(["c", "zig"]));
}

#[rstest]
#[case::unknown_key("title: T", "titel: T", "impls/new/impl.yaml:2: unknown key `titel`")]
#[case::other_folder(
    "name: new",
    "name: old",
    "impls/new/impl.yaml:1: `name` is `old`, but the folder is called `new`"
)]
#[case::taken(
    "aliases: []",
    "aliases: [fresh, golang]",
    "impls/new/impl.yaml:5: the name `golang` belongs to `go` already"
)]
#[case::second_baseline(
    "aliases: []",
    "baseline: true",
    "impls/new/impl.yaml:5: `c` is the baseline already"
)]
#[case::outside(
    "from: made/new",
    "from: ../../bin/sh",
    "impls/new/impl.yaml:8: `../../bin/sh` is not a path inside the project"
)]
#[case::shell(
    "aliases: []",
    "build: ['make all']",
    "impls/new/impl.yaml:5: `build[0]`: invalid type: string \"make all\", expected a list"
)]
#[case::no_command("aliases: []", "build: [[]]", "impls/new/impl.yaml:5: `build[0]` has an empty command")]
#[case::pattern(
    "mechanisms: [ring_buffer]",
    "mechanisms: [ring_buffer]\n    output: {protocol: text, ready: '(', patterns: {received: '(x)'}}",
    "impls/new/impl.yaml:11: `(` is not a regular expression"
)]
#[case::no_group(
    "mechanisms: [ring_buffer]",
    "mechanisms: [ring_buffer]\n    output: {protocol: text, ready: 'x', patterns: {received: 'x'}}",
    "impls/new/impl.yaml:11: `x` has 0 groups instead of one"
)]
#[case::no_ready(
    "mechanisms: [ring_buffer]",
    "mechanisms: [ring_buffer]\n    output: {protocol: text}",
    "impls/new/impl.yaml:11: `programs.ringbuf_throughput.output` has no `ready`"
)]
#[case::ring_size_of_its_own(
    "mechanisms: [ring_buffer]",
    "mechanisms: [ring_buffer]\n    args: [--fast, --ring-size=65536]",
    "impls/new/impl.yaml:11: `programs.ringbuf_throughput.args[1]` is `--ring-size=65536`, and `--ring-size` is the supervisor's to say"
)]
#[case::duration_of_its_own(
    "mechanisms: [ring_buffer]",
    "mechanisms: [ring_buffer]\n    args:\n      - -v\n      - -d5",
    "impls/new/impl.yaml:13: `programs.ringbuf_throughput.args[1]` is `-d5`, and `-d` is the supervisor's to say"
)]
#[case::version(
    "aliases: []",
    "tools: [{name: x, probe: [x], at_least: '1', hint: h}]",
    "impls/new/impl.yaml:5: `at_least` without `version`"
)]
#[case::variable(
    "aliases: []",
    "environment: {'A=B': c}",
    "impls/new/impl.yaml:5: `A=B` cannot be the name of an environment variable"
)]
#[case::processes(
    "mechanisms: [ring_buffer]",
    "mechanisms: [ring_buffer]\n    processes: two",
    "impls/new/impl.yaml:11: unknown value `two` for `programs.ringbuf_throughput.processes`"
)]
#[case::variant_key(
    "aliases: []",
    "variants:\n  fast: {titel: T}",
    "impls/new/impl.yaml:6: unknown key `titel` in `variants.fast`"
)]
#[case::variant_name(
    "aliases: []",
    "variants:\n  new+fast: {title: T}",
    "impls/new/impl.yaml:6: `new+fast` cannot be the name of a variant"
)]
#[case::variant_argument(
    "aliases: []",
    "variants:\n  fast:\n    title: T\n    args: [--quick,\n      --batch=1]",
    "impls/new/impl.yaml:9: `variants.fast.args[1]` is `--batch=1`, and `--batch` is the supervisor's to say"
)]
#[case::variant_command(
    "aliases: []",
    "variants:\n  fast:\n    title: T\n    build: [[]]",
    "impls/new/impl.yaml:8: `variants.fast.build[0]` has an empty command"
)]
#[case::variant_outside(
    "aliases: []",
    "variants:\n  fast:\n    title: T\n    from: /bin/sh",
    "impls/new/impl.yaml:8: `/bin/sh` is not a path inside the project"
)]
#[case::variant_variable(
    "aliases: []",
    "variants:\n  fast: {title: T, environment: {'1': x}}",
    "impls/new/impl.yaml:6: `1` cannot be the name of an environment variable"
)]
fn a_wrong_manifest_names_file_line_and_key(#[case] good: &str, #[case] bad: &str, #[case] message: &str) {
    let text = "name: new\ntitle: T\nlanguage: L\nframework: F\naliases: []\nprograms:\n  ringbuf_throughput:\n    from: made/new\n    program_types: [tracepoint]\n    mechanisms: [ring_buffer]\n";
    assert!(text.contains(good), "the case does not change anything");
    let folder = project();
    manifest(folder.path(), "new", &text.replacen(good, bad, 1));
    let (status, text) = error_of(&orchestrator(folder.path(), &["list"]));
    assert_eq!(status, Some(3), "{text}");
    assert!(text.starts_with(&format!("error: {message}")) && text.contains("\n\nhint: "), "{text}");
}

/// The implementations of the first benchmark.
fn taking_part(root: &Path, arguments: &[&str]) -> Value {
    let output = orchestrator(root, &[arguments, &["--dry-run", "--json"]].concat());
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    plan["benchmarks"][0]["implementations"].clone()
}

/// `project` with two variants of `go`, of which one takes part without being named.
fn with_variants() -> tempfile::TempDir {
    let folder = project();
    let path = folder.path().join("impls/go/impl.yaml");
    let text = fs::read_to_string(&path).expect("a manifest");
    let variants =
        "variants:\n  usual: {title: T, default: true}\n  plain: {title: Plain, notes: [so and so]}\n";
    fs::write(path, text + variants).expect("a file");
    folder
}

#[test]
fn a_variant_takes_part_when_it_is_named_or_its_manifest_says_so() {
    let folder = with_variants();
    let part = |arguments: &[&str]| taking_part(folder.path(), arguments);
    assert_eq!(part(&["compare"]), serde_json::json!(["c", "go", "go+usual", "python", "rust"]));
    assert_eq!(part(&["compare", "-i", "go+plain,c"]), serde_json::json!(["c", "go+plain"]));
    assert_eq!(part(&["compare", "-i", "golang"]), serde_json::json!(["go"]));
    fs::write(folder.path().join("one.yaml"), GOOD.replacen("golang", "go+plain", 1)).expect("a file");
    assert_eq!(part(&["run", "one.yaml"]), serde_json::json!(["c", "go+plain"]));
    assert_eq!(part(&["run", "one.yaml", "-i", "go+plain"]), serde_json::json!(["go+plain"]));
}

#[rstest]
#[case("go+plian", "did you mean `go+plain`?")]
#[case("go+nonesuch", "the variants of `go` are `go+plain`, `go+usual`")]
#[case("c+nonesuch", "`c` has no variants")]
fn a_variant_that_is_not_there_is_answered_with_what_is(#[case] name: &str, #[case] hint: &str) {
    let (status, text) =
        error_of(&orchestrator(with_variants().path(), &["compare", "-i", name, "--dry-run"]));
    assert_eq!(status, Some(2), "{text}");
    assert!(text.starts_with(&format!("error: unknown implementation `{name}`")), "{text}");
    assert!(text.contains(hint), "{text}");
}

#[test]
fn a_variant_is_listed_under_its_name_with_its_notes() {
    let folder = with_variants();
    let output = orchestrator(folder.path(), &["list", "--json"]);
    let listed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let names: Vec<_> = listed.as_array().expect("a list").iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["c", "go", "go+plain", "go+usual", "python", "rust"]);
    assert_eq!(
        (&listed[2]["title"], &listed[2]["notes"]),
        (&"Plain".into(), &serde_json::json!(["so and so"]))
    );
}

#[test]
fn a_sweep_is_a_series_of_benchmarks_that_no_option_changes() {
    let folder = project();
    let swept = GOOD.replacen("metrics", "sweep: {over: ring_size, values: [64KiB, 1MiB]}\n    metrics", 1);
    fs::write(folder.path().join("sweep.yaml"), swept).expect("a file");
    let plan = plan(folder.path(), "sweep.yaml");
    let second = &plan["benchmarks"][1];
    assert_eq!(
        (&second["name"], &second["runner"]["ring_size"]),
        (&"test ring_size=1MiB".into(), &(1 << 20).into())
    );
    assert_eq!(second["point"], serde_json::json!({"series": "test", "axis": "ring_size", "x": 1_048_576.0}));
    let run = |option: &[&str]| {
        orchestrator(folder.path(), &[&["run", "sweep.yaml", "--dry-run"], option].concat())
    };
    let (status, text) = error_of(&run(&["--ring-size", "4KiB"]));
    assert_eq!(status, Some(3), "{text}");
    assert!(
        text.contains("sweep.yaml:8: an option sets `ring_size` beside `sweep.over: ring_size`"),
        "{text}"
    );
    assert!(run(&["--batch", "1"]).status.success());
}
