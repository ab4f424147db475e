use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::load::clock::SECOND_NS;
use crate::plan::{LoadShape, Syscall, SystemCall, Trigger};

fn spec(pattern: LoadPattern, threads: u32, duration_ns: u64, count: Option<u64>) -> LoadSpec {
    LoadSpec { pattern, trigger: Trigger::CHEAPEST, threads, duration_ns, count, keep_one_in: 1 }
}

/// Runs a load to its end.
fn run(spec: &LoadSpec) -> Tally {
    let crew = Crew::new(spec, false);
    thread::scope(|scope| {
        let started = crew.start(scope, &[]).expect("threads start");
        crew.release(now_ns());
        started.join()
    })
}

#[rstest]
fn count_is_exact(#[values(23, 1_000_003)] count: u64, #[values(1, 2, 3, 4)] threads: u32) {
    let tally = run(&spec(LoadPattern::Closed, threads, u64::MAX, Some(count)));
    assert_eq!((tally.sent.issued, tally.unexpected), (count, 0));
    assert!(tally.started_ns < tally.ended_ns);
}

#[rstest]
fn every_kind_of_call_succeeds(
    #[values(Syscall::Openat2, Syscall::Openat)] syscall: Syscall,
    #[values(LoadShape::FailFast, LoadShape::OpenClose)] shape: LoadShape,
) {
    let trigger = Trigger::SystemCall(SystemCall { shape, syscall });
    let spec = LoadSpec { trigger, ..spec(LoadPattern::Closed, 2, u64::MAX, Some(2_001)) };
    let tally = run(&spec);
    assert_eq!((tally.sent.issued, tally.unexpected), (2_001, 0));
}

#[test]
fn closed_loop_ends_with_the_duration() {
    let before_ns = now_ns();
    let tally = run(&spec(LoadPattern::Closed, 1, 200_000_000, None));
    assert!(tally.sent.issued > 0);
    // From the moment of the release on: the thread itself may be late.
    assert!(tally.ended_ns - before_ns >= 200_000_000);
}

#[test]
fn unreachable_schedule_is_missed_not_stretched() {
    // One trigger a nanosecond.
    let tally = run(&spec(LoadPattern::Open { rate_per_sec: SECOND_NS }, 2, 100_000_000, None));
    let open = tally.open.expect("an open loop");
    assert!(open.missed > 0 && open.late > 0);
    assert_eq!(tally.sent.issued + open.missed, 100_000_000);
}

#[test]
fn early_stop_shortens_the_schedule() {
    let spec = spec(LoadPattern::Open { rate_per_sec: 1 }, 2, 3600 * SECOND_NS, None);
    let crew = Crew::new(&spec, false);
    let tally = thread::scope(|scope| {
        let started = crew.start(scope, &[]).expect("threads start");
        crew.release(now_ns() - SECOND_NS / 2);
        crew.stop();
        started.join()
    });
    // Only the slot at the start was due; it was issued, or stopped before and then missed.
    assert_eq!(tally.sent.issued + tally.open.expect("an open loop").missed, 1);
}

#[test]
fn crew_that_is_never_released_issues_nothing() {
    let spec = spec(LoadPattern::Closed, 2, SECOND_NS, None);
    let crew = Crew::new(&spec, false);
    thread::scope(|scope| {
        let started = crew.start(scope, &[]).expect("threads start");
        crew.stop();
        assert!(started.threads.into_iter().all(|thread| thread.join().unwrap().is_none()));
    });
}

#[test]
fn cpu_that_does_not_exist_is_an_error() {
    let spec = spec(LoadPattern::Closed, 2, SECOND_NS, None);
    let crew = Crew::new(&spec, false);
    thread::scope(|scope| {
        let result = crew.start(scope, &[0, 4095]);
        crew.stop();
        assert!(matches!(result, Err(Error::PinFailed { cpu: 4095, .. })));
    });
}

#[rstest]
fn warm_up_is_counted_apart(
    #[values(LoadPattern::Closed, LoadPattern::Bursts { triggers: 100, pause_ns: 1_000_000 })]
    pattern: LoadPattern,
    #[values(1, 3)] threads: u32,
) {
    let spec = spec(pattern, threads, u64::MAX, Some(1_000));
    let crew = Crew::new(&spec, false);
    // Judged outside: threads that stay parked would keep a failure from being seen.
    let (pieces, tally) = thread::scope(|scope| {
        let started = crew.start(scope, &[]).expect("threads start");
        let pieces = [(); 3].map(|()| {
            crew.warm_up(now_ns(), Duration::from_millis(100));
            (Notice::receive(&started.notices).ok(), crew.warmed())
        });
        crew.release(now_ns());
        (pieces, started.join())
    });
    for (notice, piece) in pieces {
        assert_eq!(notice, Some(Notice::Warmed));
        assert!(piece.issued > 0 && piece.ended_ns > piece.started_ns);
        if matches!(pattern, LoadPattern::Bursts { .. }) {
            assert_eq!(piece.issued % 100, 0, "a burst that was begun is finished");
        }
    }
    assert_eq!(tally.sent.issued, 1_000);
}

#[rstest]
fn a_fill_is_exact_whatever_the_pattern(
    #[values(LoadPattern::Closed, LoadPattern::Bursts { triggers: 100, pause_ns: 1_000_000 })]
    pattern: LoadPattern,
    #[values(1, 3)] threads: u32,
) {
    let spec = spec(pattern, threads, u64::MAX, Some(1_000));
    let crew = Crew::new(&spec, false);
    let (pieces, tally) = thread::scope(|scope| {
        let started = crew.start(scope, &[]).expect("threads start");
        let pieces = [777, 5].map(|triggers| {
            crew.fill(now_ns(), triggers);
            (Notice::receive(&started.notices).ok(), crew.warmed())
        });
        crew.release(now_ns());
        (pieces, started.join())
    });
    for ((notice, piece), triggers) in pieces.into_iter().zip([777, 5]) {
        assert_eq!((notice, piece.issued), (Some(Notice::Warmed), triggers));
        assert!(piece.cpu_ns > 0);
    }
    assert_eq!(tally.sent.issued, 1_000);
}

