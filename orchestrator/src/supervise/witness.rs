//! Who is asked what a BPF program produced, what its consumer consumed, and whether anything waits: one file for each mechanism.

mod asked;
mod ringbuf;

use std::rc::Rc;

use bpf_facts::Map;

pub(super) use asked::{Expected, Positions, Witness};

use crate::plan::Mechanism;
use asked::Nobody;

/// The witness of a mechanism over the maps that the announced programs use, and over those that are in one of these by the number of a
/// CPU; without a mechanism, one that knows nothing.
pub(super) fn open(
    mechanism: Option<Mechanism>,
    maps: &[Rc<Map>],
    of_cpus: &[(u32, Rc<Map>)],
) -> Box<dyn Witness> {
    match mechanism {
        None => Box::new(Nobody),
        Some(Mechanism::RingBuffer) => Box::new(ringbuf::Rings::among(maps, of_cpus)),
    }
}
