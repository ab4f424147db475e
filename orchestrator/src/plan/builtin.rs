//! The benchmarks of `orchestrator compare`: one for each question, and three for the cost (docs/METHODOLOGY.md).

use super::spec::{Mechanism, Metric, ProgramType, Question, Wakeup};
use crate::config::{BenchmarkEntry, LoadEntry, Seconds};

/// Bytes of the ring buffer where nothing else is said.
pub const RING_SIZE: u64 = 16 << 20;

/// One benchmark for each question, in the order given, with everything that follows from the question left open. The
/// cost is asked three times: with wakeups, without, and from the kernel's statistics.
#[must_use]
pub fn builtin_entries(questions: &[Question], duration: Seconds) -> Vec<BenchmarkEntry> {
    let mut once: Vec<Question> = Vec::new();
    for question in questions {
        if !once.contains(question) {
            once.push(*question);
        }
    }
    if once.contains(&Question::Cost) && !once.contains(&Question::RunTime) {
        once.push(Question::RunTime);
    }
    let mut entries = Vec::new();
    for question in once {
        entries.push(entry(question, duration));
        if question == Question::Cost {
            let name = "cost_without_wakeups".to_owned();
            entries.push(BenchmarkEntry { name, wakeup: Some(Wakeup::WITHOUT), ..entry(question, duration) });
        }
    }
    entries
}

fn entry(question: Question, duration: Seconds) -> BenchmarkEntry {
    let metrics = match question {
        Question::Capacity => vec![Metric::Capacity, Metric::CpuUsage, Metric::MemoryUsage],
        Question::Saturation => vec![Metric::Throughput, Metric::CpuUsage, Metric::MemoryUsage],
        Question::Latency => vec![Metric::Latency],
        Question::Cost | Question::RunTime => vec![Metric::Cost],
    };
    BenchmarkEntry {
        name: question.to_string(),
        program_type: ProgramType::Tracepoint,
        data_mechanism: Mechanism::RingBuffer,
        event_source: "sys_enter_openat2".to_owned(),
        duration_seconds: duration,
        languages: None,
        metrics,
        question: Some(question),
        attach_target: None,
        ring_size: None,
        record_size: None,
        batch: None,
        wakeup: None,
        work: None,
        load: LoadEntry::default(),
        blocks: None,
        origin: None,
    }
}
