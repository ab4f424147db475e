//! The report for a person.

use crate::Args;
use crate::messages::{Identity, KernelCounters, Summary};
use crate::tally::Histogram;

/// What was measured, as text.
pub(crate) fn render(
    identity: Identity,
    args: &Args,
    summary: &Summary,
    delays: Option<&Histogram>,
) -> String {
    let Summary { elapsed_ns, kernel, user, wakeups, at_stop, .. } = *summary;
    let seconds = elapsed_ns as f64 / 1e9;
    let dropped_percent = kernel.dropped as f64 * 100.0 / kernel.attempted.max(1) as f64;
    let latency = delays.filter(|delays| !delays.is_empty()).map_or("none recorded".to_owned(), |delays| {
        let quantiles = [("P50", 0.5), ("P95", 0.95), ("P99", 0.99), ("P99.9", 0.999), ("max", 1.0)];
        quantiles.map(|(name, at)| format!("{name} {} ns", grouped(delays.value_at_quantile(at)))).join(", ")
    });
    let balanced = kernel.attempted == kernel.submitted + kernel.dropped && kernel.submitted == user.received;
    let KernelCounters { attempted, submitted, dropped, .. } = kernel;
    let accounting = if balanced {
        "balanced".to_owned()
    } else {
        let received = user.received;
        format!(
            "NOT BALANCED: attempted {attempted}, submitted {submitted}, dropped {dropped}, received {received}"
        )
    };
    let hint = if kernel.attempted == 0 {
        "\nhint: nothing triggered the program; run `orchestrator load` in another terminal\n"
    } else {
        ""
    };
    format!(
        "{identity}\n\n\
         program      {} {}\n\
         elapsed      {seconds:.3} s\n\
         events       {} received of {} attempted\n\
         dropped      {} ({dropped_percent:.2} %)\n\
         throughput   {} events/s, {:.2} MB/s\n\
         wakeups      {}\n\
         latency      {latency}\n\
         accounting   {accounting}\n{hint}",
        args.program_type.name,
        args.attach_target,
        grouped(user.received),
        grouped(kernel.attempted),
        grouped(kernel.dropped),
        grouped(per_second(at_stop.received, elapsed_ns)),
        per_second(at_stop.bytes, elapsed_ns) as f64 / 1e6,
        grouped(wakeups),
    )
}

/// To the nearest whole.
fn per_second(amount: u64, elapsed_ns: u64) -> u64 {
    let elapsed_ns = u128::from(elapsed_ns.max(1));
    u64::try_from((u128::from(amount) * 1_000_000_000 + elapsed_ns / 2) / elapsed_ns).unwrap_or(u64::MAX)
}

/// A number with a comma before every three digits.
fn grouped(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1000), number % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Totals;

    const EXAMPLE: Identity =
        Identity { implementation: "example", framework: "none", framework_version: "1" };

    fn report(submitted: u64) -> String {
        let summary = Summary {
            elapsed_ns: 10_000_000_000,
            kernel: KernelCounters { attempted: 1_234_600, submitted, dropped: 33, dropped_marks: 7 },
            user: Totals { received: 1_234_567, bytes: 79_012_288, marks: 0 },
            at_stop: Totals { received: 70, bytes: 70_000_000, marks: 0 },
            ..Summary::default()
        };
        render(EXAMPLE, &Args::default(), &summary, None)
    }

    #[test]
    fn rates_are_of_what_was_read_until_the_runner_decided_to_stop() {
        let text = report(1_234_567);
        assert!(text.contains("\nevents       1,234,567 received of 1,234,600 attempted\n"), "{text}");
        assert!(text.contains("\nthroughput   7 events/s, 7.00 MB/s\n"), "{text}");
        assert!(text.ends_with("\nlatency      none recorded\naccounting   balanced\n"), "{text}");
    }

    #[test]
    fn says_when_the_counts_do_not_balance_or_when_there_are_none() {
        let unequal = "NOT BALANCED: attempted 1234600, submitted 5, dropped 33, received 1234567\n";
        assert!(report(5).ends_with(unequal));
        let nothing = render(EXAMPLE, &Args::default(), &Summary::default(), None);
        assert!(nothing.contains("hint: nothing triggered the program"), "{nothing}");
    }
}
