//! The checks of `orchestrator verify`: small exact counts that a runner either gets right or not.
//!
//! Nothing by which a runner could tell that it is checked stays the same: ring and record sizes, batches, wakeups and numbers of
//! triggers are random, and what forces drops is not in its arguments.

use rand::RngExt as _;
use rand::SeedableRng as _;
use rand::rngs::ChaCha12Rng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};

use super::spec::{
    Benchmark, Consumers, LoadPattern, LoadSpec, Mechanism, ProgramType, Question, Rings, RunnerSettings,
    Trigger, Wakeup,
};

/// No batch, page or power of two explains a prime by accident.
const PRIMES: [u64; 40] = [
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173,
];
const RECORD_SIZES: [u32; 6] = [48, 64, 128, 256, 512, 1024];
/// Sizes of rings that are to overflow.
const SMALL_RINGS: [u64; 5] = [4096, 8192, 16_384, 32_768, 65_536];
/// Most bytes that a check writes without drops: half of the usual ring.
const EXACT_BYTES: u64 = USUAL_BYTES / 2;
/// The mechanism that is checked, and the size of its map where nothing else is said.
const USUAL: Mechanism = Mechanism::USUAL;
const USUAL_BYTES: u64 = USUAL.facts().default_bytes;
/// How many times a small ring's capacity is offered at least to force drops.
const OVERLOAD: u64 = 3;
/// A counted load is over at once; this only bounds one that is not.
const LOAD_LIMIT_NS: u64 = 10_000_000_000;
/// A load that does not end before the runner is told to.
const SATURATED_NS: u64 = 1_000_000_000;

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckKind {
    /// Counts without drops.
    Exact,
    /// Counts with drops: the runner is held while the load runs, so that the ring fills to its last record.
    Drops,
    /// Counts, and the delay of each event.
    Latency,
    /// Counts, of a runner that is told to stop by the end of its standard input.
    EndOfInput,
    /// Told to stop while the load fills the ring faster than it is read.
    Saturated,
    /// Counts, of a runner that is told to use another processor than usual.
    OtherCpu,
    /// Counts, with a flag that a runner need not know.
    Further(Further),
}

/// A flag that a runner need not know (docs/PROTOCOL.md, Flags), or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Further {
    /// `--keep-one-in`
    Filter,
    /// `--lookups`
    Lookups,
    /// `--rings cpu`
    Rings,
    /// The same with `--consumers ring`
    Consumers,
    /// `--programs`
    Programs,
}

const FURTHER: [Further; 5] =
    [Further::Filter, Further::Lookups, Further::Rings, Further::Consumers, Further::Programs];

impl Further {
    /// What is told beside the others, at random.
    fn apply(self, runner: &mut RunnerSettings, random: &mut ChaCha12Rng) {
        match self {
            Self::Filter => runner.keep_one_in = random.random_range(2..=9),
            Self::Lookups => runner.lookups = random.random_range(1..=100),
            Self::Rings => runner.rings = Rings::Cpu,
            Self::Consumers => (runner.rings, runner.consumers) = (Rings::Cpu, Consumers::Ring),
            Self::Programs => runner.programs = random.random_range(2..=9),
        }
    }

