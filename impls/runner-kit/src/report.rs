//! The report for a person.

use crate::histogram::Percentiles;
use crate::identity::Identity;
use crate::protocol::Summary;
use crate::{Args, ProgramType};

/// What was measured, as text.
#[must_use]
pub fn render(
    identity: &Identity,
    (program_type, attach_target): (ProgramType, &str),
    summary: &Summary,
    percentiles: Option<Percentiles>,
) -> String {
    let Summary { elapsed_ns, attempted, dropped, received, at_stop, wakeups, .. } = *summary;
    let seconds = elapsed_ns as f64 / 1e9;
    let per_second = |amount: u64| if elapsed_ns == 0 { 0.0 } else { amount as f64 / seconds };
    let dropped_percent = if attempted == 0 { 0.0 } else { dropped as f64 * 100.0 / attempted as f64 };
    let mut report = format!(
        "{identity}\n\n\
         program      {program_type} {attach_target}\n\
         elapsed      {seconds:.3} s\n\
         events       {} received of {} attempted\n\
         dropped      {} ({dropped_percent:.2} %)\n\
         throughput   {} events/s, {:.2} MB/s\n\
         wakeups      {}\n\
         latency      {}\n\
         accounting   {}\n",
        grouped(received),
        grouped(attempted),
        grouped(dropped),
        grouped(rounded(per_second(at_stop.received))),
        per_second(at_stop.bytes) / 1e6,
        grouped(wakeups),
        percentiles.map_or_else(|| "none recorded".to_owned(), latency),
        accounting(summary),
    );
    if attempted == 0 {
        report
            .push_str("\nhint: nothing triggered the program; run `orchestrator load` in another terminal\n");
    }
    report
}

/// The flags' part of a report.
#[must_use]
pub fn program(args: &Args) -> (ProgramType, &str) {
    (args.program_type, &args.attach_target)
}

fn latency(percentiles: Percentiles) -> String {
    let Percentiles { p50_ns, p95_ns, p99_ns, p999_ns, max_ns } = percentiles;
    format!(
        "P50 {} ns, P95 {} ns, P99 {} ns, P99.9 {} ns, max {} ns",
        grouped(p50_ns),
        grouped(p95_ns),
        grouped(p99_ns),
        grouped(p999_ns),
        grouped(max_ns)
    )
}

/// Whether both equations hold, and those that do not.
fn accounting(summary: &Summary) -> String {
    let Summary { attempted, submitted, dropped, received, .. } = *summary;
    let mut failed = Vec::new();
    if attempted != submitted + dropped {
        failed.push(format!("attempted {attempted} != submitted {submitted} + dropped {dropped}"));
    }
    if submitted != received {
        failed.push(format!("submitted {submitted} != received {received}"));
    }
    if failed.is_empty() { "balanced".to_owned() } else { format!("NOT BALANCED: {}", failed.join("; ")) }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is never negative and far below 2^53"
)]
fn rounded(rate: f64) -> u64 {
    rate.round() as u64
}

/// A number with a comma before every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Totals;

    const EXAMPLE: Identity =
        Identity { implementation: "example", framework: "example-bpf", framework_version: "1.2.3" };
    const EXPECTED: &str = include_str!("../../testdata/report.txt");

    fn example() -> Summary {
        Summary {
            elapsed_ns: 10_000_000_000,
            attempted: 1_234_600,
            submitted: 1_234_567,
            dropped: 33,
            received: 1_234_567,
            bytes: 79_012_288,
            at_stop: Totals { received: 1_234_567, bytes: 79_012_288, marks: 0 },
            wakeups: 12_345,
            ..Summary::default()
        }
    }

    fn report(summary: &Summary, percentiles: Option<Percentiles>) -> String {
        let program = (ProgramType::Tracepoint, "syscalls/sys_enter_openat2");
        render(&EXAMPLE, program, summary, percentiles)
    }

    const DELAYS: Option<Percentiles> =
        Some(Percentiles { p50_ns: 10_000, p95_ns: 20_000, p99_ns: 30_000, p999_ns: 40_000, max_ns: 50_000 });

    #[test]
    fn is_the_shared_report_byte_for_byte() {
        assert_eq!(report(&example(), DELAYS), EXPECTED);
    }

    #[test]
    fn hints_at_the_load_when_nothing_happened() {
        let text = report(&Summary { elapsed_ns: 1_000_000, ..Summary::default() }, None);
        assert!(text.contains("\nlatency      none recorded\n"), "{text}");
        assert!(text.contains("\ndropped      0 (0.00 %)\n"), "{text}");
        let end = "accounting   balanced\n\n\
                   hint: nothing triggered the program; run `orchestrator load` in another terminal\n";
        assert!(text.ends_with(end), "{text}");
    }

    #[test]
    fn rates_are_of_what_was_read_until_the_runner_decided_to_stop() {
        let at_stop = Totals { received: 70, bytes: 4480, marks: 0 };
        let text = report(&Summary { at_stop, ..example() }, DELAYS);
        assert!(text.contains("\nevents       1,234,567 received of"), "{text}");
        assert!(text.contains("\nthroughput   7 events/s, 0.00 MB/s\n"), "{text}");
    }

    #[test]
    fn names_every_equation_that_fails() {
        let summary = Summary { attempted: 5, submitted: 3, dropped: 1, received: 2, ..example() };
        let line =
            "accounting   NOT BALANCED: attempted 5 != submitted 3 + dropped 1; submitted 3 != received 2\n";
        assert!(report(&summary, DELAYS).ends_with(line));
    }

    #[test]
    fn groups_digits_by_three() {
        assert_eq!(["0", "999", "1,000", "1,234,567"], [0, 999, 1000, 1_234_567].map(grouped)[..]);
    }
}
