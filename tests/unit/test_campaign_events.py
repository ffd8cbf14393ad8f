"""The record of a campaign: what is read of a file that somebody has damaged or replaced."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from driftcheck.campaign import events
from driftcheck.campaign.events import FOLDER, MARK, last_campaign

START = f'{{"event":"start","at":1000,"{MARK}":1}}\n'
TURN = '{"event":"turn","at":1001,"contract":"toy","inputs":%s,"corpus":%s,"entries":1}\n'


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Return the path of a record that does not exist yet."""
    (tmp_path / FOLDER).mkdir(parents=True)
    return tmp_path / FOLDER / "20260101-000000.000-1.ndjson"


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [os.mkfifo, _endless, Path.mkdir], ids=["pipe", "endless", "folder"])
def test_what_is_no_file_is_no_record(make: Callable[[Path], None], record: Path, tmp_path: Path) -> None:
    """Nothing is waited for."""
    make(record)

    assert last_campaign(tmp_path) is None


@pytest.mark.parametrize(("inputs", "corpus"), [("1e999", "1"), ("1", "-1e999"), ("NaN", "1")])
def test_an_infinite_count_makes_no_record(inputs: str, corpus: str, record: Path, tmp_path: Path) -> None:
    """JSON of Python has infinite numbers, which are no counts."""
    record.write_text(START + TURN % (inputs, corpus))

    assert last_campaign(tmp_path) is None


@pytest.mark.parametrize("at", ["1e300", "-1e300", "NaN", "Infinity", "1" + "0" * 400])
def test_an_event_without_a_real_time_is_passed_over(at: str, record: Path, tmp_path: Path) -> None:
    """Its time could not be shown as a date."""
    record.write_text(START + (TURN % ("7", "1")).replace("1001", at) + TURN % ("2", "1"))
    past = last_campaign(tmp_path)

    assert past is not None
    assert (past.started, past.seconds, past.contracts["toy"].inputs) == (1000.0, 1.0, 2)


def test_a_record_is_read_within_bounds(
    record: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that is too long is no event, and what comes after the most that a record has is not read."""
    monkeypatch.setattr(events, "MOST_LINE", 200)
    monkeypatch.setattr(events, "MOST_BYTES", 1_000)
    turn = TURN % ("1", "1")
    record.write_text(START + turn + " " * 500 + "\n" + turn * 50)
    past = last_campaign(tmp_path)

    assert past is not None
    assert 1 < past.contracts["toy"].turns < 10
