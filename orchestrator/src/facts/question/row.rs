//! What is known of a question, and the words that it is said in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::asked::Question;
use crate::facts::{Axis, Consumers, Quantity, Rings};

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
    Starvation,
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
    /// The last thread at a fixed rate, others as fast as they can.
    Beside,
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
    /// The same question at other values, of another setting, under this name.
    Swept(&'static str, DefaultSweep),
    /// The same question with a ring for each CPU, read by one thread or by one each, under this name.
    Rings(&'static str, Consumers),
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
    /// Into which ring a record goes.
    pub rings: Rings,
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
pub(super) const SATURATING_BATCH: u32 = 100;

/// What is usual; a row of the table says what is otherwise, and what it is asked with.
pub(super) const fn row(question: Question, headline: Quantity) -> QuestionFacts {
    QuestionFacts {
        question,
        asks: "",
        headline,
        deciding: &[],
        gated: &[],
        judged: true,
        most_blocks: None,
        precise_by_ratio: false,
        scored: false,
        asked_by: None,
        metrics: &[],
        companions: &[],
        load: PatternKind::Closed,
        batch: 1,
        wakeup: WakeupRule::Adaptive,
        rings: Rings::One,
        delays: false,
        warm_up: false,
        bpf_statistics: false,
        at_its_rate: true,
        needs_floor: false,
        reference_row: None,
        shown_in: ShownIn::Own,
        columns: &[],
        sweep: None,
        curve: &[],
        fit: Fit::None,
    }
}

/// Label of the trials that run the load with nothing attached; no implementation's name can hold brackets.
pub const NOTHING_ATTACHED: &str = "(nothing)";
