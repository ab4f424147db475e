"""The launcher that the build puts into the build folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PYTHON_FOLDER, needs_root

VERSION = "ringbuf_throughput 0.1.0 (python, bcc "
# What users set for other programs; each would change what is measured, or break it.
FOREIGN = {
    "PYTHONMALLOC": "debug",
    "PYTHONTRACEMALLOC": "25",
    "PYTHONDEVMODE": "1",
    "PYTHONVERBOSE": "1",
    "PYTHONHOME": "/nowhere",
    "PYTHONSTARTUP": "/nowhere",
    "PYTHONOPTIMIZE": "2",
    "MALLOC_ARENA_MAX": "1",
    "LD_BIND_NOW": "1",
    "CDPATH": "/tmp",
    "LC_ALL": "de_DE.UTF-8",
}


def build_tree(root: Path) -> Path:
    """A repository of links with a built launcher; the interpreter of the tests stands for the built one.

    It notes with what environment it was started.
    """
    launcher = root / "build/python/ringbuf_throughput"
    interpreter = root / "build/python/venv/bin/python3"
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text(f'#!/bin/sh\nenv >"{root}/environment"\nexec "{sys.executable}" "$@"\n')
    interpreter.chmod(0o755)
    (root / "impls").symlink_to(PYTHON_FOLDER.parent)
    shutil.copy(PYTHON_FOLDER / "bench.sh", launcher)
    launcher.chmod(0o755)
    return launcher


def environment_seen(root: Path) -> dict[str, str]:
    lines = (root / "environment").read_text().splitlines()
    # The shell that notes it adds some of its own.
    return {
        name: value for name, _, value in (line.partition("=") for line in lines) if name not in ("PWD", "_", "SHLVL")
    }


def decoy(folder: Path) -> Path:
    """A folder with a package of the framework's name."""
    folder.mkdir()
    (folder / "bcc.py").write_text("raise SystemExit('the wrong bcc')\n")
    return folder


def test_it_finds_the_package_through_a_link_and_from_any_folder(tmp_path: Path) -> None:
    launcher = build_tree(tmp_path / "check out ä")
    link = tmp_path / "bin" / "runner"
    link.parent.mkdir()
    link.symlink_to(launcher)
    # A folder of the same relative path, where CDPATH would lead to.
    (tmp_path / "other/build/python").mkdir(parents=True)
    environment = {**os.environ, "CDPATH": str(tmp_path / "other")}
    for command, folder in (
        ([link], tmp_path),
        (["runner"], link.parent),
        (["build/python/ringbuf_throughput"], tmp_path / "check out ä"),
        (["sh", "ringbuf_throughput"], launcher.parent),
        ([launcher], decoy(tmp_path / "elsewhere")),
    ):
        environment["PATH"] = f"{link.parent}:{os.environ['PATH']}"
        result = subprocess.run([*command, "--version"], cwd=folder, env=environment, capture_output=True, text=True)
        assert result.stderr == ""
        assert result.stdout.startswith(VERSION)


def test_what_the_caller_has_set_does_not_reach_the_interpreter(tmp_path: Path) -> None:
    root = tmp_path / "check out"
    launcher = build_tree(root)
    environment = {**os.environ, **FOREIGN, "PYTHONPATH": str(decoy(tmp_path / "decoy")), "TMPDIR": "/var/a b"}
    for name in ("HOME", "BCC_KERNEL_SOURCE", "RUNNER_READING"):
        environment.pop(name, None)
    result = subprocess.run([launcher, "--version"], env=environment, capture_output=True, text=True)
    assert result.stderr == ""
    assert result.stdout.startswith(VERSION)
    seen = environment_seen(root)
    assert seen.keys() == {"PATH", "LC_ALL", "TMPDIR"}
    assert (seen["LC_ALL"], seen["TMPDIR"]) == ("C.UTF-8", "/var/a b")


def test_a_variant_is_found_and_told_what_it_is_and_bcc_where_headers_are(tmp_path: Path) -> None:
    launcher = tmp_path / "build/python+plain/ringbuf_throughput"
    launcher.parent.mkdir(parents=True)
    shutil.copy(build_tree(tmp_path), launcher)
    told = {"RUNNER_READING": "plain", "BCC_KERNEL_SOURCE": "/usr/src/a b"}
    environment = {"PATH": os.environ["PATH"], **told}
    result = subprocess.run([launcher, "--version"], env=environment, capture_output=True, text=True)
    assert result.stdout.startswith(VERSION)
    assert told.items() <= environment_seen(tmp_path).items()


@needs_root
def test_a_folder_for_temporary_files_that_runs_nothing_is_good_enough(tmp_path: Path) -> None:
    launcher = build_tree(tmp_path)
    script = 'mount -t tmpfs -o noexec tmpfs /mnt && export TMPDIR=/mnt && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, "sh", launcher, "-d", "0.2", "--target-pid", "4194304"]
    result = subprocess.run(command, capture_output=True, text=True)
    if "mount:" in result.stderr:
        pytest.skip("cannot mount here")
    assert (result.returncode, result.stderr) == (0, "")
    assert "accounting   balanced" in result.stdout


def test_it_says_when_nothing_was_built(tmp_path: Path) -> None:
    launcher = build_tree(tmp_path)
    shutil.rmtree(tmp_path / "build/python/venv")
    result = subprocess.run([launcher], capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (69, "")
    assert result.stderr == "error: the Python runner is not built\n\nhint: run `make build`\n"
