//! The scripts, whatever the caller's shell holds and wherever the checkout lies.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which clippy does not know for such")]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A checkout that has the scripts and the manifests, in a folder with a name that is hard to handle.
struct Checkout {
    folder: tempfile::TempDir,
}

impl Checkout {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let checkout = Self { folder };
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        fs::create_dir(checkout.path()).unwrap();
        copy(&own.join("scripts"), &checkout.path().join("scripts"));
        for name in ["c", "go"] {
            let home = checkout.path().join("impls").join(name);
            fs::create_dir_all(&home).unwrap();
            fs::copy(own.join("impls").join(name).join("impl.yaml"), home.join("impl.yaml")).unwrap();
        }
        checkout
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("mit Leer ü")
    }

    fn elsewhere(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, script: &str) -> Command {
        let mut command = Command::new(self.path().join(script));
        command.current_dir(self.elsewhere()).env_remove("CARGO_TARGET_DIR");
        command
    }

    fn make(&self, path: &str) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        path
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn program(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn clean_removes_what_the_project_made_and_never_what_cdpath_leads_to() {
    let checkout = Checkout::new();
    let foreign = checkout.elsewhere().join("foreign");
    for kept in ["scripts/x", "build/c/x", "target/CACHEDIR.TAG"] {
        fs::create_dir_all(foreign.join(kept)).unwrap();
    }
    let gone = [
        checkout.make("build/c/ringbuf_throughput"),
        checkout.make("build/orchestrator"),
        checkout.make("target/CACHEDIR.TAG"),
    ];
    let stays = [
        checkout.make("build/mine/notes"),
        checkout.make("build/tools/linker"),
        checkout.make("results/1/run.json"),
    ];
    // Called as make does: relative, from the checkout.
    let output = Command::new("scripts/clean.sh")
        .current_dir(checkout.path())
        .env("CDPATH", &foreign)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("left: build/mine"), "{}", text(&output));
    assert!(gone.iter().all(|path| !path.exists()), "{gone:?}");
    assert!(stays.iter().all(|path| path.exists()), "{stays:?}");
    assert!(foreign.join("build/c/x").exists() && foreign.join("target/CACHEDIR.TAG").exists());
}

#[test]
fn clean_does_not_enter_a_folder_that_is_a_link() {
    let checkout = Checkout::new();
    let foreign = checkout.elsewhere().join("foreign");
    fs::create_dir_all(foreign.join("c")).unwrap();
    fs::write(foreign.join("CACHEDIR.TAG"), "").unwrap();
    symlink(&foreign, checkout.path().join("build")).unwrap();
    symlink(&foreign, checkout.path().join("target")).unwrap();
    let output = checkout.command("scripts/clean.sh").output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert!(foreign.join("c").exists() && foreign.join("CACHEDIR.TAG").exists());
    assert!(!checkout.path().join("build").is_symlink() && !checkout.path().join("target").is_symlink());
}

#[test]
fn a_script_works_through_a_link_to_it() {
    let checkout = Checkout::new();
    let gone = checkout.make("build/orchestrator");
    let link = checkout.elsewhere().join("tidy-up");
    symlink(checkout.path().join("scripts/clean.sh"), &link).unwrap();
    let output = Command::new("./tidy-up").current_dir(checkout.elsewhere()).output().unwrap();
    assert!(output.status.success() && !gone.exists(), "{}", text(&output));
    let help = Command::new("./tidy-up").arg("--help").current_dir(checkout.elsewhere()).output().unwrap();
    assert!(text(&help).contains("scripts/clean.sh [--all]"), "{}", text(&help));
}

#[test]
fn a_build_command_sees_a_known_environment() {
    let checkout = Checkout::new();
    let hostile = [
        ("CDPATH", "/tmp"),
        ("CARGO_TARGET_DIR", "/elsewhere"),
        ("CARGO_BUILD_TARGET", "x"),
        ("RUSTFLAGS", "-C opt-level=0"),
        ("GOFLAGS", "-gcflags=-N"),
        ("GIT_DIR", "/elsewhere"),
        ("PYTHONMALLOC", "debug"),
        ("MAKEFLAGS", "-k"),
        ("LC_ALL", "de_DE.UTF-8"),
        ("LD_PRELOAD", ""),
        ("TWO_LINES", "a\nHOME=b"),
        ("https_proxy", "http://proxy.example"),
    ];
    let mut command = checkout.command("scripts/toolchain");
    let output =
        command.args(["sh", "-c", "env; umask; pwd"]).envs(hostile).env_remove("HOME").output().unwrap();
    let seen = text(&output);
    assert!(output.status.success(), "{seen}");
    let has = |line: &str| seen.lines().any(|seen| seen == line);
    let gone = [
        "CDPATH",
        "CARGO_BUILD_TARGET",
        "RUSTFLAGS",
        "GIT_DIR",
        "PYTHONMALLOC",
        "MAKEFLAGS",
        "LD_PRELOAD",
        "TWO_LINES",
    ];
    for name in gone {
        assert!(!seen.contains(&format!("{name}=")), "{name}: {seen}");
    }
    assert!(!seen.contains("CARGO_TARGET_DIR=/elsewhere") && !seen.contains("-gcflags"), "{seen}");
    assert!(has("https_proxy=http://proxy.example") && has("LC_ALL=C.UTF-8") && has("0022"), "{seen}");
    let home = seen.lines().find_map(|line| line.strip_prefix("HOME=")).unwrap_or_default();
    assert!(home.starts_with('/'), "{seen}");
}

