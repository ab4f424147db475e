//! A kprobe at the entry of a function.

use crate::row::Row;
use aya::programs::KProbe;
use runner_kit::program_type::KPROBE;

pub(super) const ROW: Row = Row {
    program_type: &KPROBE,
    name: "on_kprobe",
    load: |program, _| <&mut KProbe>::try_from(program)?.load(),
    attach: |program, function| <&mut KProbe>::try_from(program)?.attach(function, 0).map(drop),
};
