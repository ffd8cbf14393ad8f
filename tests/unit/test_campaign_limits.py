"""When a campaign ends, and how long its turns are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from driftcheck.campaign.limits import LONGEST_TURN_S, SHORTEST_TURN_S, Limits, Staleness
from driftcheck.core.units import clock, plural


@pytest.mark.parametrize(
    ("limits", "seconds", "turn_s"),
    [
        (Limits(), 0.0, LONGEST_TURN_S),
        (Limits(max_time_s=28_800.0), 0.0, LONGEST_TURN_S),
        (Limits(max_time_s=100.0), 0.0, 5.0),
        (Limits(max_time_s=100.0), 98.0, 2.0),
        (Limits(max_time_s=100.0), 101.0, 0.0),
        (Limits(max_time_s=28_800.0, until_stale_s=40.0), 0.0, 2.0),
        (Limits(until_stale_s=1.0), 0.0, SHORTEST_TURN_S),
    ],
)
def test_a_short_campaign_has_several_turns(limits: Limits, seconds: float, turn_s: float) -> None:
    """A turn takes a twentieth of the shortest limit, from a second to a minute, and ends with the time."""
    assert limits.turn_s(seconds) == turn_s


def test_a_turn_that_is_given_again_is_no_longer() -> None:
    """The second worker of a turn has at most the time that the first one had."""
    assert Limits(max_time_s=100.0).turn_s(0.0, most=3.0) == 3.0


def test_times_and_counts_are_written_as_people_read_them() -> None:
    """A clock shows hours only if there are any, and one thing has no plural."""
    assert (clock(5), clock(65.9), clock(7265)) == ("0:05", "1:05", "2:01:05")
    assert (plural(1, "case"), plural(0, "case"), plural(1000, "case")) == (
        "1 case",
        "0 cases",
        "1,000 cases",
    )


def states(*names: str) -> list[Any]:
    """Return the states of contracts that are searched, without findings."""
    return [SimpleNamespace(name=name, is_broken=False, new=[]) for name in names]


def test_a_campaign_is_stale_after_search_without_anything_new() -> None:
    """Time in which no contract is searched does not count, and what is new begins it again."""
    limits, staleness = Limits(until_stale_s=2.0), Staleness()
    said = []
    for names, seconds in [((), 60.0), (("a",), 1.5), (("a",), 1.5), ((), 60.0)]:
        staleness.search(names, seconds)
        said.append(limits.why_to_end(states("a"), 100.0, staleness))
    staleness.end()
    said.append(limits.why_to_end(states("a"), 100.0, staleness))

    assert said == ["", "", "stale", "stale", ""]


def test_a_campaign_is_stale_only_when_each_contract_was_searched() -> None:
    """A contract that is still being built, or waits for a worker, may show something new."""
    limits, staleness = Limits(until_stale_s=2.0), Staleness()
    staleness.search(["a"], 60.0)
    before = limits.why_to_end(states("a", "b"), 100.0, staleness)
    staleness.search(["a", "b"], 0.2)

    assert (before, limits.why_to_end(states("a", "b"), 100.0, staleness)) == ("", "stale")
