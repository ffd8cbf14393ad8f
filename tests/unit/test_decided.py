"""What a run says of laws and invariants that it has barely decided."""

from __future__ import annotations

from driftcheck import Contract, invariant, law, operation, schema_of
from driftcheck.search.decided import decided_no_law, rarely_decided, times_decided
from driftcheck.search.statistics import RunStatistics


class Held(Contract):
    """Has two laws and an invariant."""

    def state(self) -> bool: ...
    @operation
    def touch(self) -> None: ...
    @law
    def holds(self) -> bool:
        return True

    @law
    def lasts(self) -> bool:
        return True

    @invariant
    def is_sound(self, state: bool) -> bool:
        return True


HELD = schema_of(Held)


def counted(**times: int) -> RunStatistics:
    """Return the statistics of a run with these numbers of decided cases and states."""
    statistics = RunStatistics()
    statistics.laws.update({name: n for name, n in times.items() if name != "is_sound"})
    statistics.invariants["is_sound"] = times.get("is_sound", 0)
    return statistics


def test_each_law_and_invariant_is_told_with_its_times() -> None:
    """The verbose summary lists them."""
    told = dict(times_decided(HELD, counted(holds=12, is_sound=400)))

    assert told == {"law holds": 12, "law lasts": 0, "invariant is_sound": 400}


def test_what_was_decided_rarely_has_a_line() -> None:
    """Fewer than ten times; without any, there is no line."""
    few = rarely_decided(HELD, counted(holds=12, lasts=9, is_sound=400))

    assert few == "decided fewer than 10 times: law lasts 9"
    assert rarely_decided(HELD, counted(holds=10, lasts=10, is_sound=10)) == ""


def test_a_run_that_decided_no_law_is_told_from_one_that_did() -> None:
    """One decided case of any law is enough."""
    assert decided_no_law(HELD, counted(is_sound=400))
    assert not decided_no_law(HELD, counted(lasts=1))
