"""The broker of a campaign, without workers."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from types import FrameType

import pytest

from driftcheck.campaign import broker as broker_module
from driftcheck.campaign.broker import Broker, Limits, Search
from driftcheck.plugins.registry import load_plugins
from driftcheck.search.settings import SessionSettings

PERIOD_S = 0.001
WAITS = 300
TOO_LONG_S = 20.0


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
