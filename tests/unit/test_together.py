"""Numbers that depend on each other shrink together, and with the lengths that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import pairwise
from typing import Annotated

import attrs
import pytest

from driftcheck import U64, Contract, Payload, Rejection, ge, le, matches_re, operation, schema_of
from driftcheck.codecs import Codec
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.generate.shrink import Shrunk, shrink
from driftcheck.generate.strategy import traces

Number = Annotated[int, ge(0), le(10**6)]
Rate = Annotated[int, ge(1), le(10**6)]
MOST_CALLS = 200


class Limiter(Contract):
    """A rate limiter."""

    def open(self, rate: Rate, burst: Rate) -> None: ...
    def state(self) -> U64: ...
    @operation
    def allow(self, count: Number, now: Number) -> bool: ...
    @operation
    def round(self, text: str, places: Number) -> str: ...


LIMITER = schema_of(Limiter)


def shrunk(case: Trace, shows: Callable[[Trace], bool]) -> Shrunk[Trace]:
    def judge(trace: Trace) -> Hashable | None:
        return "shown" if shows(trace) else None

    return shrink(traces(LIMITER), case, judge, "shown")


def allowed(opening: tuple[int, int], *calls: tuple[int, int]) -> Trace:
    return Trace(tuple(Step("allow", call) for call in calls), opening)


def goes_back(trace: Trace) -> bool:
    """Show a bug where the clock goes back, and returns to what it was."""
    times = [step.arguments[1] for step in trace.steps]
    return any(a == c > b for a, b, c in zip(times, times[1:], times[2:], strict=False))


def fills_exactly(trace: Trace) -> bool:
    """Show a bug where two steps take all there is, and so much time passes as the rate says."""
    rate, burst = trace.opening
    steps = [step.arguments for step in trace.steps]
    return any(a[0] == b[0] == burst and b[1] - a[1] == rate for a, b in pairwise(steps))


def has_a_ratio(trace: Trace) -> bool:
    """Show a bug where two steps have counts of which one is three times the other."""
    counts = [step.arguments[0] for step in trace.steps]
    return any(a * 3 == b > 0 for a, b in pairwise(counts))


@pytest.mark.parametrize(
    ("case", "shows", "smallest"),
    [
        (
            allowed((5000, 70), (3, 9000), (7, 8000), (1, 5), (3, 9000), (2, 8000), (9, 9000)),
            goes_back,
            allowed((1, 1), (0, 1), (0, 0), (0, 1)),
        ),
        (
            allowed((5000, 70), (3, 1000), (70, 2000), (70, 7000), (3, 9000)),
            fills_exactly,
            allowed((1, 1), (1, 0), (1, 1)),
        ),
        (allowed((5, 7), (2, 9), (700, 1), (2100, 2)), has_a_ratio, allowed((1, 1), (1, 0), (3, 0))),
    ],
)
def test_numbers_of_several_steps_and_of_the_opening(
    case: Trace, shows: Callable[[Trace], bool], smallest: Trace
) -> None:
    """Equal numbers, differences and ratios stay what they are, and the numbers become as low as possible."""
    found = shrunk(case, shows)

    assert (found.case.opening, found.case.steps) == (smallest.opening, smallest.steps)
    assert found.calls <= MOST_CALLS


def test_a_text_and_the_number_that_counts_it() -> None:
    """A number that says how many digits a text has is lowered with each digit that is removed."""

    def shows(trace: Trace) -> bool:
        return any(
            step.operation == "round" and len(step.arguments[0]) == step.arguments[1] + 2 >= 3
            for step in trace.steps
        )

    case = Trace((Step("round", ("1.0000000000000001110223024625", 28)),), (1, 1))

    found = shrunk(case, shows)

    assert found.case.steps == (Step("round", ("000", 1)),)
    assert found.calls <= MOST_CALLS


@attrs.frozen
class Reading:
    """A name."""

    name: Annotated[str, matches_re(r"[a-z]{1,8}")]


class Frame(Codec[Reading]):
    """The length of the name, the name, and the sum of all bytes."""

    def encode(self, value: Reading) -> bytes:
        body = bytes([len(value.name)]) + value.name.encode()
        return body + bytes([sum(body) % 256])

    def features(self, data: bytes) -> set[str]:
        if not data or len(data) != data[0] + 2:
            return {"wrong-length"}
        return {"wrong-checksum"} if sum(data[:-1]) % 256 != data[-1] else set()


class Frames(Contract):
    """Reads frames."""

    malformed = Rejection("no frame", catch_all=True)

    @operation
    def read(self, document: Payload[Reading, Frame]) -> bool: ...


@pytest.mark.parametrize("data", [b"\x08abcdefgh\x07", b"\x05hello\xff", b"\x02ab\x00"])
def test_a_document_that_holds_its_length(data: bytes) -> None:
    """A part of a document goes together with its length, as long as nothing else becomes odd about it."""

    def judge(trace: Trace) -> Hashable | None:
        (document,) = trace.steps[0].arguments
        name = document.data[1:-1]
        is_shown = Frame().features(document.data) == {"wrong-checksum"} and name.isalpha()
        return "shown" if is_shown else None

    found = shrink(traces(schema_of(Frames)), Trace((Step("read", (Document(data),)),)), judge, "shown")

    assert found.case.steps == (Step("read", (Document(b"\x01a\x00"),)),)
    assert found.calls <= MOST_CALLS
