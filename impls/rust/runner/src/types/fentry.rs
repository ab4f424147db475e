//! fentry at a function, which is looked up in the kernel's BTF when the program is loaded.

use crate::row::Row;
use aya::Btf;
use aya::programs::FEntry;
use runner_kit::program_type::FENTRY;

pub(super) const ROW: Row = Row {
    program_type: &FENTRY,
    name: "on_fentry",
    load: |program, function| <&mut FEntry>::try_from(program)?.load(function, &Btf::from_sys_fs()?),
    attach: |program, _| <&mut FEntry>::try_from(program)?.attach().map(drop),
};
