"""
Calls of an author's codec. What it wrongly raises or returns becomes a `CodecError` with codec and value.

Knows codecs by their protocol alone. Does not check whether what a codec returns is right.
"""

from __future__ import annotations

from typing import Any

from driftcheck.core.codec import Codec, mutate_bytes
from driftcheck.core.errors import CodecError
from driftcheck.core.mutation import Draw, Mutated
from driftcheck.core.shorten import shorten
from driftcheck.core.types import Type

SHOWN = 100  # characters of a value


def encode(codec: Codec[Any], type_: Type, value: Any) -> bytes:
    """Encode a value; raises CodecError if the codec does not return bytes."""
    try:
        data = codec.encode_typed(value, type_)
    except Exception as error:
        message = f"'encode' raised {raised(error)} for {shown(value)}"
        raise CodecError(codec.name, f"{message}; it must encode every value of its type") from error
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
    passing: tuple[type[Exception], ...] = (),
) -> Mutated:
    """Apply one mutation to a document.

    Args:
        passing: the exceptions that `draw` may raise; they pass through.

    Raises:
        CodecError: the mutation raises, or returns something else than bytes or None.
        KeyError: the codec has no mutation of that name.
    """
    codec.mutation(name)
    try:
        found = mutate_bytes(codec, type_, data, (name,), draw)
    except passing:
        raise
    except Exception as error:
        message = f"mutation {name!r} raised {raised(error)} for {shown(data)}"
        advice = "it must accept any bytes, and return None if there is nothing to break"
        raise CodecError(codec.name, f"{message}; {advice}") from error
    if type(found.data) is not bytes:
        message = f"mutation {name!r} returned {shown(found.data)} for {shown(data)}"
        raise CodecError(codec.name, f"{message}; it must return bytes, or None if there is nothing to break")
    return found


def features_of(codec: Codec[Any], type_: Type, data: bytes) -> set[str]:
    """Return the features of any bytes; raises CodecError if the codec fails."""
    try:
        found = codec.features_typed(data, type_)
    except Exception as error:
        message = f"'features' raised {raised(error)} for {shown(data)}"
        raise CodecError(codec.name, f"{message}; it must accept any bytes") from error
    if not isinstance(found, set | frozenset) or not all(type(name) is str for name in found):
        message = f"'features' returned {shown(found)} for {shown(data)}"
        raise CodecError(codec.name, f"{message}; it must return a set of names")
    return set(found)


def meaning_of(codec: Codec[Any], type_: Type, data: bytes) -> Any:
    """Return what a document means.

    Raises:
        ValueError: the codec reports that the document is not well-formed.
        CodecError: the codec raises anything else.
    """
    try:
        return codec.decode_typed(data, type_)
    except ValueError:
        raise
    except Exception as error:
        message = f"'decode' raised {raised(error)} for {shown(data)}"
        raise CodecError(
            codec.name, f"{message}; it must accept any bytes, and may only raise ValueError"
        ) from error


def value_of(codec: Codec[Any], type_: Type, data: bytes) -> Any:
    """Return the value that the codec writes as exactly these bytes.

    Raises:
        ValueError: the codec reports that there is none, or cannot find it.
        CodecError: the codec raises anything else.
    """
    try:
        return codec.value_typed(data, type_)
    except ValueError:
        raise
    except Exception as error:
        message = f"'value_typed' raised {raised(error)} for {shown(data)}"
        raise CodecError(
            codec.name, f"{message}; it must accept any bytes, and may only raise ValueError"
        ) from error


def schema_version_of(codec: Codec[Any], type_: Type, data: bytes) -> int | None:
    """Return the schema version that any bytes claim to have; raises CodecError if the codec fails."""
    try:
        found = codec.schema_version_typed(data, type_)
    except Exception as error:
        message = f"'schema_version' raised {raised(error)} for {shown(data)}"
        raise CodecError(codec.name, f"{message}; it must accept any bytes") from error
    if found is not None and type(found) is not int:
        message = f"'schema_version' returned {shown(found)} for {shown(data)}"
        raise CodecError(codec.name, f"{message}; it must return an int or None")
    return found


def shorter(codec: Codec[Any], data: bytes) -> list[bytes]:
    """List the shorter documents of a codec; raises CodecError if the codec fails."""
    try:
        found = list(codec.shorter(data))
    except Exception as error:
        message = f"'shorter' raised {raised(error)} for {shown(data)}"
        raise CodecError(codec.name, f"{message}; it must accept any bytes") from error
    if not all(type(one) is bytes for one in found):
        message = f"'shorter' returned {shown(found)} for {shown(data)}"
        raise CodecError(codec.name, f"{message}; it must yield bytes")
    return found


def raised(error: Exception) -> str:
    """Return an exception as one line."""
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def shown(value: Any) -> str:
    """Return a value as text, cut if it is long."""
    return shorten(repr(value), SHOWN)
