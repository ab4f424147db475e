//! Who is asked what a BPF program produced, what its consumer consumed, and whether anything waits: one file for each mechanism.

mod asked;
mod ringbuf;

use std::rc::Rc;

use bpf_facts::Map;

pub(super) use asked::{Expected, Nobody, Witness};

use crate::plan::Mechanism;

/// The witness of a mechanism over the maps that the announced programs use.
pub(super) fn open(mechanism: Mechanism, maps: &[Rc<Map>]) -> Box<dyn Witness> {
    match mechanism {
        Mechanism::RingBuffer => Box::new(ringbuf::Rings::among(maps)),
    }
}
