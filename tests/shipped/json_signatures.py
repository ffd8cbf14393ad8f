"""
Every difference between the JSON libraries on an Item: its signature, its smallest document, its entry.

One row for each, in the order of `asymmetries.toml`; those of other operations are in `witnesses/json.toml`.
Of a number that is one unit off, the digits may be others: it stands here as long as it may be.
"""

from __future__ import annotations

import math
import re
from typing import Any

import attrs

from driftcheck.core.disagreement import groups_to_text
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.oracle.signature import Signature
from driftcheck_contracts.json import Item

SUBJECTS = ("go", "go-v2", "serde", "serde-float", "sonic")


def accepted_by(*names: str) -> tuple[tuple[str, str], ...]:
    """Return the shape in which these subjects accept and the others do not."""
    return tuple((name, "accepted" if name in names else "malformed") for name in SUBJECTS)


V1 = accepted_by("go")
GO = accepted_by("go", "go-v2")
RUST = accepted_by(*SUBJECTS[2:])
V2_REFUSES = accepted_by("go", *SUBJECTS[2:])
V1_AND_SERDE = accepted_by("go", "serde", "serde-float")
ALL = accepted_by(*SUBJECTS)

_SCORE = re.compile(rb'(?<="score":)[0-9][0-9.e+-]*')


@attrs.frozen
class Row:
    """A signature, what shows it, and the entry that covers it."""

    asymmetry: str
    signature: Signature
    argument: bytes | Item
    beside: str = ""  # the entry that covers what the document shows first

    @property
    def trace(self) -> Trace:
        """Return what shows it, a document as raw bytes."""
        raw = self.argument
        return Trace((Step(self.signature.operation, (Document(raw) if isinstance(raw, bytes) else raw,)),))

    @property
    def differs(self) -> bool:
        """Say whether all libraries accept, and differ in a value."""
        return self.signature.shape == ALL


def argument_of(trace: Trace) -> bytes | Item:
    """Return what the one step of a trace is given, in the form of a row."""
    (step,) = trace.steps
    (argument,) = step.arguments
    return argument.data if isinstance(argument, Document) else argument


def without_digits(argument: bytes | Item) -> Any:
    """Return what stays the same whichever number a library reads wrongly."""
    if isinstance(argument, bytes):
        return _SCORE.sub(lambda found: b"0" if found[0] == b"0" else b"N", argument)
    finite = argument.score != 0 and math.isfinite(argument.score)
    return attrs.evolve(argument, score=0.1 if finite else argument.score)


def length(argument: bytes | Item) -> int:
    """Return how long what a person reads is."""
    return len(argument) if isinstance(argument, bytes) else len(repr(argument))


def _decode(feature: str, shape: Any = GO) -> Signature:
    return Signature("D101", "decode", shape, cause=(feature,))


def _differs(feature: str, path: str, alone: str, relation: str) -> Signature:
    """Return the signature of a value that one subject reads otherwise than all others."""
    groups = {True: (alone,), False: tuple(name for name in SUBJECTS if name != alone)}
    disagreement = groups_to_text((groups[alone == SUBJECTS[0]], groups[alone != SUBJECTS[0]]))
    cause = (feature,) if feature else ()
    return Signature("D103", "decode", ALL, path, cause, disagreement=disagreement, relation=relation)


