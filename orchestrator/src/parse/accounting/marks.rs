//! The marks, end to end: the load knows all cookies, the program adds up what it dropped, the consumer what it read (docs/PROTOCOL.md,
//! Marks). None of them knows another's part, so that their sums agree only when a record of every trigger
//! was read: with a batch above 1 the marks of a trigger follow from its first (docs/METHODOLOGY.md).

use super::equation::{Equation, equal, term, unknown};
use super::evidence::Evidence;
use crate::facts::Cookie;
use crate::plan::Benchmark;

pub(super) fn equation(evidence: &Evidence<'_>) -> Option<Equation> {
    let counts = evidence.counts;
    let missed = counts.missed.unwrap_or(0);
    if missed > 0 {
        let right =
            format!("marks received + marks dropped ({missed} runs were skipped, nobody knows which)");
        return Some(unknown("marks", "marks of the load", right));
    }
    let cookie = cookie(evidence.benchmark);
    if cookie == Cookie::Unknown {
        let right = format!(
            "marks received + marks dropped (the first argument of `{}` is no cookie)",
            evidence.benchmark.attach_target.as_deref().unwrap_or_default()
        );
        return Some(unknown("marks", "marks of the load", right));
    }
    let load = evidence.record.load.as_ref()?;
    let cookies = match cookie {
        Cookie::Zero => Some(0),
        _ => load.kept_cookies_of_all(),
    };
    let sent = cookies.zip(counts.kept).map(|(cookies, kept)| {
        let batch = u64::from(evidence.benchmark.runner.batch);
        let within = batch * (batch - 1) / 2;
        batch.wrapping_mul(cookies).wrapping_add(kept.wrapping_mul(within))
    });
    let arrived = counts.marks.zip(counts.dropped_marks).map(|(read, dropped)| read.wrapping_add(dropped));
    Some(equal(
        "marks",
        (term("marks of the load", sent), sent),
        (
            format!(
                "{} + {}",
                term("marks received", counts.marks),
                term("marks dropped", counts.dropped_marks)
            ),
            arrived,
        ),
    ))
}

fn cookie(benchmark: &Benchmark) -> Cookie {
    let target = benchmark.attach_target.as_deref();
    target.map_or(Cookie::OfLoad, |target| benchmark.program_type.facts().target.cookie(target))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::parse::testing::benchmark;
    use crate::plan::{ProgramType, Question};

    #[rstest]
    #[case(ProgramType::Tracepoint, None, Cookie::OfLoad)]
    #[case(ProgramType::Tracepoint, Some("syscalls/sys_enter_openat"), Cookie::OfLoad)]
    #[case(ProgramType::Tracepoint, Some("raw_syscalls/sys_enter"), Cookie::OfLoad)]
    #[case(ProgramType::Tracepoint, Some("syscalls/sys_exit_openat2"), Cookie::Zero)]
    #[case(ProgramType::RawTracepoint, Some("sys_enter"), Cookie::OfLoad)]
    #[case(ProgramType::Kprobe, Some("__arm64_sys_openat2"), Cookie::OfLoad)]
    #[case(ProgramType::Kprobe, Some("do_sys_openat2"), Cookie::OfLoad)]
    #[case(ProgramType::Fentry, Some("do_filp_open"), Cookie::Unknown)]
    fn where_the_cookie_is(
        #[case] program_type: ProgramType,
        #[case] target: Option<&str>,
        #[case] expected: Cookie,
    ) {
        let attach_target = target.map(str::to_owned);
        let benchmark = Benchmark { program_type, attach_target, ..benchmark(Question::Capacity) };
        assert_eq!(cookie(&benchmark), expected);
    }
}
