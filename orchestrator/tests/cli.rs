//! The command line as a person meets it: help, errors with hints, exit statuses.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};

use assert_cmd::Command;
use assert_cmd::cargo::CommandCargoExt;
use rstest::rstest;

/// A project with two implementations whose builds are small scripts.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    implementation(folder.path(), "first", "baseline: true", "[sh, impls/first/build.sh]");
    implementation(folder.path(), "second", "aliases: [two]", "[sh, impls/second/build.sh]");
    script(
        folder.path(),
        "first",
        // The file is made anew each time, with the same content.
        "mkdir -p made && printf '#!/bin/sh\\necho first 1.0\\n' > made/first && chmod 755 made/first",
    );
    script(folder.path(), "second", "echo compiling; echo 'line 7: something is wrong' >&2; exit 3");
    folder
}

fn implementation(root: &Path, name: &str, more: &str, build: &str) {
    let folder = root.join("impls").join(name);
    fs::create_dir_all(&folder).expect("a folder");
    let text = format!(
        "name: {name}\ntitle: The {name} one\nlanguage: some\nframework: none\n{more}\nbuild:\n  - {build}\nprograms:\n  \
         ringbuf_throughput:\n    from: made/{name}\n    program_types: [tracepoint]\n    mechanisms: [ring_buffer]\n"
    );
    fs::write(folder.join("impl.yaml"), text).expect("a file");
}

fn script(root: &Path, name: &str, text: &str) {
    fs::write(root.join(format!("impls/{name}/build.sh")), text).expect("a file");
}

fn orchestrator(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("orchestrator").expect("built");
    command.current_dir(root).args(arguments).env_remove("SUDO_UID").output().expect("started")
}

/// Exit status and both outputs, as one text for a snapshot.
fn shown(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "status {:?}\n{}{}",
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr)
    )
}

#[rstest]
#[case("help", &["--help"])]
#[case("help_compare", &["compare", "--help"])]
#[case("help_run", &["run", "-h"])]
#[case("help_load", &["load", "--help"])]
#[case("help_build", &["build", "-h"])]
#[case("help_verify", &["verify", "-h"])]
fn help_shows_every_flag(#[case] name: &str, #[case] arguments: &[&str]) {
    insta::assert_snapshot!(name, shown(&orchestrator(project().path(), arguments)));
}

#[rstest]
#[case("no_command", &[])]
#[case("unknown_flag", &["compare", "--frobnicate"])]
#[case("nearest_flag", &["compare", "--durations", "5"])]
#[case("nearest_command", &["compair"])]
#[case("no_value", &["compare", "--duration"])]
#[case("no_config", &["run"])]
#[case("duration_zero", &["compare", "-d", "0"])]
#[case("duration_negative", &["compare", "-d", "-1"])]
#[case("duration_word", &["compare", "-d", "abc"])]
#[case("duration_nan", &["run", "x.yaml", "--duration=nan"])]
#[case("ring_size", &["compare", "--ring-size", "5000"])]
#[case("ring_too_small", &["compare", "--ring-size", "4096", "--dry-run"])]
#[case("question", &["compare", "--questions", "throughputt"])]
#[case("tiers", &["compare", "--tiers", "10000,1000"])]
#[case("tiers_of_a_report", &["report", "--tiers=10000,1000"])]
#[case("implementation", &["compare", "-i", "secnd"])]
#[case("implementation_none", &["build", "fortran"])]
#[case("baseline", &["compare", "-i", "second", "--baseline", "first", "--dry-run"])]
#[case("load_pattern", &["load", "--rate", "5"])]
#[case("load_bursts", &["load", "--pattern", "bursts"])]
#[case("schema", &["schema", "conf"])]
#[case("root", &["--root", "impls", "list"])]
fn a_wrong_command_line_gets_one_line_and_a_hint(#[case] name: &str, #[case] arguments: &[&str]) {
    let output = orchestrator(project().path(), arguments);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.starts_with("error: ") && text.split("\n\nhint: ").count() == 2, "{text}");
    assert_eq!(text.lines().count(), 3, "{text}");
    insta::assert_snapshot!(format!("error_{name}"), shown(&output));
}

#[test]
fn list_shows_what_there_is() {
    insta::assert_snapshot!("list", shown(&orchestrator(project().path(), &["list"])));
}

