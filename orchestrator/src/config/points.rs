//! The points of a sweep: a benchmark for each value of a setting.

use std::path::PathBuf;

use super::benchmarks::BenchmarkEntry;
use super::error::Error;
use super::origin::Origin;
use super::place::Place;
use super::settings::{
    Batch, BurstTriggers, Busy, KeepOneIn, Lookups, Programs, Rate, RecordSize, RingSize, Threads, Work,
};
use super::sweep::{Sweep, SweptPoint, Word};
use super::topology::Topology;
use super::value::Seconds;
use crate::facts::{Axis, DefaultSweep, DefaultValues};
use crate::plan::spec::{Point, Question};

/// So many threads a load may have (`settings::Threads`).
const MOST_THREADS: usize = 256;

/// Sets what a word stands for, and answers it as a number.
type Setter = fn(&mut BenchmarkEntry, &str) -> Result<f64, String>;

/// The setter of an axis.
fn setter(axis: Axis) -> Setter {
    match axis {
        Axis::RingSize => |entry, word| set(&mut entry.ring_size, word, |size: RingSize| number(size.0)),
        Axis::RecordSize => {
            |entry, word| set(&mut entry.record_size, word, |size: RecordSize| f64::from(size.0))
        }
        Axis::Batch => |entry, word| set(&mut entry.batch, word, |batch: Batch| f64::from(batch.0)),
        Axis::Work => |entry, word| set(&mut entry.work, word, |work: Work| f64::from(work.0)),
        Axis::Lookups => |entry, word| set(&mut entry.lookups, word, |lookups: Lookups| f64::from(lookups.0)),
        Axis::KeepOneIn => {
            |entry, word| set(&mut entry.keep_one_in, word, |number: KeepOneIn| f64::from(number.0))
        }
        Axis::Programs => {
            |entry, word| set(&mut entry.programs, word, |programs: Programs| f64::from(programs.0))
        }
        Axis::Busy => |entry, word| set(&mut entry.load.busy, word, |busy: Busy| f64::from(busy.0)),
        Axis::Rate => |entry, word| set(&mut entry.load.rate, word, |rate: Rate| number(rate.0)),
        Axis::Burst => |entry, word| set(&mut entry.load.burst, word, |burst: BurstTriggers| number(burst.0)),
        Axis::Pause => |entry, word| set(&mut entry.load.pause, word, |pause: Seconds| pause.0.as_secs_f64()),
        Axis::Threads => {
            |entry, word| set(&mut entry.load.threads, word, |threads: Threads| f64::from(threads.0))
        }
    }
}

fn set<T: std::str::FromStr<Err = String> + Copy>(
    setting: &mut Option<T>,
    word: &str,
    number: impl Fn(T) -> f64,
) -> Result<f64, String> {
    let value: T = word.parse()?;
    *setting = Some(value);
    Ok(number(value))
}

/// Every setting's limit is below 2^32.
fn number(value: u64) -> f64 {
    u32::try_from(value).map_or(f64::INFINITY, f64::from)
}

impl SweptPoint {
    /// The point, if `entry` still has its value.
    #[must_use]
    pub fn of(&self, entry: &BenchmarkEntry) -> Option<Point> {
        let mut again = entry.clone();
        setter(self.axis)(&mut again, &self.word.0).ok()?;
        (again == *entry).then(|| self.point.clone())
    }
}

