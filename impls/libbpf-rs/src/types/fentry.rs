//! fentry at a function, which libbpf looks up in the kernel's BTF before it loads the program.

use runner_kit::program_type::FENTRY;

use crate::row::Row;

pub(super) const ROW: Row = Row {
    program_type: &FENTRY,
    open: |progs, more| if more { &mut progs.on_fentry_more } else { &mut progs.on_fentry },
    loaded: |progs, more| if more { &progs.on_fentry_more } else { &progs.on_fentry },
    set: |program, function| program.set_attach_target(0, Some(function.to_owned())),
    attach: |program, _| program.attach_trace(),
};
