//! What can disturb a trial, as values: the words are made in one place.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What disturbed a trial. A share is of 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum Disturbance {
    /// The hypervisor gave processors to others.
    Steal {
        /// Of a processor.
        share: f64,
    },
    /// Something else used the runner's core between bursts.
    SharedCore {
        /// Of the pauses.
        share: f64,
    },
    /// The consumer read a remainder only when it was told to stop, so that there is no CPU time an event.
    LeftUnread {
        /// Bytes of it.
        bytes: u64,
    },
    /// BPF objects that were not there at the run's start.
    LeftoverBpf {
        /// How many.
        objects: u32,
    },
    /// Others used the trial's processors before it.
    BusyBefore {
        /// Of their time.
        share: f64,
    },
    /// The canary was slower than the run's median. Shows only beside other trials.
    SlowCanary {
        /// By how much.
        share: f64,
    },
    /// The runner was put aside more often than in the row's other trials. Shows only beside them.
    PutAside {
        /// Involuntary context switches.
        times: u64,
        /// Their median over the row.
        usual: f64,
    },
    /// Bursts began on top of what was left of the last.
    OverlappingBursts {
        /// How often the consumer was woken.
        wakeups: u64,
        /// In so many bursts.
        bursts: u64,
    },
    /// The load had no processor while it was to run.
    LoadNotRunning {
        /// Of that time.
        share: f64,
    },
    /// The load could not keep its schedule.
    MissedSlots {
        /// Slots in which nothing was triggered.
        missed: u64,
        /// Of all that were due.
        share: f64,
    },
    /// The supervisor was stopped, or had no processor, between two readings of the runner.
    SupervisorAway {
        /// The longest such time, nanoseconds.
        ns: u64,
    },
    /// Others used the runner's processor while it was measured.
    OthersOnProcessor {
        /// Of its time.
        share: f64,
        /// The busiest of the machine's other processes then.
        busiest: Vec<String>,
    },
    /// CPU time of the runner's processes that had ended is counted, from its control group or from what was reaped.
    EndedProcesses {
        /// Nanoseconds.
        cpu_ns: u64,
    },
    /// Something that this version knows in words only.
    Other {
        /// The words.
        words: String,
    },
}

impl Disturbance {
    /// Whether it is known only beside the run's other trials.
    pub(super) fn is_relative(&self) -> bool {
        match self {
            Self::SlowCanary { .. } | Self::PutAside { .. } => true,
            // The same two in results of version 1.
            Self::Other { words } => {
                words.starts_with("the processor was") || words.starts_with("the runner was put aside")
            }
            _ => false,
        }
    }

    /// Its name in files.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Steal { .. } => "steal",
            Self::SharedCore { .. } => "shared_core",
            Self::LeftUnread { .. } => "left_unread",
            Self::LeftoverBpf { .. } => "leftover_bpf",
            Self::BusyBefore { .. } => "busy_before",
            Self::SlowCanary { .. } => "slow_canary",
            Self::PutAside { .. } => "put_aside",
            Self::OverlappingBursts { .. } => "overlapping_bursts",
            Self::LoadNotRunning { .. } => "load_not_running",
            Self::MissedSlots { .. } => "missed_slots",
            Self::SupervisorAway { .. } => "supervisor_away",
            Self::OthersOnProcessor { .. } => "others_on_processor",
            Self::EndedProcesses { .. } => "ended_processes",
            Self::Other { .. } => "other",
        }
    }
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steal { share } => write!(f, "the hypervisor took {:.1} % of a processor", share * 100.0),
            Self::SharedCore { share } => {
                write!(f, "something else used the runner's core in {:.0} % of the pauses", share * 100.0)
            }
            Self::LeftUnread { bytes } => {
                write!(
                    f,
                    "{bytes} bytes were read only when the runner was told to stop: no CPU time an event"
                )
            }
            Self::LeftoverBpf { objects } => {
                write!(
                    f,
                    "{objects} BPF objects that were not there at the run's start were loaded before it"
                )
            }
            Self::BusyBefore { share } => {
                write!(f, "others kept its processors busy before it ({:.0} %)", share * 100.0)
            }
            Self::SlowCanary { share } => {
                write!(f, "the processor was {:.0} % slower than usual before it", share * 100.0)
            }
            Self::PutAside { times, usual } => {
                write!(f, "the runner was put aside {times} times (usually {usual})")
            }
            Self::OverlappingBursts { wakeups, bursts } => {
                write!(f, "bursts overlapped: {wakeups} wakeups in {bursts} bursts")
            }
            Self::LoadNotRunning { share } => {
                let percent = share * 100.0;
                write!(f, "the load had no processor in {percent:.0} % of the time in which it was to run")
            }
            Self::MissedSlots { missed, share } => {
                write!(f, "the load missed {:.1} % of its schedule ({missed} slots)", share * 100.0)
            }
            Self::SupervisorAway { ns } => write!(f, "the supervisor stood still for {} ms", ns / 1_000_000),
            Self::OthersOnProcessor { share, busiest } => {
                write!(f, "others used {:.0} % of the runner's processor", share * 100.0)?;
                if busiest.is_empty() { Ok(()) } else { write!(f, " (busy were {})", busiest.join(", ")) }
            }
            Self::EndedProcesses { cpu_ns } => {
                let ms = *cpu_ns as f64 / 1e6;
                write!(f, "{ms:.1} ms of its CPU time were of processes that had ended; they count")
            }
            Self::Other { words } => f.write_str(words),
        }
    }
}

/// A disturbance in files: its code and values, and the words for whoever reads only those.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Stored")]
pub struct Disturbed {
    /// Code and values.
    #[serde(flatten)]
    pub what: Disturbance,
    /// In words.
    pub text: String,
}

/// What files hold: objects, in results of version 1 words alone, and in those of a later program perhaps a code that this one
/// does not know.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Stored {
    /// Code, values and words.
    Known {
        #[serde(flatten)]
        what: Disturbance,
    },
    /// A code that is not known here.
    Unknown {
        /// Words.
        text: String,
    },
    /// Words of version 1.
    Words(String),
}

impl From<Stored> for Disturbed {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Known { what } => what.into(),
            Stored::Unknown { text: words } | Stored::Words(words) => Disturbance::Other { words }.into(),
        }
    }
}

impl From<Disturbance> for Disturbed {
    fn from(what: Disturbance) -> Self {
        Self { text: what.to_string(), what }
    }
}

impl fmt::Display for Disturbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Disturbed {
        serde_json::from_str(json).expect("reads")
    }

    #[test]
    fn files_hold_code_values_and_words() {
        let steal = Disturbed::from(Disturbance::Steal { share: 0.031 });
        let json = serde_json::to_string(&steal).expect("serialises");
        assert_eq!(
            json,
            r#"{"code":"steal","share":0.031,"text":"the hypervisor took 3.1 % of a processor"}"#
        );
        assert_eq!(read(&json), steal);
        assert_eq!(steal.what.code(), "steal");
    }

    #[test]
    fn words_of_version_1_and_codes_of_later_versions_stay_words() {
        let old = read(r#""the processor was 11 % slower than usual before it""#);
        assert_eq!((old.what.code(), old.what.is_relative()), ("other", true));
        assert_eq!(old.to_string(), "the processor was 11 % slower than usual before it");
        let later = read(r#"{"code":"meteorite","mass":3,"text":"a meteorite fell"}"#);
        assert_eq!(later.to_string(), "a meteorite fell");
        assert_eq!(read(&serde_json::to_string(&later).expect("serialises")), later);
    }
}
