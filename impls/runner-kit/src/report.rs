//! The report for a person.

use crate::Args;
use crate::identity::Identity;
use crate::messages::{KernelCounters, Summary};
use crate::tally::Histogram;

/// What was measured, as text. The rate is of what was read until the runner decided to stop; all else counts what was
/// drained after that, too.
pub(crate) fn render(
    identity: Identity,
    args: &Args,
    summary: &Summary,
    delays: Option<&Histogram>,
) -> String {
    let KernelCounters { attempted, submitted, dropped, .. } = summary.kernel;
    let received = summary.user.received;
    let rate = summary.at_stop.received as f64 / (summary.elapsed_ns.max(1) as f64 / 1e9);
    let latency = delays.filter(|delays| !delays.is_empty()).map_or("none recorded".to_owned(), |delays| {
        format!("P50 {} ns, P99 {} ns", delays.value_at_quantile(0.5), delays.value_at_quantile(0.99))
    });
    let accounting = if attempted == submitted + dropped && submitted == received {
        "balanced".to_owned()
    } else {
        format!(
            "NOT BALANCED: attempted {attempted}, submitted {submitted}, dropped {dropped}, received {received}"
        )
    };
    let hint = match attempted {
        0 => "\nhint: nothing triggered the program; run `orchestrator load` in another terminal\n",
        _ => "",
    };
    format!(
        "{identity}\n\n\
         program      {} {}\n\
         events       {received} received of {attempted} attempted\n\
         dropped      {dropped}\n\
         throughput   {rate:.0} events/s\n\
         latency      {latency}\n\
         accounting   {accounting}\n{hint}",
        args.program_type.name, args.attach_target,
    )
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
        assert!(text.contains("\nevents       1234567 received of 1234600 attempted\n"), "{text}");
        assert!(text.contains("\nthroughput   7 events/s\n"), "{text}");
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
