//! The raw tracepoint `sys_enter`, of which the program counts one system call.

use crate::row::Row;
use aya::programs::RawTracePoint;
use runner_kit::program_type::RAW_TRACEPOINT;

pub(super) const ROW: Row = Row {
    program_type: &RAW_TRACEPOINT,
    name: "on_raw_tp",
    load: |program, _| <&mut RawTracePoint>::try_from(program)?.load(),
    attach: |program, tracepoint| <&mut RawTracePoint>::try_from(program)?.attach(tracepoint).map(drop),
};
