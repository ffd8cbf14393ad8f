"""Mutations of any text and of any bytes: what each makes, and how text shows what was done to it."""

from __future__ import annotations

import pytest
from json_samples import Lowest, Played

from driftcheck.core import types as t
from driftcheck.core.codec import Codec, mutate_bytes
from driftcheck.core.raw_mutations import plain_text, raw_mutations, text_features, text_mutations


class Text(Codec[bytes]):
    """Text, and bytes, that stand for themselves."""

    mutations = (*text_mutations, *(m for m in raw_mutations if m not in text_mutations))


ANY = t.Bytes()

# What each makes of -a1b, with the simplest choices.
SIMPLEST = {
    "look-alike": "-\u04301b",
    "full-width": "-\uff411b",
    "foreign-digit": "-a\u0661b",
    "typographic-dash": "\u2212a1b",
    "zero-width": "\u200b-a1b",
    "direction-mark": "\u202e-a1b",
    "odd-line-break": "-\u2028a1b",
    "decomposed": "-a\u03011b",
    "very-long": "-a1b" + "b" * 4097,
}


@pytest.mark.parametrize("name", SIMPLEST)
def test_simplest(name):
    """The simplest choices give the text on file; it is recognised by its name, and undone."""
    mutated = mutate_bytes(Text(), ANY, b"-a1b", [name], Lowest())

    assert mutated.data.decode() == SIMPLEST[name]
    assert text_features(mutated.data) == {name}
    assert plain_text(mutated.data)[1] == ("-a1b" if name != "very-long" else SIMPLEST[name])


def test_surrogate_pair():
    """A character as two encoded surrogates is no UTF-8, and has a name of its own."""
    mutated = mutate_bytes(Text(), ANY, b"a", ["surrogate-pair"], Lowest())

    assert mutated.data == b"\xed\xa0\xbd\xed\xb8\x80a"
    assert plain_text(mutated.data) == ({"surrogate-pair"}, "a")


def test_normal_forms():
    """Text is taken apart and put together again; what is whole already is left as it is."""
    apart = mutate_bytes(Text(), ANY, "é".encode(), ["decomposed"], Lowest())
    whole = mutate_bytes(Text(), ANY, apart.data, ["composed"], Lowest())

    assert apart.data.decode() == "e\u0301"
    assert whole.data.decode() == "é"
    assert mutate_bytes(Text(), ANY, whole.data, ["composed"], Lowest()).applied == ()
    assert (text_features(apart.data), text_features(whole.data)) == ({"decomposed"}, set())


@pytest.mark.parametrize(
    ("name", "choices", "data"),
    [
        ("length-doubled", (1,), b"\x01\x04\x03\x04"),
        ("zero-run", (0, 2), b"\x00\x00\x00\x00\x01\x02\x03\x04"),
        ("chunk-repeated", (1, 3, 1), b"\x01\x02\x03\x02\x03\x02\x03\x04"),
        ("chunks-swapped", (0, 1, 3), b"\x02\x03\x01\x04"),
        ("spliced", (3, 1), b"\x01\x02\x03\x02\x03\x04"),
    ],
)
def test_bytes(name, choices, data):
    """Bytes are broken without knowing what they mean."""
    assert mutate_bytes(Text(), ANY, b"\x01\x02\x03\x04", [name], Played(*choices)).data == data


@pytest.mark.parametrize("name", [*SIMPLEST, "composed", "surrogate-pair"])
def test_no_text(name):
    """Bytes that are no UTF-8 have no characters to replace."""
    assert mutate_bytes(Text(), ANY, b"\xffa1-", [name], Lowest()).applied == ()
