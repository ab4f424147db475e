//! Runs the trials of a plan in order: what every measuring command shares.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::interrupt::Interrupts;
use super::lock::Lock;
use super::progress::Progress;
use super::stopping::edge_before;
use crate::config::{Catalogue, Implementation, Processes, Program};
use crate::error::{self, Error};
use crate::facts::Quantity;
use crate::files::file_hash;
use crate::parse::{Format, Measurement, TextFormat, measure};
use crate::plan::{Benchmark, LoadPattern, NOTHING_ATTACHED, Plan, PlannedTrial, Rings, Wakeup, runner_argv};
use crate::prepare::{last_words, log_path};
use crate::sample::Namespaces;
use crate::supervise::{
    Client, Deadlines, Ended, FillSpec, LadderRule, LadderSpec, OtherProgram, Phase, ProcessSpec, Speaks,
    StopBy, Told, TrialRecord, TrialSpec, WarmUpSpec,
};

/// Some frameworks compile when they start, and emulated kernels are slow; a runner that hangs is found all the same.
const DEADLINES: Deadlines =
    Deadlines { ready_ms: 60_000, measure_ms: 15_000, drain_ms: 30_000, exit_ms: 10_000 };

/// Bursts come every 30 ms or so, so that a piece has several; at most about a second with the draining.
const WARM_UP: WarmUpSpec = WarmUpSpec { piece_ms: 150, most_pieces: 5, fill: None };

/// A runner's own duration is only its safety net: the supervisor tells it to stop. So much longer it may run.
const SAFETY: Duration = Duration::from_secs(150);

/// How a trial is handled, beside what its benchmark says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Handling {
    /// Hold the runner while the load runs (see [`TrialSpec::hold_runner`]).
    pub(super) hold_runner: bool,
    /// How the runner is told to stop.
    pub(super) stop: StopBy,
    /// Warm the runner up before the measured part.
    pub(super) warm_up: bool,
}

/// One trial, done.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) record: TrialRecord,
    pub(super) measurement: Measurement,
}

/// The privileged half and everything that is open while measuring.
#[derive(Debug)]
pub(super) struct Session<'a> {
    catalogue: &'a Catalogue,
    client: Client,
    interrupts: Interrupts,
    /// SHA-256 of each program when the session began, by its path.
    programs: BTreeMap<String, String>,
    _lock: Lock,
}

/// A runtime of one thread: the supervisor shares a core with others and has little to do.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)
}

impl<'a> Session<'a> {
    /// Takes the lock and starts the helper, which may ask for a password.
    pub(super) async fn open(plan: &Plan, catalogue: &'a Catalogue) -> Result<Self, Error> {
        Self::open_locked(Lock::take()?, plan, catalogue).await
    }

    /// The same with a lock that was taken before.
    pub(super) async fn open_locked(
        lock: Lock,
        plan: &Plan,
        catalogue: &'a Catalogue,
    ) -> Result<Self, Error> {
        let interrupts = Interrupts::listen().map_err(Error::Runtime)?;
        let executable = std::env::current_exe().map_err(Error::Runtime)?;
        let mut programs: Vec<String> = plan
            .trials
            .iter()
            .filter(|trial| trial.implementation != NOTHING_ATTACHED)
            .map(|trial| executable_of(catalogue, &plan.benchmarks[trial.benchmark], &trial.implementation))
            .map(|path| path.display().to_string())
            .collect();
        programs.sort();
        programs.dedup();
        // Those that make figures false are refused by the client.
        let harmless = |kind: &&'static str| ["cgroup", "mount"].contains(kind);
        for kind in Namespaces::read(Path::new("/")).others.into_iter().filter(harmless) {
            error::warn(&format!("this is not the initial {kind} namespace: {}", Namespaces::effect(kind)));
        }
        let client = Client::start(&executable, &programs, false).await?;
        let hashed = |path: String| file_hash(Path::new(&path)).ok().map(|hash| (path, hash));
        let programs = programs.into_iter().filter_map(hashed).collect();
        Ok(Self { catalogue, client, interrupts, programs, _lock: lock })
    }

