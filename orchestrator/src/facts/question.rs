//! The questions that a benchmark can ask, and everything that follows from asking one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Quantity, unknown};

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
    /// What is wrong with the row.
    Status,
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
    /// Whether its figure must be held against what a bare walk of the buffer costs.
    pub needs_floor: bool,
    /// A row besides the implementations': the load with nothing attached.
    pub reference_row: Option<&'static str>,
    /// Which table shows it.
    pub shown_in: ShownIn,
    /// What its columns are.
    pub columns: &'static [ColumnKind],
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
        needs_floor: true,
        reference_row: None,
        shown_in: ShownIn::Own,
        columns: &[
            ColumnKind::Interval("\nCPU/event", Quantity::CpuNsPerEvent),
            ColumnKind::RatioWithEnds,
            ColumnKind::Judgement,
            ColumnKind::PrivateMemory,
        ],
    },
    QuestionFacts {
        question: Question::Throughput,
        asks: "the highest rate without loss; `limited by` says what stood against more",
        headline: Quantity::LossFreePerSec,
        deciding: &[Quantity::LossFreePerSec],
        gated: &[Quantity::LossFreePerSec],
        judged: true,
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
        needs_floor: false,
        reference_row: None,
        shown_in: ShownIn::Own,
        columns: &[
            ColumnKind::LossFree,
            ColumnKind::RatioWithEnds,
            ColumnKind::Judgement,
            ColumnKind::LimitedBy,
        ],
    },
    QuestionFacts {
        question: Question::Saturation,
        asks: "as much as the load can cause; without verdict, for runs differ",
        headline: Quantity::DeliveredPerSec,
        deciding: &[Quantity::DeliveredPerSec, Quantity::DeliveredShare],
        // Without verdict in one run, and so between two.
        gated: &[],
        judged: false,
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
    },
    QuestionFacts {
        question: Question::Latency,
        asks: "from the trigger to the reading of its record, at a fixed rate",
        // The 99th percentile is the machine's as much as the framework's.
        headline: Quantity::LatencyP50,
        deciding: &[Quantity::LatencyP50, Quantity::LatencyP95, Quantity::LatencyP99, Quantity::LatencyP999],
        gated: &[Quantity::LatencyP50, Quantity::LatencyP99],
        judged: true,
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
    },
    QuestionFacts {
        question: Question::Cost,
        asks: "",
        headline: Quantity::LoadNsPerTrigger,
        deciding: &[Quantity::LoadNsPerTrigger],
        gated: &[Quantity::LoadNsPerTrigger],
        judged: true,
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
        needs_floor: false,
        reference_row: Some(NOTHING_ATTACHED),
        shown_in: ShownIn::Cost,
        columns: &[
            ColumnKind::Interval("CPU of the load\na trigger", Quantity::LoadNsPerTrigger),
            ColumnKind::RatioWithEnds,
            ColumnKind::Judgement,
        ],
    },
    QuestionFacts {
        question: Question::RunTime,
        asks: "",
        headline: Quantity::BpfRunNs,
        deciding: &[Quantity::BpfRunNs],
        gated: &[Quantity::BpfRunNs],
        judged: true,
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
        needs_floor: false,
        reference_row: None,
        shown_in: ShownIn::Cost,
        columns: &[
            ColumnKind::Interval("program\na run", Quantity::BpfRunNs),
            ColumnKind::RatioWithEnds,
            ColumnKind::Judgement,
        ],
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
        let first = [Self::Throughput, Self::Capacity, Self::Latency, Self::Cost];
        let asked =
            |question: &Self| question.facts().asked_by.is_some_and(|metric| metrics.contains(&metric));
        first.into_iter().find(asked).unwrap_or(Self::Saturation)
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
        assert!("latncy".parse::<Question>().is_err_and(|error| error.contains("did you mean `latency`?")));
    }
}