#[test]
fn dry_run_shows_the_plan() {
    let arguments = ["compare", "--dry-run", "--seed", "7", "--blocks", "2", "--aa", "two", "--no-pin"];
    insta::assert_snapshot!("dry_run", shown(&orchestrator(project().path(), &arguments)));
}

#[rstest]
#[case(&["compare", "--dry-run", "--questions", "throughput"])]
#[case(&["run", "--dry-run", "throughput.yaml"])]
fn throughput_is_the_rate_without_loss(#[case] arguments: &[&str]) {
    let folder = project();
    let text = "benchmarks:\n  - {name: t, program_type: tracepoint, data_mechanism: ring_buffer,\n     event_source: \
                sys_enter_openat2, duration_seconds: 1, metrics: [throughput], load: {most_loss: 0.01}}\n";
    fs::write(folder.path().join("throughput.yaml"), text).expect("a file");
    let output = orchestrator(folder.path(), arguments);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", shown(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("throughput"), "{}", shown(&output));
}

#[test]
fn a_failed_build_shows_its_end_and_leaves_the_others() {
    let folder = project();
    let output = orchestrator(folder.path(), &["build"]);
    insta::with_settings!({filters => vec![(r"\d+\.\d s", "[time]")]}, {
        insta::assert_snapshot!("build", shown(&output));
    });
    assert_eq!(output.status.code(), Some(5));
    let program = folder.path().join("build/first/ringbuf_throughput");
    assert_eq!(program.metadata().expect("built").permissions().mode() & 0o777, 0o755);
    let log = fs::read_to_string(folder.path().join("build/logs/second.log")).expect("a log");
    assert_eq!(log, "$ sh impls/second/build.sh\ncompiling\nline 7: something is wrong\n");
}

#[test]
fn a_build_that_changes_nothing_copies_nothing() {
    let folder = project();
    let built = orchestrator(folder.path(), &["build", "first"]);
    assert!(String::from_utf8_lossy(&built.stdout).contains("built"), "{}", shown(&built));
    let again = orchestrator(folder.path(), &["build", "first"]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("current"), "{}", shown(&again));
    assert!(again.status.success());
}

/// Makes a git checkout of it, in which `build` is ignored.
fn checkout(root: &Path) {
    fs::write(root.join(".gitignore"), "/build\n").expect("a file");
    let git = std::process::Command::new("git").arg("init").arg("--quiet").current_dir(root).status();
    assert!(git.expect("git").success());
}

#[test]
fn builds_are_timed_in_a_copy_with_an_empty_cache() {
    let folder = project();
    let root = folder.path();
    let (places, source) = (root.join("build/places"), root.join("impls/first/build.sh"));
    let build = fs::read_to_string(&source).expect("a script");
    let note = format!(
        "echo $PWD ${{XDG_CACHE_HOME:-none}} $(stat -c %Y impls/first/build.sh) >> {}",
        places.display()
    );
    script(root, "first", &format!("{note}\n{build}"));
    checkout(root);
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    fs::File::options().append(true).open(&source).and_then(|file| file.set_modified(long_ago)).expect("set");

    let output = orchestrator(root, &["build", "--time", "first"]);
    assert!(output.status.success(), "{}", shown(&output));
    let table = String::from_utf8_lossy(&output.stdout);
    let expected = regex::Regex::new(r"^first +clean +\d+\.\d s +incremental +\d+\.\d s\n$").expect("valid");
    assert!(expected.is_match(&table), "{table}");

    let places = fs::read_to_string(places).expect("noted");
    let builds: Vec<Vec<&str>> = places.lines().map(|line| line.split(' ').collect()).collect();
    let here = root.canonicalize().expect("a folder").display().to_string();
    let [clean, incremental, in_place] = builds.as_slice() else { panic!("not three builds: {places}") };
    assert!(clean[0].starts_with(&format!("{here}/build/timing-")) && clean[0] == incremental[0], "{places}");
    assert!(clean[1].starts_with(clean[0]), "{places}");
    assert_eq!((in_place[0], in_place[2]), (here.as_str(), "1000000000"), "{places}");
    let copy = Path::new(clean[0]);
    assert!(!copy.exists(), "the copy is left behind");
}

