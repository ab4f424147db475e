//! A kprobe at the entry of a function.

use runner_kit::program_type::KPROBE;

use crate::row::Row;

pub(super) const ROW: Row = Row {
    program_type: &KPROBE,
    open: |progs| &mut progs.on_kprobe,
    loaded: |progs| &progs.on_kprobe,
    set: |_, _| Ok(()),
    attach: |program, function| program.attach_kprobe(false, function),
};
