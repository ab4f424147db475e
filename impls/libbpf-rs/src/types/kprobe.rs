//! A kprobe at the entry of a function.

use runner_kit::program_type::KPROBE;

use crate::row::Row;

pub(super) const ROW: Row = Row {
    program_type: &KPROBE,
    open: |progs, more| if more { &mut progs.on_kprobe_more } else { &mut progs.on_kprobe },
    loaded: |progs, more| if more { &progs.on_kprobe_more } else { &progs.on_kprobe },
    set: |_, _| Ok(()),
    attach: |program, function| program.attach_kprobe(false, function),
};
