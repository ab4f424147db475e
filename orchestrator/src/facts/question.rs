//! The questions that a benchmark can ask, and everything that follows from asking one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Axis, Quantity, unknown};

/// What a benchmark asks. A closed loop alone ranks a slow consumer above a quick one (docs/METHODOLOGY.md).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::EnumCount,
    strum::EnumString,
    strum::VariantArray,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", parse_err_ty = String, parse_err_fn = unknown_question)]
pub enum Question {
    /// Consumer CPU time per event, measured in bursts.
    Capacity,
    /// The highest rate that is carried without loss, searched within each trial (after RFC 2544).
    Throughput,
    /// Events per second delivered and dropped while a producer saturates the ring: shown, and never a verdict, because the same
    /// programs differ from run to run (docs/METHODOLOGY.md). In results of version 1 it is called `throughput`.
    Saturation,
    /// Delay of each event at a fixed rate.
    Latency,
    /// What the attached program adds to a trigger of the traced one: the load's own CPU time, with it and with nothing.
    Cost,
    /// How long the program runs, by the kernel's statistics, which make every run about 20 ns dearer.
    RunTime,
    /// What it costs at a rate that every row can carry: CPU of the consumer and of the traced program, memory.
    Overhead,
    /// What is delivered and what is lost at rates from far below what a consumer carries to far above, and how late.
    DropCurve,
    /// What more threads that call bring.
    Scalability,
    /// What a trigger costs, by the work that the program does.
    Complexity,
    /// Private memory and maps, by the size of the ring.
    MemoryUsage,
    /// From the start of the runner to the first event that it reads, and its parts.
    StartUp,
}

fn unknown_question(text: &str) -> String {
    unknown(text, <Question as strum::VariantNames>::VARIANTS)
}

/// A figure that a benchmark of a configuration file reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it; docs/METHODOLOGY.md defines each")]
pub enum Metric {
    Capacity,
    Throughput,
    Latency,
    CpuUsage,
    MemoryUsage,
    Cost,
    Overhead,
    DropCurve,
    Scalability,
    Complexity,
    StartUp,
}

/// When the load generator calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PatternKind {
    /// As fast as it can.
    Closed,
    /// At a fixed rate.
    Open,
    /// Bursts with pauses.
    Bursts,
    /// Pieces at fixed rates, up by factors, then bisection, until the highest rate is known that is carried without loss.
    Ladder,
}

/// When the consumer is woken, unless a configuration says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WakeupRule {
    /// By the kernel's own rule.
    Adaptive,
    /// Once a burst, with its last record.
    OnceABurst,
    /// Never; it looks every millisecond.
    Batched,
    /// Never.
    Without,
}

/// Which table shows a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownIn {
    /// One of its own, in the comparison.
    Own,
    /// The one of what the traced program pays.
    Cost,
}

/// A further benchmark that comes with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Companion {
    /// The same question with a consumer that is woken otherwise, under this name.
    Woken(&'static str, WakeupRule),
    /// The same question with programs that are read from the disk, under this name.
    Cold(&'static str),
    /// Another question, if it is not asked already.
    Question(Question),
}

/// A column of a table, or the few that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// A quantity's value.
    Value(&'static str, Quantity),
    /// The same with its interval.
    Interval(&'static str, Quantity),
    /// The headline's ratio to the baseline.
    Ratio,
    /// The same with the ends of its interval.
    RatioWithEnds,
    /// Group letters and verdict.
    Judgement,
    /// Delivered events a second; "at least" where the load could do no more.
    Delivered,
    /// Events a second that were carried without loss, with the interval; "at least" where the load could do no more.
    LossFree,
    /// Events a second that the load would have caused.
    Offered,
    /// Share that was dropped.
    Drops,
    /// Events that were read for one wakeup.
    EventsPerWakeup,
    /// What was at its limit, and the share that says so.
    LimitedBy,
    /// The runner's most private memory.
    PrivateMemory,
    /// What a trigger costs the load more than with nothing attached.
    Added(&'static str),
    /// What is wrong with the row.
    Status,
}

/// The values that a question is asked at unless somebody says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultSweep {
    /// The setting.
    pub axis: Axis,
    /// Its values.
    pub values: DefaultValues,
}

/// Which values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultValues {
    /// These, as a configuration has them.
    Words(&'static [&'static str]),
    /// 1, 2, 4 and so on up to the number of CPUs.
    UpToCpus,
}

