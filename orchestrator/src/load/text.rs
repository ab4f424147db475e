//! The load's output for a person.

use super::clock::SECOND_NS;
use super::options::LoadOptions;
use super::report::LoadMessage;
use super::tally::{OpenTally, Tally};
use super::trigger;
use crate::plan::{LoadPattern, LoadSpec};

/// A standstill that is worth a word: it makes a trial invalid.
const NOTABLE_GAP_NS: u64 = 100_000_000;

/// What is said before the report; empty if there is nothing to say.
pub(super) fn announcement(message: &LoadMessage, options: &LoadOptions) -> String {
    match message {
        LoadMessage::Paused { pid } => format!("pid {pid}, waiting: press Enter to start\n"),
        LoadMessage::Started { .. } => {
            format!("{}; Ctrl-C stops early\n", describe(&options.spec, &options.cpus))
        }
        LoadMessage::BurstEnded => "burst ended, waiting: press Enter for the next\n".to_owned(),
        LoadMessage::Piece(piece) => format!(
            "{} a second: {} issued, {} missed; waiting for the next `piece RATE MILLISECONDS`\n",
            grouped(piece.rate_per_sec),
            grouped(piece.issued),
            grouped(piece.missed)
        ),
        LoadMessage::Warmed(_) | LoadMessage::Report(_) => String::new(),
    }
}

/// One line that says what the load does.
fn describe(spec: &LoadSpec, cpus: &[u32]) -> String {
    let call = trigger::describe(spec.trigger);
    let pattern = match spec.pattern {
        LoadPattern::Closed => "as fast as possible".to_owned(),
        LoadPattern::Open { rate_per_sec } => format!("{} a second", grouped(rate_per_sec)),
        LoadPattern::Bursts { triggers, pause_ns } => {
            format!("in bursts of {} with pauses of {}", grouped(triggers), short_time(pause_ns))
        }
        LoadPattern::Ladder => "at rates that it is told".to_owned(),
        LoadPattern::Beside { rate_per_sec, busy } => {
            format!("one thread {} a second beside {busy} as fast as possible", grouped(rate_per_sec))
        }
    };
    let threads = if spec.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", spec.threads) };
    let cpus: Vec<String> = cpus.iter().map(u32::to_string).collect();
    let place = if cpus.is_empty() { String::new() } else { format!(" on CPU {}", cpus.join(",")) };
    format!("{call}, {pattern}, {threads}{place}")
}

/// The report as a table of two columns.
pub(super) fn report(total: &Tally) -> String {
    let elapsed_ns = total.ended_ns.saturating_sub(total.started_ns);
    let mut rows = vec![
        ("triggers", grouped(total.sent.issued)),
        ("elapsed", short_time(elapsed_ns)),
        ("rate", format!("{} a second", per_second(total.sent.issued, elapsed_ns))),
        (
            "CPU time",
            format!("{} user, {} system", short_time(total.cpu.user_ns), short_time(total.cpu.system_ns)),
        ),
    ];
    if total.sent.kept < total.sent.issued {
        rows.insert(1, ("kept", format!("{} by the program's filter", grouped(total.sent.kept))));
    }
    // Less is what a scheduler does all the time.
    if total.longest_gap_ns >= NOTABLE_GAP_NS {
        rows.push(("standstill", format!("{} at the longest", short_time(total.longest_gap_ns))));
    }
    if let Some(bursts) = total.bursts {
        rows.push(("full bursts", grouped(bursts)));
    }
    if let Some(open) = &total.open {
        rows.extend(open_rows(open));
    }
    if total.unexpected > 0 {
        rows.push(("unexpected", format!("{} calls returned something else", grouped(total.unexpected))));
    }
    rows.iter().fold(String::new(), |table, (name, value)| table + &format!("{name:<12} {value}\n"))
}

