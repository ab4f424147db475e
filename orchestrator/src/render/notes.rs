//! What a table alone would hide: why rows are not ranked, what failed, how much is noise.

use std::collections::BTreeMap;

use super::cell::verdict_word;
use super::number::{counted, duration_ns, percent, ratio, set_percent};
use crate::facts::{ColumnKind, NOTHING_ATTACHED};
use crate::parse::Verdict;
use crate::stats::{BenchmarkAnalysis, MIN_REPETITIONS, Row, RowStatus, blocks_for_sign_flip};
use crate::store::{Resumption, Run, TrialResult};

/// A p-value up to this counts as a difference.
const ALPHA: f64 = 0.05;

/// A benchmark under the name that the table gives it.
pub(super) type Named<'a> = (String, &'a BenchmarkAnalysis);

/// All notes, the important ones first.
pub(super) fn notes(run: &Run, benchmarks: &[Named]) -> Vec<String> {
    let rows = || benchmarks.iter().flat_map(|(name, b)| b.rows.iter().map(move |row| (name, row)));
    let mut notes: Vec<String> = Vec::new();
    for (name, row) in rows() {
        for note in row_notes(row) {
            push_merged(&mut notes, &row.label, name, &note);
        }
    }
    let delta = run.analysis.settings.delta;
    notes.extend(without_baseline(run, benchmarks));
    notes.extend(unbelieved(run, benchmarks));
    notes.extend(disturbed(run, benchmarks));
    notes.extend(unsteady(run, benchmarks));
    notes.extend(lateness(benchmarks));
    notes.extend(allowed_loss(run, benchmarks));
    notes.extend(further_flags(run, benchmarks));
    notes.extend(others(&run.header.machine));
    notes.extend(placed(run, benchmarks));
    notes.extend(repetitions(benchmarks));
    let evident = |row: &Row| row.kernel_evidence || row.label == NOTHING_ATTACHED;
    if rows().any(|(_, row)| row.trials.completed > 0 && !evident(row)) {
        notes.push(
            "not for every trial could the kernel be asked what the consumer read from the ring".into(),
        );
    }
    notes.extend(run.resumed.iter().map(resumption));
    notes.extend(benchmarks.iter().filter_map(noise));
    notes.extend(benchmarks.iter().flat_map(|benchmark| doubtful(benchmark, delta)));
    notes.extend(of_manifests(run, benchmarks));
    notes.extend(run.analysis.scores.iter().map(|score| {
        let (label, times) = (&score.label, ratio(score.times_better));
        let (benchmarks, question) = (score.benchmarks, score.question);
        format!(
            "{label}: {times} over {benchmarks} {question} benchmarks (geometric mean; above 1 is better)"
        )
    }));
    notes
}

/// The same note on the same row in several benchmarks is one note that names them all.
fn push_merged(notes: &mut Vec<String>, label: &str, benchmark: &str, note: &str) {
    let (head, tail) = (format!("{label} ("), format!("): {note}"));
    let same = notes.iter_mut().find(|existing| existing.starts_with(&head) && existing.ends_with(&tail));
    match same {
        Some(existing) => existing.insert_str(existing.len() - tail.len(), &format!(", {benchmark}")),
        None => notes.push(format!("{head}{benchmark}{tail}")),
    }
}

fn row_notes(row: &Row) -> Vec<String> {
    let with_hint = |text: String, hint: &Option<String>| match hint {
        Some(hint) => format!("{text}\n    hint: {hint}"),
        None => text,
    };
    let status = match &row.status {
        RowStatus::Valid => None,
        RowStatus::Invalid { failed } => Some(format!("invalid, not ranked: {}", failed.join("; "))),
        RowStatus::Unverified { missing } => {
            Some(format!("unverified, not ranked; could not be checked: {}", missing.join("; ")))
        }
        RowStatus::Unsupported { message, hint } => Some(with_hint(format!("unsupported: {message}"), hint)),
        RowStatus::Failed { message, hint } => Some(with_hint(format!("failed: {message}"), hint)),
        RowStatus::NotRun => Some("not run".into()),
    };
    let run = row.trials.run;
    let lost = run - row.trials.completed;
    let said = matches!(row.status, RowStatus::Failed { .. });
    let some_failed = (lost > 0 && row.trials.completed > 0 && !said)
        .then(|| format!("{lost} of {run} trials did not complete: {}", row.failures.join("; ")));
    let planned = row.trials.planned;
    let not_run =
        (run > 0 && run < planned).then(|| format!("{} of {planned} trials were not run", planned - run));
    [status, some_failed, not_run].into_iter().flatten().collect()
}

