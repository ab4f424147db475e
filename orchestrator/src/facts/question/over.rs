//! The rows of the other questions: those over several values of a setting, and start-up.

use super::asked::Question;
use super::row::{
    ColumnKind, Companion, DefaultSweep, DefaultValues, Fit, Metric, NOTHING_ATTACHED, PatternKind,
    QuestionFacts, SATURATING_BATCH, WakeupRule, row,
};
use crate::facts::{Axis, Consumers, Quantity, Rings};

pub(super) const OVERHEAD: QuestionFacts = QuestionFacts {
    asks: "what it costs at the same rate for all",
    deciding: &[Quantity::RunnerCpuPercent, Quantity::LoadNsPerTrigger],
    gated: &[Quantity::RunnerCpuPercent],
    asked_by: Some(Metric::Overhead),
    metrics: &[Metric::Overhead, Metric::CpuUsage, Metric::MemoryUsage],
    load: PatternKind::Open,
    batch: SATURATING_BATCH,
    // 20 ns beside the microseconds of a trigger with 100 records.
    bpf_statistics: true,
    reference_row: Some(NOTHING_ATTACHED),
    columns: &[
        ColumnKind::Interval("CPU of the\nconsumer", Quantity::RunnerCpuPercent),
        ColumnKind::Ratio,
        ColumnKind::Judgement,
        ColumnKind::Added("a trigger\ncosts"),
        ColumnKind::Value("program\na run", Quantity::BpfRunNs),
        ColumnKind::Value("soft-\nirq", Quantity::SoftirqPercent),
        ColumnKind::PrivateMemory,
    ],
    // 100,000 and a million events a second.
    sweep: Some(DefaultSweep { axis: Axis::Rate, values: DefaultValues::Words(&["1000", "10000"]) }),
    ..row(Question::Overhead, Quantity::RunnerCpuPercent)
};

pub(super) const DROP_CURVE: QuestionFacts = QuestionFacts {
    asks: "what arrives, and when, by the rate that is offered",
    deciding: &[
        Quantity::DeliveredShare,
        Quantity::DeliveredPerSec,
        Quantity::LatencyP50,
        Quantity::LatencyP99,
    ],
    judged: false,
    most_blocks: Some(3),
    asked_by: Some(Metric::DropCurve),
    metrics: &[Metric::DropCurve],
    companions: &[Companion::Woken("drop_curve_batched", WakeupRule::Batched)],
    load: PatternKind::Open,
    batch: SATURATING_BATCH,
    delays: true,
    // Beyond what the load can offer it is asked what arrives all the same.
    at_its_rate: false,
    columns: &[
        ColumnKind::Delivered,
        ColumnKind::Offered,
        ColumnKind::Drops,
        ColumnKind::Value("latency\nP50", Quantity::LatencyP50),
        ColumnKind::Value("\nP99", Quantity::LatencyP99),
        ColumnKind::LimitedBy,
        ColumnKind::Status,
    ],
    // From 10,000 events a second to beyond what the load can offer.
    sweep: Some(DefaultSweep {
        axis: Axis::Rate,
        values: DefaultValues::Words(&["100", "1000", "10000", "25000", "50000", "100000", "200000"]),
    }),
    curve: &[
        ("delivered, events a second", Quantity::DeliveredPerSec),
        ("delivered share", Quantity::DeliveredShare),
        ("latency P50", Quantity::LatencyP50),
        ("latency P99", Quantity::LatencyP99),
    ],
    ..row(Question::DropCurve, Quantity::DeliveredShare)
};

pub(super) const SCALABILITY: QuestionFacts = QuestionFacts {
    asks: "what more threads that call bring",
    deciding: &[Quantity::DeliveredPerSec, Quantity::DeliveredShare, Quantity::LoadNsPerTrigger],
    judged: false,
    most_blocks: Some(3),
    asked_by: Some(Metric::Scalability),
    metrics: &[Metric::Scalability],
    companions: &[
        Companion::Rings("scalability_rings", Consumers::One),
        Companion::Rings("scalability_consumers", Consumers::Ring),
    ],
    load: PatternKind::Closed,
    batch: SATURATING_BATCH,
    // With wakeups a closed loop differs from run to run.
    wakeup: WakeupRule::Batched,
    warm_up: true,
    columns: &[
        ColumnKind::Delivered,
        ColumnKind::Offered,
        ColumnKind::Drops,
        ColumnKind::Value("a trigger\ncosts", Quantity::LoadNsPerTrigger),
        ColumnKind::Value("least\nthread", Quantity::LeastThreadShare),
        ColumnKind::LimitedBy,
        ColumnKind::Status,
    ],
    sweep: Some(DefaultSweep { axis: Axis::Threads, values: DefaultValues::UpToCpus }),
    curve: &[
        ("delivered, events a second", Quantity::DeliveredPerSec),
        (
            "CPU of a thread that calls, a trigger: what it is above that of one is contention",
            Quantity::LoadNsPerTrigger,
        ),
        ("delivered for each thread that calls, events a second", Quantity::DeliveredPerThread),
        ("the slowest thread, as a share of the mean of all", Quantity::LeastThreadShare),
        ("the ring that is read least, as a share of the mean of all", Quantity::LeastRingShare),
    ],
    fit: Fit::Usl,
    ..row(Question::Scalability, Quantity::DeliveredPerSec)
};

