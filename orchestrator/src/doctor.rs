//! What this machine can do, found out by trying, and what helps where it cannot.
//!
//! A finding is added in the file of its area, in the list that its `look` makes.

mod finding;
mod kernel;
mod namespaces;
mod privileges;
mod processors;
mod programs;
mod tools;

use std::path::Path;

pub use finding::{Finding, State};

use crate::config::Catalogue;

/// Looks at everything, area by area.
#[must_use]
pub fn look(catalogue: &Catalogue) -> Vec<Finding> {
    let system = Path::new("/");
    [
        kernel::look(system),
        privileges::look(system),
        namespaces::look(system),
        programs::look(catalogue),
        processors::look(system),
        tools::look(catalogue),
    ]
    .concat()
}
