"""
Every difference between the two JSON libraries: its signature, its smallest document, its known difference.

One row for each, in the order of `asymmetries.toml`. Of a number that is one unit off, the digits may be
others: it stands here as long as it may be.
"""

from __future__ import annotations

import math
import re
from typing import Any

import attrs

from driftcheck.oracle.signature import Signature
from driftcheck.trace import Document, Step, Trace
from driftcheck_contracts.json import Item

GO_ALONE = (("go", "accepted"), ("rust", "malformed"))
RUST_ALONE = (("go", "malformed"), ("rust", "accepted"))
BOTH = (("go", "accepted"), ("rust", "accepted"))

_SCORE = re.compile(rb'(?<="score":)[0-9][0-9.e+-]*')


@attrs.frozen
class Row:
    """A signature, what shows it, and the entry that covers it."""

    asymmetry: str
    signature: Signature
    argument: bytes | Item

    @property
    def trace(self) -> Trace:
        """Return what shows it, a document as raw bytes."""
        raw = self.argument
        return Trace((Step(self.signature.operation, (Document(raw) if isinstance(raw, bytes) else raw,)),))

    @property
    def differs(self) -> bool:
        """Say whether both libraries accept, and differ in a value."""
        return self.signature.shape == BOTH


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


def _decode(feature: str, *, shape: Any = GO_ALONE, path: str = "") -> Signature:
    check = "D103" if path else "D101"
    return Signature(check, "decode", shape, path, (feature,) if feature else ())


ROWS = (
    Row("absent-is-zero", _decode("absent-field"), b'{"name":"","score":0,"note":null,"tags":[]}'),
    Row("null-is-zero", _decode("null-field"), b'{"id":null,"name":"","score":0,"note":null,"tags":[]}'),
    Row(
        "null-element-is-zero",
        _decode("null-element"),
        b'{"id":0,"name":"","score":0,"note":null,"tags":[null]}',
    ),
    Row("null-document-is-zero", _decode("null-document"), b"null"),
    Row(
        "last-key-wins",
        _decode("duplicate-field"),
        b'{"id":0,"id":0,"name":"","score":0,"note":null,"tags":[]}',
    ),
    Row("any-case-of-keys", _decode("wrong-case"), b'{"ID":0,"name":"","score":0,"note":null,"tags":[]}'),
    Row(
        "any-case-of-optional-keys",
        _decode("wrong-case-optional", shape=BOTH, path="note"),
        b'{"id":0,"name":"","score":0,"NOTE":"","tags":[]}',
    ),
    Row(
        "invalid-utf8-replaced",
        _decode("invalid-utf8"),
        b'{"id":0,"name":"\xff","score":0,"note":null,"tags":[]}',
    ),
    Row(
        "lone-surrogate-replaced",
        _decode("lone-surrogate"),
        b'{"id":0,"name":"\\ud800","score":0,"note":null,"tags":[]}',
    ),
    Row(
        "minus-zero-is-no-integer",
        _decode("negative-zero"),
        b'{"id":-0,"name":"","score":0,"note":null,"tags":[]}',
    ),
    Row("struct-as-array", _decode("object-as-array", shape=RUST_ALONE), b'[0,"",0,null,[]]'),
    Row(
        "depth-of-what-is-skipped",
        _decode("nested-past-10000", shape=RUST_ALONE),
        b'{"id":0,"name":"","score":0,"note":null,"tags":[],"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    ),
    Row(
        "float-one-off",
        _decode("", shape=BOTH, path="score"),
        b'{"id":0,"name":"","score":1.0147837420732062e-234,"note":null,"tags":[]}',
    ),
    Row(
        "float-with-excess-digits",
        _decode("excess-digits", shape=BOTH, path="score"),
        b'{"id":0,"name":"","score":1.00000000000000011102230246251565404236316680908203125,"note":null,"tags":[]}',
    ),
    Row(
        "float-not-read-back",
        Signature("D303", "encode", BOTH, "score", subject="rust>rust"),
        Item(0, "", 1.0147837420732062e-234, None, ()),
    ),
    Row(
        "no-number-is-null",
        Signature("D101", "encode", RUST_ALONE, cause=("not-finite",)),
        Item(0, "", math.inf, None, ()),
    ),
)
