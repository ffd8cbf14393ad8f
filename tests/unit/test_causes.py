"""Causes: what a divergence needs, and whether its parts explain it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from driftcheck import Contract, Payload, Rejection, operation, schema_of
from driftcheck.codecs import Codec, Mutation
from driftcheck.core.disagreement import groups_of
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.oracle import checks
from driftcheck.oracle.causes import VariantResult, with_cause
from driftcheck.oracle.signature import Divergence, Observed

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
    """Return the outcomes of subjects that each refuse some words."""
    documents: Any = one.steps[0].arguments
    there = {word for document in documents for word in document.data.split()}
    return shown(
        one, {name: any(word.encode() in there for word in words) for name, words in refusing.items()}
    )


def shown(one: Trace, refused: Mapping[str, bool]) -> VariantResult:
    """Judge a trace that these subjects refuse and others accept."""
    kinds = {name: "bad" if refuses else "accepted" for name, refuses in refused.items()}
    differ = len(set(kinds.values())) > 1
    shape = tuple(kinds.items())
    operation = one.steps[0].operation
    return VariantResult(Divergence(checks.ACCEPT_REJECT, 0, operation, shape) if differ else None, kinds)


def cause(refusing: Mapping[str, tuple[str, ...]], one: Trace, known: tuple[str, ...] = ()) -> Divergence:
    """Return the divergence of a trace with its cause; an asymmetry covers the causes in `known`."""
    whole = told(refusing, one).divergence
    assert whole is not None
    return with_cause(SCHEMA, one, whole, lambda other: told(refusing, other), lambda d: d.cause == known)


@pytest.mark.parametrize("seed", [None, "real.txt"])
def test_a_mutation_that_is_not_needed_is_no_cause(seed: str | None) -> None:
    """Of three mutations, only the one that is needed is the cause, also in a real document."""
    found = cause({"go": ("two",), "rust": ()}, trace("one", "two", "three", seed=seed))

    assert found.cause == ("two",)


def test_two_divergences_in_one_document_are_reported_as_one_of_them() -> None:
    """Each part diverges alone, and a subject that refuses a part refuses the whole."""
    refusing = {"go": ("one",), "rust": ("two",), "other": ()}

    found = cause(refusing, trace("one", "two"))

    assert found.cause == ("one",)
    assert dict(found.shape) == {"go": "bad", "rust": "accepted", "other": "accepted"}


def test_of_two_parts_the_one_without_an_asymmetry_is_reported() -> None:
    """An asymmetry does not hide a new divergence in the same document."""
    refusing = {"go": ("one",), "rust": ("two",), "other": ()}

    found = cause(refusing, trace("one", "two"), known=("one",))

    assert found.cause == ("two",)


def together(one: Trace) -> VariantResult:
    """Judge a trace where Go refuses two words that stand together."""
    data = one.steps[0].arguments[0].data
    return shown(one, {"go": b"one" in data and b"two" in data, "rust": False})


def test_a_document_from_a_file_is_not_split() -> None:
    """It does not hold what its mutations drew, so its parts cannot be made."""
    read = Trace((Step("read", (attrs.evolve(marked("one", "two"), draws=()),)),))
    whole = together(read).divergence
    assert whole is not None

    found = with_cause(SCHEMA, read, whole, together, lambda d: False)

    assert found.cause == ("one", "two")


def test_two_mutations_that_diverge_only_together_are_both_the_cause() -> None:
    """The parts do not explain the whole."""

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
    """The first argument stays repaired while the second one is examined."""
    found = cause({"go": ("one", "two"), "rust": ()}, comparing(a, b))

    assert found.cause == expected


def test_two_arguments_that_are_both_needed_are_both_the_cause() -> None:
    """Repairing either of them makes the divergence vanish."""

    def together(one: Trace) -> VariantResult:
        a, b = (document.data for document in one.steps[0].arguments)
        return shown(one, {"go": b"one" in a and b"two" in b, "rust": False})

    both = comparing(("one",), ("two",))
    whole = together(both).divergence
    assert whole is not None

    assert with_cause(SCHEMA, both, whole, together, lambda d: False).cause == ("one", "two")


def test_a_part_keeps_what_it_needs_of_another_argument() -> None:
    """If a part of one argument explains it, the cause includes what the other argument needs."""

    def told_of(one: Trace) -> VariantResult:
        a, b = (document.data.split() for document in one.steps[0].arguments)
        refused = {name: b"three" in a and word in b for name, word in (("go", b"one"), ("rust", b"two"))}
        return shown(one, {**refused, "other": False})

    both = comparing(("three",), ("one", "two"))
    whole = told_of(both).divergence
    assert whole is not None

    assert with_cause(SCHEMA, both, whole, told_of, lambda d: False).cause == ("one", "three")


def test_of_two_numbers_that_are_not_finite_one_suffices() -> None:
    """Two infinities, each of which suffices, are the cause."""

    def told_of(one: Trace) -> VariantResult:
        return shown(one, {"go": any(map(math.isinf, one.steps[0].arguments)), "rust": False})

    both = Trace((Step("add", (math.inf, math.inf)),))
    whole = told_of(both).divergence
    assert whole is not None

    assert with_cause(SCHEMA, both, whole, told_of, lambda d: False).cause == ("not-finite",)


def valued(changed: Mapping[str, str], one: Trace, refusing: Mapping[str, str]) -> VariantResult:
    """Return what subjects read that each have another value for a word, or refuse another one."""
    (document,) = one.steps[0].arguments
    there = document.data.decode().split()
    refused = [name for name, word in refusing.items() if word in there]
    values = {name: word in there for name, word in changed.items() if name not in refused}
    kinds = {name: "bad" if name in refused else "accepted" for name in changed}
    if len(set(values.values())) < 2:
        return VariantResult(None, kinds)
    own = {name: name if value else "" for name, value in values.items()}
    shape = tuple((name, "accepted") for name in values)
    return VariantResult(Divergence(checks.VALUE, 0, "read", shape, groups=groups_of(own)), kinds)


@pytest.mark.parametrize(
    ("mutations", "refusing", "expected"),
    [
        (("one", "two"), {}, ("one", "two")),  # each subject has a value of its own
        (("one", "three"), {}, ("one",)),
        (("one", "two"), {"rust": "two"}, ("one",)),  # a subject that refuses the whole has no value
    ],
)
def test_each_value_that_differs_has_its_cause(
    mutations: tuple[str, ...], refusing: dict[str, str], expected: tuple[str, ...]
) -> None:
    """A mutation is needed if without it the subjects agree in other groups."""
    changed = {"go": "one", "rust": "two", "other": "", "fourth": ""}
    whole = trace(*mutations)
    found = valued(changed, whole, refusing).divergence
    assert found is not None

    caused = with_cause(
        SCHEMA, whole, found, lambda other: valued(changed, other, refusing), lambda divergence: False
    )

    assert caused.cause == expected


def test_an_author_sees_the_document_that_the_cause_needs() -> None:
    """Without a mutation that is not needed, values may differ only as a function accepts it."""

    def told_of(one: Trace) -> VariantResult:
        result = valued({"go": "x", "rust": "", "other": ""}, one, {})
        assert result.divergence is not None
        seen = Observed("read", {"text": one.steps[0].arguments[0].data}, {})
        return VariantResult(attrs.evolve(result.divergence, observed=seen), result.kinds)

    whole = trace("one")
    found = told_of(whole).divergence
    assert found is not None

    caused = with_cause(SCHEMA, whole, found, told_of, lambda divergence: False)

    assert caused.cause == ()
    assert caused.observed is not None
    assert caused.observed.arguments == {"text": b"x"}
