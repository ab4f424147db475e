//! Does the trial balance? Three parties count, and none knows another's part: the load generator, the BPF program, whose counters
//! the supervisor reads itself, and the consumer. The kernel's positions of the ring say what was really read.
//!
//! Each check is an equation. One that fails makes the trial invalid; one that must be known and is not makes it unverified.

mod counted;
mod drops;
mod equation;
mod evidence;
mod little;
mod marks;
mod plausible;
mod rings;
mod sleep;
mod told;

pub(super) use equation::verdict;
pub use equation::{Equation, Relation, Verdict};
pub(super) use evidence::Evidence;
pub(super) use plausible::FLOOR;

use equation::unknown;

/// All equations of one trial.
pub(super) fn equations(evidence: &Evidence<'_>) -> Vec<Equation> {
    let mut equations = counted::equations(evidence);
    match evidence.transcript {
        Some(_) => {
            equations.extend(marks::equation(evidence));
            equations.extend(rings::equations(evidence));
            equations.extend(drops::equations(evidence));
            equations.extend(told::equations(evidence));
            equations.extend(plausible::equations(evidence));
            equations.extend(sleep::equations(evidence));
        }
        // What a text says, nobody else has seen.
        None => {
            equations.push(unknown("claims", "what the program's text claims", "what the kernel counted"));
        }
    }
    equations
}

#[cfg(test)]
mod flag_tests;
#[cfg(test)]
mod tests;
