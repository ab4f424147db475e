//! What can go wrong in the load generator.

use std::io;

use thiserror::Error;

/// An error of the load generator, with advice.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "most fields say by their names what they hold")]
pub enum Error {
    /// A flag that belongs to another pattern.
    #[error("`{flag}` has no meaning with `--pattern {pattern}`")]
    FlagOfOtherPattern {
        /// The flag given.
        flag: &'static str,
        /// The pattern given.
        pattern: &'static str,
        /// The pattern that the flag belongs to.
        needs: &'static str,
    },
    /// Bursts without a size.
    #[error("`--pattern bursts` needs `--burst N`, the number of triggers in a burst")]
    BurstSizeMissing,
    /// A ladder whose rates nobody could name.
    #[error("`--pattern ladder` needs `--paused`: its rates come from standard input")]
    LadderNotPaused,
    /// No thread is left that keeps a schedule.
    #[error("`--busy {busy}` leaves none of {threads} threads for the schedule")]
    AllBusy { busy: u32, threads: u32 },
    /// The kernel does not let a thread run on a CPU.
    #[error("cannot pin a thread of the load to CPU {cpu}")]
    PinFailed {
        cpu: u32,
        #[source]
        source: io::Error,
    },
    /// A thread could not be created.
    #[error("cannot start {threads} threads for the load")]
    ThreadFailed {
        /// Threads asked for.
        threads: u32,
        #[source]
        source: io::Error,
    },
    /// Signals or standard input could not be waited for.
    #[error("cannot wait for signals and standard input")]
    WaitFailed {
        #[source]
        source: io::Error,
    },
    /// Standard output could not be written.
    #[error("cannot write the load's report to standard output")]
    OutputFailed {
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// Whether the command line is at fault, not the machine.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::FlagOfOtherPattern { .. }
                | Self::BurstSizeMissing
                | Self::LadderNotPaused
                | Self::AllBusy { .. }
        )
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::FlagOfOtherPattern { flag, needs, .. } => {
                format!("add `--pattern {needs}`, or leave out `{flag}`")
            }
            Self::BurstSizeMissing => "for example `--pattern bursts --burst 1000`".to_owned(),
            Self::LadderNotPaused => {
                "for example `(echo piece 1000 500; echo end) | orchestrator load --pattern ladder --paused`"
                    .to_owned()
            }
            Self::AllBusy { busy, .. } => format!("use `--threads {}`", busy + 1),
            Self::PinFailed { .. } => {
                "`grep Cpus_allowed_list /proc/self/status` shows the CPUs that this process may use"
                    .to_owned()
            }
            Self::ThreadFailed { .. } => "use a smaller `--threads`, or raise `ulimit -u`".to_owned(),
            Self::WaitFailed { .. } => "give standard input as a terminal, a pipe or `/dev/null`".to_owned(),
            Self::OutputFailed { .. } => "check that whatever reads the output is still there".to_owned(),
        }
    }
}
