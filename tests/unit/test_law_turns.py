"""The turns of laws: each comes from the first traces on, and more often where it is needed."""

from __future__ import annotations

from collections import Counter

from driftcheck.search.law_turns import ENOUGH, LAW_SHARE, MOST_TIME, MOST_TIME_AT_FIRST, LawTurns

LAWS = ("one", "two", "three")


def given(turns: LawTurns, traces: int, *, decided: tuple[str, ...] = LAWS, broken: str = "") -> Counter[str]:
    """Give all turns that are due, trace by trace."""
    counts: Counter[str] = Counter()
    for number in range(1, traces + 1):
        for law in turns.due(number):
            counts[law] += 1
            turns.end(law, is_decided=law in decided, is_broken=law == broken)
    return counts


def test_each_law_has_one_case_for_every_ten_traces() -> None:
    """One for every ten traces and each law, shared evenly."""
    counts = given(LawTurns(LAWS), 40 * LAW_SHARE)

    assert counts.total() == 40 * len(LAWS)
    assert max(counts.values()) - min(counts.values()) <= 2


def test_the_first_traces_bring_a_case_of_each_law() -> None:
    """A run that ends early has come to each law."""
    assert set(given(LawTurns(LAWS), LAW_SHARE)) == set(LAWS)
    assert list(LawTurns(LAWS).due(1)) == ["one"]


def test_a_law_that_few_cases_decide_has_more_turns() -> None:
    """Until ten cases have decided it, it has twice as many as the others."""
    counts = given(LawTurns(LAWS), 40 * LAW_SHARE, decided=("one", "two"))

    assert counts["three"] >= 1.5 * (counts["one"] - ENOUGH)
    assert counts["one"] >= ENOUGH


def test_a_law_that_was_broken_has_more_turns() -> None:
    """What finds divergences may find more."""
    counts = given(LawTurns(LAWS), 40 * LAW_SHARE, broken="two")

    assert counts["two"] >= 2 * counts["one"]


def test_laws_take_no_more_than_their_part_of_the_time() -> None:
    """Where time is limited, traces go on; but first each law has some turns."""
    early, late = LawTurns(LAWS), LawTurns(LAWS)
    given(late, 2 * ENOUGH * LAW_SHARE)

    for turns, most in (early, MOST_TIME_AT_FIRST), (late, MOST_TIME):
        assert not list(turns.due(1_000, time_taken=most + 0.01))
        assert list(turns.due(1_000, time_taken=most))


def test_a_contract_without_laws_has_no_turns() -> None:
    """Nothing is due."""
    assert not list(LawTurns(()).due(1_000))