/// One entry for each value of the entry's sweep, or the entry itself. A question that is asked as a curve has a sweep of its own,
/// unless the entry says otherwise.
pub fn expand(mut entry: BenchmarkEntry, origin: Option<&Origin>) -> Result<Vec<BenchmarkEntry>, Error> {
    let usual = usual_sweep(&entry);
    let Some(Sweep { over, values }) = entry.sweep.take().or(usual) else { return Ok(vec![entry]) };
    let invalid = |place: Option<Place>, message: String, hint: &str| {
        let place = place.unwrap_or_else(|| Place { path: PathBuf::from(&entry.name), line: None });
        Error::Invalid { place, message, hint: hint.to_owned() }
    };
    if values.is_empty() {
        let message = "`sweep.values` is empty".to_owned();
        return Err(invalid(
            origin.map(|origin| origin.place("sweep.values")),
            message,
            "name the values, such as `[1, 10, 100]`",
        ));
    }
    let key = over.facts().key;
    if let Some(origin) = origin.filter(|origin| origin.has(key)) {
        let message = format!("`{key}` is given beside `sweep.over: {over}`");
        return Err(invalid(Some(origin.place(key)), message, "remove the one or the other"));
    }
    let mut points: Vec<BenchmarkEntry> = Vec::new();
    for (index, word) in values.into_iter().enumerate() {
        let wrong = |reason: String| {
            let message = format!("invalid value `{}` in `sweep.values`: {reason}", word.0);
            let hint = "see `configs/README.md` for every key, its type and its default";
            invalid(origin.map(|origin| origin.place_of_item("sweep.values", index)), message, hint)
        };
        let mut point = entry.clone();
        let x = setter(over)(&mut point, &word.0).map_err(wrong)?;
        if points
            .iter()
            .filter_map(|earlier| earlier.point.as_ref())
            .any(|earlier| earlier.point.x.total_cmp(&x).is_eq())
        {
            return Err(wrong("it stands twice".to_owned()));
        }
        point.name = format!("{} {over}={}", entry.name, word.0);
        let of_series = Point { series: entry.name.clone(), axis: over.to_string(), x };
        point.point = Some(SweptPoint { axis: over, word, point: of_series });
        points.push(point);
    }
    Ok(points)
}

/// The sweep that goes with the entry's question; none where the entry sets the value itself.
fn usual_sweep(entry: &BenchmarkEntry) -> Option<Sweep> {
    let question = entry.question.unwrap_or_else(|| Question::asked_by(&entry.metrics));
    let usual = question.facts().sweep?;
    let other_pattern = entry.load.pattern.is_some_and(|pattern| pattern != question.facts().load);
    let has_no_rate = other_pattern && matches!(usual.axis, Axis::Rate | Axis::Busy);
    let is_single = has_no_rate || is_set(entry, usual.axis);
    (!is_single).then(|| Sweep::usual(usual))
}

impl Sweep {
    /// The values that go with a question.
    #[must_use]
    pub fn usual(usual: DefaultSweep) -> Self {
        let values = match usual.values {
            DefaultValues::Words(words) => words.iter().map(|word| Word::new(word)).collect(),
            DefaultValues::UpToCpus => levels(Topology::read().cpus.len().min(MOST_THREADS)),
        };
        Self { over: usual.axis, values }
    }
}

fn is_set(entry: &BenchmarkEntry, axis: Axis) -> bool {
    match axis {
        Axis::RingSize => entry.ring_size.is_some(),
        Axis::RecordSize => entry.record_size.is_some(),
        Axis::Batch => entry.batch.is_some(),
        Axis::Work => entry.work.is_some(),
        Axis::Lookups => entry.lookups.is_some(),
        Axis::KeepOneIn => entry.keep_one_in.is_some(),
        Axis::Programs => entry.programs.is_some(),
        Axis::Busy => entry.load.busy.is_some(),
        Axis::Rate => entry.load.rate.is_some(),
        Axis::Burst => entry.load.burst.is_some(),
        Axis::Pause => entry.load.pause.is_some(),
        Axis::Threads => entry.load.threads.is_some(),
    }
}

