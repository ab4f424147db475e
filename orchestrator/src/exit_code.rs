//! Exit statuses of the orchestrator. They are part of its interface: scripts and CI rely on them.

/// All went well.
pub const SUCCESS: u8 = 0;
/// Something unexpected failed.
pub const UNEXPECTED: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 2;
/// A configuration or a manifest is wrong.
pub const CONFIGURATION: u8 = 3;
/// This machine or these privileges lack something.
pub const REQUIREMENT: u8 = 4;
/// An implementation could not be built.
pub const BUILD: u8 = 5;
/// The selection leaves nothing to do.
pub const NOTHING_SELECTED: u8 = 6;
/// A trial failed, did not balance or could not be checked.
pub const TRIAL_FAILED: u8 = 7;
/// Everything was measured, but an expectation does not hold.
pub const EXPECTATION: u8 = 8;
/// Results could not be written or read.
pub const RESULTS: u8 = 9;
/// The runs are too different to be compared, or the run cannot be resumed here.
pub const NOT_COMPARABLE: u8 = 10;
/// Interrupted from the keyboard.
pub const INTERRUPTED: u8 = 130;
/// Told to end by SIGTERM.
pub const TERMINATED: u8 = 143;

/// The exit status of a run that a signal ended.
#[must_use]
pub fn for_signal(signal: i32) -> u8 {
    if signal == libc::SIGTERM { TERMINATED } else { INTERRUPTED }
}

/// The table at the end of `--help`.
pub const HELP: &str = "\
Exit status:
    0  all went well
    1  something unexpected failed
    2  the command line is wrong
    3  a configuration or a manifest is wrong
    4  this machine or these privileges lack something
    5  an implementation could not be built
    6  the selection leaves nothing to do
    7  a trial failed, did not balance or could not be checked
    8  everything was measured, but an expectation does not hold
    9  results could not be written or read
   10  the runs are too different to be compared, or a run to be resumed
  130  interrupted (143: told to end)";
