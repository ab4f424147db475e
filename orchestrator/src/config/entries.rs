//! Reads configuration files and checks what their types do not say.

use std::path::Path;
use std::sync::Arc;

use super::benchmarks::{BenchmarkEntry, BenchmarkFile};
use super::error::Error;
use super::origin::Origin;
use super::points::expand;
use super::yaml;

/// Reads one configuration file. What depends on other keys is checked when the plan is made.
pub fn read_benchmarks(path: &Path) -> Result<Vec<BenchmarkEntry>, Error> {
    let text = yaml::read_text(path, "benchmarks:")?;
    let file: BenchmarkFile = yaml::parse(path, &text)?;
    let text: Arc<str> = text.into();
    if file.benchmarks.is_empty() {
        return Err(Error::Empty { path: path.to_owned(), expected: "benchmarks:" });
    }
    let mut entries = Vec::new();
    for (index, mut entry) in file.benchmarks.into_iter().enumerate() {
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
        entry.origin = Some(origin.clone());
        entries.extend(expand(entry, Some(&origin))?);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::super::benchmarks::LoadEntry;
    use super::super::settings::RingSize;
    use super::*;
    use crate::plan::spec::Wakeup;

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
    #[case(
        "    placement:\n      lod: 5\n",
        "test.yaml:9: unknown key `lod` in `benchmarks[0].placement`",
        "did you mean `load`?"
    )]
    #[case(
        "    placement:\n      runner: 1\n      load: [0, x]\n",
        "test.yaml:10: `benchmarks[0].placement.load[1]`: invalid value `x`: expected numbers of CPUs from 0 to 8191, such as `0-1,4`",
        ""
    )]
    #[case(
        "    placement: {load: siblin}\n",
        "test.yaml:8: `benchmarks[0].placement.load`: invalid value `siblin`: did you mean `sibling`? expected one of sibling, other_core, same_node, other_node, other_package",
        ""
    )]
    #[case("    name: again\n", "test.yaml:2: key `name` stands twice in `benchmarks[0]`", "")]
    #[case("  - name: second\n", "test.yaml:8: missing key `program_type` in `benchmarks[1]`", "")]
    fn names_line_key_and_nearest_key(#[case] more: &str, #[case] message: &str, #[case] hint: &str) {
        let error = read(&format!("{EXAMPLE}{more}")).expect_err("invalid");
        assert!(error.to_string().ends_with(message), "{error}");
        assert!(error.hint().contains(hint), "{}", error.hint());
    }
}