/// 1, 2, 4 and so on up to the number of CPUs, and that number.
fn levels(cpus: usize) -> Vec<Word> {
    let powers = std::iter::successors(Some(1_usize), |level| Some(level * 2));
    let mut levels: Vec<usize> = powers.take_while(|level| *level < cpus).collect();
    levels.push(cpus.max(1));
    levels.iter().map(|level| Word::new(&level.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::read_benchmarks;
    use super::*;

    fn read(sweep: &str) -> Result<Vec<BenchmarkEntry>, Error> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("test.yaml");
        let entry = "benchmarks:\n  - name: sizes\n    program_type: kprobe\n    data_mechanism: ring_buffer\n    \
                     event_source: sys_enter_openat\n    duration_seconds: 1\n    metrics: [throughput]\n";
        std::fs::write(&path, format!("{entry}{sweep}\n")).expect("a file");
        read_benchmarks(&path)
    }

    #[test]
    fn a_sweep_is_a_benchmark_for_each_value() {
        let points = read("    sweep: {over: ring_size, values: [64KiB, 1048576]}").expect("valid");
        let names: Vec<_> = points.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["sizes ring_size=64KiB", "sizes ring_size=1048576"]);
        assert_eq!(points[1].ring_size, Some(RingSize(1 << 20)));
        let point = points[0].point.as_ref().and_then(|point| point.of(&points[0])).expect("a point");
        assert_eq!(point, Point { series: "sizes".into(), axis: "ring_size".into(), x: 65536.0 });
    }

    #[rstest]
    #[case("ring_size", "4KiB")]
    #[case("record_size", "128")]
    #[case("batch", "7")]
    #[case("work", "7")]
    #[case("rate", "7")]
    #[case("lookups", "7")]
    #[case("busy", "7")]
    #[case("programs", "7")]
    #[case("keep_one_in", "7")]
    #[case("burst", "7")]
    #[case("pause", "7ms")]
    #[case("threads", "2")]
    fn every_axis_sets_something(#[case] axis: &str, #[case] value: &str) {
        let swept =
            read(&format!("    sweep: {{over: {axis}, values: [{value}]}}")).expect("valid").remove(0);
        let plain = read("").expect("valid").remove(0);
        let bare = BenchmarkEntry {
            name: plain.name.clone(),
            point: None,
            origin: plain.origin.clone(),
            ..swept.clone()
        };
        assert_ne!(bare, plain);
        assert!(swept.point.as_ref().is_some_and(|point| point.of(&swept).is_some()));
    }

    #[rstest]
    #[case("", &["sizes work=0", "sizes work=10", "sizes work=100", "sizes work=1000", "sizes work=10000"])]
    #[case("    work: 7", &["sizes"])]
    #[case("    sweep: {over: batch, values: [1, 2]}", &["sizes batch=1", "sizes batch=2"])]
    fn a_question_that_is_a_curve_is_asked_as_one_unless_the_value_is_set(
        #[case] more: &str,
        #[case] names: &[&str],
    ) {
        let entries = read(&format!("    question: complexity\n{more}")).expect("valid");
        assert_eq!(entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), names);
    }

    #[test]
    fn another_pattern_has_no_rate_to_sweep() {
        let entries = read("    question: drop_curve\n    load: {pattern: closed}").expect("valid");
        assert_eq!(entries.len(), 1);
    }

    #[test]
    fn levels_go_up_by_twos_to_the_number_of_cpus() {
        let words = |cpus| levels(cpus).into_iter().map(|word| word.0).collect::<Vec<_>>().join(" ");
        assert_eq!([1, 2, 6, 32].map(words), ["1", "1 2", "1 2 4 6", "1 2 4 8 16 32"]);
    }

    #[rstest]
    #[case("    sweep: {over: ring_size, values: []}", "test.yaml:8: `sweep.values` is empty")]
    #[case(
        "    sweep:\n      over: ring_size\n      values:\n        - 4096\n        - 5000",
        "test.yaml:12: invalid value `5000` in `sweep.values`: expected a power of two"
    )]
    #[case(
        "    sweep: {over: batch, values: [1,\n      1]}",
        "test.yaml:9: invalid value `1` in `sweep.values`: it stands twice"
    )]
    #[case(
        "    batch: 2\n    sweep: {over: batch, values: [1]}",
        "test.yaml:8: `batch` is given beside `sweep.over: batch`"
    )]
    #[case(
        "    sweep:\n      over: rings\n      values: [1]",
        "test.yaml:9: unknown value `rings` for `benchmarks[0].sweep.over`"
    )]
    #[case(
        "    sweep: {over: batch, value: [1]}",
        "test.yaml:8: unknown key `value` in `benchmarks[0].sweep`"
    )]
    fn a_wrong_sweep_names_file_line_and_key(#[case] sweep: &str, #[case] message: &str) {
        let error = read(sweep).expect_err("invalid").to_string();
        assert!(error.contains(message), "{error}");
    }
}