    fn goes_with(self, program_type: ProgramType) -> bool {
        self != Self::Programs || program_type == ProgramType::Tracepoint
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What is run.
    pub benchmark: Benchmark,
    /// What it is about.
    pub kind: CheckKind,
    /// Events that must be attempted; none where nobody can know.
    pub attempted: Option<u64>,
    /// Events that must be submitted and received; the others must be dropped.
    pub submitted: Option<u64>,
}

/// All checks of one program type, in random order: batches of one and of many, every wakeup policy, without and with drops; delays;
/// ways to stop; another processor; and what a runner need not know. The same seed gives the same checks.
#[must_use]
pub fn conformance_checks(program: &str, program_type: ProgramType, seed: u64) -> Vec<Check> {
    let mut random = ChaCha12Rng::seed_from_u64(seed ^ program_type as u64);
    let mut checks = Vec::new();
    for many in [false, true] {
        for wakeup in [Wakeup::Adaptive, Wakeup::Sampled { bytes: 0 }, Wakeup::WITHOUT] {
            for kind in [CheckKind::Exact, CheckKind::Drops] {
                checks.push(check(program, program_type, (kind, many, wakeup), &mut random));
            }
        }
    }
    for kind in [CheckKind::Latency, CheckKind::EndOfInput, CheckKind::Saturated, CheckKind::OtherCpu] {
        let many = random.random_bool(0.5) || kind == CheckKind::Saturated;
        checks.push(check(program, program_type, (kind, many, Wakeup::Adaptive), &mut random));
    }
    for further in FURTHER.into_iter().filter(|further| further.goes_with(program_type)) {
        let many = random.random_bool(0.5);
        checks.push(check(
            program,
            program_type,
            (CheckKind::Further(further), many, Wakeup::Adaptive),
            &mut random,
        ));
    }
    checks.shuffle(&mut random);
    checks
}

fn check(
    program: &str,
    program_type: ProgramType,
    (kind, many, wakeup): (CheckKind, bool, Wakeup),
    random: &mut ChaCha12Rng,
) -> Check {
    let batch = if many { random.random_range(2..=1000) } else { 1 };
    let record_size = RECORD_SIZES.choose(random).copied().unwrap_or(64);
    let wakeup = match wakeup {
        Wakeup::Sampled { .. } => Wakeup::Sampled { bytes: random.random_range(64..4096) },
        Wakeup::Timer { .. } => Wakeup::Timer { interval_ns: random.random_range(1..=20) * 1_000_000 },
        other => other,
    };
    let latency = kind == CheckKind::Latency;
    let mut runner = RunnerSettings {
        ring_size: 0,
        record_size,
        batch,
        wakeup,
        work: 0,
        latency,
        keep_one_in: 1,
        lookups: 0,
        programs: 1,
        rings: Rings::One,
        consumers: Consumers::One,
    };
    if let CheckKind::Further(further) = kind {
        further.apply(&mut runner, random);
    }
    let slots = USUAL.slots(runner.record_size);
    let of_batch = slots.bytes(batch.into());
    let (triggers, duration_ns) = match kind {
        CheckKind::Drops => {
            runner.ring_size = SMALL_RINGS.choose(random).copied().unwrap_or(4096);
            let least = (OVERLOAD * runner.ring_size).div_ceil(of_batch);
            (Some(least + PRIMES.choose(random).copied().unwrap_or(23)), LOAD_LIMIT_NS)
        }
        CheckKind::Saturated => {
            runner.ring_size = USUAL_BYTES >> random.random_range(0..6);
            (None, SATURATED_NS)
        }
        _ => {
            let fits = PRIMES.iter().filter(|prime| **prime * of_batch <= EXACT_BYTES).count().max(1);
            let triggers = PRIMES[random.random_range(fits / 2..fits)];
            // Larger than all that is written, by a factor that tells nothing.
            let least = (2 * triggers * of_batch).next_power_of_two().clamp(4096, USUAL_BYTES);
            runner.ring_size = (least << random.random_range(0..4)).min(USUAL_BYTES);
            (Some(triggers), LOAD_LIMIT_NS)
        }
    };
    // How many of them a filter keeps is the cookies' chance; the load counts them.
    let exact = triggers.filter(|_| runner.keep_one_in == 1);
    let attempted = exact.map(|triggers| triggers * u64::from(batch));
    let what = match kind {
        CheckKind::Exact => "exact",
        CheckKind::Drops => "drops",
        CheckKind::Latency => "latency",
        CheckKind::EndOfInput => "end of input",
        CheckKind::Saturated => "stop under load",
        CheckKind::OtherCpu => "another processor",
        CheckKind::Further(Further::Filter) => "filter",
        CheckKind::Further(Further::Lookups) => "lookups",
        CheckKind::Further(Further::Rings) => "ring a CPU",
        CheckKind::Further(Further::Consumers) => "reader a ring",
        CheckKind::Further(Further::Programs) => "further programs",
    };
    let runner_keeps = runner.keep_one_in;
    let benchmark = Benchmark {
        name: format!("{program_type} {what}, batch {batch}, wakeup {wakeup}"),
        question: Question::Saturation,
        program: program.to_owned(),
        program_type,
        attach_target: None,
        mechanism: USUAL,
        runner,
        load: LoadSpec {
            pattern: LoadPattern::Closed,
            trigger: Trigger::CHEAPEST,
            threads: 1,
            duration_ns,
            count: triggers,
            keep_one_in: runner_keeps,
        },
        most_loss: None,
        cold: false,
        metrics: Vec::new(),
        implementations: Vec::new(),
        point: None,
        placement: None,
    };
    let capacity = slots.capacity(benchmark.runner.ring_size);
    Check { benchmark, kind, attempted, submitted: attempted.map(|attempted| attempted.min(capacity)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_checks_fit_and_drop_checks_do_not() {
        for seed in 0..200 {
            let checks = conformance_checks("x", ProgramType::Tracepoint, seed);
            assert_eq!(checks.len(), 21);
            assert_eq!(
                conformance_checks("x", ProgramType::Kprobe, seed).len(),
                20,
                "without further programs"
            );
            for Check { benchmark, kind, attempted, submitted } in checks {
                let (runner, slots) = (&benchmark.runner, benchmark.slots());
                assert!(
                    runner.ring_size.is_power_of_two() && (4096..=USUAL_BYTES).contains(&runner.ring_size)
                );
                match kind {
                    CheckKind::Saturated => assert_eq!((attempted, submitted), (None, None)),
                    CheckKind::Drops => {
                        let (attempted, submitted) = (attempted.expect("known"), submitted.expect("known"));
                        assert!(slots.bytes(submitted) < runner.ring_size);
                        assert!(slots.bytes(submitted + 1) >= runner.ring_size);
                        assert!(attempted > 2 * submitted, "seed {seed}: {benchmark:?}");
                    }
                    CheckKind::Further(Further::Filter) => {
                        assert_eq!((attempted, submitted), (None, None));
                        assert!(benchmark.load.keep_one_in > 1);
                    }
                    _ => {
                        assert_eq!(attempted, submitted);
                        assert!(slots.bytes(attempted.expect("known")) < runner.ring_size, "{benchmark:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_seed_repeats_its_checks_and_another_has_others() {
        let checks = |seed| conformance_checks("x", ProgramType::Kprobe, seed);
        assert_eq!(checks(7), checks(7));
        assert_ne!(checks(7), checks(8));
        assert_ne!(checks(7), conformance_checks("x", ProgramType::Fentry, 7));
    }
}