/// Whether there are blocks enough for an interval, and for the sign-flip test.
fn repetitions(benchmarks: &[Named]) -> Option<String> {
    let ranked = benchmarks.iter().flat_map(|(_, b)| &b.rows).filter(|row| row.status == RowStatus::Valid);
    let fewest = ranked.map(|row| row.trials.completed).min()?;
    if fewest < MIN_REPETITIONS {
        return Some(format!(
            "not enough repetitions: {fewest}; an interval or a verdict needs at least {MIN_REPETITIONS} blocks \
             (`--blocks {MIN_REPETITIONS}`; 5 for a look, 12 for a real comparison)"
        ));
    }
    let pairs = benchmarks.iter().map(|(_, b)| b.pairs_of_headline()).max().filter(|pairs| *pairs > 0)?;
    let needed = blocks_for_sign_flip(pairs, ALPHA);
    let pairs = counted(pairs as u64, "pair");
    (fewest < needed).then(|| {
        format!("the sign-flip test, a second opinion on {pairs}, needs {needed} blocks; there are {fewest}")
    })
}

/// Differences that the second opinion does not share although it has blocks enough.
fn doubtful((name, benchmark): &Named, delta: f64) -> Vec<String> {
    let tested: Vec<_> = benchmark
        .pairs
        .iter()
        .filter(|pair| pair.quantity == benchmark.headline && pair.verdict.is_difference())
        .filter(|pair| pair.blocks >= blocks_for_sign_flip(benchmark.pairs_of_headline(), ALPHA))
        .collect();
    let doubt = tested.into_iter().filter_map(|pair| {
        let p = pair.p_holm.filter(|p| *p > ALPHA)?;
        let (label, word, reference) = (&pair.label, verdict_word(pair.verdict, delta), &pair.reference);
        Some(format!(
            "{name}: {label} {word} against {reference}, but the sign-flip test is not sure (p {p:.3})"
        ))
    });
    doubt.collect()
}

/// Benchmarks that ran elsewhere than the others; more threads that begin on the same CPUs are not elsewhere.
fn placed(run: &Run, benchmarks: &[Named]) -> Vec<String> {
    let plan = &run.header.plan;
    let usual = &plan.placement;
    let own = |(name, benchmark): &Named| {
        let planned = plan.benchmarks.iter().find(|planned| planned.name == benchmark.name)?;
        let own = planned.placement.as_ref()?;
        let elsewhere = own.runner != usual.runner || !own.load.starts_with(&usual.load);
        (elsewhere || own.distance.is_some()).then(|| format!("{name}: {own}"))
    };
    benchmarks.iter().filter_map(own).collect()
}

/// What was measured before and after may differ by what happened in between.
fn resumption(resumption: &Resumption) -> String {
    let Resumption { resumed_utc, trial, block, changed } = resumption;
    let lines: Vec<String> =
        changed.iter().map(|difference| format!("\n    changed since the run began: {difference}")).collect();
    format!("resumed {resumed_utc} with trial {trial}, in block {block}{}", lines.concat())
}

/// The A/A pair is a check of the machine: what it shows is said, and decides nothing.
fn noise((name, benchmark): &Named) -> Option<String> {
    let floor = benchmark.noise_floor.iter().find(|floor| floor.quantity == benchmark.headline)?;
    let (difference, label, reference) = (percent(floor.difference), &floor.label, &floor.reference);
    let what =
        format!("{name}: A/A check: {label} and {reference}, the same program, differ by {difference}");
    Some(if floor.verdict.is_difference() {
        format!("{what}; warning: as two programs they would be told apart, so the machine was not steady")
    } else {
        what
    })
}

/// A row without a ratio says whose fault that is.
fn without_baseline(run: &Run, benchmarks: &[Named]) -> Vec<String> {
    let Some(baseline) = run.header.plan.baseline.as_deref() else { return Vec::new() };
    let lacking =
        benchmarks.iter().filter(|(_, benchmark)| benchmark.is_judged()).filter(|(_, benchmark)| {
            let row = benchmark.rows.iter().find(|row| row.label == baseline);
            benchmark.rows.len() > 1 && row.is_none_or(|row| row.status != RowStatus::Valid)
        });
    let names: Vec<&str> = lacking.map(|(name, _)| name.as_str()).collect();
    if names.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "no ratios and no verdicts in {}: the baseline {baseline} has no valid row there",
        names.join(", ")
    )]
}

/// The trials of a row, with the benchmark's name.
fn trials_of<'a>(
    run: &'a Run,
    benchmark: &'a BenchmarkAnalysis,
    row: &'a Row,
) -> impl Iterator<Item = &'a TrialResult> {
    let index = run.header.plan.benchmarks.iter().position(|planned| planned.name == benchmark.name);
    run.trials
        .iter()
        .filter(move |trial| Some(trial.planned.benchmark) == index && trial.planned.label == row.label)
}

