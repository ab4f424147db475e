//! The page of a run in a browser: from the disk, without network, light and dark, wide and narrow, with and without scripts.
//!
//! `scripts/test.sh` gets the browser and axe-core (`get_browser` in scripts/lib/dev.sh). Without a browser there is a skip that says so.

#[path = "common/runs.rs"]
mod runs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use runs::{copy, orchestrator, shown};

const INSIDE: &str = include_str!("page/inside.js");

/// The page of the run of the first schema version, in a folder of its own.
fn page() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(folder.path(), "v1", |_| {});
    let output = orchestrator(folder.path(), &["report", "v1", "--html"]);
    assert!(output.status.success(), "{}", shown(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "v1/report.html\n");
    let page = folder.path().join("v1/report.html");
    (folder, page)
}

/// The browser, if there is one.
fn browser() -> Option<&'static str> {
    let found = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        println!("skipped: there is no browser; `scripts/test.sh` gets one");
    }
    found
}

fn visit(browser: &str, folder: &Path, arguments: &[&str], address: &str) -> Output {
    let profile = tempfile::tempdir_in(folder).expect("a folder");
    Command::new(browser)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args(["--disable-component-update", "--disable-sync", "--enable-logging=stderr"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .arg(address)
        .output()
        .expect("started")
}

/// What a page, or something in its place, wrote to the console.
fn console(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect()
}

/// The text of a page with another policy for its scripts.
fn with_policy(page: &Path, scripts: &str) -> String {
    let text = fs::read_to_string(page).expect("readable");
    let (head, rest) = text.split_once("script-src '").expect("a policy");
    let (_, rest) = rest.split_once('\'').expect("its end");
    format!("{head}script-src '{scripts}'{rest}")
}

/// The page with a script that does what a reader does.
fn with_inside(page: &Path, axe: &str) -> PathBuf {
    let text = with_policy(page, "unsafe-inline");
    let text = text.replace("</body>", &format!("<script>{axe}</script><script>{INSIDE}</script></body>"));
    let path = page.with_file_name("inside.html");
    fs::write(&path, text).expect("written");
    path
}

fn axe() -> String {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project");
    let text = fs::read_to_string(project.join("build/test/axe/package/axe.min.js")).unwrap_or_default();
    if text.is_empty() {
        println!(
            "skipped: the page is not checked by axe-core, which is not there; `scripts/test.sh` gets it"
        );
    }
    text
}

#[test]
fn an_old_run_has_a_page_and_charts_as_files() {
    let (folder, page) = page();
    let text = fs::read_to_string(&page).expect("readable");
    assert!(text.contains("<h2 id=\"answer\">") && text.contains("<svg class=\"chart\""));
    let charts = fs::read_dir(folder.path().join("v1/charts")).expect("a folder");
    let names: Vec<String> =
        charts.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    for name in
        ["ratio.svg", "ratio.png", "throughput-comparison.svg", "latency-latency.png", "usage-capacity.svg"]
    {
        assert!(names.contains(&name.to_owned()), "{name} is not in {names:?}");
    }
    assert!(!folder.path().join("v1/run.json").exists(), "nothing else is written");
}

#[test]
fn it_opens_from_the_disk_without_network_and_without_errors() {
    let Some(browser) = browser() else { return };
    let (folder, page) = page();
    let log = folder.path().join("net.json");
    let net = format!("--log-net-log={}", log.display());
    for theme in [
        "",
        "#theme=dark",
        "#theme=light",
        "#at=evidence&theme=dark&sort.trials-table=2.descending&filter.trials-table=a",
    ] {
        let address = format!("file://{}{theme}", page.display());
        let output = visit(browser, folder.path(), &["--dump-dom", &net], &address);
        assert!(output.status.success(), "{}", shown(&output));
        assert_eq!(console(&output), [] as [String; 0], "{theme}");
        let dom = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(dom.contains("data-theme=\"dark\""), theme.contains("dark"), "{theme}");
        assert_eq!(dom.contains("aria-sort=\"descending\""), theme.contains("descending"), "{theme}");
        // What the browser does by itself has other addresses than a page of ours could have.
        let net = fs::read_to_string(&log).expect("a log");
        let named = net.matches("file://").count();
        assert!(named > 0, "the log names the page");
        let initiated = net
            .lines()
            .filter(|line| line.contains("\"initiator\":\"file://") && line.contains("\"url\":\"http"));
        assert_eq!(initiated.count(), 0);
    }
}

#[test]
fn a_reader_can_toggle_sort_filter_and_download_at_every_width() {
    let Some(browser) = browser() else { return };
    let (folder, page) = page();
    let inside = with_inside(&page, &axe());
    for width in [360, 768, 1280, 1920] {
        let size = format!("--window-size={width},900");
        let address = format!("file://{}", inside.display());
        let arguments = ["--dump-dom", "--virtual-time-budget=20000", size.as_str()];
        let output = visit(browser, folder.path(), &arguments, &address);
        let dom = String::from_utf8_lossy(&output.stdout).into_owned();
        let outcome = dom.split("<pre id=\"outcome\">").nth(1).and_then(|rest| rest.split("</pre>").next());
        let outcome = outcome.unwrap_or_else(|| panic!("no outcome at {width}: {}", shown(&output)));
        assert!(outcome.starts_with("all holds"), "at {width}:\n{outcome}");
        println!("{width}: {outcome}");
    }
}

#[test]
fn it_is_read_without_scripts_and_printed() {
    let Some(browser) = browser() else { return };
    let (folder, page) = page();
    let address = format!("file://{}", page.display());
    let (picture, pdf) = (folder.path().join("page.png"), folder.path().join("page.pdf"));
    let without = page.with_file_name("without.html");
    fs::write(&without, with_policy(&page, "none")).expect("written");
    let without = format!("file://{}", without.display());
    let shot = format!("--screenshot={}", picture.display());
    let output = visit(browser, folder.path(), &[&shot, "--window-size=1280,2000"], &without);
    assert!(output.status.success(), "{}", shown(&output));
    assert!(fs::read(&picture).expect("a picture").len() > 20_000);
    let output = visit(browser, folder.path(), &["--dump-dom"], &without);
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(dom.contains("<td") && dom.contains("<circle") && !dom.contains(" aria-sort=\""));
    let print = format!("--print-to-pdf={}", pdf.display());
    let output = visit(browser, folder.path(), &[&print], &address);
    assert!(output.status.success(), "{}", shown(&output));
    let printed = fs::read(&pdf).expect("a document");
    assert!(printed.starts_with(b"%PDF") && printed.len() > 20_000);
    // What needs a script is not there without one.
    let text = fs::read_to_string(&page).expect("readable");
    assert!(text.contains("<button id=\"theme\" type=\"button\" hidden") && !text.contains("<input"));
}
