"""The broker of a campaign, without workers."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import pytest

from driftcheck.campaign import broker as broker_module
from driftcheck.campaign.broker import MOST_FAILURES, Broker, Limits, Listener, Search
from driftcheck.campaign.worker import FINISH, STOP
from driftcheck.plugins.registry import load_plugins
from driftcheck.search.settings import SessionSettings
from driftcheck.subjects.host import HostFailed

PERIOD_S = 0.001
WAITS = 300
TOO_LONG_S = 20.0


def broker_of(root: Path, said: list[str]) -> Broker:
    """Return a broker that has no contract, and that notes what it says."""
    search = Search(SessionSettings.from_project(root), load_plugins(), seed=1, workers=1)
    return Broker({}, search, Limits(), Listener(said.append))


@pytest.mark.parametrize(
    ("ended_by", "is_first", "interrupted", "asked"),
    [
        ("time", False, False, [FINISH]),
        ("time", True, False, []),  # this turn says what the corpus shows
        ("time", True, True, [STOP]),
        ("stale", False, False, [FINISH]),
        ("findings", True, False, [FINISH]),
        ("interrupt", False, True, [STOP]),
        ("fault", False, False, [STOP]),
    ],
)
def test_workers_shrink_what_they_have_found_unless_nobody_waits(
    ended_by: str, is_first: bool, interrupted: bool, asked: list[str], tmp_path: Path
) -> None:
    """A worker is asked once, and a second interrupt does not wait for what it has found."""
    broker, words = broker_of(tmp_path, []), []
    broker.ended_by = ended_by
    one: Any = SimpleNamespace(ask=words.append, kill=lambda: words.append("kill"))
    given: Any = SimpleNamespace(turn=SimpleNamespace(is_first=is_first))
    broker._workers, broker._given = [one], {0: given}
    for _ in range(2):
        broker._end_turns(lambda: interrupted)

    assert words == asked
    broker._end_turns(lambda: True)
    assert words == ([*asked, STOP] if asked != [STOP] else asked)


@pytest.mark.parametrize(
    ("is_opened", "is_covered", "repeats", "faults", "says"),
    [
        (False, False, 0, 1, []),
        (True, False, MOST_FAILURES - 1, 1, ["its turn is repeated"] * (MOST_FAILURES - 1)),
        (True, True, MOST_FAILURES - 1, 0, ["its turn is repeated"] * 2 + ["searched without coverage"]),
    ],
    ids=["never started", "started before", "for coverage"],
)
def test_a_turn_whose_hosts_do_not_start_is_given_again(
    is_opened: bool, is_covered: bool, repeats: int, faults: int, says: list[str], tmp_path: Path
) -> None:
    """It is not if they never started; after the last time the contract, or its coverage, is given up."""
    said: list[str] = []
    broker, broken = broker_of(tmp_path, said), []
    fault = HostFailed("go", "its host cannot be started", "check the limits")
    state: Any = SimpleNamespace(name="lru", is_opened=is_opened, built=("plain",), covered=("covered",))
    state.killed = state.failures_in_a_row = 0
    state.break_off = broken.append
    turn: Any = SimpleNamespace(built=state.covered if is_covered else state.built)
    for _ in range(repeats + 1):
        broker._note_failed_start(state, turn, fault)

    assert broker._again == [turn] * repeats
    assert broken == [fault] * faults
    assert len(said) == len(says)
    assert all(words in line for words, line in zip(says, said, strict=True))
    assert (state.covered is None) == is_covered


def test_a_timer_does_not_make_the_broker_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The timer that watches an author's code also fires while the broker waits for messages."""
    monkeypatch.setattr(broker_module, "POLL_S", 2 * PERIOD_S)
    search = Search(SessionSettings.from_project(tmp_path), load_plugins(), seed=1, workers=1)
    broker = Broker({}, search, Limits())
    until = time.monotonic() + TOO_LONG_S

    def tick(number: int, frame: FrameType | None) -> None:
        assert time.monotonic() < until, "the broker waits for ever"

    before = signal.signal(signal.SIGALRM, tick)
    try:
        signal.setitimer(signal.ITIMER_REAL, PERIOD_S, PERIOD_S)
        for _ in range(WAITS):
            broker._read_inbox()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
