"""Each hostile input gets an answer in time, without a traceback, and nothing stays behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from frame import Hostile, all_hostile, answer, base_bytes, faults

ALL = all_hostile()
BY_DAY = 3  # one in this many; all others at night
FAST = [one for one in ALL if not one.nightly]
ALONE = [one for one in ALL if not one.inside]
SAMPLED = 40  # one in this many has a process of its own in each run

Record = Callable[[str, object], None]


def _id(one: object) -> str:
    return f"{one.kind}-{one.name}" if isinstance(one, Hostile) else repr(one)


def _by_day_and_night() -> Iterator[object]:
    """Give by day the first of each kind and one in BY_DAY of its others, and all at night."""
    seen: Counter[str] = Counter()
    for one in FAST:
        if one.own_process:
            continue
        is_by_day = seen[one.kind] % BY_DAY == 0
        seen[one.kind] += 1
        yield pytest.param(one, id=_id(one), marks=() if is_by_day else pytest.mark.nightly)


def measured_faults(hostile: Hostile, folder: Path, record: Record) -> list[str]:
    """Run an input in a process of its own, and record its figures for `count.py`."""
    given = answer(hostile, folder, own_process=True)
    record("kind", hostile.kind)
    record("seconds", round(given.seconds, 2))
    if given.peak_bytes is None:
        return ["its memory was not measured", *faults(hostile, given)]
    record("grown_bytes", max(0, given.peak_bytes - base_bytes()))
    return faults(hostile, given)


def test_each_has_a_name_of_its_own() -> None:
    """The count counts no input twice."""
    assert len({(one.kind, one.name) for one in ALL}) == len(ALL)


@pytest.mark.parametrize("hostile", [*_by_day_and_night()])
def test_inside_this_process(hostile: Hostile, tmp_path: Path) -> None:
    """The exit code and the message are as they must be."""
    assert faults(hostile, answer(hostile, tmp_path, own_process=False)) == []


@pytest.mark.parametrize(
    "hostile",
    [one for i, one in enumerate(FAST) if one in ALONE and (one.own_process or i % SAMPLED == 0)],
    ids=_id,
)
def test_in_a_process_of_its_own(hostile: Hostile, tmp_path: Path, record_property: Record) -> None:
    """Memory is bounded too, and no process and no temporary file stays behind."""
    assert measured_faults(hostile, tmp_path, record_property) == []


@pytest.mark.nightly
@pytest.mark.parametrize("hostile", ALONE, ids=_id)
def test_all_in_processes_of_their_own(hostile: Hostile, tmp_path: Path, record_property: Record) -> None:
    """This holds for every input."""
    assert measured_faults(hostile, tmp_path, record_property) == []
