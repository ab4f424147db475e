//! The raw tracepoint `sys_enter`, of which the program counts one system call.

use runner_kit::program_type::RAW_TRACEPOINT;

use crate::row::Row;

pub(super) const ROW: Row = Row {
    program_type: &RAW_TRACEPOINT,
    open: |progs, more| if more { &mut progs.on_raw_tp_more } else { &mut progs.on_raw_tp },
    loaded: |progs, more| if more { &progs.on_raw_tp_more } else { &progs.on_raw_tp },
    set: |_, _| Ok(()),
    attach: |program, tracepoint| program.attach_raw_tracepoint(tracepoint),
};