/// Why trials are not believed although everything in them adds up: what the rule is for, and what to do.
fn unbelieved(run: &Run, benchmarks: &[Named]) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, benchmark) in benchmarks {
        for row in &benchmark.rows {
            let trials: Vec<_> = trials_of(run, benchmark, row).map(|trial| &trial.measurement).collect();
            let of = |number: usize| format!("{number} of {}", counted(trials.len() as u64, "trial"));
            let doubted =
                trials.iter().filter(|trial| matches!(trial.verdict, Some(Verdict::Unverified { .. })));
            let shares = doubted.filter_map(|trial| trial.cpu.as_ref()?.unexplained_share());
            let shares: Vec<f64> = shares.collect();
            if let Some(most) = shares.iter().copied().reduce(f64::max) {
                notes.push(format!(
                    "{} ({name}): in {} up to {} of a core was used by nobody who is known; whoever reads the ring in the runner's place \
                     would look like that, so these are not believed\n    hint: end what else runs on this machine, containers and tracers \
                     first, and measure again",
                    row.label,
                    of(shares.len()),
                    percent(most)
                ));
            }
            let quick = trials.iter().filter(|trial| trial.is_below_floor());
            let quick: Vec<f64> = quick.filter_map(|trial| trial.figures.cpu_ns_per_event).collect();
            if let Some(least) = quick.iter().copied().reduce(f64::min) {
                let walk = trials.iter().filter_map(|trial| trial.walk).map(|walk| walk.fastest_ns);
                let walk = walk.fold(f64::INFINITY, f64::min);
                notes.push(format!(
                    "{} ({name}): in {} an event cost as little as {}, where a bare walk over the same records takes {}; nobody reads so \
                     much faster, so these are not believed\n    hint: where the walk was slowed down by something else, measure again on a \
                     quiet machine",
                    row.label,
                    of(quick.len()),
                    duration_ns(least),
                    duration_ns(walk)
                ));
            }
        }
    }
    notes
}

/// Disturbed trials of each row: how many, and what of how often.
fn disturbed(run: &Run, benchmarks: &[Named]) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, benchmark) in benchmarks {
        for row in &benchmark.rows {
            let mut causes: BTreeMap<&'static str, usize> = BTreeMap::new();
            let (mut all, mut hit) = (0_usize, 0_usize);
            for trial in trials_of(run, benchmark, row) {
                all += 1;
                hit += usize::from(!trial.measurement.disturbed.is_empty());
                for cause in &trial.measurement.disturbed {
                    *causes.entry(cause.what.code()).or_default() += 1;
                }
            }
            if hit > 0 {
                let causes: Vec<String> = causes
                    .iter()
                    .map(|(code, times)| format!("{} {times}", code.replace('_', " ")))
                    .collect();
                notes.push(format!(
                    "{} ({name}): {hit} of {} disturbed, and kept: {}",
                    row.label,
                    counted(all as u64, "trial"),
                    causes.join(", ")
                ));
            }
        }
    }
    notes
}

/// Rows whose warm-up did not get steady.
fn unsteady(run: &Run, benchmarks: &[Named]) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, benchmark) in benchmarks {
        for row in &benchmark.rows {
            let known: Vec<bool> =
                trials_of(run, benchmark, row).filter_map(|trial| trial.measurement.warm_up_steady).collect();
            let unsteady = known.iter().filter(|steady| !**steady).count();
            // A second of warm-up that ends unsteady now and then is usual; more than half the trials is the program.
            if unsteady * 2 > known.len() {
                let all = counted(known.len() as u64, "trial");
                notes.push(format!(
                    "{} ({name}): the warm-up did not get steady in {unsteady} of {all}",
                    row.label
                ));
            }
        }
    }
    notes
}

/// How late the load was: what a delay counts from is when the trigger came, not when it should have come.
fn lateness(benchmarks: &[Named]) -> Option<String> {
    let rows = || benchmarks.iter().flat_map(|(_, benchmark)| &benchmark.rows);
    let worst =
        rows().filter_map(|row| Some((row.lateness_p99_ns?, row))).max_by(|a, b| a.0.total_cmp(&b.0))?;
    let missed = rows().filter_map(|row| row.missed_share).fold(0.0, f64::max);
    let missed = if missed > 0.0 {
        format!(", and missed at most {} of its slots", percent(missed))
    } else {
        String::new()
    };
    let late = duration_ns(worst.0);
    Some(format!(
        "the load was late by {late} in the 99th percentile beside {}, the worst row{missed}",
        worst.1.label
    ))
}

/// Where a rate counts as carried although more is lost than usual, or only if less is.
fn allowed_loss(run: &Run, benchmarks: &[Named]) -> Vec<String> {
    let of = |(name, benchmark): &Named| {
        let planned = run.header.plan.benchmarks.iter().find(|planned| planned.name == benchmark.name)?;
        let share = planned.most_loss?;
        Some(format!(
            "{name}: a rate counts as carried while at most {} of its events are dropped",
            percent(share)
        ))
    };
    benchmarks.iter().filter_map(of).collect()
}

