"""Where the program finds a trigger's cookie."""

import re

import pytest
from conftest import TESTDATA

from ringbuf_throughput.cookie import FUNCTION, NONE, SYSCALL, cookie, has_argument


@pytest.mark.parametrize(
    ("program_type", "target", "where"),
    [
        ("tracepoint", "syscalls/sys_enter_openat2", SYSCALL),
        # Not there: attaching will tell.
        ("tracepoint", "syscalls/sys_enter_nothing", SYSCALL),
        ("tracepoint", "raw_syscalls/sys_enter", SYSCALL),
        ("tracepoint", "syscalls/sys_exit_openat2", NONE),
        ("tracepoint", "sched/sched_switch", NONE),
        ("raw_tracepoint", "sys_enter", SYSCALL),
        ("kprobe", "__x64_sys_openat2", SYSCALL),
        ("kprobe", "__arm64_sys_openat2", SYSCALL),
        ("kprobe", "do_exit", FUNCTION),
        ("fentry", "__x64_sys_openat2", SYSCALL),
        ("fentry", "do_exit", FUNCTION),
    ],
)
@pytest.mark.parametrize(("machine", "offset"), [("x86_64", 112), ("aarch64", 0)])
def test_it_is_where_the_protocol_says(program_type: str, target: str, where: int, machine: str, offset: int) -> None:
    assert cookie(program_type, target, machine) == (where, offset)


def test_registers_of_other_processors_are_not_guessed() -> None:
    assert cookie("raw_tracepoint", "sys_enter", "riscv64").where == NONE
    assert cookie("kprobe", "do_exit", "riscv64").where == NONE
    assert cookie("fentry", "do_exit", "riscv64").where == FUNCTION


def test_the_field_is_found_by_its_offset() -> None:
    number = "\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n"
    assert has_argument(number + "\tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;\n")
    assert not has_argument(number + '\nprint fmt: ""\n')


def test_the_values_are_those_of_bench_h() -> None:
    header = (TESTDATA.parent / "bpf" / "bench.h").read_text()
    values = dict(re.findall(r"BENCH_COOKIE_(\w+)\s*=\s*(\d+)", header))
    assert values == {"NONE": str(NONE), "SYSCALL": str(SYSCALL), "FUNCTION": str(FUNCTION)}
