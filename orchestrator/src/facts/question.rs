//! The questions that a benchmark can ask, and everything that follows from asking one.

mod asked;
mod once;
mod over;
mod row;

pub use asked::Question;
pub use row::{
    ColumnKind, Companion, DefaultSweep, DefaultValues, Fit, Metric, NOTHING_ATTACHED, PatternKind,
    QuestionFacts, ShownIn, WakeupRule,
};

use super::Quantity;

const FACTS: [QuestionFacts; <Question as strum::EnumCount>::COUNT] = [
    once::CAPACITY,
    once::THROUGHPUT,
    once::SATURATION,
    once::LATENCY,
    once::COST,
    once::RUN_TIME,
    over::OVERHEAD,
    over::DROP_CURVE,
    over::SCALABILITY,
    over::COMPLEXITY,
    over::MEMORY_USAGE,
    over::START_UP,
    over::STARVATION,
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
            Self::Starvation,
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
