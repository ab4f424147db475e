//! A tracepoint: its target is CATEGORY/NAME.

use libbpf_rs::TracepointCategory;
use runner_kit::program_type::TRACEPOINT;

use crate::row::Row;

pub(super) const ROW: Row = Row {
    program_type: &TRACEPOINT,
    open: |progs| &mut progs.on_tracepoint,
    loaded: |progs| &progs.on_tracepoint,
    set: |_, _| Ok(()),
    attach: |program, target| {
        let (category, name) = target.split_once('/').expect("the flags were checked: CATEGORY/NAME");
        program.attach_tracepoint(TracepointCategory::Custom(category.to_owned()), name)
    },
};