#[test]
fn what_a_restrictive_umask_would_hide_can_be_read_by_the_others() {
    let checkout = Checkout::new();
    let script = format!(
        "umask 077; exec '{}' sh -c 'mkdir made'",
        checkout.path().join("scripts/toolchain").display()
    );
    let output = Command::new("sh").args(["-c", &script]).current_dir(checkout.elsewhere()).output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    let mode = fs::metadata(checkout.elsewhere().join("made")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o755);
}

#[test]
fn a_product_is_where_cargo_says_and_never_an_older_one() {
    let checkout = Checkout::new();
    let destination = checkout.make("target/products/c/program");
    fs::write(&destination, "old").unwrap();
    let made = checkout.elsewhere().join("else where/program");
    fs::create_dir_all(made.parent().unwrap()).unwrap();
    let cargo = checkout.path().join("build/tools/bin/cargo");
    let build = |cargo_does: &str| {
        program(&cargo, cargo_does);
        let mut command = checkout.command("scripts/toolchain");
        command.args(["sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh"]).arg(checkout.path());
        command.args(["scripts/cargo-product.sh", "target/products/c/program", "program"]).output().unwrap()
    };
    let message = |path: &str| {
        format!(r#"{{"reason":"compiler-artifact","target":{{"name":"program"}},"executable":{path}}}"#)
    };
    let good = format!(
        "echo new > '{}'\ncat <<'END'\n{}\nEND",
        made.display(),
        message(&format!("\"{}\"", made.display()))
    );
    let output = build(&good);
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(fs::read_to_string(&destination).unwrap(), "new\n");

    let output = build(&format!("cat <<'END'\n{}\nEND", message("null")));
    assert_eq!(output.status.code(), Some(70), "{}", text(&output));
    assert!(!destination.exists(), "an old program is left where the new one was expected");
}

#[test]
fn a_compiler_and_a_linker_that_do_not_fit_are_named_with_the_fix() {
    let checkout = Checkout::new();
    let bin = checkout.elsewhere().join("compiler/bin");
    program(
        &bin.join("rustc"),
        "echo 'rustc 1.101.0-nightly'; echo 'release: 1.101.0-nightly'; echo 'LLVM version: 23.1.4'",
    );
    program(&bin.join("cargo"), "exit 1");
    let linker = checkout.path().join("build/tools/bin/bpf-linker");
    program(&linker, "echo bpf-linker 0.13.0; exit # LLVM 22.1.8");
    let pair = || {
        let mut command = checkout.command("scripts/toolchain");
        command.arg(checkout.path().join("scripts/bpf-pair.sh")).env("BPF_RUSTC_BIN", &bin).output().unwrap()
    };
    let output = pair();
    assert_eq!(output.status.code(), Some(69), "{}", text(&output));
    let first = text(&output).lines().next().unwrap_or_default().to_owned();
    for word in ["rustc 1.101.0-nightly (LLVM 23.1.4)", "bpf-linker 0.13.0 (LLVM 22.1.8)", "do not fit"] {
        assert!(first.contains(word), "{first}");
    }
    assert!(text(&output).contains("hint: run `make setup`"));

    // Versions that fit, and a pair that does not build all the same.
    program(&linker, "echo bpf-linker 0.13.0; exit # LLVM 23.1.8");
    program(&bin.join("cargo"), "echo 'LLVM ERROR: Invalid record' >&2; exit 1");
    let output = pair();
    assert_eq!(output.status.code(), Some(69), "{}", text(&output));
    assert!(text(&output).contains("Invalid record"), "{}", text(&output));

    // And one that does: the answer is kept.
    program(
        &bin.join("cargo"),
        "mkdir -p target/bpfel-unknown-none/release && echo x > target/bpfel-unknown-none/release/trial",
    );
    assert!(pair().status.success());
    let kept = fs::read_dir(checkout.path().join("build/checks")).unwrap().map(Result::unwrap);
    assert!(kept.into_iter().any(|entry| entry.file_name().to_string_lossy().ends_with(".good")));
}
