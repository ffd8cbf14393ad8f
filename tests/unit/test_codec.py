"""Codecs: what an author writes, and what every codec offers."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_samples import Drawn, Lowest

from driftcheck.core import types as t
from driftcheck.core.codec import Codec, Draw, Mutated, Mutation, mutate, mutate_bytes
from driftcheck.core.errors import CodecError
from driftcheck.core.raw_mutations import raw_mutations, text_features, text_mutations


@attrs.frozen
class Version:
    """A version with two parts."""

    major: int
    minor: int


VERSION = t.Record("Version", Version, (t.Field("major", t.Int(0, 9)), t.Field("minor", t.Int(0, 9))))


def leading_zero(data, draw, type_):
    """Put a zero before the first digit."""
    return b"0" + data if data[:1].isdigit() else None


class VersionText(Codec[Version]):
    """A codec as an author writes it."""

    mutations = (*text_mutations, Mutation("leading-zero", leading_zero))

    def encode(self, value: Version) -> bytes:
        return f"{value.major}.{value.minor}".encode()

    def features(self, data: bytes) -> set[str]:
        return text_features(data) | ({"leading-zero"} if data.startswith(b"0") else set())


def test_author_s_codec():
    """An author's encode and features need no declared type."""
    codec = VersionText()

    assert codec.encode_typed(Version(1, 2), VERSION) == b"1.2"
    assert codec.features_typed(b"01.2", VERSION) == {"leading-zero"}
    assert codec.decode_typed(b"1.2", VERSION) == b"1.2"
    assert codec.expressible(VERSION) is VERSION


def test_names():
    """The name of a codec is its class's name in lower case, or the one that it sets."""

    class Short(VersionText):
        name = "v"

    assert (VersionText.name, Short.name) == ("versiontext", "v")


def test_equality():
    """Codecs hold no state, so two of one class are equal, and so are types with them."""
    assert t.Payload(VERSION, VersionText()) == t.Payload(VERSION, VersionText())
    assert VersionText() != Codec[Version]()
    assert len({VersionText(), VersionText()}) == 1


def test_without_encode():
    """A codec without 'encode' raises an error that says so."""

    class Mute(Codec[Version]):
        pass

    with pytest.raises(NotImplementedError, match="codec 'mute' has no encode"):
        Mute().encode_typed(Version(1, 2), VERSION)


def test_mutation_s_doc():
    """The doc of a mutation is the first line of its function's docstring."""
    assert VersionText().mutation("leading-zero").doc == "Put a zero before the first digit"


def test_unknown_mutation():
    """A mutation that the codec does not have is a KeyError."""
    with pytest.raises(KeyError, match="absent-field"):
        mutate(VersionText(), VERSION, Version(1, 2), ["absent-field"], Lowest())


def test_in_order():
    """Mutations are applied in the given order; the result names only those with an effect."""
    mutated = mutate(VersionText(), VERSION, Version(1, 2), ["leading-zero", "bom", "bom", "nul"], Lowest())

    assert mutated == Mutated(b"\x00\xef\xbb\xbf01.2", ("leading-zero", "bom", "nul"))


@pytest.mark.parametrize("mutations", [raw_mutations, text_mutations], ids=["raw", "text"])
def test_names_are_unique(mutations):
    """No two mutations of a codec share a name, and each has a doc."""
    assert len({m.name for m in mutations}) == len(mutations)
    assert all(m.doc for m in mutations)


class Raw(Codec[bytes]):
    """Plain bytes."""

    mutations = (*raw_mutations, *(m for m in text_mutations if m not in raw_mutations))

    def encode(self, value: bytes) -> bytes:
        return value


@settings(deadline=None, max_examples=200)
@given(st.binary(), st.sampled_from(Raw.mutations), st.data())
def test_raw(document, mutation, data):
    """Any bytes can be mutated, and a mutation with an effect changes them."""
    mutated = mutate_bytes(Raw(), t.Bytes(), document, [mutation.name], Drawn(data))

    assert (mutated.data != document) == (mutated.applied == (mutation.name,))


@settings(deadline=None, max_examples=200)
@given(
    st.text("abc19.é").map(str.encode),
    st.sampled_from([m for m in text_mutations if m.name not in ("truncated", "trailing-bytes", "doubled")]),
    st.data(),
)
def test_text_features(document, mutation, data):
    """Broken text has the feature of its mutation if that can be recognised; plain text has none."""
    mutated = mutate_bytes(VersionText(), VERSION, document, [mutation.name], Drawn(data))

    assert text_features(document) <= {"empty"}
    if mutated.applied and mutation.name not in ("case-swapped", "composed"):
        assert mutation.name in text_features(mutated.data)


def test_a_function_without_its_decorator_is_no_mutation() -> None:
    """A codec whose author forgot `@mutation` is refused when its class is made."""

    def wrong_checksum(data: bytes, draw: Draw, type_: t.Type) -> bytes | None:
        return data

    with pytest.raises(
        CodecError, match="'mutations' contains wrong_checksum, which is not a mutation; write @mutation"
    ):

        class Framed(Codec[bytes]):
            mutations = (wrong_checksum,)  # type: ignore[assignment] # the mistake
