//! Little's law: what waits on the average, over what arrives, is how long each waits on the average. A histogram of delays that were
//! made up, shortened or left out says less.

use hdrhistogram::Histogram;

use super::equation::{Equation, at_most};
use super::evidence::Evidence;
use crate::parse::quiet::Quiet;
use crate::plan::LoadPattern;
use crate::sample::Glances;
use crate::supervise::KernelReading;

/// A mean delay of less than this share of what the buffer shows is not believed. A record waits until it is released, and its delay is read
/// before.
const SHARE: f64 = 0.6;
/// So many standard errors of what the looks show are chance, on top of the share: to fail by chance alone, 100 records that wait must be
/// seen 216 times.
const ERRORS: f64 = 2.0;

pub(super) fn equation(evidence: &Evidence<'_>, delays: &Histogram<u64>) -> Option<Equation> {
    let record = evidence.record;
    // Delays of a warm-up are in the histogram, and nobody looked then.
    if record.warm_up.is_some() {
        return None;
    }
    let load = record.load.as_ref()?;
    let (released, settled) = (record.readings.released?, record.readings.settled?);
    let window_ns = load.ended_ns.checked_sub(load.started_ns).filter(|window| *window > 0)? as f64;
    // Nothing looks while a program runs on the processor of the one who looks: the look comes when the call is over, and finds all
    // records of the trigger where some were not there yet.
    let calling = match evidence.benchmark.load.pattern {
        // Nobody times the calls of a thread that does nothing else.
        LoadPattern::Beside { busy: 1.., .. } => 1.0,
        _ => load.call_ns.map_or(0.0, |call_ns| (call_ns as f64 / window_ns).min(1.0)),
    };
    let noun = evidence.benchmark.mechanism.facts().noun;
    let seen = Seen {
        glances: record.readings.glances?,
        bytes: settled.produced_since(&released)?,
        window_ns,
        calling,
    };
    seen.held_against(evidence, delays, "little", noun)
}

/// The same of the quiet ring alone, which is a small part of the sum.
pub(super) fn of_quiet(evidence: &Evidence<'_>, quiet: &Quiet) -> Option<Equation> {
    let readings = &evidence.record.readings;
    let load = evidence.record.load.as_ref()?;
    let ring_at = |at: &KernelReading| readings.rings_at(at).iter().find(|ring| ring.cpu == quiet.cpu);
    let (released, settled) = (ring_at(readings.released.as_ref()?)?, ring_at(readings.settled.as_ref()?)?);
    let window_ns = load.ended_ns.checked_sub(load.started_ns).filter(|window| *window > 0)? as f64;
    let seen = Seen {
        glances: readings.ring_glances.iter().find(|seen| seen.cpu == quiet.cpu)?.glances,
        bytes: settled.produced.checked_sub(released.produced)?,
        window_ns,
        calling: load.call_ns.map_or(0.0, |call_ns| (call_ns as f64 / window_ns).min(1.0)),
    };
    let noun = format!("quiet {}", evidence.benchmark.mechanism.facts().noun);
    seen.held_against(evidence, quiet.delays.as_ref()?, "little_quiet", &noun)
}

/// What waited in a buffer, and what came into it meanwhile.
struct Seen {
    glances: Glances,
    /// What came.
    bytes: u64,
    window_ns: f64,
    /// Share of the time in which the program ran that fills it.
    calling: f64,
}

impl Seen {
    fn held_against(
        &self,
        evidence: &Evidence<'_>,
        delays: &Histogram<u64>,
        name: &str,
        noun: &str,
    ) -> Option<Equation> {
        let (mean, error) = self.glances.mean()?;
        if self.bytes == 0 {
            return None;
        }
        let settings = &evidence.benchmark.runner;
        let others = evidence.benchmark.slots().bytes(u64::from(settings.batch).saturating_sub(1)) as f64;
        let mean = (mean - self.calling * others).max(0.0);
        // Bytes over bytes a nanosecond.
        let of_a_byte = self.window_ns / self.bytes as f64;
        let (waited_ns, error_ns) = (mean * of_a_byte, error * of_a_byte);
        let least_ns = (waited_ns * SHARE - error_ns * ERRORS).max(0.0);
        let said_ns = delays.mean();
        Some(at_most(
            name,
            format!(
                "{SHARE} x {:.1} us, the mean delay by {} looks at the {noun} of which {} found something, less {ERRORS} x {:.1} us",
                waited_ns / 1e3,
                self.glances.looks,
                self.glances.waiting,
                error_ns / 1e3
            ),
            format!("mean delay told {:.1} us", said_ns / 1e3),
            Some(said_ns >= least_ns),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::accounting::Verdict;
    use crate::parse::testing::{SECOND, benchmark, record, summary_line};
    use crate::parse::{Format, encode_histogram, measure};
    use crate::plan::Question;
    use crate::supervise::TrialRecord;

    /// 9,900 records in two seconds, `waiting` of 1,000 looks at one of them, and delays of `delay_ns` and a little more.
    fn looked_at(waiting: u64, delay_ns: u64) -> TrialRecord {
        let mut record = record();
        let reading = |records: u64| {
            let position = Some(records * 72);
            Some(KernelReading { produced: position, consumed: position, ..KernelReading::default() })
        };
        (record.readings.released, record.readings.settled) = (reading(0), reading(9_900));
        let mut glances = Glances::default();
        (0..1_000).for_each(|look| glances.add(if look < waiting { 72 } else { 0 }));
        record.readings.glances = Some(glances);
        let mut delays = Histogram::<u64>::new_with_bounds(1, 60 * SECOND, 3).expect("bounds");
        (0..9_900).for_each(|sample| delays.record(delay_ns + sample % 101).expect("within bounds"));
        record.stdout.last_mut().expect("summary").line =
            summary_line(10_000, 100, Some(&encode_histogram(&delays)));
        record
    }

    fn failed(record: &TrialRecord) -> Vec<String> {
        match measure(record, &benchmark(Question::Latency), &Format::Protocol).verdict {
            Some(Verdict::Invalid { failed }) => failed,
            _ => Vec::new(),
        }
    }

    #[test]
    fn delays_that_were_shortened_are_less_than_what_the_ring_shows() {
        // 0.5 records wait on the average, of 4,950 a second: 101 µs. 500 looks are off by 4.5 %.
        assert_eq!(failed(&looked_at(500, 101_000)), Vec::<String>::new());
        assert_eq!(failed(&looked_at(500, 52_000)), Vec::<String>::new(), "60.6 less 9.0 is 51.6");
        assert_eq!(
            failed(&looked_at(500, 40_400)),
            [
                "0.6 x 101.0 us, the mean delay by 1000 looks at the ring of which 500 found something, less 2 x 4.5 us > mean delay told \
                 40.5 us"
            ]
        );
        assert_eq!(failed(&looked_at(10, 1_000)), Vec::<String>::new(), "10 looks may be chance");
        // A load that was in its calls for 24 ms of two seconds kept as many looks off until there were nine records more.
        let mut kept_off = looked_at(500, 40_400);
        kept_off.load.as_mut().expect("load").call_ns = Some(24_000_000);
        assert_eq!(failed(&kept_off), Vec::<String>::new(), "0.5 records less 0.108: 47.5 less 9.0 is 38.5");
    }
}
