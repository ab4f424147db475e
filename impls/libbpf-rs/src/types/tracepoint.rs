//! A tracepoint: its target is CATEGORY/NAME.

use libbpf_rs::TracepointCategory;
use runner_kit::program_type::TRACEPOINT;

use crate::row::Row;

pub(super) const ROW: Row = Row {
    program_type: &TRACEPOINT,
    open: |progs, more| if more { &mut progs.on_tracepoint_more } else { &mut progs.on_tracepoint },
    loaded: |progs, more| if more { &progs.on_tracepoint_more } else { &progs.on_tracepoint },
    set: |_, _| Ok(()),
    attach: |program, target| {
        let (category, name) = target.split_once('/').expect("the flags were checked: CATEGORY/NAME");
        program.attach_tracepoint(TracepointCategory::Custom(category.to_owned()), name)
    },
};
