//! From a command line to a plan: what `compare` and `run` have in common.

use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::hash::{BuildHasher, Hasher};

use super::ending::own_rule_in_words;
use super::output::{print, print_json};
use crate::arithmetic::nanoseconds;
use crate::cli::{CompareArgs, RunArgs, RunOptions};
use crate::config::{BenchmarkEntry, Catalogue, Implementation, Seconds, Topology, expand, read_benchmarks};
use crate::error::{Error, warn};
use crate::plan::{
    AA_BLOCKS, Benchmark, DEFAULT_BLOCKS, EarlyEnd, Overrides, PRECISION_BLOCKS, Placement, Plan, Question,
    Request, Requested, RunnerSettings, StopRule, builtin_entries, early_end, make_plan, place,
    place_as_asked, resolve,
};

/// The plan of `orchestrator compare`.
pub fn plan_compare(args: &CompareArgs, catalogue: &Catalogue) -> Result<Plan, Error> {
    let mut questions = args.questions.clone();
    questions.extend(args.cost.then_some(Question::Cost));
    let overrides = overrides(None, &args.options);
    let mut entries = Vec::new();
    for mut entry in builtin_entries(&questions, args.duration) {
        // Before, so that what an option sets is no sweep.
        overrides.apply(&mut entry);
        entries.extend(expand(entry, None)?);
    }
    make(&entries, &overrides, &args.options, catalogue)
}

fn overrides(duration: Option<Seconds>, options: &RunOptions) -> Overrides {
    Overrides {
        duration,
        program_type: options.program_type,
        ring_size: options.ring_size,
        record_size: options.record_size,
        batch: options.batch,
    }
}

/// The plan of `orchestrator run`.
pub fn plan_run(args: &RunArgs, catalogue: &Catalogue) -> Result<Plan, Error> {
    let mut entries = Vec::new();
    for path in &args.configs {
        entries.extend(read_benchmarks(path)?);
    }
    make(&entries, &overrides(args.duration, &args.options), &args.options, catalogue)
}

fn make(
    entries: &[BenchmarkEntry],
    overrides: &Overrides,
    options: &RunOptions,
    catalogue: &Catalogue,
) -> Result<Plan, Error> {
    let selected = catalogue.select(&options.implementations)?;
    let open_ended = options.precision.is_some() || options.max_time.is_some();
    let unsaid = match (open_ended, options.quick) {
        (true, _) => PRECISION_BLOCKS.1,
        (false, true) => 1,
        (false, false) => DEFAULT_BLOCKS,
    };
    let most = |entry: &BenchmarkEntry| entry.question.and_then(|question| question.facts().most_blocks);
    let beside_others = !entries.iter().all(|entry| most(entry).is_some());
    let topology = Topology::read();
    let mut benchmarks = Vec::new();
    for entry in entries {
        let mut here = catalogue.languages(entry)?;
        // A variant that an entry names takes part without being named a second time.
        if entry.languages.is_none() || !options.implementations.is_empty() {
            here.retain(|implementation| selected.contains(implementation));
        }
        let names = here.iter().map(|implementation| implementation.name().to_owned()).collect();
        // What the command line says ends the whole run, and a look has one block.
        let mut early = early_end(entry, open_ended)?;
        if open_ended || options.quick {
            early = EarlyEnd::default();
        }
        let said = entry.blocks.or(entry.max_blocks.filter(|_| !options.quick));
        let unsaid = if early.is_said() { PRECISION_BLOCKS.1 } else { unsaid };
        let mut blocks = options.blocks.or(said).map_or(unsaid, |blocks| blocks.0);
        if beside_others && said.is_none() && !early.is_said() {
            blocks = blocks.min(most(entry).unwrap_or(u32::MAX));
        }
        let mut benchmark = resolve(entry, overrides, names)?;
        if !options.no_pin {
            benchmark.placement = place_as_asked(entry, benchmark.load.threads, &topology)?;
        }
        benchmarks.push(Requested { benchmark, blocks, early });
    }
    // A selection may leave a benchmark without implementations; the others still run.
    if benchmarks.iter().any(|requested| !requested.benchmark.implementations.is_empty()) {
        benchmarks.retain(|requested| !requested.benchmark.implementations.is_empty());
    }
    let can_get_there = |requested: &Requested| requested.benchmark.question.facts().judged;
    if options.precision.is_some() && !benchmarks.iter().any(can_get_there) {
        return Err(Error::Usage {
            message: "`--precision` cannot be reached: nothing is asked whose interval gets narrow with more blocks".into(),
            hint: "ask for capacity, latency or cost; saturation differs from run to run".into(),
        });
    }
    let baseline = baseline(options, catalogue, &benchmarks)?;
    let rule = rule(options, &benchmarks);
    let twice = match options.aa.as_deref() {
        Some("none") => None,
        Some(name) => Some(named(catalogue, name)?),
        None => baseline.clone().filter(|_| rule.most_blocks >= AA_BLOCKS),
    };
    if options.no_pin && entries.iter().any(|entry| entry.placement.is_some()) {
        warn("`--no-pin` leaves it to the scheduler where everything runs: `placement` does not count");
    }
    let placement = placement(options, &topology, &mut benchmarks)?;
    let seed = options.seed.map_or_else(new_seed, u64::from);
    Ok(make_plan(Request { benchmarks, seed, baseline, twice, placement, rule })?)
}