/// What the runners were told beside the settings that every benchmark has.
fn further_flags(run: &Run, benchmarks: &[Named]) -> Vec<String> {
    let of = |(name, benchmark): &Named| {
        let planned = run.header.plan.benchmarks.iter().find(|planned| planned.name == benchmark.name)?;
        // What a point of a curve is named by is said.
        let key = planned.point.as_ref().map(|point| point.axis.replace('_', "-"));
        let flags =
            planned.runner.further_flags().into_iter().filter(|(flag, _)| Some(*flag) != key.as_deref());
        let flags: Vec<String> = flags.map(|(flag, value)| format!("`--{flag} {value}`")).collect();
        (!flags.is_empty()).then(|| format!("{name}: runners were told {}", flags.join(", ")))
    };
    benchmarks.iter().filter_map(of).collect()
}

/// What the manifests say that a reader of the results must know; and whose figures are claims.
fn of_manifests(run: &Run, benchmarks: &[Named]) -> Vec<String> {
    let takes_part =
        |name: &str| benchmarks.iter().any(|(_, b)| b.rows.iter().any(|row| row.implementation == name));
    let notes = run.header.machine["implementation_notes"].as_object().into_iter().flatten();
    let notes = notes.filter(|(name, _)| takes_part(name)).flat_map(|(name, notes)| {
        let notes = notes.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
        notes.map(move |note| format!("{name}: {note}"))
    });
    let claims = run.header.text_patterns.keys().filter(|name| takes_part(name));
    let claims =
        claims.map(|name| format!("{name}: a text program; its figures are its own claims, and not ranked"));
    claims.chain(notes).collect()
}

/// Other people's BPF programs cost every system call something.
fn others(machine: &serde_json::Value) -> Option<String> {
    let programs = machine["other_bpf_programs"].as_array().filter(|programs| !programs.is_empty())?;
    let mut names: Vec<&str> = programs.iter().filter_map(|program| program["name"].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let shown: Vec<&str> = names.iter().copied().take(5).collect();
    let more = if names.len() > shown.len() { ", …" } else { "" };
    let number = counted(programs.len() as u64, "BPF program");
    Some(format!("others had {number} loaded: {}{more}", shown.join(", ")))
}

/// How many blocks there are, and which benchmarks have fewer: a series is named once.
fn blocks_of(run: &Run, benchmarks: &[Named]) -> String {
    let plan = &run.header.plan;
    let mut fewer: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for (name, benchmark) in benchmarks {
        let Some(index) = plan.benchmarks.iter().position(|planned| planned.name == benchmark.name) else {
            continue;
        };
        let own = plan.trials.iter().filter(|trial| trial.benchmark == index).map(|trial| trial.block);
        let Some(own) = own.max().filter(|own| *own < plan.blocks) else { continue };
        let point = plan.benchmarks[index].point.as_ref();
        let name = point.map_or(name.as_str(), |point| point.series.as_str());
        let names = fewer.entry(own).or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let fewer: Vec<String> =
        fewer.into_iter().rev().map(|(own, names)| format!("{own} of {}", names.join(", "))).collect();
    let all = counted(plan.blocks, "block");
    if fewer.is_empty() { all } else { format!("{all} ({})", fewer.join("; ")) }
}

/// What the columns mean.
pub(super) fn legend(run: &Run, benchmarks: &[Named]) -> Vec<String> {
    let settings = &run.analysis.settings;
    let (confidence, delta) = (set_percent(settings.confidence), set_percent(settings.delta));
    let blocks = blocks_of(run, benchmarks);
    let mut legend =
        vec![format!("figures: medians over {blocks}; ± and `to`: {confidence} intervals, each by itself")];
    let judged = || benchmarks.iter().filter(|(_, benchmark)| benchmark.is_judged());
    if judged().next().is_some() && run.header.plan.baseline.is_some() {
        legend.push(format!(
            "verdict: at most {} of such tables have a false one; >{delta}: by more than that;\n\
             \x20        equivalent: within ±{delta}",
            set_percent(1.0 - settings.confidence)
        ));
    }
    if judged().any(|(_, benchmark)| benchmark.rows.iter().any(|row| row.letters.is_some())) {
        legend.push(
            "group: rows that share a letter cannot be told apart, over all pairs at once; a is best".into(),
        );
    }
    let limited =
        |benchmark: &BenchmarkAnalysis| benchmark.question.facts().columns.contains(&ColumnKind::LimitedBy);
    if benchmarks.iter().any(|(_, benchmark)| limited(benchmark)) {
        legend.push("≥: the load could not do more; limited by: what, and its share".into());
    }
    legend
}
