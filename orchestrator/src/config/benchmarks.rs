//! Configuration files: lists of benchmarks, as written.

use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::settings::{Batch, Blocks, BurstTriggers, Rate, RecordSize, RingSize, Threads, Work};
use super::yaml;
use super::{Error, Origin, Seconds};
use crate::facts::PatternKind;
use crate::plan::spec::{LoadShape, Mechanism, Metric, ProgramType, Question, Wakeup};

/// A configuration file.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BenchmarkFile {
    /// The benchmarks, in the order in which they run.
    pub benchmarks: Vec<BenchmarkEntry>,
}

/// One benchmark.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BenchmarkEntry {
    /// Name in tables and results; unique in a run.
    pub name: String,
    /// Kind of BPF program.
    pub program_type: ProgramType,
    /// How events travel to user space.
    pub data_mechanism: Mechanism,
    /// The system call that makes the program run once: `sys_enter_openat2` (cheapest) or `sys_enter_openat`.
    pub event_source: String,
    /// How long one trial measures.
    #[serde(deserialize_with = "seconds")]
    pub duration_seconds: Seconds,
    /// Implementations by name or alias; without it, all of them.
    #[serde(default)]
    pub languages: Option<Vec<String>>,
    /// What is reported.
    pub metrics: Vec<Metric>,
    /// What is asked. It chooses load, batch and wakeup, unless they are given. Default: saturation where `metrics` names
    /// throughput, else the first of capacity and latency that it names, else saturation. `throughput` is another name of saturation.
    #[serde(default)]
    pub question: Option<Question>,
    /// Where to attach; the default follows from `program_type` and `event_source`.
    #[serde(default)]
    pub attach_target: Option<String>,
    /// Size of the ring buffer: a power of two. Default: 16MiB.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub ring_size: Option<RingSize>,
    /// Bytes of a record. Default: 64.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub record_size: Option<RecordSize>,
    /// Records per trigger. Default: 100; latency: 1.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub batch: Option<Batch>,
    /// When the consumer is woken: `adaptive`, `sampled:BYTES`, `timer:TIME` (it looks by itself that often), or `none`, which is
    /// `timer:10ms`. Default: adaptive; capacity: once a burst.
    #[serde(default, deserialize_with = "yaml::scalar")]
    #[schemars(with = "Option<String>")]
    pub wakeup: Option<Wakeup>,
    /// Rounds of extra work in the BPF program per trigger. Default: 0.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub work: Option<Work>,
    /// How the load generator calls.
    #[serde(default)]
    pub load: LoadEntry,
    /// How often every implementation is measured. Default: 3.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub blocks: Option<Blocks>,
    /// The file it came from; none for what is built in.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// How the load generator calls.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LoadEntry {
    /// When it calls. Default: bursts for capacity, closed for saturation, open for latency.
    pub pattern: Option<PatternKind>,
    /// Triggers per second of an open loop. Default: 10000.
    #[serde(deserialize_with = "yaml::scalar")]
    pub rate: Option<Rate>,
    /// Triggers in a burst. Default: as many as fill 7/8 of the ring.
    #[serde(deserialize_with = "yaml::scalar")]
    pub burst: Option<BurstTriggers>,
    /// Time between bursts. Default: 20ms.
    #[serde(deserialize_with = "yaml::scalar")]
    pub pause: Option<Seconds>,
    /// What a call does: `fail-fast` or `open-close`. Default: fail-fast.
    pub shape: Option<LoadShape>,
    /// Threads that call. Default: 1.
    #[serde(deserialize_with = "yaml::scalar")]
    pub threads: Option<Threads>,
}

