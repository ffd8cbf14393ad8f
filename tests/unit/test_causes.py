"""What a divergence needs, and whether its parts explain it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from driftcheck import Contract, Payload, Rejection, operation, schema_of
from driftcheck.codecs import Codec, Mutation
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.oracle import checks
from driftcheck.oracle.causes import VariantResult, with_cause
from driftcheck.oracle.signature import Divergence

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

    @operation
    def compare(self, a: Payload[str, Marks], b: Payload[str, Marks]) -> bool: ...

    @operation
    def add(self, a: float, b: float) -> float: ...


SCHEMA = schema_of(Reads)


def marked(*mutations: str, seed: str | None = None) -> Document:
    """Return a document with these mutations, of a value or of a real document."""
    data = b" ".join([b"x", *(m.encode() for m in mutations)])
    draws: tuple[tuple[int | bool, ...], ...] = ((),) * len(mutations)
    return Document(data, None if seed else "x", mutations, seed, draws, b"x")


def trace(*mutations: str, seed: str | None = None) -> Trace:
    """Return a step that reads such a document."""
    return Trace((Step("read", (marked(*mutations, seed=seed),)),))


def comparing(a: tuple[str, ...], b: tuple[str, ...]) -> Trace:
    """Return a step that compares two documents with these mutations."""
    return Trace((Step("compare", (marked(*a), marked(*b))),))


def told(refusing: Mapping[str, tuple[str, ...]], one: Trace) -> VariantResult:
    """Say what subjects do that each refuse some words."""
    documents: Any = one.steps[0].arguments
    there = {word for document in documents for word in document.data.split()}
    return shown(
        one, {name: any(word.encode() in there for word in words) for name, words in refusing.items()}
    )


def shown(one: Trace, refused: Mapping[str, bool]) -> VariantResult:
    """Say what a trace shows that these subjects refuse and others accept."""
    kinds = {name: "bad" if refuses else "accepted" for name, refuses in refused.items()}
    differ = len(set(kinds.values())) > 1
    shape = tuple(kinds.items())
    operation = one.steps[0].operation
    return VariantResult(Divergence(checks.ACCEPT_REJECT, 0, operation, shape) if differ else None, kinds)


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


def together(one: Trace) -> VariantResult:
    """Say what a trace shows where Go refuses two words that stand together."""
    data = one.steps[0].arguments[0].data
    return shown(one, {"go": b"one" in data and b"two" in data, "rust": False})


def test_what_a_file_says_is_needed_as_it_stands() -> None:
    """A document that was read does not say what its mutations drew; its parts cannot be made again."""
    read = Trace((Step("read", (attrs.evolve(marked("one", "two"), draws=()),)),))
    whole = together(read).divergence
    assert whole is not None

    found = with_cause(SCHEMA, read, whole, together, lambda d: False)

    assert found.cause == ("one", "two")


def test_what_its_parts_do_not_explain_needs_both() -> None:
    """Where two mutations together do what neither does alone, both are the cause."""

    both = trace("one", "two")
    whole = together(both).divergence
    assert whole is not None

    assert with_cause(SCHEMA, both, whole, together, lambda d: False).cause == ("one", "two")


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (("one",), ("one",), ("one",)),
        (("one",), ("two",), ("two",)),
        (("one", "three"), ("two", "three"), ("two",)),
        (("one",), ("three",), ("one",)),
    ],
)
def test_of_two_arguments_that_each_suffice_one_is_the_cause(
    a: tuple[str, ...], b: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """What is put right in the first argument stays so while the second is looked at."""
    found = cause({"go": ("one", "two"), "rust": ()}, comparing(a, b))

    assert found.cause == expected


def test_what_needs_both_arguments_has_both_for_its_cause() -> None:
    """Where either argument put right makes the difference vanish, both are the cause."""

    def together(one: Trace) -> VariantResult:
        a, b = (document.data for document in one.steps[0].arguments)
        return shown(one, {"go": b"one" in a and b"two" in b, "rust": False})

    both = comparing(("one",), ("two",))
    whole = together(both).divergence
    assert whole is not None

    assert with_cause(SCHEMA, both, whole, together, lambda d: False).cause == ("one", "two")


def test_a_part_keeps_what_it_needs_of_another_argument() -> None:
    """Where one argument is explained by a part of it, what is needed of the other belongs to the cause."""

    def told_of(one: Trace) -> VariantResult:
        a, b = (document.data.split() for document in one.steps[0].arguments)
        refused = {name: b"three" in a and word in b for name, word in (("go", b"one"), ("rust", b"two"))}
        return shown(one, {**refused, "other": False})

    both = comparing(("three",), ("one", "two"))
    whole = told_of(both).divergence
    assert whole is not None

    assert with_cause(SCHEMA, both, whole, told_of, lambda d: False).cause == ("one", "three")


def test_of_two_numbers_that_are_not_finite_one_suffices() -> None:
    """Two infinities of which each alone shows the same are a cause, too."""

    def told_of(one: Trace) -> VariantResult:
        return shown(one, {"go": any(map(math.isinf, one.steps[0].arguments)), "rust": False})

    both = Trace((Step("add", (math.inf, math.inf)),))
    whole = told_of(both).divergence
    assert whole is not None

    assert with_cause(SCHEMA, both, whole, told_of, lambda d: False).cause == ("not-finite",)
