"""What a divergence needs, and whether its parts explain it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from driftcheck import Codec, Contract, Mutation, Payload, Rejection, operation, schema_of
from driftcheck.oracle import checks
from driftcheck.oracle.causes import Shown, with_cause
from driftcheck.oracle.signature import Divergence
from driftcheck.trace import Document, Step, Trace

WORDS = ("one", "two", "three")


class Marks(Codec[str]):
    """Text, broken by words that are put behind it."""

    mutations = tuple(
        Mutation(word, lambda data, draw, type_, word=word: data + b" " + word.encode()) for word in WORDS
    )

    def encode(self, value: str) -> bytes:
        return value.encode()

    def features(self, data: bytes) -> set[str]:
        return {word for word in WORDS if word.encode() in data.split()}


class Reads(Contract):
    """Reads text."""

    bad = Rejection("no text", catch_all=True)

    @operation
    def read(self, text: Payload[str, Marks]) -> bool: ...


SCHEMA = schema_of(Reads)


def trace(*mutations: str, seed: str | None = None) -> Trace:
    """Return a document with these mutations, of a value or of a real document."""
    data = b" ".join([b"x", *(m.encode() for m in mutations)])
    draws: tuple[tuple[int | bool, ...], ...] = ((),) * len(mutations)
    document = Document(data, None if seed else "x", mutations, seed, draws, b"x")
    return Trace((Step("read", (document,)),))


def told(refusing: Mapping[str, tuple[str, ...]], one: Trace) -> Shown:
    """Say what subjects do that each refuse some words."""
    data: Any = one.steps[0].arguments[0]
    kinds = {
        name: "bad" if any(word.encode() in data.data.split() for word in words) else "accepted"
        for name, words in refusing.items()
    }
    differ = len(set(kinds.values())) > 1
    shape = tuple(kinds.items())
    return Shown(Divergence(checks.ACCEPT_REJECT, 0, "read", shape) if differ else None, kinds)


def cause(refusing: Mapping[str, tuple[str, ...]], one: Trace, known: tuple[str, ...] = ()) -> Divergence:
    """Return the divergence of a trace with its cause; those with a cause in `known` are known."""
    whole = told(refusing, one).divergence
    assert whole is not None
    return with_cause(SCHEMA, one, whole, lambda other: told(refusing, other), lambda d: d.cause == known)


@pytest.mark.parametrize("seed", [None, "real.txt"])
def test_what_is_not_needed_is_dropped(seed: str | None) -> None:
    """Of three mutations the one that is needed is the cause, in a drawn document and in a real one."""
    found = cause({"go": ("two",), "rust": ()}, trace("one", "two", "three", seed=seed))

    assert found.cause == ("two",)


def test_two_differences_in_one_document_are_none_of_their_own() -> None:
    """Each part diverges by itself, and who refuses a part refuses the whole: a part is what is found."""
    refusing = {"go": ("one",), "rust": ("two",), "other": ()}

    found = cause(refusing, trace("one", "two"))

    assert found.cause == ("one",)
    assert dict(found.shape) == {"go": "bad", "rust": "accepted", "other": "accepted"}


def test_of_two_parts_the_one_that_is_not_known_is_found() -> None:
    """A difference that is lived with hides none that stands beside it."""
    refusing = {"go": ("one",), "rust": ("two",), "other": ()}

    found = cause(refusing, trace("one", "two"), known=("one",))

    assert found.cause == ("two",)


def test_what_its_parts_do_not_explain_needs_both() -> None:
    """Where two mutations together do what neither does alone, both are the cause."""

    def together(one: Trace) -> Shown:
        data = one.steps[0].arguments[0].data
        kinds = {"go": "bad" if b"one" in data and b"two" in data else "accepted", "rust": "accepted"}
        differ = len(set(kinds.values())) > 1
        return Shown(
            Divergence(checks.ACCEPT_REJECT, 0, "read", tuple(kinds.items())) if differ else None, kinds
        )

    both = trace("one", "two")
    whole = together(both).divergence
    assert whole is not None

    assert with_cause(SCHEMA, both, whole, together, lambda d: False).cause == ("one", "two")
