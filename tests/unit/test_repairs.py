"""Repairs of a step: its arguments without one kind of character, and whether a divergence is gone then."""

from __future__ import annotations

import pytest

from driftcheck import U64, Contract, Payload, operation, schema_of
from driftcheck.codecs import Codec
from driftcheck.core.outcome import Accepted, Rejected, Unsupported
from driftcheck.core.trace import Document, Step
from driftcheck.generate.repairs import LONGEST, ODD_TEXT, TEXT, Repair, Repaired, repaired
from driftcheck.oracle import checks
from driftcheck.oracle.healing import is_healed
from driftcheck.oracle.signature import Divergence
from driftcheck.oracle.step import Outcomes
from driftcheck.values.encoding import OutsideType


class Bars(Codec[str]):
    """Text; a bar is odd."""

    def encode(self, value: str) -> bytes:
        return value.encode()

    def features(self, data: bytes) -> set[str]:
        return {"bar"} if b"|" in data else set()


class Reads(Contract):
    """Reads text."""

    @operation
    def read(self, text: Payload[str, Bars], words: tuple[str, ...], count: U64) -> tuple[str, ...]: ...


(READ,) = schema_of(Reads).operations
SHAPE = (("go", "accepted"), ("rust", "accepted"))


def test_a_repair_removes_one_kind_of_character_from_one_argument() -> None:
    """A mark is a kind of its own; letters and digits are one kind, and all other characters another one."""
    step = Step("read", (Document(b"a|\xff"), ("b]", "1]"), 7))

    found: dict[tuple[str, str], list[Repaired]] = {}
    for one in repaired(READ, step):
        found.setdefault((one.repair.format, one.repair.kind), []).append(one)

    assert set(found) == {("bars", ODD_TEXT), ("bars", TEXT), ("bars", "|"), ("", "]"), ("", TEXT)}
    texts = {one.step.arguments[0].data for one in found["bars", "|"]}
    assert texts == {b"a\xff", b"aa\xff", b"a0\xff"}
    assert {one.step.arguments[1] for one in found["", "]"]} == {("b", "1"), ("ba", "1a"), ("b0", "10")}


def test_a_repair_names_the_features_that_it_takes_away() -> None:
    """Other repairs of the document take away none."""
    lost = {one.repair: one.lost for one in repaired(READ, Step("read", (Document(b"a|"), (), 0)))}

    assert lost == {Repair("bars", "|"): {"bar"}, Repair("bars", TEXT): frozenset()}


def test_a_long_argument_is_not_repaired() -> None:
    """Its runs would cost more than they tell."""
    assert not [*repaired(READ, Step("read", (Document(b"|" * (LONGEST + 1)), (), 0)))]


A, B, NO = Accepted(("a",)), Accepted(("b",)), Rejected("bad")


@pytest.mark.parametrize(
    ("check", "path", "outcomes", "healed"),
    [
        (checks.ACCEPT_REJECT, "", (A, B), True),
        (checks.ACCEPT_REJECT, "", (A, NO), False),
        (checks.ACCEPT_REJECT, "", (NO, NO), False),
        (checks.ACCEPT_REJECT, "", (A, Unsupported()), True),
        (checks.ACCEPT_REJECT, "", (A, OutsideType("is bad")), True),
        (checks.VALUE, "[3]", (A, A), True),
        (checks.VALUE, "[3]", (A, B), False),
        (checks.VALUE, "length", (A, B), True),
        (checks.VALUE, "[3]", (A, NO), False),
        (checks.OUTSIDE_TYPE, "", (A, B), True),
        (checks.OUTSIDE_TYPE, "", (A, OutsideType("is bad")), False),
        (checks.DETAIL, "", (NO, NO), False),
        (checks.CRASH, "", (A, A), False),
    ],
)
def test_a_divergence_is_healed_where_it_is_gone_and_a_subject_accepts(
    check: checks.Check, path: str, outcomes: tuple[object, ...], healed: bool
) -> None:
    """A step that all subjects refuse is broken in another way, and says nothing."""
    divergence = Divergence(check, 0, "read", SHAPE, path=path)
    shown: Outcomes = dict(zip(("go", "rust"), outcomes, strict=True))  # type: ignore[arg-type] # of outcomes

    assert is_healed(divergence, READ, shown) is healed
