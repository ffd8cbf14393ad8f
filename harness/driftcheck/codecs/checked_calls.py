"""
Calls of an author's codec. What it wrongly raises or returns becomes a `CodecError` with codec and value.

Knows codecs only by their protocol. Does not check whether what a codec returns is right.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from driftcheck.core import author_code
from driftcheck.core.author_code import Misbehaviour, call
from driftcheck.core.codec import Codec, mutate_bytes
from driftcheck.core.errors import CodecError
from driftcheck.core.mutation import Draw, Mutated
from driftcheck.core.recent import Recent
from driftcheck.core.types import Type

T = TypeVar("T")

SHOWN = 100  # characters of a value


def encode(codec: Codec[Any], type_: Type, value: Any) -> bytes:
    """Encode a value; raises CodecError if the codec does not return bytes."""

    def fails(one: Misbehaviour) -> CodecError:
        return _error(codec, "'encode'", one, value, "it must encode every value of its type")

    data = call(codec.encode_typed, value, type_, fails=fails)
    if type(data) is not bytes:
        message = f"'encode' returned {shown(data)} for {shown(value)}"
        raise CodecError(codec.name, f"{message}; it must return bytes")
    return data


def mutate(
    codec: Codec[Any],
    type_: Type,
    data: bytes,
    name: str,
    draw: Draw,
    passing: tuple[type[BaseException], ...] = (),
) -> Mutated:
    """Apply one mutation to a document.

    Args:
        passing: the exceptions that `draw` may raise; they pass through.

    Raises:
        CodecError: the mutation raises, or returns something else than bytes or None.
        KeyError: the codec has no mutation of that name.
    """
    codec.mutation(name)

    def fails(one: Misbehaviour) -> CodecError:
        advice = "it must accept any bytes, and return None if there is nothing to break"
        return _error(codec, f"mutation {name!r}", one, data, advice)

    found = call(mutate_bytes, codec, type_, data, (name,), draw, fails=fails, passing=passing)
    if type(found.data) is not bytes:
        message = f"mutation {name!r} returned {shown(found.data)} for {shown(data)}"
        raise CodecError(codec.name, f"{message}; it must return bytes, or None if there is nothing to break")
    return found


def features_of(codec: Codec[Any], type_: Type, data: bytes) -> set[str]:
    """Return the features of any bytes; raises CodecError if the codec fails."""
    found = _of_bytes(codec, "features", codec.features_typed, data, type_)
    if not isinstance(found, set | frozenset) or not all(type(name) is str for name in found):
        message = f"'features' returned {shown(found)} for {shown(data)}"
        raise CodecError(codec.name, f"{message}; it must return a set of names")
    return set(found)


# The search, its steering and each cut of a shrink ask for the features of the same bytes.
_PLACES: Recent[tuple[int, int, bytes], tuple[object, Mapping[str, frozenset[str]]]] = Recent(256, 1 << 20)
# Several subjects return the same bytes, and their results are compared in several ways.
_MEANINGS: Recent[tuple[int, int, bytes], tuple[object, Any]] = Recent(64, 1 << 18)


def places_of(codec: Codec[Any], type_: Type, data: bytes) -> Mapping[str, frozenset[str]]:
    """Return the fields that have each feature; raises CodecError if the codec fails."""

    def make() -> tuple[object, Mapping[str, frozenset[str]]]:
        places = _of_bytes(codec, "places_typed", codec.all_places, data, type_)
        return (codec, type_), places  # which holds them, so that no others get their numbers

    return _PLACES.get((id(codec), id(type_), data), len(data), make)[1]


def has_only(codec: Codec[Any], type_: Type, data: bytes, features: Collection[str]) -> bool:
    """Tell whether any bytes have no other features than these; raises CodecError if the codec fails."""
    return _of_bytes(codec, "has_only", codec.all_only, data, type_, features)


def meaning_of(codec: Codec[Any], type_: Type, data: bytes) -> Any:
    """Return what a document means.

    Raises:
        ValueError: the codec reports that the document is not well-formed.
        CodecError: the codec raises anything else.
    """

    def make() -> tuple[object, Any]:
        return (codec, type_), _reading(codec, "decode", codec.decode_typed, data, type_)

    return _MEANINGS.get((id(codec), id(type_), data), len(data), make)[1]


def value_of(codec: Codec[Any], type_: Type, data: bytes) -> Any:
    """Return the value that the codec writes as exactly these bytes.

    Raises:
        ValueError: the codec reports that there is none, or cannot find it.
        CodecError: the codec raises anything else.
    """
    return _reading(codec, "value_typed", codec.value_typed, data, type_)


def schema_version_of(codec: Codec[Any], type_: Type, data: bytes) -> int | None:
    """Return the schema version that any bytes claim to have; raises CodecError if the codec fails."""
    found: Any = _of_bytes(codec, "schema_version", codec.schema_version_typed, data, type_)
    if found is not None and type(found) is not int:
        message = f"'schema_version' returned {shown(found)} for {shown(data)}"
        raise CodecError(codec.name, f"{message}; it must return an int or None")
    return found


def shorter(codec: Codec[Any], data: bytes) -> list[bytes]:
    """List the shorter documents of a codec; raises CodecError if the codec fails."""
    found = _of_bytes(codec, "shorter", lambda data: list(codec.shorter(data)), data)
    if not all(type(one) is bytes for one in found):
        message = f"'shorter' returned {shown(found)} for {shown(data)}"
        raise CodecError(codec.name, f"{message}; it must yield bytes")
    return found


def expressible(codec: Codec[Any], type_: Type) -> Type:
    """Narrow a declared type to what the codec can write; raises CodecError if the codec fails."""
    return call(
        codec.expressible,
        type_,
        fails=lambda one: CodecError(codec.name, one.sentence("'expressible'", "it must narrow any type")),
    )


def _of_bytes(codec: Codec[Any], name: str, method: Callable[..., T], data: bytes, *more: Any) -> T:
    def fails(one: Misbehaviour) -> CodecError:
        return _error(codec, repr(name), one, data, "it must accept any bytes")

    return call(method, data, *more, fails=fails)


def _reading(codec: Codec[Any], name: str, method: Callable[..., T], data: bytes, type_: Type) -> T:
    def fails(one: Misbehaviour) -> CodecError:
        return _error(codec, repr(name), one, data, "it must accept any bytes, and may only raise ValueError")

    return call(method, data, type_, fails=fails, passing=(ValueError,))


def _error(codec: Codec[Any], who: str, one: Misbehaviour, value: Any, advice: str) -> CodecError:
    return CodecError(codec.name, one.sentence(who, advice, about=f" for {shown(value)}"))


def shown(value: Any) -> str:
    """Return a value as text, cut if it is long."""
    return author_code.shown(value, SHOWN)
