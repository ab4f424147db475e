//! A tracepoint: its target is CATEGORY/NAME.

use crate::row::Row;
use aya::programs::TracePoint;
use runner_kit::program_type::TRACEPOINT;

pub(super) const ROW: Row = Row {
    program_type: &TRACEPOINT,
    name: "on_tracepoint",
    load: |program, _| <&mut TracePoint>::try_from(program)?.load(),
    attach: |program, target| {
        let (category, name) = target.split_once('/').expect("the flags were checked: CATEGORY/NAME");
        <&mut TracePoint>::try_from(program)?.attach(category, name).map(drop)
    },
};