/// What is fitted to a curve's headline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Nothing.
    None,
    /// A straight line: what it is at 0, and what each step adds.
    Line,
    /// The Universal Scalability Law, with six levels or more (Gunther, Guerrilla Capacity Planning, 2007).
    Usl,
}

/// One row of the table of questions.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the columns of a table, which are independent of each other"
)]
pub struct QuestionFacts {
    /// The question.
    pub question: Question,
    /// What it asks, in a line over its table; empty where the table says it.
    pub asks: &'static str,
    /// The quantity that answers it.
    pub headline: Quantity,
    /// Quantities that decide on it. Others mean something else there: under saturation the CPU time of an event contains the
    /// wakeups, and in bursts the rate is the schedule's.
    pub deciding: &'static [Quantity],
    /// Quantities that a regression gate looks at: the headline, and what must not be traded for it.
    pub gated: &'static [Quantity],
    /// Whether rows are judged: verdicts, letters, more blocks for narrower intervals.
    pub judged: bool,
    /// Beside questions that have no such limit it is measured in so many blocks at most: more would tell nothing, or take the time of the
    /// others.
    pub most_blocks: Option<u32>,
    /// Whether the intervals that more blocks make narrow are those of the ratios to the baseline, not of the figures.
    pub precise_by_ratio: bool,
    /// Whether several benchmarks of it make one score.
    pub scored: bool,
    /// The metric of a configuration that asks it.
    pub asked_by: Option<Metric>,
    /// What its benchmark of `orchestrator compare` reports.
    pub metrics: &'static [Metric],
    /// What comes with it in `orchestrator compare`.
    pub companions: &'static [Companion],
    /// When the load calls.
    pub load: PatternKind,
    /// Records a trigger.
    pub batch: u32,
    /// When the consumer is woken.
    pub wakeup: WakeupRule,
    /// Whether runners record the delay of each event.
    pub delays: bool,
    /// Whether the load runs before the measured part until its cost is steady.
    pub warm_up: bool,
    /// Whether the kernel's statistics of BPF programs are switched on.
    pub bpf_statistics: bool,
    /// Whether it is answered at the rate that was asked for, so that a load that does not keep it makes the trial invalid.
    pub at_its_rate: bool,
    /// Whether its figure must be held against what a bare walk of the buffer costs.
    pub needs_floor: bool,
    /// A row besides the implementations': the load with nothing attached.
    pub reference_row: Option<&'static str>,
    /// Which table shows it.
    pub shown_in: ShownIn,
    /// What its columns are.
    pub columns: &'static [ColumnKind],
    /// The values that it is asked at; none: it is asked once.
    pub sweep: Option<DefaultSweep>,
    /// What is shown of a curve, each in a table of its own: a heading and the quantity. Empty: each point has the columns above.
    pub curve: &'static [(&'static str, Quantity)],
    /// What is fitted to a curve.
    pub fit: Fit,
}

/// Records a trigger where the consumer is to be saturated: a system call costs more than a record.
const SATURATING_BATCH: u32 = 100;

/// Label of the trials that run the load with nothing attached; no implementation's name can hold brackets.
pub const NOTHING_ATTACHED: &str = "(nothing)";

