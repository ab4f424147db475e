use std::time::Instant;

use super::*;
use crate::plan::Question;
use crate::render::testing::{FIVE, run, usage, whole_run};

fn page(run: &Run) -> String {
    let usage = usage(run);
    html_report(run, Some(&usage)).page
}

/// Every element that is opened is closed, in its order; every `id` is there once, and every link within the page leads somewhere.
fn is_sound(page: &str) {
    let tag = regex::Regex::new(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^>]*)>").expect("an expression");
    let body = page.split("<body>").nth(1).expect("a body").split("<script>").next().expect("a body");
    let mut open: Vec<String> = Vec::new();
    for found in tag.captures_iter(body) {
        let (closes, name) = (&found[1] == "/", found[2].to_owned());
        if ["input", "br", "meta", "link"].contains(&name.as_str()) || found[3].ends_with('/') {
            continue;
        }
        if closes {
            assert_eq!(open.pop().as_ref(), Some(&name), "closed out of order");
        } else {
            open.push(name);
        }
    }
    assert_eq!(open, [] as [String; 0], "never closed");
    let id = regex::Regex::new(r#" id="([^"]*)""#).expect("an expression");
    let ids: Vec<&str> =
        id.captures_iter(page).map(|found| found.get(1).expect("a group").as_str()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "an id is there twice");
    let link = regex::Regex::new(r##" href="#([^"]*)""##).expect("an expression");
    for found in link.captures_iter(page) {
        assert!(unique.contains(&&found[1]), "nothing is called {}", &found[1]);
    }
    let fetched =
        regex::Regex::new(r#"(src|href|action)="(https?:|//|file:|[a-z./])"#).expect("an expression");
    let fetched = fetched.find_iter(page).find(|found| !found.as_str().ends_with("\"d"));
    assert!(fetched.is_none() && !page.contains("url(") && !page.contains("@import"), "{fetched:?}");
    assert!(page.len() <= MOST_BYTES, "{} bytes", page.len());
}

#[test]
fn a_page_is_whole_and_needs_nothing_else() {
    let page = page(&whole_run(&["a", "a@2", "slow"], 6));
    is_sound(&page);
    let order = [
        "answer",
        "comparison",
        "ratios",
        "questions",
        "trials",
        "evidence",
        "environment",
        "method",
        "again",
        "glossary",
    ];
    let places: Vec<usize> =
        order.iter().map(|id| page.find(&format!("<h2 id=\"{id}\"")).expect("a section")).collect();
    assert!(places.is_sorted(), "{places:?}");
    for said in [
        "a is best; slow takes 20.",
        "orchestrator compare --duration 2",
        "download=\"run.json.gz\"",
        "remedy: use another",
        "the hypervisor took 3.1 % of a processor",
        "seed 42",
    ] {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn what_does_not_balance_is_no_number_on_the_page() {
    let page = page(&whole_run(&FIVE, 3));
    is_sound(&page);
    assert!(!page.contains("777 ns") && !page.contains("777 /s") && !page.contains("777.125"));
    assert!(page.contains("submitted 9900 != received 9901") && page.contains("no kprobes &#60;here&#62;"));
}

#[test]
fn names_that_look_like_markup_are_text() {
    let odd = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'a&b",
        "</svg><b>",
        "\u{1b}[31mred\u{202e}",
    ];
    let mut run = whole_run(&odd, 2);
    run.header.run = "<i>run</i>".into();
    run.header.command = vec!["orchestrator".into(), "</script><b>".into()];
    run.header.machine["cpu"] = "<u>CPU</u>".into();
    for benchmark in &mut run.header.plan.benchmarks {
        benchmark.name = format!("<b>{}</b>", benchmark.name);
    }
    let pairs: Vec<_> = run.trials.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
    run.analysis = crate::stats::analyse(&run.header.plan, &pairs, &run.header.settings);
    let page = page(&run);
    is_sound(&page);
    for harmful in ["<script>alert", "<img", "<i>run", "<u>CPU", "<b>", "\u{1b}", "\u{202e}"] {
        assert!(!page.contains(harmful), "{harmful:?}");
    }
    assert_eq!(page.matches("<script>").count(), 1);
}

#[test]
fn runs_of_any_size_have_a_page() {
    let twelve: Vec<String> = (0..12).map(|n| format!("{n}-{}", "long-name-".repeat(6))).collect();
    let twelve: Vec<&str> = twelve.iter().map(String::as_str).collect();
    for labels in [&twelve[..], &["a"], &["old-kernel"]] {
        is_sound(&page(&whole_run(labels, 1)));
    }
    let mut empty = run(&[Question::Capacity, Question::Complexity, Question::Cost], &["a"], 1);
    empty.trials.clear();
    empty.analysis = crate::stats::analyse(&empty.header.plan, &[], &empty.header.settings);
    let page = html_report(&empty, None).page;
    is_sound(&page);
    assert!(page.contains("No row is valid, so there is no answer.") && page.contains("No trial was run."));
}

#[test]
fn a_large_run_is_cut_to_size_and_says_so() {
    let names: Vec<String> = (0..8).map(|n| format!("{n}-{}", "long-name-".repeat(6))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let page = page(&whole_run(&names, 12));
    is_sound(&page);
    assert!(page.contains("without its trials") || page.contains("too large for this page"));
}

#[test]
fn the_script_is_the_one_that_the_policy_names() {
    let page = page(&run(&[Question::Capacity], &["a", "slow"], 1));
    let script = page.split("<script>").nth(1).expect("a script").split("</script>").next().expect("its end");
    assert!(page.contains(&format!("script-src 'sha256-{}'", hash(script))));
}

#[test]
fn files_of_charts_are_drawings_and_pixels() {
    let report = html_report(&run(&[Question::Capacity], &["a", "slow"], 5), None);
    let (svg, png): (Vec<_>, Vec<_>) =
        report.charts.iter().partition(|(_, content)| content.starts_with(b"<svg"));
    assert!(svg.len() > 4 && svg.len() == png.len());
    assert!(png.iter().all(|(_, content)| content.starts_with(b"\x89PNG")));
    // Text is drawn, with the font of this program.
    let (_, ratio) = svg.iter().find(|(name, _)| name == "ratio-capacity.svg").expect("a chart");
    let ratio = String::from_utf8_lossy(ratio);
    let blank = regex::Regex::new("<text[^>]*>[^<]*</text>")
        .expect("an expression")
        .replace_all(&ratio, "")
        .into_owned();
    let painter = Painter::new();
    assert_ne!(painter.png(&ratio), painter.png(&blank));
    assert!(painter.png("<svg").is_none());
}

/// A measurement to be read, and no test: this machine is shared.
#[test]
fn how_long_a_page_of_200_trials_takes() {
    let run = run(&[Question::Capacity, Question::Latency], &["a", "b", "c", "d", "e"], 20);
    let usage = usage(&run);
    let begun = Instant::now();
    let report = html_report(&run, Some(&usage));
    println!("{} trials: {} bytes in {:?}", run.trials.len(), report.page.len(), begun.elapsed());
}
