//! The words that stand for the kinds of a plan, for command lines: unknown ones are answered with the nearest.

use std::str::FromStr;

use super::nearest;
use crate::plan::spec::{LoadShape, ProgramType, Question};

/// Makes a type readable from its words.
macro_rules! words {
    // After `also`: other names, which are taken and not offered.
    ($type:ty, $($word:literal => $value:expr),+ $(,)? $(; also $($other:path => $same:expr),+)?) => {
        impl FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok($value),)+
                    $($($other => Ok($same),)+)?
                    _ => Err(unknown(text, &[$($word),+])),
                }
            }
        }
    };
}

words!(Question,
    "capacity" => Question::Capacity,
    "saturation" => Question::Saturation,
    "latency" => Question::Latency,
    "cost" => Question::Cost,
    "run_time" => Question::RunTime;
    also Question::OLD_NAME => Question::Saturation
);
words!(ProgramType,
    "tracepoint" => ProgramType::Tracepoint,
    "raw_tracepoint" => ProgramType::RawTracepoint,
    "kprobe" => ProgramType::Kprobe,
    "fentry" => ProgramType::Fentry,
);
words!(LoadShape,
    "fail-fast" => LoadShape::FailFast,
    "open-close" => LoadShape::OpenClose,
);

fn unknown(text: &str, words: &[&str]) -> String {
    let all = words.join(", ");
    nearest(text, words.iter().copied()).map_or_else(
        || format!("expected one of {all}"),
        |meant| format!("did you mean `{meant}`? expected one of {all}"),
    )
}
