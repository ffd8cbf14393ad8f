"""Arguments are written to the wire without cbor2 where that is quicker, and to the same bytes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcheck.core import types as t
from driftcheck.core.trace import Document, Name, Ref
from driftcheck.values.encoding import dumps, encoder, writer

LENGTHS = (0, 1, 23, 24, 255, 256, 65_535, 65_536)
NUMBERS = (0, 1, 23, 24, 255, 256, 2**16 - 1, 2**16, 2**32 - 1, 2**32, 2**63 - 1, 2**64 - 1)


def through_cbor2(type_: t.Type, value: Any) -> bytes:
    return dumps(encoder(type_)(value))


@pytest.mark.parametrize("number", NUMBERS)
def test_writes_integers_with_the_shortest_head(number: int) -> None:
    """An integer, and the negative one of the same head, are written as cbor2 writes them."""
    type_ = t.Int(-(2**64), 2**64)

    for value in (number, -1 - number):
        assert writer(type_)(value) == through_cbor2(type_, value)


@pytest.mark.parametrize("length", LENGTHS)
def test_writes_text_and_bytes_of_any_length(length: int) -> None:
    """Text and bytes are written as cbor2 writes them, also where the head has a length of its own."""
    assert writer(t.Text())("é" * length) == through_cbor2(t.Text(), "é" * length)
    assert writer(t.Bytes())(b"\0" * length) == through_cbor2(t.Bytes(), b"\0" * length)


@given(st.text(), st.integers(0, 2**32))
def test_writes_what_traces_add_to_values(text: str, number: int) -> None:
    """Names in play, handles and optional values are written as cbor2 writes them."""
    named = t.Named(t.Text(), 4)
    optional = t.Optional(t.Text())

    assert writer(named)(Name("keys", 0, text)) == writer(named)(text) == through_cbor2(t.Text(), text)
    assert writer(optional)(text) == through_cbor2(optional, text)
    assert writer(t.Handle("Cursor"))(Ref(number)) == through_cbor2(t.Handle("Cursor"), Ref(number))


@given(st.binary())
def test_writes_documents_as_their_bytes(data: bytes) -> None:
    """A document is written as a byte string, whatever it holds."""
    assert writer(t.Payload(t.Text(), None))(Document(data)) == dumps(data)  # type: ignore[arg-type] # no codec is asked