#[rstest]
fn paced_bursts_wait_to_be_told(#[values(1, 3)] threads: u32) {
    let pattern = LoadPattern::Bursts { triggers: 100, pause_ns: 1 };
    let spec = spec(pattern, threads, u64::MAX, Some(300));
    let crew = Crew::new(&spec, true);
    let (notices, tally) = thread::scope(|scope| {
        let started = crew.start(scope, &[]).expect("threads start");
        crew.release(now_ns());
        let notices = [(); 4].map(|()| {
            let notice = Notice::receive(&started.notices).ok();
            crew.go_on();
            notice
        });
        (notices, started.join())
    });
    let ended = Some(Notice::BurstEnded);
    assert_eq!(notices, [ended, ended, ended, Some(Notice::AllEnded)]);
    assert_eq!((tally.sent.issued, tally.bursts), (300, Some(3)));
}

#[test]
fn paced_burst_that_nobody_lets_go_on_is_the_last() {
    let pattern = LoadPattern::Bursts { triggers: 100, pause_ns: 1 };
    let spec = spec(pattern, 2, u64::MAX, None);
    let crew = Crew::new(&spec, true);
    let (notice, tally) = thread::scope(|scope| {
        let started = crew.start(scope, &[]).expect("threads start");
        crew.release(now_ns());
        let notice = Notice::receive(&started.notices).ok();
        thread::sleep(Duration::from_millis(5));
        crew.stop();
        (notice, started.join())
    });
    assert_eq!(notice, Some(Notice::BurstEnded));
    assert_eq!((tally.sent.issued, tally.bursts), (100, Some(1)));
}

/// Pieces, each begun when the one before has ended; then the end is told, or the load is stopped.
fn climb(threads: u32, rates: &[u64], is_told_the_end: bool) -> (Vec<LadderPiece>, Tally) {
    let spec = spec(LoadPattern::Ladder, threads, u64::MAX, None);
    let crew = Crew::new(&spec, false);
    thread::scope(|scope| {
        let started = crew.start(scope, &[]).expect("threads start");
        let piece = |rate: &u64| {
            crew.piece(now_ns(), *rate, Duration::from_millis(20));
            assert_eq!(Notice::receive(&started.notices).ok(), Some(Notice::PieceEnded));
            crew.piece_ended(*rate)
        };
        let pieces = rates.iter().map(piece).collect();
        if is_told_the_end {
            crew.release(now_ns());
        } else {
            crew.stop();
        }
        (pieces, started.join())
    })
}

#[rstest]
fn a_ladder_issues_or_misses_every_slot_of_each_piece(
    #[values(1, 3)] threads: u32,
    #[values(true, false)] is_told_the_end: bool,
) {
    let (pieces, tally) = climb(threads, &[1_000, SECOND_NS, 2_000], is_told_the_end);
    let slots: Vec<u64> = pieces.iter().map(|piece| piece.issued + piece.missed).collect();
    assert_eq!(slots, [20, 20_000_000, 40]);
    assert!(pieces[1].missed > 0 && pieces[1].cpu_ns > 0);
    assert_eq!(tally.sent.issued, pieces.iter().map(|piece| piece.issued).sum::<u64>());
    assert_eq!(tally.open.expect("schedules").missed, pieces.iter().map(|piece| piece.missed).sum::<u64>());
    assert!(tally.started_ns < tally.ended_ns && tally.ran.is_none());
}

#[test]
fn a_ladder_that_is_left_at_once_has_a_report() {
    let (pieces, tally) = climb(2, &[], false);
    assert!(pieces.is_empty() && tally.sent.issued == 0 && tally.started_ns > 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn open_loop_issues_or_misses_every_slot(
        rate_per_sec in 1_000_u64..2_000_000,
        threads in 1_u32..=4,
        duration_ns in 1_u64..20_000_000,
        count in proptest::option::of(1_u64..5_000),
    ) {
        let tally = run(&spec(LoadPattern::Open { rate_per_sec }, threads, duration_ns, count));
        let open = tally.open.expect("an open loop");
        let scheduled = (duration_ns * rate_per_sec).div_ceil(SECOND_NS).min(count.unwrap_or(u64::MAX));
        prop_assert_eq!(tally.sent.issued + open.missed, scheduled);
        prop_assert_eq!(open.lateness.len(), tally.sent.issued);
    }

    #[test]
    fn bursts_are_full(triggers in 1_u64..5_000, threads in 1_u32..=4, duration_ns in 1_u64..10_000_000) {
        let tally = run(&spec(LoadPattern::Bursts { triggers, pause_ns: 1_000_000 }, threads, duration_ns, None));
        prop_assert!(tally.bursts >= Some(1));
        prop_assert_eq!(Some(tally.sent.issued), tally.bursts.map(|bursts| bursts * triggers));
    }

    #[test]
    fn count_cuts_the_last_burst(triggers in 1_u64..500, threads in 1_u32..=4, count in 1_u64..2_000) {
        let pattern = LoadPattern::Bursts { triggers, pause_ns: 1_000 };
        let tally = run(&spec(pattern, threads, u64::MAX, Some(count)));
        prop_assert_eq!(tally.sent.issued, count);
        prop_assert_eq!(tally.bursts, Some(count / triggers));
    }
}
