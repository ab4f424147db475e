//! The shared load generator: issues triggers (openat2 or openat) in a pattern and reports exactly how many.
//!
//! It is a process of its own, without privileges, so that its pid can be given to a runner before the first trigger. A BPF
//! program counts *every* such call of that process. Therefore nothing else here may open a file between release and
//! report: threads, pipes, signal descriptor and histograms are made before, and waiting uses descriptors already open.

mod beat;
mod clock;
mod control;
mod cookies;
mod crew;
mod error;
mod filter;
mod notice;
mod options;
mod pattern;
mod report;
mod schedule;
mod tally;
mod text;
mod trigger;
pub mod values;

use std::io::{self, Write};
use std::process;
use std::thread;

pub use error::Error;
pub use options::{LoadOptions, Output};
pub use report::{LadderPiece, LoadMessage, LoadReport, ThreadReport, WarmedPiece};

use crate::plan::LoadPattern;
use control::{Control, ControlEvent, Input, Line};
use crew::Crew;
use notice::Notice;
use tally::Sent;

/// Time between the release of the threads and the first trigger, so that waking them up is not counted as lateness.
const RELEASE_MARGIN_NS: u64 = 1_000_000;

/// Issues the load and writes its report to standard output.
///
/// Stops on the duration, the count, SIGINT, SIGTERM, or at end of file on standard input when that is a pipe; an early
/// stop still reports. While paused, each of the early ends means that nothing is issued and nothing reported.
///
/// Call it from a process's only thread: it blocks SIGINT and SIGTERM in the threads it starts, and in no other.
pub fn run(options: &LoadOptions) -> Result<(), Error> {
    // Before the threads, which inherit the blocked signals.
    let mut control = Control::take_over()?;
    let crew = Crew::new(&options.spec, options.paced);
    thread::scope(|scope| {
        let result =
            crew.start(scope, &options.cpus).and_then(|started| drive(options, &mut control, &crew, started));
        // Whatever went wrong, no thread may stay parked, or the scope would wait for it for ever.
        crew.stop();
        result
    })
}

/// What the threads do at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Parked,
    WarmingUp,
    /// A piece of a ladder, at so many triggers a second.
    Climbing(u64),
    Issuing,
}

/// From parked threads to the report.
fn drive(
    options: &LoadOptions,
    control: &mut Control,
    crew: &Crew<'_>,
    started: crew::Started<'_>,
) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    let mut warm_up = Sent::default();
    let mut stage = Stage::Parked;
    let is_ladder = options.spec.pattern == LoadPattern::Ladder;
    let mut is_begun = false;
    if options.paused {
        announce(&mut out, options, &LoadMessage::Paused { pid: process::id() })?;
    } else {
        stage = begin(&mut out, options, crew)?;
    }
    loop {
        let input = match stage {
            _ if options.paced => Input::Lines,
            Stage::Parked => Input::Lines,
            Stage::WarmingUp | Stage::Climbing(_) => Input::Later,
            Stage::Issuing => Input::End,
        };
        match control.next(&started.notices, input)? {
            ControlEvent::Line(Line::WarmUp(duration)) if stage == Stage::Parked => {
                crew.warm_up(clock::now_ns() + RELEASE_MARGIN_NS, duration);
                stage = Stage::WarmingUp;
            }
            ControlEvent::Line(Line::Fill(triggers)) if stage == Stage::Parked => {
                crew.fill(clock::now_ns() + RELEASE_MARGIN_NS, triggers);
                stage = Stage::WarmingUp;
            }
            ControlEvent::Line(Line::Piece { rate_per_sec, length })
                if stage == Stage::Parked && is_ladder =>
            {
                let start_ns = clock::now_ns() + RELEASE_MARGIN_NS;
                if !is_begun {
                    announce(&mut out, options, &LoadMessage::Started { t_ns: start_ns })?;
                    is_begun = true;
                }
                crew.piece(start_ns, rate_per_sec, length);
                stage = Stage::Climbing(rate_per_sec);
            }
            ControlEvent::Line(_) if stage == Stage::Parked && is_begun => {
                crew.release(clock::now_ns());
                stage = Stage::Issuing;
            }
            ControlEvent::Line(_) if stage == Stage::Parked => stage = begin(&mut out, options, crew)?,
            ControlEvent::Line(_) => crew.go_on(),
            ControlEvent::Notice(Notice::BurstEnded) => {
                announce(&mut out, options, &LoadMessage::BurstEnded)?;
            }
            ControlEvent::Notice(Notice::Warmed) => {
                let piece = crew.warmed();
                warm_up = warm_up.and(Sent::of(&piece));
                announce(&mut out, options, &LoadMessage::Warmed(piece))?;
                stage = Stage::Parked;
            }
            ControlEvent::Notice(Notice::PieceEnded) => {
                if let Stage::Climbing(rate_per_sec) = stage {
                    announce(&mut out, options, &LoadMessage::Piece(crew.piece_ended(rate_per_sec)))?;
                }
                stage = Stage::Parked;
            }
            ControlEvent::Stop if stage != Stage::Issuing && !is_begun => return Ok(()),
            ControlEvent::Stop | ControlEvent::Notice(Notice::AllEnded) => break,
        }
    }
    crew.stop();
    let total = started.join();
    match options.output {
        Output::Jsonl => {
            let mut report = total.report(warm_up);
            if is_ladder {
                // Its pieces have schedules, each its own, and it is meant to miss slots.
                (report.late, report.missed, report.lateness, report.call_ns) = (None, None, None, None);
                report.on_schedule = None;
            }
            announce(&mut out, options, &LoadMessage::Report(Box::new(report)))
        }
        Output::Text => write(&mut out, &text::report(&total)),
    }
}

/// Releases the threads to issue the load itself.
fn begin(out: &mut impl Write, options: &LoadOptions, crew: &Crew<'_>) -> Result<Stage, Error> {
    let start_ns = clock::now_ns() + RELEASE_MARGIN_NS;
    announce(out, options, &LoadMessage::Started { t_ns: start_ns })?;
    crew.release(start_ns);
    Ok(Stage::Issuing)
}

/// Writes one message in the chosen form.
fn announce(out: &mut impl Write, options: &LoadOptions, message: &LoadMessage) -> Result<(), Error> {
    let line = match options.output {
        Output::Jsonl => {
            let json =
                serde_json::to_string(message).expect("a message has only string keys and plain values");
            json + "\n"
        }
        Output::Text => text::announcement(message, options),
    };
    write(out, &line)
}

fn write(out: &mut impl Write, text: &str) -> Result<(), Error> {
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|source| Error::OutputFailed { source })
}