ROWS = (
    Row("absent-is-zero", _decode("absent-field"), b'{"note":null}'),
    Row("null-is-zero", _decode("null-field"), b'{"id":null,"name":"","score":0,"note":null,"tags":[]}'),
    Row(
        "null-element-is-zero",
        _decode("null-element"),
        b'{"id":0,"name":"","score":0,"note":null,"tags":[null]}',
    ),
    Row("null-document-is-zero", _decode("null-document"), b"null"),
    Row(
        "last-key-wins",
        _decode("duplicate-field", V1),
        b'{"id":0,"id":0,"name":"","score":0,"note":null,"tags":[]}',
    ),
    Row(
        "unknown-key-twice",
        _decode("duplicate-unknown", V2_REFUSES),
        b'{"id":0,"name":"","score":0,"note":null,"tags":[],"x":0,"x":0}',
    ),
    Row("any-case-of-keys", _decode("wrong-case"), b'{"ID":0,"name":"","score":0,"note":null,"tags":[]}'),
    Row(
        "any-case-of-keys-is-read",
        Signature("D103", "decode", (("go", "accepted"), ("go-v2", "accepted")), "id", cause=("wrong-case",)),
        b'{"ID":1,"name":"","score":0,"note":null,"tags":[]}',
        beside="any-case-of-keys",
    ),
    Row(
        "other-value-in-any-case",
        _decode("wrong-case-value", accepted_by(*SUBJECTS[1:])),
        b'{"id":0,"name":"","score":0,"NOTE":true,"tags":[]}',
    ),
    Row(
        "other-value-of-a-needed-key-in-any-case",
        _decode("wrong-case-value", accepted_by("go-v2")),
        b'{"ID":true,"name":"","score":0,"note":null,"tags":[]}',
    ),
    Row(
        "any-case-of-optional-keys",
        _differs("wrong-case-optional", "note", "go", "value, none"),
        b'{"id":0,"name":"","score":0,"NOTE":"","tags":[]}',
    ),
    Row(
        "key-twice-in-any-case",
        _differs("duplicate-wrong-case", "id", "go", ""),
        b'{"id":0,"ID":1,"name":"","score":0,"note":null,"tags":[]}',
    ),
    Row(
        "invalid-utf8-replaced",
        _decode("invalid-utf8", V1),
        b'{"id":0,"name":"\xff","score":0,"note":null,"tags":[]}',
    ),
    Row(
        "lone-surrogate-replaced",
        _decode("lone-surrogate", V1),
        b'{"id":0,"name":"\\ud800","score":0,"note":null,"tags":[]}',
    ),
    Row(
        "surrogate-in-what-is-skipped",
        _decode("skipped-surrogate", V2_REFUSES),
        b'{"id":0,"name":"","score":0,"note":null,"tags":[],"x":"\\ud800"}',
    ),
    Row(
        "invalid-utf8-in-what-is-skipped",
        _decode("skipped-utf8", V1_AND_SERDE),
        b'{"id":0,"name":"","score":0,"note":null,"tags":[],"x":"\xff"}',
    ),
    Row(
        "minus-zero-is-no-integer",
        _decode("negative-zero"),
        b'{"id":-0,"name":"","score":0,"note":null,"tags":[]}',
    ),
    Row("struct-as-array", _decode("object-as-array", RUST), b'[0,"",0,null,[]]'),
    Row(
        "depth-of-what-is-skipped",
        _decode("nested-past-10000", RUST),
        b'{"id":0,"name":"","score":0,"note":null,"tags":[],"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    ),
    Row(
        "float-one-off",
        _differs("", "score", "serde", "rounding"),
        b'{"id":0,"name":"","score":1.0147837420732062e-234,"note":null,"tags":[]}',
    ),
    Row(
        "float-with-excess-digits",
        _differs("excess-digits", "score", "serde", ""),
        b'{"id":0,"name":"","score":1.00000000000000011102230246251565404236316680908203125,"note":null,"tags":[]}',
    ),
    Row(
        "float-below-normal",
        _differs("subnormal", "score", "serde", ""),
        b'{"id":0,"name":"","score":2.4703282292062328e-324,"note":null,"tags":[]}',
    ),
    Row(
        "minus-zero-read-as-zero",
        _differs("", "score", "sonic", "sign of zero"),
        b'{"id":0,"name":"","score":-0.0,"note":null,"tags":[]}',
    ),
    Row(
        "float-not-read-back",
        Signature("D303", "encode", ALL, "score", subject="serde>serde"),
        Item(0, "", 1.0147837420732062e-234, None, ()),
    ),
    Row(
        "no-number-is-null",
        Signature("D101", "encode", RUST, cause=("not-finite",)),
        Item(0, "", math.inf, None, ()),
    ),
    Row(
        "minus-zero-not-read-back",
        Signature("D303", "encode", ALL, "score", subject="sonic>sonic"),
        Item(0, "", -0.0, None, ()),
    ),
)
