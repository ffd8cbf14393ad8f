"""
The check of a contract's codecs, on some tens of values of each payload type.

A codec that forgets a field, or writes one value in two ways, would otherwise look like a divergence between
subjects. Knows a contract's types and codecs. Knows nothing of subjects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
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
ATTEMPTS = 8  # seeds to draw them from, if a codec cannot write some of them


@attrs.frozen
class Checked:
    """The result of a check: how many values were tried, and what is wrong, each fault once."""

    tried: int
    faults: tuple[CodecError, ...]


def check_codecs(schema: Schema, *, seed: int = 0) -> int:
    """Check that the codecs of all payloads of a contract keep the promises of a codec.

    Returns:
        How many values were tried.

    Raises:
        CodecError: a codec breaks a promise; names the codec and the value or the bytes.
    """
    checked = checked_codecs(schema, seed=seed)
    for fault in checked.faults:
        raise fault
    return checked.tried


def checked_codecs(schema: Schema, *, seed: int = 0) -> Checked:
    """Check the same, and collect the first fault of each promise and of each mutation of each codec."""
    faults = _Faults()
    samples = _samples(schema, seed, faults)
    tried = 0
    for type_, documents in samples.items():
        codec, inner = type_.codec, type_.inner
        for document in documents:
            if document.is_well_formed:
                for promise in PROMISES:
                    faults.note(codec, promise.__name__, partial(promise, codec, inner, document.value))
                tried += 1
        data = [d.data for d in documents[:BROKEN]]
        for fault in mutation_faults(codec, inner, [b"", *data], Random(seed)):
            faults.add(codec, fault)
    return Checked(tried, tuple(faults.found))


class _Faults:
    """The faults so far; of each promise of a codec only the first one, since the others are alike."""

    def __init__(self) -> None:
        self.found: list[CodecError] = []
        self._broken: set[tuple[str, str]] = set()

    def note(self, codec: Codec[Any], promise: str, check: Callable[[], None]) -> None:
        """Check a promise, unless the codec is known to break it."""
        if (codec.name, promise) in self._broken:
            return
        try:
            check()
        except CodecError as fault:
            self._broken.add((codec.name, promise))
            self.add(codec, fault)

    def add_unwritten(self, fault: CodecError) -> None:
        """Add the fault of an `encode` that fails, once for a codec."""
        if all(one.codec != fault.codec for one in self.found):
            self.found.append(fault)

    def add(self, codec: Codec[Any], fault: CodecError) -> None:
        """Add a fault, unless one in the same words is there: what a broken `encode` breaks has these too."""
        said = fault.what.partition(" for ")[0]
        if all(one.codec != codec.name or one.what.partition(" for ")[0] != said for one in self.found):
            self.found.append(fault)


def check_value(codec: Codec[Any], type_: t.Type, value: Any) -> None:
    """Check the promises of a codec on one value; raises CodecError."""
    for promise in PROMISES:
        promise(codec, type_, value)


def _writes_in_one_way(codec: Codec[Any], type_: t.Type, value: Any) -> None:
    data = encode(codec, type_, value)
    again = encode(codec, type_, value)
    if again != data:
        message = f"it writes {shown(value)} as {shown(data)} and then as {shown(again)}"
        raise CodecError(codec.name, f"{message}; 'encode' must always write a value in the same way")


def _has_no_feature(codec: Codec[Any], type_: t.Type, value: Any) -> None:
    data = encode(codec, type_, value)
    odd = sorted(features_of(codec, type_, data))
    if odd:
        message = (
            f"'features' finds {', '.join(odd)} in {shown(data)}, which 'encode' wrote for {shown(value)}"
        )
        raise CodecError(codec.name, f"{message}; what 'encode' writes must have no feature")


def _gives_the_meaning(codec: Codec[Any], type_: t.Type, value: Any) -> None:
    data = encode(codec, type_, value)
    try:
        meaning = meaning_of(codec, type_, data)
    except ValueError as error:
        message = f"'decode' refuses {shown(data)}, which 'encode' wrote for {shown(value)}: {error}"
        raise CodecError(codec.name, f"{message}; it must read what 'encode' writes") from error
    if type(codec).value_typed is not Codec.value_typed:
        return  # it reads values apart from meanings, so a meaning may have a form of its own
    if type(meaning) is type(value) and type(value) is not bytes and identity(meaning) != identity(value):
        message = f"it writes {shown(value)} as {shown(data)}, and reads that as {shown(meaning)}"
        raise CodecError(codec.name, f"{message}; 'decode' must give back what 'encode' was given")


def _gives_back_the_value(codec: Codec[Any], type_: t.Type, value: Any) -> None:
    data = encode(codec, type_, value)
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


def _writes_equal_values(codec: Codec[Any], type_: t.Type, value: Any) -> None:
    """Check what the codec writes for an equal value that was built in another order."""
    equal = rebuilt(value, type_)
    if equal is value:
        return
    data = encode(codec, type_, value)
    other = encode(codec, type_, equal)
    if other == data:
        return
    message = (
        f"it writes {shown(value)} as {shown(data)}; an equal value, with items added in another order, as"
    )
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


PROMISES = (
    _writes_in_one_way,
    _has_no_feature,
    _gives_the_meaning,
    _gives_back_the_value,
    _writes_equal_values,
)


def mutation_faults(
    codec: Codec[Any], type_: t.Type, documents: list[bytes], random: Random
) -> Iterator[CodecError]:
    """Try each mutation on the documents, until its result is long, and read each result once.

    Yields:
        What is wrong: once for each mutation, and once for each way to read.
    """
    read: set[bytes] = set()
    readings: list[Callable[[Codec[Any], t.Type, bytes], object]] = [features_of, meaning_of, value_of]
    for mutation in codec.all_mutations:
        for data in documents:
            try:
                broken = mutate(codec, type_, data, mutation.name, _Chance(random))
            except CodecError as fault:
                yield fault
                break
            if broken.data in read:
                continue
            read.add(broken.data)
            for reading in readings[:]:
                try:
                    with suppress(ValueError):
                        reading(codec, type_, broken.data)
                except CodecError as fault:
                    yield fault
                    readings.remove(reading)
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


def _samples(schema: Schema, seed: int, faults: _Faults) -> dict[t.Payload, list[Document]]:
    """Return well-formed documents of each payload type that an operation reads, and note what fails."""
    types = {
        (o.name, i): type_
        for o in schema.operations
        for i, a in enumerate(o.arguments)
        if isinstance(type_ := t.bare(a.type), t.Payload)
    }
    found: dict[t.Payload, list[Document]] = {type_: [] for type_ in types.values()}
    strategy = traces(schema, malformed=0.0)
    for attempt in range(ATTEMPTS if found else 0):
        try:
            for trace in islice(draw(strategy, seed + attempt), CASES):
                for type_, document in _documents(trace, types):
                    if len(found[type_]) < VALUES:
                        found[type_].append(document)
                if all(len(documents) >= VALUES for documents in found.values()):
                    break
        except CodecError as fault:  # of a value that a codec cannot write; the next ones may be others
            faults.add_unwritten(fault)
            continue
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