    /// Runs the trials of the plan; `done` gets each one as soon as it is over, and `goes_on` is asked after each block (it
    /// gets its number) whether the next is to be measured. Trials that are not `left` any more are passed over.
    pub(super) async fn run(
        &mut self,
        plan: &Plan,
        done: &mut dyn FnMut(&PlannedTrial, Done) -> Result<(), Error>,
        goes_on: &mut dyn FnMut(u32) -> bool,
        is_left: &dyn Fn(&PlannedTrial) -> bool,
    ) -> Result<(), Error> {
        let mut progress = Progress::new(plan);
        let mut passed_over = None;
        for (index, trial) in plan.trials.iter().enumerate() {
            let block_done = edge_before(&plan.trials, index);
            if self.interrupts.signal().is_some()
                || block_done.is_some_and(|block| !progress.aside(|| goes_on(block)))
            {
                break;
            }
            if block_done.is_some() {
                progress.leave(plan.trials[index..].iter().map(is_left));
            }
            if !is_left(trial) {
                passed_over = passed_over.or_else(|| Some(trial.predecessor.clone()));
                progress.finished_one();
                continue;
            }
            // After the last that was run, not the last that was planned.
            let predecessor = passed_over.take().unwrap_or_else(|| trial.predecessor.clone());
            let trial = &PlannedTrial { predecessor, ..trial.clone() };
            progress.trial(plan, trial);
            let warm_up = plan.benchmarks[trial.benchmark].question.facts().warm_up;
            let handling = Handling { warm_up, ..Handling::default() };
            let outcome =
                self.trial_with_progress(plan, trial, handling, &mut |phase| progress.phase(phase)).await?;
            let interrupted = outcome.record.ended == Ended::Interrupted;
            if !interrupted {
                done(trial, outcome)?;
            }
            progress.finished_one();
        }
        progress.clear();
        Ok(())
    }

    /// BPF programs that were loaded when the helper started: other people's.
    pub(super) fn other_programs(&self) -> Option<&[OtherProgram]> {
        self.client.other_programs()
    }

    /// The signal that asked for the end, if any did.
    pub(super) fn interrupted_by(&self) -> Option<i32> {
        self.interrupts.signal()
    }

    /// Runs one trial of the plan.
    pub(super) async fn trial(
        &mut self,
        plan: &Plan,
        trial: &PlannedTrial,
        handling: Handling,
    ) -> Result<Done, Error> {
        self.trial_with_progress(plan, trial, handling, &mut |_| {}).await
    }

    async fn trial_with_progress(
        &mut self,
        plan: &Plan,
        trial: &PlannedTrial,
        handling: Handling,
        on_phase: &mut dyn FnMut(Phase),
    ) -> Result<Done, Error> {
        let benchmark = &plan.benchmarks[trial.benchmark];
        if trial.implementation == NOTHING_ATTACHED {
            let spec = spec(plan, trial, Vec::new(), Speaks::Protocol, Handling::default());
            return self.carry_out(&spec, benchmark, &Format::Protocol, on_phase).await;
        }
        let implementation = self.catalogue.find(&trial.implementation);
        let program = implementation
            .ok_or_else(|| format!("`{}` is not an implementation", trial.implementation))
            .and_then(|implementation| implementation.program_for(benchmark));
        let program = match program {
            Ok(program) => program,
            // The manifest says that it cannot: that is an answer, and no process is needed to get it.
            Err(reason) => {
                return Ok(not_run(trial.number, Ended::Unsupported { message: reason }, benchmark));
            }
        };
        let executable = executable_of(self.catalogue, benchmark, &trial.implementation);
        // What was there when the run began and is not any more shows when it is started.
        if !self.programs.contains_key(executable.to_string_lossy().as_ref()) && !executable.is_file() {
            let ended = not_built(&trial.implementation, &executable, &self.catalogue.root);
            return Ok(not_run(trial.number, ended, benchmark));
        }
        let (speaks, format) = match language(program) {
            Ok(both) => both,
            Err(reason) => {
                return Ok(not_run(trial.number, Ended::Unsupported { message: reason }, benchmark));
            }
        };
        let duration = Duration::from_nanos(benchmark.load.duration_ns) + SAFETY;
        let argv = runner_argv(&executable, program, benchmark, plan.placement_of(trial.benchmark), duration);
        let told = Told {
            implementation: implementation.map(|found| found.own_name.clone()),
            program_sha256: argv.first().and_then(|path| self.programs.get(path)).cloned(),
            mechanism: Some(benchmark.mechanism),
            record_bytes: Some(benchmark.runner.record_size),
            map_bytes: Some(benchmark.runner.ring_size),
            one_map_a_cpu: benchmark.runner.rings == Rings::Cpu,
        };
        let mut spec = TrialSpec { told, ..spec(plan, trial, argv, speaks, handling) };
        spec.process = process_of(implementation, program);
        self.carry_out(&spec, benchmark, &format, on_phase).await
    }

    async fn carry_out(
        &mut self,
        spec: &TrialSpec,
        benchmark: &Benchmark,
        format: &Format,
        on_phase: &mut dyn FnMut(Phase),
    ) -> Result<Done, Error> {
        let record = self.client.trial(spec, on_phase, &mut self.interrupts.ends).await?;
        let measurement = measure(&record, benchmark, format);
        Ok(Done { record, measurement })
    }

    /// Ends the helper.
    pub(super) async fn close(self) -> Result<(), Error> {
        Ok(self.client.finish().await?)
    }
}

