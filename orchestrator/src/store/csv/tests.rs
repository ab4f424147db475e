use super::*;
use crate::parse::Outcome;
use crate::store::testing::{finished, new_run, usual};

fn lines(csv: &str) -> Vec<Vec<&str>> {
    csv.lines().map(|line| line.split(',').collect()).collect()
}

#[test]
fn every_trial_has_a_line_and_unknown_is_empty() {
    let csv = trials_csv(&finished(new_run(2), usual));
    let lines = lines(&csv);
    assert_eq!(lines.len(), 1 + 8);
    let column = |name: &str| lines[0].iter().position(|heading| *heading == name).expect("has the column");
    assert_eq!(lines[1][column("outcome")], "completed");
    assert_eq!(lines[1][column("received")], "9900");
    assert_eq!(lines[1][column("major_faults")], "", "unknown, not 0");
    assert_eq!(lines[1][column("latency_p99_ns")], "");
    assert!(lines.iter().all(|line| line.len() == lines[0].len()));
}

#[test]
fn the_summary_has_a_line_for_each_quantity_with_its_ratio() {
    let csv = summary_csv(&finished(new_run(5), usual));
    let lines = lines(&csv);
    let column = |name: &str| lines[0].iter().position(|heading| *heading == name).expect("has the column");
    let b = lines
        .iter()
        .find(|line| line[column("label")] == "b" && line[column("quantity")] == "cpu_ns_per_event");
    let b = b.expect("has b's capacity");
    assert_eq!((b[column("reference")], b[column("verdict")], b[column("letters")]), ("a", "slower_by", "b"));
    let ratio: f64 = b[column("ratio")].parse().expect("a number");
    assert!((3.0..4.5).contains(&ratio));
}

#[test]
fn positions_say_what_waited_and_unknown_is_empty() {
    let counters = KernelCounters { attempted: 10, submitted: 9, dropped: 1, dropped_marks: 7 };
    let known = KernelReading {
        t_ns: 5,
        counters: Some(counters),
        produced: Some(648),
        consumed: Some(576),
        ..KernelReading::default()
    };
    let csv = positions_csv(&[known, KernelReading { t_ns: 6, ..KernelReading::default() }]);
    let heading = "t_ns,attempted,submitted,dropped,producer_position,consumer_position,backlog_bytes";
    assert_eq!(csv, format!("{heading}\n5,10,9,1,648,576,72\n6,,,,,,\n"));
}

#[test]
fn a_row_without_figures_has_one_line_and_texts_are_quoted() {
    let run = finished(new_run(2), |plan, trial| {
        let mut measurement = usual(plan, trial);
        if trial.label == "b" {
            let message = "no \"kprobes\", none".to_owned();
            measurement.outcome = Outcome::Unsupported { message, hint: None };
            (measurement.verdict, measurement.figures) = (None, Figures::default());
        }
        measurement
    });
    assert!(trials_csv(&run).contains(r#","no ""kprobes"", none","#));
    let summary = summary_csv(&run);
    let unsupported: Vec<_> = summary.lines().filter(|line| line.contains(",unsupported,")).collect();
    assert_eq!(unsupported.len(), 2, "one in each benchmark");
}
