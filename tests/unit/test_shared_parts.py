"""What the reconciliation contract's invariant `shared_part_is_whole` refuses: each way of breaking R1.7."""

from __future__ import annotations

import attrs
import pytest

from driftcheck_contracts.reconcile.recomputed import is_shared_part
from driftcheck_contracts.reconcile.records import Entry, Kept, Replica

A, B = b"a\0\0\0\0", b"bb\0\0\0\0"  # origins
CLOCK = bytes([0, 0, 0, 0, 0, 9, 0, 0])


def _put(origin: bytes, counter: int, value: bytes | None = b"\1") -> Entry:
    return Entry(origin, counter, CLOCK, value, 3, None, {})


COUNTER, LAST, MULTI = (
    Kept(b"c0", (_put(A, 1),)),
    Kept(b"k0", (_put(A, 4, None),)),
    Kept(b"m0", (_put(A, 2), _put(B, 1))),
)
WHOLE = Replica((COUNTER, LAST, MULTI), {A: 4, B: 1}, {A: 3}, b"a", 0, CLOCK, 3, {}, ())


def test_a_whole_state_is_one() -> None:
    """A key of each policy, a tombstone that is not collected yet, and a watermark are a shared part."""
    assert is_shared_part(WHOLE)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("keys", (LAST, COUNTER, MULTI), id="keys out of order"),
        pytest.param("keys", (COUNTER, COUNTER), id="a key twice"),
        pytest.param("keys", (Kept(b"k0", ()),), id="a key without entries"),
        pytest.param("keys", (Kept(b"m0", MULTI.entries[::-1]),), id="entries out of order"),
        pytest.param("keys", (Kept(b"m0", (*MULTI.entries, MULTI.entries[1])),), id="an entry twice"),
        pytest.param("keys", (Kept(b"m0", (_put(A, 2), _put(A, 2, b"\2"))),), id="two entries of a dot"),
        pytest.param("keys", (COUNTER, Kept(b"k1", COUNTER.entries)), id="a dot under two keys"),
        pytest.param("keys", (Kept(b"k0", (_put(A, 5),)),), id="a dot that the vector does not cover"),
        pytest.param("keys", (Kept(b"k0", (_put(A, 3, None),)),), id="a tombstone that was collected"),
        pytest.param("keys", (Kept(b"k0", MULTI.entries),), id="two entries where the last one wins"),
        pytest.param("keys", (Kept(b"c0", (_put(A, 1, b"\x20"),)),), id="a counter below zero"),
        pytest.param("clock", bytes(8), id="an entry after the clock"),
        pytest.param("vector", {A: 4}, id="an origin that the vector lacks"),
        pytest.param("vector", {A: 4, B: 1, b"x\0\0\0\0": 1}, id="a writer that is no member"),
        pytest.param("vector", {A: 4, B: 1, b"c\0\0\0\0": 0}, id="a zero in the vector"),
        pytest.param("watermark", {A: 3, B: 2}, id="a watermark beyond the vector"),
        pytest.param("watermark", {A: 3, B: 0}, id="a zero in the watermark"),
    ],
)
def test_each_way_of_breaking_it_is_told(field: str, value: object) -> None:
    """A state that differs from a whole one in one way is no shared part."""
    assert not is_shared_part(attrs.evolve(WHOLE, **{field: value}))
