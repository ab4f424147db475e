//! The rows of the questions that are asked once.

use super::asked::Question;
use super::row::{
    ColumnKind, Companion, Fit, Metric, NOTHING_ATTACHED, PatternKind, QuestionFacts, SATURATING_BATCH,
    ShownIn, WakeupRule, row,
};
use crate::facts::Quantity;

pub(super) const CAPACITY: QuestionFacts = QuestionFacts {
    asks: "CPU time of the consumer for one event, in bursts",
    deciding: &[Quantity::CpuNsPerEvent],
    gated: &[Quantity::CpuNsPerEvent],
    precise_by_ratio: true,
    scored: true,
    asked_by: Some(Metric::Capacity),
    metrics: &[Metric::Capacity, Metric::CpuUsage, Metric::MemoryUsage],
    load: PatternKind::Bursts,
    batch: SATURATING_BATCH,
    wakeup: WakeupRule::OnceABurst,
    warm_up: true,
    needs_floor: true,
    columns: &[
        ColumnKind::Interval("\nCPU/event", Quantity::CpuNsPerEvent),
        ColumnKind::RatioWithEnds,
        ColumnKind::Judgement,
        ColumnKind::Value("energy/\nevent", Quantity::JoulesPerEvent),
        ColumnKind::PrivateMemory,
    ],
    curve: &[("CPU of the consumer an event", Quantity::CpuNsPerEvent)],
    fit: Fit::Line,
    ..row(Question::Capacity, Quantity::CpuNsPerEvent)
};

pub(super) const THROUGHPUT: QuestionFacts = QuestionFacts {
    asks: "the highest rate without loss; `limited by` says what stood against more",
    deciding: &[Quantity::LossFreePerSec],
    gated: &[Quantity::LossFreePerSec],
    most_blocks: Some(5),
    asked_by: Some(Metric::Throughput),
    metrics: &[Metric::Throughput],
    companions: &[Companion::Woken("throughput_batched", WakeupRule::Batched)],
    load: PatternKind::Ladder,
    batch: SATURATING_BATCH,
    warm_up: true,
    columns: &[ColumnKind::LossFree, ColumnKind::RatioWithEnds, ColumnKind::Judgement, ColumnKind::LimitedBy],
    curve: &[("rate without loss", Quantity::LossFreePerSec)],
    ..row(Question::Throughput, Quantity::LossFreePerSec)
};

pub(super) const SATURATION: QuestionFacts = QuestionFacts {
    asks: "as much as the load can cause; without verdict, for runs differ",
    deciding: &[Quantity::DeliveredPerSec, Quantity::DeliveredShare],
    // Without verdict in one run, and so between two.
    gated: &[],
    judged: false,
    most_blocks: Some(3),
    metrics: &[Metric::CpuUsage, Metric::MemoryUsage],
    load: PatternKind::Closed,
    batch: SATURATING_BATCH,
    warm_up: true,
    columns: &[
        ColumnKind::Delivered,
        ColumnKind::Offered,
        ColumnKind::Drops,
        ColumnKind::EventsPerWakeup,
        ColumnKind::LimitedBy,
        ColumnKind::Value("runner\nCPU", Quantity::RunnerCpuPercent),
        ColumnKind::Status,
    ],
    curve: &[("delivered", Quantity::DeliveredPerSec), ("delivered share", Quantity::DeliveredShare)],
    ..row(Question::Saturation, Quantity::DeliveredPerSec)
};

pub(super) const LATENCY: QuestionFacts = QuestionFacts {
    asks: "from the trigger to the reading of its record, at a fixed rate",
    deciding: &[Quantity::LatencyP50, Quantity::LatencyP95, Quantity::LatencyP99, Quantity::LatencyP999],
    gated: &[Quantity::LatencyP50, Quantity::LatencyP99],
    scored: true,
    asked_by: Some(Metric::Latency),
    metrics: &[Metric::Latency],
    load: PatternKind::Open,
    batch: 1,
    delays: true,
    // Delays of a warm-up would be in the same histogram as those of the measured part.
    warm_up: false,
    columns: &[
        ColumnKind::Interval("latency\nP50", Quantity::LatencyP50),
        ColumnKind::Value("\nP95", Quantity::LatencyP95),
        ColumnKind::Interval("\nP99", Quantity::LatencyP99),
        ColumnKind::Ratio,
        ColumnKind::Judgement,
    ],
    curve: &[("latency P50", Quantity::LatencyP50), ("latency P99", Quantity::LatencyP99)],
    // The 99th percentile is the machine's as much as the framework's.
    ..row(Question::Latency, Quantity::LatencyP50)
};

pub(super) const COST: QuestionFacts = QuestionFacts {
    deciding: &[Quantity::LoadNsPerTrigger],
    gated: &[Quantity::LoadNsPerTrigger],
    asked_by: Some(Metric::Cost),
    metrics: &[Metric::Cost],
    companions: &[
        Companion::Woken("cost_without_wakeups", WakeupRule::Without),
        Companion::Question(Question::RunTime),
    ],
    load: PatternKind::Closed,
    batch: 1,
    // What a trigger costs is the same from the first one on.
    warm_up: false,
    reference_row: Some(NOTHING_ATTACHED),
    shown_in: ShownIn::Cost,
    columns: &[
        ColumnKind::Interval("CPU of the load\na trigger", Quantity::LoadNsPerTrigger),
        ColumnKind::RatioWithEnds,
        ColumnKind::Judgement,
    ],
    curve: &[("CPU of the load a trigger", Quantity::LoadNsPerTrigger)],
    fit: Fit::Line,
    ..row(Question::Cost, Quantity::LoadNsPerTrigger)
};

pub(super) const RUN_TIME: QuestionFacts = QuestionFacts {
    deciding: &[Quantity::BpfRunNs],
    gated: &[Quantity::BpfRunNs],
    metrics: &[Metric::Cost],
    load: PatternKind::Closed,
    batch: 1,
    // A wakeup is no part of the program's run.
    wakeup: WakeupRule::Without,
    bpf_statistics: true,
    shown_in: ShownIn::Cost,
    columns: &[
        ColumnKind::Interval("program\na run", Quantity::BpfRunNs),
        ColumnKind::RatioWithEnds,
        ColumnKind::Judgement,
    ],
    curve: &[("one run of the program", Quantity::BpfRunNs)],
    fit: Fit::Line,
    ..row(Question::RunTime, Quantity::BpfRunNs)
};