pub(super) const COMPLEXITY: QuestionFacts = QuestionFacts {
    asks: "what a trigger costs, by what the program does",
    deciding: &[Quantity::LoadNsPerTrigger],
    gated: &[Quantity::LoadNsPerTrigger],
    asked_by: Some(Metric::Complexity),
    metrics: &[Metric::Complexity],
    companions: &[
        Companion::Swept(
            "complexity_lookups",
            DefaultSweep { axis: Axis::Lookups, values: DefaultValues::Words(&["0", "1", "10", "100"]) },
        ),
        Companion::Swept(
            "complexity_filter",
            DefaultSweep { axis: Axis::KeepOneIn, values: DefaultValues::Words(&["1", "2", "10", "100"]) },
        ),
    ],
    load: PatternKind::Closed,
    batch: 1,
    // A wakeup is no part of the program's work.
    wakeup: WakeupRule::Without,
    columns: &[
        ColumnKind::Interval("CPU of the load\na trigger", Quantity::LoadNsPerTrigger),
        ColumnKind::RatioWithEnds,
        ColumnKind::Judgement,
    ],
    sweep: Some(DefaultSweep {
        axis: Axis::Work,
        values: DefaultValues::Words(&["0", "10", "100", "1000", "10000"]),
    }),
    curve: &[
        ("CPU of the load a trigger", Quantity::LoadNsPerTrigger),
        ("instructions that the verifier walked", Quantity::VerifiedInstructions),
        ("opening, verifying, loading", Quantity::LoadNs),
    ],
    fit: Fit::Line,
    ..row(Question::Complexity, Quantity::LoadNsPerTrigger)
};

pub(super) const MEMORY_USAGE: QuestionFacts = QuestionFacts {
    asks: "memory at a million events a second, by the size of the ring",
    deciding: &[Quantity::PrivateBytes, Quantity::DeliveredShare],
    gated: &[Quantity::PrivateBytes],
    asked_by: Some(Metric::MemoryUsage),
    metrics: &[Metric::MemoryUsage],
    load: PatternKind::Open,
    batch: SATURATING_BATCH,
    columns: &[
        ColumnKind::Interval("private\nmemory", Quantity::PrivateBytes),
        ColumnKind::Ratio,
        ColumnKind::Judgement,
        ColumnKind::Value("\nat rest", Quantity::PrivateAtRestBytes),
        ColumnKind::Value("map\nmemory", Quantity::MapMemoryBytes),
        ColumnKind::Value("page\nfaults", Quantity::MinorFaults),
        ColumnKind::Drops,
    ],
    sweep: Some(DefaultSweep {
        axis: Axis::RingSize,
        values: DefaultValues::Words(&["64KiB", "256KiB", "1MiB", "16MiB", "256MiB"]),
    }),
    curve: &[
        ("most private memory", Quantity::PrivateBytes),
        ("private memory at rest", Quantity::PrivateAtRestBytes),
        ("memory of the maps", Quantity::MapMemoryBytes),
        ("page faults", Quantity::MinorFaults),
        ("delivered share", Quantity::DeliveredShare),
    ],
    fit: Fit::Line,
    ..row(Question::MemoryUsage, Quantity::PrivateBytes)
};

pub(super) const START_UP: QuestionFacts = QuestionFacts {
    asks: "from the start of the program to the first event that it reads",
    deciding: &[Quantity::FirstEventNs],
    gated: &[Quantity::FirstEventNs],
    asked_by: Some(Metric::StartUp),
    metrics: &[Metric::StartUp],
    companions: &[Companion::Cold("start_up_cold")],
    load: PatternKind::Open,
    batch: 1,
    columns: &[
        ColumnKind::Interval("first\nevent", Quantity::FirstEventNs),
        ColumnKind::Ratio,
        ColumnKind::Judgement,
        ColumnKind::Value("\nready", Quantity::TimeToReadyNs),
        ColumnKind::Value("\nload", Quantity::LoadNs),
        ColumnKind::Value("\nattach", Quantity::AttachNs),
        ColumnKind::Value("\nexit", Quantity::ExitNs),
        ColumnKind::Value("memory\nat ready", Quantity::PrivateAtRestBytes),
        ColumnKind::Value("code\nfiles", Quantity::ProgramFiles),
        ColumnKind::Value("their\nsize", Quantity::ProgramBytes),
    ],
    curve: &[
        ("first event", Quantity::FirstEventNs),
        ("opening, verifying, loading", Quantity::LoadNs),
        ("attaching", Quantity::AttachNs),
        ("from the request to stop to the exit", Quantity::ExitNs),
    ],
    fit: Fit::Line,
    ..row(Question::StartUp, Quantity::FirstEventNs)
};

pub(super) const STARVATION: QuestionFacts = QuestionFacts {
    asks: "how late a quiet ring is read beside a busy one",
    deciding: &[Quantity::QuietP50, Quantity::QuietP99],
    judged: false,
    most_blocks: Some(3),
    asked_by: Some(Metric::Starvation),
    metrics: &[Metric::Starvation],
    companions: &[Companion::Woken("starvation_batched", WakeupRule::Batched)],
    load: PatternKind::Beside,
    batch: SATURATING_BATCH,
    rings: Rings::Cpu,
    delays: true,
    columns: &[
        ColumnKind::Interval("quiet ring\nP50", Quantity::QuietP50),
        ColumnKind::Interval("\nP99", Quantity::QuietP99),
        ColumnKind::Delivered,
        ColumnKind::Drops,
        ColumnKind::Value("runner\nCPU", Quantity::RunnerCpuPercent),
        ColumnKind::Status,
    ],
    // The quiet ring alone, and beside a busy one.
    sweep: Some(DefaultSweep { axis: Axis::Busy, values: DefaultValues::Words(&["0", "1"]) }),
    curve: &[
        ("delay in the quiet ring, P50", Quantity::QuietP50),
        ("delay in the quiet ring, P99", Quantity::QuietP99),
        ("delivered through all rings, events a second", Quantity::DeliveredPerSec),
        ("CPU of the consumer", Quantity::RunnerCpuPercent),
    ],
    ..row(Question::Starvation, Quantity::QuietP99)
};
