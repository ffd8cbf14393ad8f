"""The relation of two values that differ: in which way, in one or two words."""

from __future__ import annotations

import math
import time
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from driftcheck.core import types as t
from driftcheck.oracle.compare import differences
from driftcheck.oracle.relations import are_opposite, has_direction, of_sequences, relation


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (None, "", "none, value"),
        (0, None, "value, none"),
        (True, False, "true, false"),
        (3, 4, "off by one"),
        (3, -3, "sign"),
        (300, 44, "modulo 2^8"),
        ((1 << 32) + 5, 5, "modulo 2^32"),
        (21, 7, "a multiple"),
        (10, 7, ""),
        (0.1 + 0.2, 0.3, "rounding"),
        (0.0, -0.0, "sign of zero"),
        (2.5, -2.5, "sign"),
        (0.1, 0.10000000149011612, "single precision"),
        (math.nan, 1.0, "not a number, number"),
        (math.inf, 1.0, "infinite, finite"),
        (2.0, 3.0, "off by one"),
        (2.0, 9.0, ""),
        ("ABC", "abc", "case"),
        ("a b", " a  b ", "white space"),
        ("\u00e9", "e\u0301", "Unicode form"),
        ("a b", "a%20b", "percent-encoding"),
        ("1.0", "1.00", "another form"),
        ("1.0000001", "1.0000002", "rounding"),
        ("1", "-1", "sign"),
        ("http://a/", "http://a", "longer"),
        ("", "abc", "shorter"),
        (b"\x00", b"", "longer"),
        ("abc", "xyz", ""),
    ],
)
def test_each_relation_has_its_word(one: Any, other: Any, expected: str) -> None:
    """Where no word fits, there is none."""
    assert relation(one, other) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((1, 2), (2, 1), "another order"),
        ((1, 2, 3), (1, 3), "more"),
        ((1,), (1, 3), "fewer"),
        ((1, 2, 3), (9, 9), "other items"),
        ((1, 2), (1, 3), ""),
    ],
)
def test_sequences_are_compared_as_a_whole(one: Any, other: Any, expected: str) -> None:
    """Their items tell nothing where the order or the number differs."""
    encoded = [[bytes([item]) for item in items] for items in (one, other)]

    assert of_sequences(*encoded) == expected


@pytest.mark.parametrize("text", ["1e1000000", "-1e-1000001", f"1e{10**18 - 1}", f"1e{10**18}"])
def test_a_number_that_no_calculation_reaches_has_no_relation(text: str) -> None:
    """A subject may write any exponent, and decimal raises what is no ValueError."""
    assert relation(text, f"{text}0") in ("", "longer", "shorter")
    assert relation("3", text) in ("", "rounding", "sign")


def test_marks_out_of_order_take_no_time() -> None:
    """Python sorts them in a time that grows with the square of their number, and nothing interrupts it."""
    marks = "a" + "\N{COMBINING ACUTE ACCENT}" * 100_000 + "\N{COMBINING DOT BELOW}" * 100_000
    started = time.process_time()

    assert relation(marks, f"{marks}b") == "shorter"
    assert time.process_time() - started < 5


def test_no_method_of_an_authors_class_is_called() -> None:
    """Records in a sequence are compared by their encodings."""

    def no(*_: object) -> Any:
        raise ValueError("no")

    cls = attrs.make_class("Odd", {"n": attrs.field()}, eq=False, frozen=True)
    for name in ("__repr__", "__eq__", "__hash__"):
        setattr(cls, name, no)
    number = t.Int(0, 9)
    type_ = t.Sequence(t.Record(name="Odd", cls=cls, fields=(t.Field("n", number),)), 0, None)
    one, other = ([cls(n) for n in ns] for ns in ((1, 2), (2, 1)))

    (first, _) = differences(type_, one, other)

    assert first.relation == "another order"


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.binary(max_size=6)


@given(VALUES, VALUES)
def test_exchanging_the_values_keeps_or_reverses_the_relation(one: Any, other: Any) -> None:
    """A relation is the same both ways, unless it has a direction."""
    assume(repr(one) != repr(other))
    there, back = relation(one, other), relation(other, one)

    assert are_opposite(there, back) if has_direction(there) else there == back
