//! The benchmarks of `orchestrator compare`: one for each question, and three for the cost (docs/METHODOLOGY.md).

use super::spec::{Mechanism, ProgramType, Question, Rings, Wakeup};
use crate::config::{BenchmarkEntry, LoadEntry, Seconds, Sweep};
use crate::facts::{Companion, WakeupRule};

/// One benchmark for each question, in the order given, with what comes with it, and with everything that follows from the question
/// left open.
#[must_use]
pub fn builtin_entries(questions: &[Question], duration: Seconds) -> Vec<BenchmarkEntry> {
    let mut asked: Vec<Question> = Vec::new();
    for question in questions {
        if !asked.contains(question) {
            asked.push(*question);
        }
    }
    for question in asked.clone() {
        for companion in question.facts().companions {
            if let Companion::Question(other) = companion
                && !asked.contains(other)
            {
                asked.push(*other);
            }
        }
    }
    let mut entries = Vec::new();
    for question in asked {
        entries.push(entry(question, duration));
        for companion in question.facts().companions {
            match companion {
                Companion::Woken(name, rule) => {
                    let (name, wakeup) = ((*name).to_owned(), fixed_wakeup(*rule));
                    entries.push(BenchmarkEntry { name, wakeup, ..entry(question, duration) });
                }
                Companion::Cold(name) => {
                    entries.push(BenchmarkEntry {
                        name: (*name).to_owned(),
                        cold: true,
                        ..entry(question, duration)
                    });
                }
                Companion::Swept(name, sweep) => {
                    let (name, sweep) = ((*name).to_owned(), Some(Sweep::usual(*sweep)));
                    entries.push(BenchmarkEntry { name, sweep, ..entry(question, duration) });
                }
                Companion::Rings(name, consumers) => entries.push(BenchmarkEntry {
                    name: (*name).to_owned(),
                    rings: Some(Rings::Cpu),
                    consumers: Some(*consumers),
                    ..entry(question, duration)
                }),
                Companion::Question(_) => {}
            }
        }
    }
    entries
}

/// What a rule means whatever the load; none where it depends on that.
fn fixed_wakeup(rule: WakeupRule) -> Option<Wakeup> {
    match rule {
        WakeupRule::Adaptive => Some(Wakeup::Adaptive),
        WakeupRule::Batched => Some(Wakeup::BATCHED),
        WakeupRule::Without => Some(Wakeup::WITHOUT),
        WakeupRule::OnceABurst => None,
    }
}

fn entry(question: Question, duration: Seconds) -> BenchmarkEntry {
    BenchmarkEntry {
        name: question.to_string(),
        program_type: ProgramType::Tracepoint,
        data_mechanism: Mechanism::USUAL,
        event_source: "sys_enter_openat2".to_owned(),
        duration_seconds: duration,
        languages: None,
        metrics: question.facts().metrics.to_vec(),
        question: Some(question),
        attach_target: None,
        ring_size: None,
        record_size: None,
        batch: None,
        wakeup: None,
        work: None,
        lookups: None,
        keep_one_in: None,
        programs: None,
        rings: None,
        consumers: None,
        cold: false,
        load: LoadEntry::default(),
        blocks: None,
        precision: None,
        max_blocks: None,
        max_time: None,
        placement: None,
        sweep: None,
        point: None,
        origin: None,
    }
}