/// Reads one configuration file. What depends on other keys is checked when the plan is made.
pub fn read_benchmarks(path: &Path) -> Result<Vec<BenchmarkEntry>, Error> {
    let text = yaml::read_text(path, "benchmarks:")?;
    let file: BenchmarkFile = yaml::parse(path, &text)?;
    let text: Arc<str> = text.into();
    let mut entries = file.benchmarks;
    if entries.is_empty() {
        return Err(Error::Empty { path: path.to_owned(), expected: "benchmarks:" });
    }
    for (index, entry) in entries.iter_mut().enumerate() {
        let origin = Origin::new(path, &text, index);
        let invalid = |key: &str, message: &str, hint: &str| Error::Invalid {
            place: origin.place(key),
            message: message.to_owned(),
            hint: hint.to_owned(),
        };
        if entry.name.trim().is_empty() {
            return Err(invalid(
                "name",
                "`name` is empty",
                "give the benchmark a name, such as `ring_buffer_throughput`",
            ));
        }
        if entry.languages.as_ref().is_some_and(Vec::is_empty) {
            let hint = "name implementations, or remove the key to take all of them";
            return Err(invalid("languages", "`languages` is empty", hint));
        }
        if entry.metrics.is_empty() {
            return Err(invalid(
                "metrics",
                "`metrics` is empty",
                "name what to report, such as `throughput`",
            ));
        }
        entry.origin = Some(origin);
    }
    Ok(entries)
}

fn seconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Seconds, D::Error> {
    yaml::scalar(deserializer)?.ok_or_else(|| serde::de::Error::custom("a duration is expected"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<BenchmarkEntry>, Error> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("test.yaml");
        std::fs::write(&path, text).expect("a file");
        read_benchmarks(&path)
    }

    const EXAMPLE: &str = "\
benchmarks:
  - name: example
    program_type: kprobe
    data_mechanism: ring_buffer
    event_source: sys_enter_openat
    duration_seconds: 60
    metrics: [throughput]
";

    #[test]
    fn optional_keys_stay_open_until_the_plan_is_made() {
        let entries = read(EXAMPLE).expect("valid");
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].batch, None);
        assert_eq!(entries[0].load, LoadEntry::default());
    }

    #[test]
    fn reads_sizes_and_durations_as_people_write_them() {
        let more =
            "    ring_size: 1MiB\n    wakeup: sampled:64KiB\n    load: {pause: 5ms, pattern: bursts}\n";
        let entry = read(&format!("{EXAMPLE}{more}")).expect("valid").remove(0);
        assert_eq!(entry.ring_size, Some(RingSize(1 << 20)));
        assert_eq!(entry.wakeup, Some(Wakeup::Sampled { bytes: 64 << 10 }));
        assert_eq!(entry.load.pause.map(|pause| pause.0.as_millis()), Some(5));
    }

    #[rstest::rstest]
    #[case("    bacth: 1\n", "test.yaml:8: unknown key `bacth` in `benchmarks[0]`", "did you mean `batch`?")]
    #[case(
        "    batch: 0\n",
        "test.yaml:8: `benchmarks[0].batch`: invalid value `0`: expected a whole number from 1 to 1000",
        ""
    )]
    #[case(
        "    batch: [1]\n",
        "test.yaml:8: `benchmarks[0].batch`: invalid type: a list, expected a number or a word",
        ""
    )]
    #[case(
        "    question: speed\n",
        "test.yaml:8: unknown value `speed` for `benchmarks[0].question`",
        "`throughput`"
    )]
    #[case(
        "    load:\n      rat: 5\n",
        "test.yaml:9: unknown key `rat` in `benchmarks[0].load`",
        "did you mean `rate`?"
    )]
    #[case("    name: again\n", "test.yaml:2: key `name` stands twice in `benchmarks[0]`", "")]
    #[case("  - name: second\n", "test.yaml:8: missing key `program_type` in `benchmarks[1]`", "")]
    fn names_line_key_and_nearest_key(#[case] more: &str, #[case] message: &str, #[case] hint: &str) {
        let error = read(&format!("{EXAMPLE}{more}")).expect_err("invalid");
        assert!(error.to_string().ends_with(message), "{error}");
        assert!(error.hint().contains(hint), "{}", error.hint());
    }
}
