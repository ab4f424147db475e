//! What a timer's time does to the delay of events. The bounds are wide: they tell the policies apart on a busy machine too.

use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;

use crate::process::{Runner, lock_load, number, trigger};

/// The median delay of events that come at all times of the timer's period.
fn median_delay(wakeup: &str, span: Duration) -> Duration {
    let mut runner = Runner::start(&["--latency", "--wakeup", wakeup]);
    runner.expect_message("ready");
    let start = Instant::now();
    let mut triggers = 0;
    while start.elapsed() < span {
        trigger(1);
        triggers += 1;
        thread::sleep(Duration::from_micros(730));
    }
    let (summary, _) = runner.stop();
    assert_eq!(number(&summary, "received"), triggers, "{wakeup}: {summary}");
    assert_eq!(number(&summary, "wakeups"), 0, "{wakeup}: {summary}");
    let text = summary["latency"].as_str().expect("`--latency` was asked for");
    let bytes = STANDARD.decode(text).expect("the histogram is base64");
    let delays: Histogram<u64> =
        Deserializer::new().deserialize(&mut bytes.as_slice()).expect("the histogram is V2 compressed");
    assert_eq!(delays.len(), triggers);
    Duration::from_nanos(delays.value_at_quantile(0.5))
}

#[test]
fn a_timer_looks_after_its_time_and_not_before() {
    let Some(_load) = lock_load() else { return };
    for (wakeup, millis) in [("timer:1ms", 1), ("timer:10ms", 10), ("none", 10), ("timer:400ms", 400)] {
        let median = median_delay(wakeup, Duration::from_millis(400.max(millis * 3)));
        let expected = Duration::from_millis(millis) / 2;
        assert!(median >= expected * 2 / 3, "{wakeup}: {median:?}");
        assert!(median <= expected * 3 + Duration::from_millis(3), "{wakeup}: {median:?}");
    }
}
