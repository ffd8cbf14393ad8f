"""Each hostile input gets an answer in time, without a traceback, and nothing stays behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from frame import Hostile, all_hostile, answer, faults

ALL = all_hostile()
FAST = [one for one in ALL if not one.nightly]
SAMPLED = 40  # one in this many has a process of its own in each run


def _id(one: object) -> str:
    return f"{one.kind}-{one.name}" if isinstance(one, Hostile) else repr(one)


def test_each_has_a_name_of_its_own() -> None:
    """The count counts no input twice."""
    assert len({(one.kind, one.name) for one in ALL}) == len(ALL)


@pytest.mark.parametrize("hostile", [one for one in FAST if not one.own_process], ids=_id)
def test_inside_this_process(hostile: Hostile, tmp_path: Path) -> None:
    """The exit code and the message are as they must be."""
    assert faults(hostile, answer(hostile, tmp_path, own_process=False)) == []


@pytest.mark.parametrize(
    "hostile", [one for i, one in enumerate(FAST) if one.own_process or i % SAMPLED == 0], ids=_id
)
def test_in_a_process_of_its_own(hostile: Hostile, tmp_path: Path) -> None:
    """Memory is bounded too, and no process and no temporary file stays behind."""
    assert faults(hostile, answer(hostile, tmp_path, own_process=True)) == []


@pytest.mark.nightly
@pytest.mark.parametrize("hostile", ALL, ids=_id)
def test_all_in_processes_of_their_own(hostile: Hostile, tmp_path: Path) -> None:
    """This holds for every input."""
    assert faults(hostile, answer(hostile, tmp_path, own_process=True)) == []