#[test]
fn a_timed_build_that_fails_leaves_its_log_where_the_hint_says() {
    let folder = project();
    checkout(folder.path());
    let output = orchestrator(folder.path(), &["build", "--time", "second"]);
    assert_eq!(output.status.code(), Some(5), "{}", shown(&output));
    assert!(shown(&output).contains("the whole output is in `build/logs/second.log`"), "{}", shown(&output));
    let log = fs::read_to_string(folder.path().join("build/logs/second.log")).expect("a log");
    assert!(log.ends_with("compiling\nline 7: something is wrong\n"), "{log}");
}

#[test]
fn builds_are_not_timed_where_git_does_not_know_the_sources() {
    let output = orchestrator(project().path(), &["build", "--time", "first"]);
    let text = shown(&output);
    assert!(text.starts_with("status 5\n") && text.contains("cannot tell which files of"), "{text}");
    assert!(text.contains("\n\nhint: builds are timed in a checkout that git knows"), "{text}");
}

#[test]
fn a_missing_tool_is_named_with_the_way_to_get_it() {
    let folder = project();
    let more =
        "tools:\n  - {name: frobnicator, probe: [frobnicator, --version], hint: install it from the shelf}";
    implementation(folder.path(), "second", more, "[sh, impls/second/build.sh]");
    insta::assert_snapshot!("missing_tool", shown(&orchestrator(folder.path(), &["build", "second"])));
}

#[test]
fn clean_removes_what_was_built() {
    let folder = project();
    orchestrator(folder.path(), &["build", "first"]);
    assert!(folder.path().join("build/first").is_dir());
    let output = orchestrator(folder.path(), &["build", "--clean", "first"]);
    assert!(output.status.success(), "{}", shown(&output));
    assert!(!folder.path().join("build/first").exists());
}

#[test]
fn words_that_are_not_utf8_are_wrong_use_and_no_panic() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = project();
    let odd = std::ffi::OsStr::from_bytes(b"x\xff");
    let run = |root: &Path, arguments: &[&std::ffi::OsStr]| {
        let mut command = Command::cargo_bin("orchestrator").expect("built");
        command.current_dir(root).args(arguments).output().expect("started")
    };
    for arguments in [&["compare".as_ref(), odd][..], &["run".as_ref(), "--output".as_ref(), odd], &[odd]] {
        let output = run(folder.path(), arguments);
        let text = shown(&output);
        assert!(text.starts_with("status 2\nerror: the argument `x\u{fffd}` is not valid UTF-8\n"), "{text}");
    }
    // A project folder of such a name is as useless: its path is in every result.
    let root = folder.path().join(odd);
    fs::create_dir_all(root.join("impls")).expect("a folder");
    let text = shown(&run(&root, &["list".as_ref()]));
    assert!(text.starts_with("status 4\n") && text.contains("is not valid UTF-8"), "{text}");
}

#[test]
fn outside_a_project_it_says_how_to_find_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // The executable of the tests lies inside the project, so it is copied out.
    let copy = folder.path().join("orchestrator");
    fs::copy(assert_cmd::cargo::cargo_bin("orchestrator"), &copy).expect("a copy");
    let output = Command::new(&copy).current_dir(folder.path()).arg("list").output().expect("started");
    assert_eq!(output.status.code(), Some(2));
    assert!(shown(&output).contains("hint: run it inside the project, or name the project with `--root`"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = project();
    for arguments in [&["schema", "config"][..], &["list"], &["--help"], &["load", "--count", "1"]] {
        let mut child = std::process::Command::cargo_bin("orchestrator")
            .expect("built")
            .current_dir(folder.path())
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        drop(child.stdout.take());
        let mut errors = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut errors).expect("text");
        assert_eq!((child.wait().expect("ended").code(), errors.as_str()), (Some(0), ""));
    }
}

#[test]
fn doctor_says_for_every_line_that_is_not_good_what_to_do() {
    let output = orchestrator(project().path(), &["doctor", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("a list");
    assert!(findings.len() > 10);
    assert!(findings.iter().all(|finding| finding["state"] == "ok" || finding["advice"].is_string()));
    let expected = if report["missing"] == 0 { 0 } else { 4 };
    assert_eq!(output.status.code(), Some(expected));
}
