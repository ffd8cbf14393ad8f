"""How contracts share the time of a campaign."""

from __future__ import annotations

from collections import Counter

from driftcheck.campaign.time_shares import TimeShares


def given(shares: TimeShares, names: list[str], turns: int, yields: dict[str, int]) -> Counter[str]:
    """Give turns of ten seconds, which yield these entries; return how many each contract had."""
    counts: Counter[str] = Counter()
    for _ in range(turns):
        name = shares.next(names)
        counts[name] += 1
        shares.begin(name, 10)
        shares.end(name, 10, 10, entries=yields.get(name, 0), findings=0)
    return counts


def test_contracts_that_yield_the_same_share_equally() -> None:
    """Without anything new, and with the same of it, each has the same time."""
    nothing = given(TimeShares("abc"), [*"abc"], 30, {})
    same = given(TimeShares("abc"), [*"abc"], 30, {"a": 3, "b": 3, "c": 3})

    assert set(nothing.values()) == set(same.values()) == {10}


def test_a_contract_that_yields_more_has_more_time() -> None:
    """Of two, the one that alone yields something has about three quarters."""
    counts = given(TimeShares("ab"), [*"ab"], 100, {"a": 5})

    assert 70 <= counts["a"] <= 80


def test_each_contract_keeps_a_least_share() -> None:
    """One that yields nothing still has half of an equal share."""
    counts = given(TimeShares("abcd"), [*"abcd"], 400, {"a": 100})

    assert all(counts[name] >= 45 for name in "bcd")


def test_what_was_yielded_long_ago_counts_little() -> None:
    """A contract that has stopped to yield falls back to the others within a few turns."""
    shares = TimeShares("ab")
    given(shares, [*"ab"], 10, {"a": 50})
    given(shares, [*"ab"], 20, {})

    given(shares, [*"ab"], 10, {"b": 1})

    assert shares.weight("b") > shares.weight("a")


def test_a_finding_counts_as_much_as_ten_entries() -> None:
    """So a contract with findings has more time than one that only grows its corpus slowly."""
    shares = TimeShares("ab")
    shares.end("a", 10, 10, entries=0, findings=1)
    shares.end("b", 10, 10, entries=5, findings=0)

    assert shares.weight("a") > shares.weight("b")


def test_turns_that_go_on_count() -> None:
    """Several workers that ask at once turn to different contracts."""
    shares = TimeShares("abc")
    asked = []
    for _ in range(3):
        asked.append(shares.next([*"abc"]))
        shares.begin(asked[-1], 10)

    assert sorted(asked) == [*"abc"]