fn open_rows(open: &OpenTally) -> [(&'static str, String); 3] {
    let at = |percentile| short_time(open.lateness.value_at_percentile(percentile));
    [
        ("late", format!("{} by more than a period", grouped(open.late))),
        ("missed", grouped(open.missed)),
        ("lateness", format!("P50 {}, P99 {}, max {}", at(50.0), at(99.0), at(100.0))),
    ]
}

fn per_second(count: u64, elapsed_ns: u64) -> String {
    let rate = u128::from(count) * u128::from(SECOND_NS) / u128::from(elapsed_ns.max(1));
    u64::try_from(rate).map_or_else(|_| "?".to_owned(), grouped)
}

/// A time in the unit that suits its size.
fn short_time(ns: u64) -> String {
    let (unit_ns, unit) = match ns {
        0..1_000 => return format!("{ns} ns"),
        1_000..1_000_000 => (1e3, "µs"),
        1_000_000..SECOND_NS => (1e6, "ms"),
        SECOND_NS.. => (1e9, "s"),
    };
    format!("{:.2} {unit}", ns as f64 / unit_ns)
}

/// A number with commas between groups of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.char_indices() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Output;
    use crate::load::tally::{CpuTime, Sent};
    use crate::plan::Trigger;

    fn options(pattern: LoadPattern) -> LoadOptions {
        LoadOptions {
            spec: LoadSpec {
                pattern,
                trigger: Trigger::CHEAPEST,
                threads: 2,
                duration_ns: SECOND_NS,
                count: None,
                keep_one_in: 1,
            },
            cpus: vec![0, 1],
            paused: false,
            paced: false,
            output: Output::Text,
        }
    }

    fn tally(pattern: LoadPattern) -> Tally {
        Tally {
            sent: Sent { issued: 1_234_567, cookies: 7, kept: 1_234_567, kept_cookies: 7 },
            started_ns: 5,
            ended_ns: 2_500_000_005,
            cpu: CpuTime { user_ns: 250_000_000, system_ns: 2_000_000_000 },
            ..Tally::new(&pattern)
        }
    }

    #[test]
    fn says_what_it_will_do() {
        let options = options(LoadPattern::Bursts { triggers: 1000, pause_ns: 20_000_000 });
        insta::assert_snapshot!(announcement(&LoadMessage::Started { t_ns: 1 }, &options), @"openat2 that fails at once, in bursts of 1,000 with pauses of 20.00 ms, 2 threads on CPU 0,1; Ctrl-C stops early");
    }

    #[test]
    fn reports_a_closed_loop() {
        let mut filtered = tally(LoadPattern::Closed);
        filtered.sent.kept = 123_456;
        assert!(report(&filtered).contains("kept         123,456 by the program's filter\n"));
        insta::assert_snapshot!(report(&tally(LoadPattern::Closed)), @r"
        triggers     1,234,567
        elapsed      2.50 s
        rate         493,826 a second
        CPU time     250.00 ms user, 2.00 s system
        ");
    }

    #[test]
    fn reports_bursts_and_unexpected_results() {
        let pattern = LoadPattern::Bursts { triggers: 1000, pause_ns: 1 };
        let tally =
            Tally { bursts: Some(1234), unexpected: 7, longest_gap_ns: 306_000_000, ..tally(pattern) };
        insta::assert_snapshot!(report(&tally), @r"
        triggers     1,234,567
        elapsed      2.50 s
        rate         493,826 a second
        CPU time     250.00 ms user, 2.00 s system
        standstill   306.00 ms at the longest
        full bursts  1,234
        unexpected   7 calls returned something else
        ");
    }

    #[test]
    fn reports_an_open_loop() {
        let mut tally = tally(LoadPattern::Open { rate_per_sec: 10_000 });
        let open = tally.open.as_mut().unwrap();
        open.late = 12;
        open.missed = 3;
        for lateness_ns in [80, 90, 100, 2_000_000] {
            open.lateness.record(lateness_ns).unwrap();
        }
        insta::assert_snapshot!(report(&tally), @r"
        triggers     1,234,567
        elapsed      2.50 s
        rate         493,826 a second
        CPU time     250.00 ms user, 2.00 s system
        late         12 by more than a period
        missed       3
        lateness     P50 90 ns, P99 2.00 ms, max 2.00 ms
        ");
    }
}
