"""Where the program finds a trigger's cookie."""

import re

import pytest
from conftest import TESTDATA, needs_root

from bench.types import FUNCTION, NONE, SYSCALL, TYPES
from bench.types.tracepoint import ARGUMENT_FIELD


@pytest.mark.parametrize(
    ("program_type", "target", "where", "elsewhere"),
    [
        ("tracepoint", "syscalls/sys_exit_openat2", NONE, NONE),
        ("tracepoint", "sched/sched_switch", NONE, NONE),
        ("raw_tracepoint", "sys_enter", SYSCALL, NONE),
        ("kprobe", "__x64_sys_openat2", SYSCALL, NONE),
        ("kprobe", "__arm64_sys_openat2", SYSCALL, NONE),
        ("kprobe", "do_exit", FUNCTION, NONE),
        ("fentry", "__x64_sys_openat2", SYSCALL, NONE),
        ("fentry", "do_exit", FUNCTION, FUNCTION),
    ],
)
def test_it_is_where_the_protocol_says(program_type: str, target: str, where: int, elsewhere: int) -> None:
    kind = TYPES[program_type]
    assert kind.cookie(target, 112) == where
    # On a processor whose registers are not known.
    assert kind.cookie(target, None) == elsewhere


@needs_root
@pytest.mark.parametrize(("target", "where"), [("openat2", SYSCALL), ("getppid", NONE)])
def test_of_a_tracepoint_the_kernel_says_whether_there_is_an_argument(target: str, where: int) -> None:
    assert TYPES["tracepoint"].cookie(f"syscalls/sys_enter_{target}", 112) == where


def test_the_field_is_found_by_its_offset() -> None:
    number = b"\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n"
    assert ARGUMENT_FIELD.search(number + b"\tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;\n")
    assert not ARGUMENT_FIELD.search(number + b'\nprint fmt: ""\n')


def test_the_values_are_those_of_bench_h() -> None:
    header = (TESTDATA.parent / "bpf" / "bench.h").read_text()
    values = dict(re.findall(r"BENCH_COOKIE_(\w+)\s*=\s*(\d+)", header))
    assert values == {"NONE": str(NONE), "SYSCALL": str(SYSCALL), "FUNCTION": str(FUNCTION)}


@pytest.mark.parametrize("name", TYPES)
def test_every_default_is_a_target_of_its_type(name: str) -> None:
    assert re.fullmatch(TYPES[name].pattern, TYPES[name].default_target)
