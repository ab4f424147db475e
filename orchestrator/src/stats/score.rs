//! One figure over several benchmarks of the same question.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::benchmark::BenchmarkAnalysis;
use super::row::RowStatus;
use crate::facts::Direction;
use crate::plan::Question;

/// How many times better than the baseline: geometric mean over the benchmarks in which every row is valid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// The question that the benchmarks ask.
    pub question: Question,
    /// Name of the row.
    pub label: String,
    /// Above 1 is better than the baseline, in the direction of the question's headline quantity.
    pub times_better: f64,
    /// Benchmarks behind it.
    pub benchmarks: usize,
}

/// Scores of all rows for every question that at least two usable benchmarks ask.
pub(super) fn scores(benchmarks: &[BenchmarkAnalysis], baseline: Option<&str>) -> Vec<Score> {
    let Some(baseline) = baseline else { return Vec::new() };
    let questions = Question::all().filter(|question| question.facts().scored);
    questions.flat_map(|question| question_scores(benchmarks, question, baseline)).collect()
}

fn question_scores(benchmarks: &[BenchmarkAnalysis], question: Question, baseline: &str) -> Vec<Score> {
    let usable: Vec<_> = benchmarks
        .iter()
        .filter(|b| b.question == question && b.rows.iter().all(|row| row.status == RowStatus::Valid))
        .collect();
    if usable.len() < 2 {
        return Vec::new();
    }
    let mut scores = Vec::new();
    for row in &usable[0].rows {
        let logs: Option<Vec<f64>> = usable.iter().map(|b| log_benefit(b, &row.label, baseline)).collect();
        if let Some(logs) = logs {
            let times_better = (logs.iter().sum::<f64>() / logs.len() as f64).exp();
            scores.push(Score { question, label: row.label.clone(), times_better, benchmarks: logs.len() });
        }
    }
    scores
}

fn log_benefit(benchmark: &BenchmarkAnalysis, label: &str, baseline: &str) -> Option<f64> {
    if label == baseline {
        return benchmark.rows.iter().any(|row| row.label == label).then_some(0.0);
    }
    let headline = benchmark.question.facts().headline;
    let log = benchmark.pair(headline, label, baseline)?.ratio?.ln();
    Some(if headline.direction() == Direction::Higher { log } else { -log })
}
