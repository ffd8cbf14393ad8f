"""What is odd about CBOR for a reader of any item: nothing that depends on a type."""

from __future__ import annotations

import pytest
from cbor_samples import SAMPLE, Sample, typed_values
from hypothesis import given, settings
from hypothesis import strategies as st
from json_samples import Drawn

from driftcheck.codecs.cbor import UntypedCbor
from driftcheck.codecs.cbor.scan import scan
from driftcheck.core.codec import mutate

CBOR = UntypedCbor()
NAMES = [m.name for m in CBOR.mutations]
UPON_ANOTHER = {"wide-tag"}  # there is no tag before another mutation has put one


def features(data: str) -> set[str]:
    return CBOR.features_typed(bytes.fromhex(data), SAMPLE)


@settings(deadline=None)
@given(typed_values)
def test_well_formed(typed):
    """Nothing is odd about what the codec writes, nor about a document of another type."""
    type_, value = typed

    assert CBOR.features_typed(CBOR.encode_typed(value, type_), SAMPLE) == set()


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(NAMES), st.data())
def test_one_word(name, data):
    """Whatever a single mutation draws, a record broken by it has that one feature."""
    mutated = mutate(CBOR, SAMPLE, Sample(), [name], Drawn(data))

    assert CBOR.features_typed(mutated.data, SAMPLE) == set(mutated.applied)


@pytest.mark.parametrize("name", sorted(set(NAMES) - UPON_ANOTHER))
def test_each_mutation_breaks_a_record(name):
    """Each mutation finds something to break in a record."""
    found = [mutate(CBOR, SAMPLE, Sample(), [name], Each(at)) for at in range(3)]

    assert {name} in [CBOR.features_typed(one.data, SAMPLE) for one in found]


class Each:
    """Equal choices, as far as the bounds allow."""

    def __init__(self, at: int) -> None:
        self.at = at

    def integer(self, lo: int, hi: int) -> int:
        return min(hi, lo + self.at)

    def boolean(self, p: float = 0.5) -> bool:
        return self.at > 0


@settings(deadline=None, max_examples=200)
@given(st.binary())
def test_any_bytes(data):
    """Any bytes have features, and only valid documents have none."""
    found = CBOR.features_typed(data, SAMPLE)

    assert found <= set(NAMES)
    assert CBOR.has_only(data, SAMPLE, found)
    assert all(not CBOR.has_only(data, SAMPLE, found - {word}) for word in found)
    if not found:
        CBOR.decode_typed(data, SAMPLE)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a200000001", {"duplicate-key"}),
        ("a20000180001", {"duplicate-key", "wide-integer"}),
        ("a26161007f6161ff00", {"duplicate-key", "indefinite-text"}),
        ("81a1a000", {"odd-key"}),
        ("a1d8238000", {"odd-key", "unknown-tag"}),
        ("a1c2410100", {"odd-key", "bignum"}),
        ("a13bffffffffffffffff00", {"odd-key"}),
        ("a13b7fffffffffffffff00", set()),
        ("a1f600", set()),
        ("a2f97e0000f97e0101", {"duplicate-nan-key", "half-float", "nan-payload"}),
        ("a2fb000000000000000000fb800000000000000000", {"duplicate-zero-key"}),
        ("a2f9000000f9800000", {"duplicate-zero-key", "half-float"}),
        ("a2f9000000f9000000", {"duplicate-key", "half-float"}),
        ("a1f97e0000", {"half-float"}),
        ("a1f93c0000", {"half-float"}),
        ("a16178c100", {"time-tag"}),
        ("6178", set()),
        ("c200", {"wrong-tag-content"}),
        ("c25f4101ff", {"bignum"}),
        ("c25f5f4101ffff", {"bignum", "nested-chunks"}),
    ],
)
def test_each_item_is_read(data: str, expected: set[str]) -> None:
    """The keys and values of every map have features, in whichever field they stand."""
    assert features(data) == expected


def test_a_mutation_of_chunks_in_chunks_keeps_the_length() -> None:
    """What a string holds are the bytes of its innermost chunks, without their heads."""
    nested = scan(bytes.fromhex("5f5f4101ff4102ff"))

    assert nested.root is not None
    assert nested.string(nested.root) == b"\x01\x02"