const FACTS: [QuestionFacts; <Question as strum::EnumCount>::COUNT] = [
    QuestionFacts {
        question: Question::Capacity,
        asks: "CPU time of the consumer for one event, in bursts",
        headline: Quantity::CpuNsPerEvent,
        deciding: &[Quantity::CpuNsPerEvent],
        gated: &[Quantity::CpuNsPerEvent],
        judged: true,
        most_blocks: None,
        precise_by_ratio: true,
        scored: true,
        asked_by: Some(Metric::Capacity),
        metrics: &[Metric::Capacity, Metric::CpuUsage, Metric::MemoryUsage],
        companions: &[],
        load: PatternKind::Bursts,
        batch: SATURATING_BATCH,
        wakeup: WakeupRule::OnceABurst,
        delays: false,
        warm_up: true,
        bpf_statistics: false,
        at_its_rate: true,
        needs_floor: true,
        reference_row: None,
        shown_in: ShownIn::Own,
        columns: &[
            ColumnKind::Interval("\nCPU/event", Quantity::CpuNsPerEvent),
            ColumnKind::RatioWithEnds,
            ColumnKind::Judgement,
            ColumnKind::Value("energy/\nevent", Quantity::JoulesPerEvent),
            ColumnKind::PrivateMemory,
        ],
        sweep: None,
        curve: &[("CPU of the consumer an event", Quantity::CpuNsPerEvent)],
        fit: Fit::Line,
    },
    QuestionFacts {
        question: Question::Throughput,
        asks: "the highest rate without loss; `limited by` says what stood against more",
        headline: Quantity::LossFreePerSec,
        deciding: &[Quantity::LossFreePerSec],
        gated: &[Quantity::LossFreePerSec],
        judged: true,
        most_blocks: Some(5),
        precise_by_ratio: false,
        scored: false,
        asked_by: Some(Metric::Throughput),
        metrics: &[Metric::Throughput],
        companions: &[Companion::Woken("throughput_batched", WakeupRule::Batched)],
        load: PatternKind::Ladder,
        batch: SATURATING_BATCH,
        wakeup: WakeupRule::Adaptive,
        delays: false,
        warm_up: true,
        bpf_statistics: false,
        at_its_rate: true,
        needs_floor: false,
        reference_row: None,
        shown_in: ShownIn::Own,
        columns: &[
            ColumnKind::LossFree,
            ColumnKind::RatioWithEnds,
            ColumnKind::Judgement,
            ColumnKind::LimitedBy,
        ],
        sweep: None,
        curve: &[("rate without loss", Quantity::LossFreePerSec)],
        fit: Fit::None,
    },
    QuestionFacts {
        question: Question::Saturation,
        asks: "as much as the load can cause; without verdict, for runs differ",
        headline: Quantity::DeliveredPerSec,
        deciding: &[Quantity::DeliveredPerSec, Quantity::DeliveredShare],
        // Without verdict in one run, and so between two.
        gated: &[],
        judged: false,
        most_blocks: Some(3),
        precise_by_ratio: false,
        scored: false,
        asked_by: None,
        metrics: &[Metric::CpuUsage, Metric::MemoryUsage],
        companions: &[],
        load: PatternKind::Closed,
        batch: SATURATING_BATCH,
        wakeup: WakeupRule::Adaptive,
        delays: false,
        warm_up: true,
        bpf_statistics: false,
        at_its_rate: true,
        needs_floor: false,
        reference_row: None,
        shown_in: ShownIn::Own,
        columns: &[
            ColumnKind::Delivered,
            ColumnKind::Offered,
            ColumnKind::Drops,
            ColumnKind::EventsPerWakeup,
            ColumnKind::LimitedBy,
            ColumnKind::Value("runner\nCPU", Quantity::RunnerCpuPercent),
            ColumnKind::Status,
        ],
        sweep: None,
        curve: &[("delivered", Quantity::DeliveredPerSec), ("delivered share", Quantity::DeliveredShare)],
        fit: Fit::None,
    },
    QuestionFacts {
        question: Question::Latency,
        asks: "from the trigger to the reading of its record, at a fixed rate",
        // The 99th percentile is the machine's as much as the framework's.
        headline: Quantity::LatencyP50,
        deciding: &[Quantity::LatencyP50, Quantity::LatencyP95, Quantity::LatencyP99, Quantity::LatencyP999],
        gated: &[Quantity::LatencyP50, Quantity::LatencyP99],
        judged: true,
        most_blocks: None,
        precise_by_ratio: false,
        scored: true,
        asked_by: Some(Metric::Latency),
        metrics: &[Metric::Latency],
        companions: &[],
        load: PatternKind::Open,
        batch: 1,
        wakeup: WakeupRule::Adaptive,
        delays: true,
        // Delays of a warm-up would be in the same histogram as those of the measured part.
        warm_up: false,
        bpf_statistics: false,
        at_its_rate: true,
        needs_floor: false,
        reference_row: None,
        shown_in: ShownIn::Own,
        columns: &[
            ColumnKind::Interval("latency\nP50", Quantity::LatencyP50),
            ColumnKind::Value("\nP95", Quantity::LatencyP95),
            ColumnKind::Interval("\nP99", Quantity::LatencyP99),
            ColumnKind::Ratio,
            ColumnKind::Judgement,
        ],
        sweep: None,
        curve: &[("latency P50", Quantity::LatencyP50), ("latency P99", Quantity::LatencyP99)],
        fit: Fit::None,
    },
    QuestionFacts {
        question: Question::Cost,
        asks: "",
        headline: Quantity::LoadNsPerTrigger,
        deciding: &[Quantity::LoadNsPerTrigger],
        gated: &[Quantity::LoadNsPerTrigger],
        judged: true,
        most_blocks: None,
        precise_by_ratio: false,
        scored: false,
        asked_by: Some(Metric::Cost),
        metrics: &[Metric::Cost],
        companions: &[
            Companion::Woken("cost_without_wakeups", WakeupRule::Without),
            Companion::Question(Question::RunTime),
        ],
        load: PatternKind::Closed,
        batch: 1,
        wakeup: WakeupRule::Adaptive,
        delays: false,
        // What a trigger costs is the same from the first one on.
        warm_up: false,
        bpf_statistics: false,
        at_its_rate: true,
        needs_floor: false,
        reference_row: Some(NOTHING_ATTACHED),
        shown_in: ShownIn::Cost,
        columns: &[
            ColumnKind::Interval("CPU of the load\na trigger", Quantity::LoadNsPerTrigger),
            ColumnKind::RatioWithEnds,
            ColumnKind::Judgement,
        ],
        sweep: None,
        curve: &[("CPU of the load a trigger", Quantity::LoadNsPerTrigger)],
        fit: Fit::Line,
    },
    QuestionFacts {
        question: Question::RunTime,
        asks: "",
        headline: Quantity::BpfRunNs,
        deciding: &[Quantity::BpfRunNs],
        gated: &[Quantity::BpfRunNs],
        judged: true,
        most_blocks: None,
        precise_by_ratio: false,
        scored: false,
        asked_by: None,
        metrics: &[Metric::Cost],
        companions: &[],
        load: PatternKind::Closed,
        batch: 1,
        // A wakeup is no part of the program's run.
        wakeup: WakeupRule::Without,
        delays: false,
        warm_up: false,
        bpf_statistics: true,
        at_its_rate: true,
        needs_floor: false,
        reference_row: None,
        shown_in: ShownIn::Cost,
        columns: &[
            ColumnKind::Interval("program\na run", Quantity::BpfRunNs),
            ColumnKind::RatioWithEnds,
            ColumnKind::Judgement,
        ],
        sweep: None,
        curve: &[("one run of the program", Quantity::BpfRunNs)],
        fit: Fit::Line,
    },
    QuestionFacts {
        question: Question::Overhead,
        asks: "what it costs at the same rate for all",
        headline: Quantity::RunnerCpuPercent,
        deciding: &[Quantity::RunnerCpuPercent, Quantity::LoadNsPerTrigger],
        gated: &[Quantity::RunnerCpuPercent],
        judged: true,
        most_blocks: None,
        precise_by_ratio: false,
        scored: false,
        asked_by: Some(Metric::Overhead),
        metrics: &[Metric::Overhead, Metric::CpuUsage, Metric::MemoryUsage],
        companions: &[],
        load: PatternKind::Open,
        batch: SATURATING_BATCH,
        wakeup: WakeupRule::Adaptive,
        delays: false,
        warm_up: false,
        // 20 ns beside the microseconds of a trigger with 100 records.
        bpf_statistics: true,
        at_its_rate: true,
        needs_floor: false,
        reference_row: Some(NOTHING_ATTACHED),
        shown_in: ShownIn::Own,
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
        curve: &[],
        fit: Fit::None,
    },
    QuestionFacts {
        question: Question::DropCurve,
        asks: "what arrives, and when, by the rate that is offered",
        headline: Quantity::DeliveredShare,
        deciding: &[
            Quantity::DeliveredShare,
            Quantity::DeliveredPerSec,
            Quantity::LatencyP50,
            Quantity::LatencyP99,
        ],
        gated: &[],
        judged: false,
        most_blocks: Some(3),
        precise_by_ratio: false,
        scored: false,
        asked_by: Some(Metric::DropCurve),
        metrics: &[Metric::DropCurve],
        companions: &[Companion::Woken("drop_curve_batched", WakeupRule::Batched)],
        load: PatternKind::Open,
        batch: SATURATING_BATCH,
        wakeup: WakeupRule::Adaptive,
        delays: true,
        warm_up: false,
        bpf_statistics: false,
        // Beyond what the load can offer it is asked what arrives all the same.
        at_its_rate: false,
        needs_floor: false,
        reference_row: None,
        shown_in: ShownIn::Own,
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
        fit: Fit::None,
    },
    QuestionFacts {
        question: Question::Scalability,
        asks: "what more threads that call bring, through one ring",
        headline: Quantity::DeliveredPerSec,
        deciding: &[Quantity::DeliveredPerSec, Quantity::DeliveredShare, Quantity::LoadNsPerTrigger],
        gated: &[],
        judged: false,
        most_blocks: Some(3),
        precise_by_ratio: false,
        scored: false,
        asked_by: Some(Metric::Scalability),
        metrics: &[Metric::Scalability],
        companions: &[],
        load: PatternKind::Closed,
        batch: SATURATING_BATCH,
        // With wakeups a closed loop differs from run to run.
        wakeup: WakeupRule::Batched,
        delays: false,
        warm_up: true,
        bpf_statistics: false,
        at_its_rate: true,
        needs_floor: false,
        reference_row: None,
        shown_in: ShownIn::Own,
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
            ("the slowest thread, as a share of the mean of all", Quantity::LeastThreadShare),
        ],
        fit: Fit::Usl,
    },
    QuestionFacts {
        question: Question::Complexity,
        asks: "what a trigger costs, by the work that the program does",
        headline: Quantity::LoadNsPerTrigger,
        deciding: &[Quantity::LoadNsPerTrigger],
        gated: &[Quantity::LoadNsPerTrigger],
        judged: true,
        most_blocks: None,
        precise_by_ratio: false,
        scored: false,
        asked_by: Some(Metric::Complexity),
        metrics: &[Metric::Complexity],
        companions: &[],
        load: PatternKind::Closed,
        batch: 1,
        // A wakeup is no part of the program's work.
        wakeup: WakeupRule::Without,
        delays: false,
        warm_up: false,
        bpf_statistics: false,
        at_its_rate: true,
        needs_floor: false,
        reference_row: None,
        shown_in: ShownIn::Own,
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
    },
    QuestionFacts {
        question: Question::MemoryUsage,
        asks: "memory at a million events a second, by the size of the ring",
        headline: Quantity::PrivateBytes,
        deciding: &[Quantity::PrivateBytes, Quantity::DeliveredShare],
        gated: &[Quantity::PrivateBytes],
        judged: true,
        most_blocks: None,
        precise_by_ratio: false,
        scored: false,
        asked_by: Some(Metric::MemoryUsage),
        metrics: &[Metric::MemoryUsage],
        companions: &[],
        load: PatternKind::Open,
        batch: SATURATING_BATCH,
        wakeup: WakeupRule::Adaptive,
        delays: false,
        warm_up: false,
        bpf_statistics: false,
        at_its_rate: true,
        needs_floor: false,
        reference_row: None,
        shown_in: ShownIn::Own,
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
    },
    QuestionFacts {
        question: Question::StartUp,
        asks: "from the start of the program to the first event that it reads",
        headline: Quantity::FirstEventNs,
        deciding: &[Quantity::FirstEventNs],
        gated: &[Quantity::FirstEventNs],
        judged: true,
        most_blocks: None,
        precise_by_ratio: false,
        scored: false,
        asked_by: Some(Metric::StartUp),
        metrics: &[Metric::StartUp],
        companions: &[Companion::Cold("start_up_cold")],
        load: PatternKind::Open,
        batch: 1,
        wakeup: WakeupRule::Adaptive,
        delays: false,
        warm_up: false,
        bpf_statistics: false,
        at_its_rate: true,
        needs_floor: false,
        reference_row: None,
        shown_in: ShownIn::Own,
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
        sweep: None,
        curve: &[("first event", Quantity::FirstEventNs), ("ready", Quantity::TimeToReadyNs)],
        fit: Fit::None,
    },
];

