"""
The check of a contract's codecs, on some tens of values of each payload type.

A codec that forgets a field, or writes one value in two ways, would otherwise look like a divergence between
subjects. Knows a contract's types and codecs. Knows nothing of subjects.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from random import Random
from typing import Any

import attrs

from driftcheck.codecs.checked_calls import encode, features_of, meaning_of, mutate, shown, value_of
from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.codec import Codec
from driftcheck.core.errors import CodecError
from driftcheck.core.trace import Document, Trace
from driftcheck.generate.coder import identity
from driftcheck.generate.draw import draw
from driftcheck.generate.strategy import traces

VALUES = 30  # of each payload type
BROKEN = 3  # documents of each type that each mutation is tried on, besides empty bytes
LONG = 4096  # bytes of a broken document that takes tens of milliseconds to read: one of each mutation
CASES = 200  # traces to draw these values from, at most


def check_codecs(schema: Schema, *, seed: int = 0) -> int:
    """Check that the codecs of all payloads of a contract keep the promises of a codec.

    Returns:
        How many values were tried.

    Raises:
        CodecError: a codec breaks a promise; names the codec and the value or the bytes.
    """
    tried = 0
    for type_, documents in _samples(schema, seed).items():
        for document in documents:
            if document.is_well_formed:
                check_value(type_.codec, type_.inner, document.value)
                tried += 1
        data = [d.data for d in documents[:BROKEN]]
        check_mutations(type_.codec, type_.inner, [b"", *data], Random(seed))
    return tried


def check_value(codec: Codec[Any], type_: t.Type, value: Any) -> None:
    """Check the promises of a codec on one value; raises CodecError."""
    data = encode(codec, type_, value)
    again = encode(codec, type_, value)
    if again != data:
        message = f"it writes {shown(value)} as {shown(data)} and then as {shown(again)}"
        raise CodecError(codec.name, f"{message}; 'encode' must write a value in one way")
    odd = sorted(features_of(codec, type_, data))
    if odd:
        message = f"'features' finds {', '.join(odd)} in {shown(data)}, which it wrote for {shown(value)}"
        raise CodecError(codec.name, f"{message}; what 'encode' writes must have no feature")
    _check_way_back(codec, type_, value, data)
    _check_equal_values(codec, type_, value, data)


def _check_way_back(codec: Codec[Any], type_: t.Type, value: Any, data: bytes) -> None:
    try:
        meaning = meaning_of(codec, type_, data)
    except ValueError as error:
        message = f"'decode' refuses {shown(data)}, which it wrote for {shown(value)}: {error}"
        raise CodecError(codec.name, f"{message}; it must read what 'encode' writes") from error
    if type(meaning) is type(value) and type(value) is not bytes and identity(meaning) != identity(value):
        message = f"it writes {shown(value)} as {shown(data)}, and reads that as {shown(meaning)}"
        raise CodecError(codec.name, f"{message}; 'decode' must give back what 'encode' was given")
    try:
        back = value_of(codec, type_, data)
    except ValueError:
        return  # the codec cannot read this as a value
    rewritten = encode(codec, type_, back)
    if rewritten != data:
        message = f"it writes {shown(value)} as {shown(data)}, reads that as {shown(back)}"
        raise CodecError(
            codec.name,
            f"{message} and writes this as {shown(rewritten)}; 'value_typed' must give back what was written",
        )


def _check_equal_values(codec: Codec[Any], type_: t.Type, value: Any, data: bytes) -> None:
    """Check what the codec writes for an equal value that was built in another order."""
    equal = rebuilt(value, type_)
    if equal is value:
        return
    other = encode(codec, type_, equal)
    if other == data:
        return
    message = f"it writes {shown(value)} as {shown(data)}, and an equal value, filled in another order, as"
    if codec.canonical:
        raise CodecError(
            codec.name, f"{message} {shown(other)}; a canonical codec writes equal values as equal bytes"
        )
    if type(codec).decode is Codec.decode and type(codec).decode_typed is Codec.decode_typed:
        raise CodecError(
            codec.name, f"{message} {shown(other)}; sort what has no order, or give the codec a 'decode'"
        )
    if identity(meaning_of(codec, type_, data)) != identity(meaning_of(codec, type_, other)):
        raise CodecError(
            codec.name, f"{message} {shown(other)}; 'decode' must give what is equal for equal meanings"
        )


def check_mutations(codec: Codec[Any], type_: t.Type, documents: list[bytes], random: Random) -> None:
    """Try each mutation on the documents, until its result is long, and read each result once.

    Raises:
        CodecError: a mutation or a reading fails.
    """
    read: set[bytes] = set()
    for mutation in codec.all_mutations:
        for data in documents:
            broken = mutate(codec, type_, data, mutation.name, _Chance(random))
            if broken.data in read:
                continue
            read.add(broken.data)
            features_of(codec, type_, broken.data)
            for reading in (meaning_of, value_of):
                with suppress(ValueError):
                    reading(codec, type_, broken.data)
            if len(broken.data) > LONG:
                break


def rebuilt(value: Any, type_: t.Type) -> Any:
    """Return an equal value, with its dicts filled in reverse and its unordered tuples reversed.

    Returns the value itself where it has neither.
    """
    match t.bare(type_):
        case t.Record(cls=cls, fields=fields):
            aliases = {a.name: a.alias or a.name for a in attrs.fields(cls)}
            changed = {
                aliases[f.name]: new
                for f in fields
                if (new := rebuilt(getattr(value, f.name), f.type)) is not getattr(value, f.name)
            }
            return attrs.evolve(value, **changed) if changed else value
        case t.Union(alternatives=alternatives):
            return rebuilt(value, next(a for a in alternatives if a.cls is type(value)))
        case t.Optional(inner=inner):
            return None if value is None else rebuilt(value, inner)
        case t.Sequence(inner=inner, unordered=unordered):
            items = tuple(rebuilt(item, inner) for item in value)
            same = all(a is b for a, b in zip(items, value, strict=True))
            turned = items[::-1] if unordered and identity(items[::-1]) != identity(items) else items
            return value if same and turned is items else turned
        case t.Mapping(value=inner):
            pairs = {key: rebuilt(item, inner) for key, item in reversed(value.items())}
            return pairs if len(pairs) > 1 or any(pairs[k] is not v for k, v in value.items()) else value
        case _:
            return value


def _samples(schema: Schema, seed: int) -> dict[t.Payload, list[Document]]:
    """Return well-formed documents of each payload type that an operation reads."""
    types = {
        (o.name, i): type_
        for o in schema.operations
        for i, a in enumerate(o.arguments)
        if isinstance(type_ := t.bare(a.type), t.Payload)
    }
    found: dict[t.Payload, list[Document]] = {type_: [] for type_ in types.values()}

    if not found:
        return found
    for trace in islice(draw(traces(schema, malformed=0.0), seed), CASES):
        for type_, document in _documents(trace, types):
            if len(found[type_]) < VALUES:
                found[type_].append(document)
        if all(len(documents) >= VALUES for documents in found.values()):
            break
    return found


def _documents(trace: Trace, types: dict[tuple[str, int], t.Payload]) -> Iterator[tuple[t.Payload, Document]]:
    for step in trace.steps:
        for i, argument in enumerate(step.arguments):
            if isinstance(argument, Document):
                yield types[step.operation, i], argument


class _Chance:
    """Makes the random choices of a mutation."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def integer(self, lo: int, hi: int) -> int:
        return self._random.randint(lo, hi)

    def boolean(self, p: float = 0.5) -> bool:
        return self._random.random() < p