/// Where trials run that have no place of their own: one place for all whose load has as few threads as that of any, and for the others
/// one of their own.
fn placement(
    options: &RunOptions,
    topology: &Topology,
    benchmarks: &mut [Requested],
) -> Result<Placement, Error> {
    if options.no_pin {
        return Ok(Placement::default());
    }
    let mut left: Vec<&mut Benchmark> = benchmarks
        .iter_mut()
        .map(|requested| &mut requested.benchmark)
        .filter(|benchmark| benchmark.placement.is_none())
        .collect();
    let fewest = left.iter().map(|benchmark| benchmark.load.threads).min().unwrap_or(1);
    for benchmark in &mut left {
        let threads = benchmark.load.threads;
        let cpus = topology.cpus.len();
        if usize::try_from(threads).is_ok_and(|threads| threads > cpus.max(1)) {
            return Err(Error::Usage {
                message: format!(
                    "`{}`: {threads} threads call, and there are {cpus} CPUs that may be used: two threads on one would count as two",
                    benchmark.name
                ),
                hint: format!(
                    "use at most {cpus} threads, or `--no-pin` to let the scheduler share the CPUs out"
                ),
            });
        }
        if threads > fewest {
            benchmark.placement = Some(place(topology, threads));
        }
    }
    Ok(place(topology, fewest))
}

/// The rule that ends the run.
fn rule(options: &RunOptions, benchmarks: &[Requested]) -> StopRule {
    let most_blocks = benchmarks.iter().map(|requested| requested.blocks).max().unwrap_or(0);
    let whole = EarlyEnd {
        precision: options.precision.map(|percent| percent.0 / 100.0),
        max_time_ns: options.max_time.map(|time| nanoseconds(time.0)),
    };
    // Where one may end by itself, the blocks that all have are measured in any case.
    let own = benchmarks.iter().map(|requested| requested.early.least_blocks(requested.blocks)).min();
    let has_own = benchmarks.iter().any(|requested| requested.early.is_said());
    StopRule {
        least_blocks: own.filter(|_| has_own).unwrap_or_else(|| whole.least_blocks(most_blocks)),
        precision: whole.precision,
        max_time_ns: whole.max_time_ns,
        // The plan adds how many blocks each benchmark has.
        ..StopRule::fixed(most_blocks)
    }
}

/// A seed that was not used before. 32 bits, which every JSON reader keeps exactly.
pub(super) fn new_seed() -> u64 {
    RandomState::new().build_hasher().finish() >> 32
}

/// The baseline asked for; without one, the manifests' own if it takes part.
fn baseline(
    options: &RunOptions,
    catalogue: &Catalogue,
    benchmarks: &[Requested],
) -> Result<Option<String>, Error> {
    if let Some(name) = &options.baseline {
        return named(catalogue, name).map(Some);
    }
    let takes_part = |name: &str| {
        benchmarks
            .iter()
            .any(|requested| requested.benchmark.implementations.iter().any(|known| known == name))
    };
    Ok(catalogue.baseline().map(Implementation::name).filter(|name| takes_part(name)).map(str::to_owned))
}

fn named(catalogue: &Catalogue, name: &str) -> Result<String, Error> {
    let found = catalogue.select(&[name.to_owned()])?;
    Ok(found.first().map_or_else(|| name.to_owned(), |implementation| implementation.name().to_owned()))
}

/// Prints a plan for `--dry-run`.
pub fn show_plan(plan: &Plan, json: bool) -> Result<(), Error> {
    if json {
        return print_json(plan);
    }
    let mut text = format!("seed {}, {} trials\n\n", plan.seed, plan.trials.len());
    // Writing to a string cannot fail.
    for (index, benchmark) in plan.benchmarks.iter().enumerate() {
        let Benchmark { name, question, program_type, attach_target, runner, load, .. } = benchmark;
        let target = attach_target.as_ref().map(|target| format!(" on {target}")).unwrap_or_default();
        let RunnerSettings { ring_size, record_size, batch, wakeup, .. } = runner;
        let further = runner.further_flags().into_iter();
        let further = further.fold(String::new(), |all, (flag, value)| format!("{all}, {flag} {value}"));
        let load = load.arguments(&plan.placement_of(index).load).join(" ");
        writeln!(text, "{name} ({question}): {program_type}{target}, ring {ring_size}, record {record_size}, batch {batch}, wakeup {wakeup}{further}").ok();
        writeln!(text, "    load {load}").ok();
        if let Some(placement) = &plan.benchmarks[index].placement {
            writeln!(text, "    {placement}").ok();
        }
        text.push_str(&own_rule_in_words(&plan.rule_of(index)));
    }
    let mut last = None;
    for trial in &plan.trials {
        let benchmark = &plan.benchmarks[trial.benchmark];
        if last != Some((trial.block, trial.benchmark)) {
            last = Some((trial.block, trial.benchmark));
            write!(text, "\nblock {}, {}:", trial.block, benchmark.name).ok();
        }
        write!(text, " {}", trial.label).ok();
    }
    text.push('\n');
    print(&text)
}
