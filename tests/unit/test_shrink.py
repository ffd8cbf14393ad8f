"""Cases that show a planted predicate shrink to the minimum that is written here by hand."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated

import pytest
from generation_contracts import LRU, READS
from planted_predicates import first_shrunk

from driftcheck import I64, Contract, ge, le, operation, schema_of
from driftcheck.core.trace import Document, LawCase, Name, Ref, Step, Trace
from driftcheck.generate import passes
from driftcheck.generate._conjecture import Choices
from driftcheck.generate.draw import draw
from driftcheck.generate.passes import Pass
from driftcheck.generate.shrink import shrink
from driftcheck.generate.strategy import law_cases, traces

Bit = Annotated[int, ge(0), le(1)]

KEYS = "text 1..8 x4"
SEEDS = range(10)


def named(index: int) -> Name:
    """Return the name that a shrunk trace has at this index."""
    return Name(KEYS, index, str(index))


def four_steps(trace: Trace) -> Hashable | None:
    """Show a bug after put(k, nine bytes), get(k), remove(k), put(k)."""
    reached: dict[str, int] = {}
    for step in trace.steps:
        if not step.arguments or not isinstance(step.arguments[0], Name):
            continue
        key = step.arguments[0].value
        before = reached.get(key, 0)
        match step.operation:
            case "put" if before == 3:
                return "four"
            case "put" if len(step.arguments[1]) >= 9:
                reached[key] = max(before, 1)
            case "get" if before == 1:
                reached[key] = 2
            case "remove":
                reached[key] = 3 if before == 2 else 0
    return None


@pytest.mark.parametrize("seed", SEEDS)
def test_four_steps_and_nine_bytes(seed: int) -> None:
    """A bug that needs four steps on one key and a value of nine bytes is found within fifty traces."""
    found = first_shrunk(traces(LRU), four_steps, seed=seed, max_cases=50)

    assert found.case.steps == (
        Step("put", (named(0), bytes(9))),
        Step("get", (named(0),)),
        Step("remove", (named(0),)),
        Step("put", (named(0), b"")),
    )
    assert found.case.rosters == {KEYS: ("0", "1", "2", "3")}
    assert found.case.opening == (1,)
    assert found.is_minimal
    assert found.recurs
    assert found.calls <= 200


def long_when_got_and_walked(trace: Trace) -> Hashable | None:
    """Show a bug where a walk that began before a get reaches a value of nine bytes."""
    values: dict[str, bytes] = {}
    walks: dict[int, bool] = {}  # whether there was a get since
    for number, step in enumerate(trace.steps):
        match step.operation:
            case "put":
                values[step.arguments[0].value] = step.arguments[1]
            case "walk" if values:
                walks[number] = False
            case "get":
                walks = dict.fromkeys(walks, True)
            case "advance" if walks.get(step.arguments[0].step) and max(map(len, values.values())) >= 9:
                return "long"
    return None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_later_step_takes_the_place_of_an_earlier_one(seed: int) -> None:
    """The earlier of two puts stores the needed value, though neither put can be removed alone."""
    found = first_shrunk(traces(LRU), long_when_got_and_walked, seed=seed, max_cases=50)

    assert found.case.steps == (
        Step("put", (named(0), bytes(9))),
        Step("walk"),
        Step("get", (named(0),)),
        Step("advance", (Ref(1),)),
    )


def two_keys(trace: Trace) -> Hashable | None:
    """Show a bug where a get of one key follows puts of two others."""
    puts: list[str] = []
    for step in trace.steps:
        if step.operation == "put" and step.arguments[0].value not in puts:
            puts.append(step.arguments[0].value)
        if step.operation == "get" and len(puts) >= 2 and step.arguments[0].value not in puts:
            return "two"
    return None


@pytest.mark.parametrize("seed", range(4))
def test_names_in_order(seed: int) -> None:
    """Names are used in their order, whichever of them the bug was found with."""
    found = first_shrunk(traces(LRU), two_keys, seed=seed, max_cases=10)

    assert found.case.steps == (
        Step("put", (named(0), b"")),
        Step("put", (named(1), b"")),
        Step("get", (named(2),)),
    )


def second_handle(trace: Trace) -> Hashable | None:
    """Show a bug where a handle is advanced after another one was finished."""
    finished = set()
    for step in trace.steps:
        if step.operation == "finish":
            finished.add(step.arguments[0].step)
        if step.operation == "advance" and finished:
            return "handle"
    return None


@pytest.mark.parametrize("seed", range(4))
def test_handles(seed: int) -> None:
    """Handles shrink to the earliest ones, and steps that make none of those go."""
    found = first_shrunk(traces(LRU), second_handle, seed=seed, max_cases=10)

    assert found.case.steps == (
        Step("walk"),
        Step("walk"),
        Step("finish", (Ref(0),)),
        Step("advance", (Ref(1),)),
    )


class Wide(Contract):
    """Takes thirty arguments."""

    def state(self) -> bool: ...
    @operation
    def wide(
        self,
        a0: I64, a1: I64, a2: I64, a3: I64, a4: I64, a5: I64, a6: I64, a7: I64, a8: I64, a9: I64,
        b0: bool, b1: bool, b2: bool, b3: bool, b4: bool, b5: bool, b6: bool, b7: bool, b8: bool, b9: bool,
        c0: str, c1: str, c2: str, c3: str, c4: str, c5: str, c6: str, c7: str, c8: str, c9: str,
    ) -> None: ...  # fmt: skip
    @operation
    def quiet(self) -> None: ...


def three_wide(trace: Trace) -> Hashable | None:
    """Show a bug where three wide steps have a7 above 1000, b9 set and a c4 that holds a quote."""
    wide = [s.arguments for s in trace.steps if s.operation == "wide"]
    if any(a[7] > 1000 for a in wide) and any(a[19] for a in wide) and any('"' in a[24] for a in wide):
        return "wide" if len(wide) >= 3 else None
    return None


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.nightly)])
def test_thirty_arguments(seed: int) -> None:
    """Steps of thirty arguments are cut as well as small ones."""
    found = first_shrunk(traces(schema_of(Wide)), three_wide, seed=seed, max_cases=50)

    assert found.is_minimal
    assert [s.operation for s in found.case.steps] == ["wide"] * 3
    flat = [a for s in found.case.steps for a in s.arguments]
    assert sorted(map(repr, (a for a in flat if a))) == ["'\"'", "1001", "True"]


def by_length(trace: Trace) -> Hashable | None:
    """Show two bugs, of which the longer one hides in traces that show the shorter one too."""
    lengths = [len(s.arguments[1]) for s in trace.steps if s.operation == "put"]
    if any(3 <= n < 12 for n in lengths):
        return "short"
    return "long" if any(n >= 12 for n in lengths) else None


@pytest.mark.parametrize("signature", ["short", "long"])
@pytest.mark.parametrize("seed", range(5))
def test_a_shrink_does_not_slip_to_another_signature(seed: int, signature: str) -> None:
    """A case shrinks under its own signature, and the other signature is returned with a case."""
    case = next(case for case in draw(traces(LRU), seed) if by_length(case) == signature)

    found = shrink(traces(LRU), case, by_length, signature)

    size = {"short": 3, "long": 12}
    assert found.case.steps == (Step("put", (named(0), bytes(size[signature]))),)
    assert signature not in found.others
    assert all(by_length(first) == other for other, first in found.others.items())


def test_what_is_seen_while_another_signature_is_shrunk() -> None:
    """A signature that shows only in smaller cases is returned with the first of these."""

    def judge(trace: Trace) -> Hashable | None:
        puts = sum(s.operation == "put" for s in trace.steps)
        if puts >= 5:
            return "many"
        return "few" if 1 <= puts <= 2 else None

    case = next(case for case in draw(traces(LRU), 1) if judge(case) == "many")

    found = shrink(traces(LRU), case, judge, "many")

    assert len(found.case.steps) == 5
    assert {other: judge(first) for other, first in found.others.items()} == {"few": "few"}


def test_every_case_is_interesting() -> None:
    """A case of which nothing is needed shrinks to no steps at all."""
    found = first_shrunk(traces(LRU), lambda trace: "same", seed=1, max_cases=1)

    assert found.case.steps == ()


def test_same_seed() -> None:
    """The same case shrinks in the same way each time."""
    one, other = (first_shrunk(traces(LRU), four_steps, seed=3, max_cases=30) for _ in range(2))

    assert one == other


def test_most_calls() -> None:
    """A shrink that may not call the judge again gives what it has, and says that it is not minimal."""
    found = first_shrunk(traces(LRU), four_steps, seed=1, max_cases=30, max_calls=20)

    assert found.calls == 20
    assert not found.is_minimal
    assert four_steps(found.case) == "four"
    assert len(found.case.steps) < 50


def test_stop() -> None:
    """A shrink ends when it is told to, after one call at least."""
    found = first_shrunk(traces(LRU), four_steps, seed=1, max_cases=30, stop=lambda: True)

    assert found.calls == 1
    assert found.recurs
    assert not found.is_minimal


def test_what_does_not_recur() -> None:
    """A case that shows nothing when it is judged again stays as it was drawn."""
    case = next(draw(traces(LRU), 0))

    found = shrink(traces(LRU), case, lambda trace: None, "once")

    assert not found.recurs
    assert not found.is_minimal
    assert found.case is case


def test_what_recurs_at_the_second_try() -> None:
    """A case that once shows another signature, as on a busy machine, is still shrunk."""
    case = next(case for case in draw(traces(LRU), 0) if four_steps(case))
    tries = 0

    def judge(trace: Trace) -> Hashable | None:
        nonlocal tries
        tries += 1
        return "hung" if tries == 1 else four_steps(trace)

    found = shrink(traces(LRU), case, judge, "four")

    assert found.recurs
    assert len(found.case.steps) == 4
    assert list(found.others) == ["hung"]


def test_a_flaky_judge() -> None:
    """A judge that changes its mind ends the shrink early at worst."""
    calls = 0

    def judge(trace: Trace) -> Hashable | None:
        nonlocal calls
        calls += 1
        return "flaky" if calls % 3 else None

    found = shrink(traces(LRU), next(draw(traces(LRU), 0)), judge, "flaky")

    assert found.signature == "flaky"
    assert calls >= 3
    assert len(found.case.steps) <= len(found.original.steps)


def test_document() -> None:
    """A malformed document shrinks to the one mutation that matters, on the smallest value."""

    def judge(trace: Trace) -> Hashable | None:
        (document,) = trace.steps[0].arguments
        return "bom" if document.data.startswith(b"\xef\xbb\xbf") else None

    found = first_shrunk(traces(READS), judge, seed=4, max_cases=400)

    (document,) = found.case.steps[0].arguments
    assert document.mutations == ("bom",)
    assert document.data == b'\xef\xbb\xbf{"id":0,"name":"","score":0,"note":null,"tags":[]}'


def test_law_case() -> None:
    """A case of a law is cut in its steps, and in the runs that are its arguments."""

    def judge(case: LawCase) -> Hashable | None:
        inside = [s.operation for s in case.arguments[1]]
        before = [s.operation for s in case.trace.steps]
        return "law" if "resize" in inside and "remove" in before else None

    found = first_shrunk(law_cases(LRU, LRU.laws[0]), judge, seed=0, max_cases=50)

    assert found.case.trace.steps == (Step("remove", (named(0),)),)
    assert found.case.arguments == (named(0), (Step("resize", (1,)),), ())


def test_a_case_from_elsewhere() -> None:
    """A case that another generator made shrinks to the same minimum."""
    rosters = {KEYS: ("key", "other", "third", "fourth")}
    keys = [Name(KEYS, i, v) for i, v in enumerate(rosters[KEYS])]
    noise = [Step("get", (keys[3],)), Step("resize", (2,)), Step("walk")]
    steps = [
        *noise,
        Step("put", (keys[2], b"a value of many bytes"[:16])),
        *noise,
        Step("get", (keys[2],)),
        Step("remove", (keys[2],)),
        *noise,
        Step("put", (keys[2], b"x")),
    ]

    found = shrink(traces(LRU), Trace(tuple(steps), (3,), rosters), four_steps, "four")

    assert [s.operation for s in found.case.steps] == ["put", "get", "remove", "put"]
    assert found.case.steps[0] == Step("put", (named(0), bytes(9)))


def test_bytes_from_elsewhere() -> None:
    """A document of any bytes shrinks too."""

    def judge(trace: Trace) -> Hashable | None:
        return "x" if b"\x07" in trace.steps[0].arguments[0].data else None

    foreign = Trace((Step("decode", (Document(b'{"a": "\x07", "b": [1, 2, 3]}'),)),))

    found = shrink(traces(READS), foreign, judge, "x")

    assert found.case.steps == (Step("decode", (Document(b"\x07"),)),)


class Far(Contract):
    """Has two numbers that are far apart."""

    @operation
    def both(self, a: Bit, b: tuple[bool, ...], c: Bit, d: Bit) -> bool: ...


def test_two_equal_numbers_are_lowered_together() -> None:
    """Where two must be equal, neither alone can go, nor all that are like them."""

    def judge(trace: Trace) -> Hashable | None:
        a, b, c, d = trace.steps[0].arguments
        return "x" if a == c and d == 1 and len(b) >= 5 else None

    case = Trace((Step("both", (1, (False,) * 5, 1, 1)),))

    found = shrink(traces(schema_of(Far)), case, judge, "x")

    assert found.case.steps == (Step("both", (0, (False,) * 5, 0, 1)),)


def test_a_pass_does_not_run_again_on_what_it_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets only a case that another pass has changed since, also in a later round."""
    seen: list[Choices] = []
    looks = Pass("looks", lambda attempts: seen.append(attempts.choices))
    monkeypatch.setattr(passes, "OF_CASES", (*passes.OF_CASES, looks))
    monkeypatch.setattr(passes, "OF_DOCUMENTS", (*passes.OF_DOCUMENTS, looks))

    found = first_shrunk(traces(LRU), four_steps, seed=0, max_cases=50)

    assert found.is_minimal
    assert len(seen) == len(set(seen)) > 0