impl Question {
    /// All that is known of it.
    #[must_use]
    pub const fn facts(self) -> &'static QuestionFacts {
        &FACTS[self as usize]
    }

    /// All questions.
    pub fn all() -> impl Iterator<Item = Self> {
        <Self as strum::VariantArray>::VARIANTS.iter().copied()
    }

    /// Whether a quantity can be tracked over time for it: it decides, or means the same whatever is asked.
    #[must_use]
    pub fn tracks(self, quantity: Quantity) -> bool {
        self.facts().deciding.contains(&quantity) || quantity.facts().always_means_the_same
    }

    /// Whether rows are judged by a quantity. Saturation has no verdict: the same programs differ from run to run by more than two
    /// frameworks do.
    #[must_use]
    pub fn judges(self, quantity: Quantity) -> bool {
        self.facts().judged && self.tracks(quantity)
    }

    /// The question that a configuration's metrics ask; several are asked by the one that stands first here.
    #[must_use]
    pub fn asked_by(metrics: &[Metric]) -> Self {
        let first = [
            Self::Throughput,
            Self::Capacity,
            Self::Latency,
            Self::Cost,
            Self::Overhead,
            Self::DropCurve,
            Self::Scalability,
            Self::Complexity,
            Self::StartUp,
        ];
        let asked =
            |question: &Self| question.facts().asked_by.is_some_and(|metric| metrics.contains(&metric));
        // Beside others it is one more figure of theirs.
        let memory = metrics.iter().all(|metric| *metric == Metric::MemoryUsage) && !metrics.is_empty();
        first.into_iter().find(asked).unwrap_or(if memory { Self::MemoryUsage } else { Self::Saturation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_where_its_number_says() {
        assert!(FACTS.iter().map(|facts| facts.question).eq(Question::all()));
    }

    #[test]
    fn a_headline_decides_and_what_is_gated_is_judged() {
        for facts in &FACTS {
            assert!(facts.deciding.contains(&facts.headline), "{}", facts.question);
            assert!(
                facts.gated.iter().all(|quantity| facts.question.judges(*quantity)),
                "{}",
                facts.question
            );
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for question in Question::all() {
            assert_eq!(question.to_string().parse(), Ok(question));
            assert_eq!(serde_json::to_value(question).expect("serialises"), question.to_string());
        }
        assert_eq!("throughput".parse(), Ok(Question::Throughput));
        // A configuration names metrics, whose names are those of the questions.
        assert!(Question::all().filter_map(|question| question.facts().asked_by).all(|metric| {
            let word = serde_json::to_value(metric).expect("serialises");
            word.as_str().and_then(|word| word.parse::<Question>().ok()).is_some()
        }));
        assert!("latncy".parse::<Question>().is_err_and(|error| error.contains("did you mean `latency`?")));
    }
}
