//! The three benchmarks of `orchestrator compare`: one for each question (docs/METHODOLOGY.md).

use super::spec::{Mechanism, Metric, ProgramType, Question};
use crate::config::{BenchmarkEntry, LoadEntry, Seconds};

/// Bytes of the ring buffer where nothing else is said.
pub const RING_SIZE: u64 = 16 << 20;

/// One benchmark for each question, in the order given, with everything that follows from the question left open.
#[must_use]
pub fn builtin_entries(questions: &[Question], duration: Seconds) -> Vec<BenchmarkEntry> {
    let mut once: Vec<Question> = Vec::new();
    for question in questions {
        if !once.contains(question) {
            once.push(*question);
        }
    }
    once.into_iter().map(|question| entry(question, duration)).collect()
}

fn entry(question: Question, duration: Seconds) -> BenchmarkEntry {
    let metrics = match question {
        Question::Capacity => vec![Metric::Capacity, Metric::CpuUsage, Metric::MemoryUsage],
        Question::Throughput => vec![Metric::Throughput, Metric::CpuUsage, Metric::MemoryUsage],
        Question::Latency => vec![Metric::Latency],
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
