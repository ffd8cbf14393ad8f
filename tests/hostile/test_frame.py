"""The frame notices what it is there to notice."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest
from frame import Hostile, answer, faults, run, run_inside

CONTRACT = "from driftcheck import *\nclass X(Contract):\n    @operation\n    def ping(self) -> bool: ...\n"


def _imported(code: str) -> Hostile:
    def write(folder: Path) -> Sequence[str]:
        (folder / "evil.py").write_text(f"{code}\n{CONTRACT}")
        return ("contracts", "evil:X", "--json")

    return Hostile("module", "seen", write, frozenset({0}))


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("x = b'x' * (400 << 20)", "a peak of "),
        ("import tempfile; tempfile.mkstemp()", "left behind: file tmp"),
        ("import sys; sys.stderr.write('Traceback (most recent call last):')", "a traceback: "),
        ("import sys; sys.stderr.write('x' * 3_000)", "a message of 3000 characters: "),
        ("raise ValueError", "exit code 2, not [0]"),
    ],
)
def test_what_a_command_must_not_do(code: str, says: str, tmp_path: Path) -> None:
    """A module of a contract does it in the process of the command."""
    hostile = _imported(code)

    (fault,) = faults(hostile, answer(hostile, tmp_path, own_process=True))

    assert fault.startswith(says)


def test_a_process_that_stays(tmp_path: Path) -> None:
    """It is found also in a session of its own."""
    hostile = _imported(
        "import subprocess, sys\n"
        "p = subprocess.Popen(['sleep', '60'], start_new_session=True, stdin=-3, stdout=-3, stderr=-3)\n"
        "p.returncode = 0  # so that Python does not warn of it"
    )

    (fault,) = faults(hostile, answer(hostile, tmp_path, own_process=True))
    number = int(fault.split(":")[1].split()[1])
    os.kill(number, signal.SIGKILL)

    assert fault == f"left behind: process {number}: sleep 60 "


def test_a_command_that_does_not_end(tmp_path: Path) -> None:
    """It is ended, whether it waits or works, in a process of its own or inside this one."""
    waits, works = _imported("import time; time.sleep(60)"), _imported("while True: pass")

    ended = [
        run(waits.write(tmp_path), tmp_path, limit_s=2.0),
        run_inside(waits.write(tmp_path), tmp_path, wait_s=0.3),
        run_inside(works.write(tmp_path), tmp_path, limit_s=0.3),
    ]

    assert [one.code for one in ended] == [None] * 3
    assert all("no answer within 10 s" in faults(waits, one)[0] for one in ended)


def test_what_is_as_it_must_be(tmp_path: Path) -> None:
    """A good module has no fault, in both ways."""
    for number, own_process in enumerate((False, True)):
        folder = tmp_path / str(number)
        folder.mkdir()
        hostile = _imported("")

        assert faults(hostile, answer(hostile, folder, own_process=own_process)) == []
