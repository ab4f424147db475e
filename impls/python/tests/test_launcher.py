"""Starting the runner: the launcher that the build puts into the build folder, and the choice of the interpreter."""

import shutil
import subprocess
import sys
from pathlib import Path

from conftest import PYTHON_FOLDER


def build_tree(root: Path) -> Path:
    """A repository of links with a built launcher; the interpreter of the tests stands for the built one."""
    launcher = root / "build/python/ringbuf_throughput"
    interpreter = root / "build/python/venv/bin/python3"
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    interpreter.chmod(0o755)
    (root / "impls").symlink_to(PYTHON_FOLDER.parent)
    shutil.copy(PYTHON_FOLDER / "ringbuf_throughput.sh", launcher)
    return launcher


def test_it_finds_the_package_from_any_folder(tmp_path: Path) -> None:
    launcher = build_tree(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "bcc.py").write_text("raise SystemExit('the wrong bcc')\n")
    result = subprocess.run([launcher, "--version"], cwd=elsewhere, capture_output=True, text=True)
    assert result.stderr == ""
    assert result.stdout.startswith("ringbuf_throughput 0.1.0 (python, bcc ")


def test_it_says_when_nothing_was_built(tmp_path: Path) -> None:
    launcher = build_tree(tmp_path)
    shutil.rmtree(tmp_path / "build/python/venv")
    result = subprocess.run([launcher], capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (69, "")
    assert result.stderr == "error: the Python runner is not built\n\nhint: run `make build`\n"


def test_an_interpreter_without_bcc_hands_over_to_one_that_has_it() -> None:
    # -S hides the installed packages from this interpreter, but not from those that follow it.
    command = [sys.executable, "-I", "-S", PYTHON_FOLDER, "--version"]
    result = subprocess.run(command, cwd=PYTHON_FOLDER, capture_output=True, text=True)
    assert result.stderr == ""
    assert "not installed" not in result.stdout
    assert result.stdout.startswith("ringbuf_throughput ")