fn spec(
    plan: &Plan,
    trial: &PlannedTrial,
    argv: Vec<String>,
    speaks: Speaks,
    handling: Handling,
) -> TrialSpec {
    let benchmark = &plan.benchmarks[trial.benchmark];
    TrialSpec {
        number: trial.number,
        argv,
        speaks,
        told: Told::default(),
        load: benchmark.load.clone(),
        placement: plan.placement_of(trial.benchmark).clone(),
        deadlines: DEADLINES,
        runner_stops_itself: false,
        stop: handling.stop,
        hold_runner: handling.hold_runner,
        warm_up: handling.warm_up.then(|| WarmUpSpec { fill: fill(benchmark), ..WARM_UP }),
        ladder: (benchmark.load.pattern == LoadPattern::Ladder).then(|| ladder(plan.seed, trial, benchmark)),
        bpf_statistics: benchmark.question.facts().bpf_statistics,
        cold: benchmark.cold,
        first_read: benchmark.question.facts().deciding.contains(&Quantity::FirstEventNs),
        process: ProcessSpec::default(),
    }
}

/// What the manifest says of the program as a process.
fn process_of(implementation: Option<&Implementation>, program: &Program) -> ProcessSpec {
    ProcessSpec {
        environment: implementation.map(|found| found.manifest.environment.clone()).unwrap_or_default(),
        many: program.processes == Processes::Many,
    }
}

/// A load that pushes pays for wakeups and for a consumer that reads beside it: what it costs without either is measured.
fn fill(benchmark: &Benchmark) -> Option<FillSpec> {
    let settings = &benchmark.runner;
    let trigger_bytes = benchmark.slots().bytes(settings.batch.into());
    let most = settings.ring_size / 8 * 7;
    let (most_bytes, is_drained) = match settings.wakeup {
        Wakeup::Sampled { bytes } => (most.min(bytes.saturating_sub(1)), false),
        _ => (most, true),
    };
    matches!(benchmark.load.pattern, LoadPattern::Closed | LoadPattern::Ladder).then_some(FillSpec {
        trigger_bytes,
        most_bytes,
        is_drained,
    })
}

/// The first rate is another in each trial, from half a million to a million
/// events a second, for otherwise all trials would try the same few rates, and agree about a rate of the search instead of the
/// consumer's limit.
fn ladder(seed: u64, trial: &PlannedTrial, benchmark: &Benchmark) -> LadderSpec {
    const LOWEST_FIRST: f64 = 500_000.0;
    // Multiples of the golden ratio fill an interval evenly, however many there are.
    let step = 0.618_033_988_749_895;
    let place = ((seed % 1_000) as f64 * step + f64::from(trial.number) * step).fract();
    let first = LOWEST_FIRST * place.exp2() / f64::from(benchmark.runner.batch);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to a million")]
    let first_per_sec = first.round() as u64;
    LadderSpec::new(benchmark.load.duration_ns, first_per_sec.max(1), LadderRule::of(benchmark))
}

fn executable_of(catalogue: &Catalogue, benchmark: &Benchmark, implementation: &str) -> PathBuf {
    catalogue.find(implementation).map_or_else(
        || Path::new("/nonexistent").join(implementation),
        |found: &Implementation| found.executable(&catalogue.root, &benchmark.program),
    )
}

/// How the program talks, for the supervisor and for the parser.
fn language(program: &Program) -> Result<(Speaks, Format), String> {
    if program.speaks_protocol() {
        return Ok((Speaks::Protocol, Format::Protocol));
    }
    let Some(output) = &program.output else { return Ok((Speaks::Protocol, Format::Protocol)) };
    let ready = output.ready.clone().unwrap_or_else(|| ".".into());
    let patterns =
        output.patterns.iter().map(|(field, pattern)| (field.to_string(), pattern.clone())).collect();
    let format = TextFormat::new(&patterns).map_err(|error| error.to_string())?;
    Ok((Speaks::Text { ready }, Format::Text(format)))
}

/// Why there is no program, as the row that lacks it says it.
fn not_built(implementation: &str, executable: &Path, root: &Path) -> Ended {
    let missing = executable.strip_prefix(root).unwrap_or(executable).display();
    let log = log_path(implementation);
    if root.join(&log).is_file() {
        let why = last_words(root, implementation).map(|words| format!(": {words}")).unwrap_or_default();
        let message = format!("there is no `{missing}`, because its build failed{why}");
        return Ended::NotBuilt {
            message,
            hint: format!("the output of its build is in `{}`", log.display()),
        };
    }
    let message = format!("there is no `{missing}`");
    Ended::NotBuilt { message, hint: format!("run `orchestrator build {implementation}`") }
}

fn not_run(number: u32, ended: Ended, benchmark: &Benchmark) -> Done {
    let record = TrialRecord::not_run(number, ended);
    let measurement = measure(&record, benchmark, &Format::Protocol);
    Done { record, measurement }
}
