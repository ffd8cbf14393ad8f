"""
Calls of an author's codec: whatever it raises or returns amiss is a sentence that names codec and value.

Knows codecs by their protocol alone. Whether a codec is right is for others to say.
"""

from __future__ import annotations

from typing import Any

from driftcheck.core.codec import Codec, mutate_bytes
from driftcheck.core.errors import CodecError
from driftcheck.core.mutation import Draw, Mutated
from driftcheck.core.types import Type

SHOWN = 100  # characters of a value


def written(codec: Codec[Any], type_: Type, value: Any) -> bytes:
    """Encode a value; raises CodecError where the codec cannot."""
    try:
        data = codec.encode_typed(value, type_)
    except Exception as error:
        told = f"'encode' raised {raised(error)} for {shown(value)}"
        raise CodecError(codec.name, f"{told}; it must write every value of its type") from error
    if type(data) is not bytes:
        told = f"'encode' returned {shown(data)} for {shown(value)}"
        raise CodecError(codec.name, f"{told}; it must return bytes")
    return data


def mutated(
    codec: Codec[Any],
    type_: Type,
    data: bytes,
    name: str,
    draw: Draw,
    passing: tuple[type[Exception], ...] = (),
) -> Mutated:
    """Break a document by one mutation.

    Args:
        passing: what `draw` may raise.

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
        told = f"mutation {name!r} raised {raised(error)} for {shown(data)}"
        advice = "it takes any bytes, and returns None where there is nothing to break"
        raise CodecError(codec.name, f"{told}; {advice}") from error
    if type(found.data) is not bytes:
        told = f"mutation {name!r} returned {shown(found.data)} for {shown(data)}"
        raise CodecError(codec.name, f"{told}; it must return bytes, or None where there is nothing to break")
    return found


def features_of(codec: Codec[Any], type_: Type, data: bytes) -> set[str]:
    """Name what is odd about any bytes; raises CodecError where the codec cannot."""
    try:
        found = codec.features_typed(data, type_)
    except Exception as error:
        told = f"'features' raised {raised(error)} for {shown(data)}"
        raise CodecError(codec.name, f"{told}; it takes any bytes") from error
    if not isinstance(found, set | frozenset) or not all(type(name) is str for name in found):
        told = f"'features' returned {shown(found)} for {shown(data)}"
        raise CodecError(codec.name, f"{told}; it must return a set of names")
    return set(found)


def meaning_of(codec: Codec[Any], type_: Type, data: bytes) -> Any:
    """Return what a document means.

    Raises:
        ValueError: the codec says that it is not well-formed.
        CodecError: the codec raises anything else.
    """
    try:
        return codec.decode_typed(data, type_)
    except ValueError:
        raise
    except Exception as error:
        told = f"'decode' raised {raised(error)} for {shown(data)}"
        raise CodecError(codec.name, f"{told}; it takes any bytes, and raises ValueError alone") from error


def value_of(codec: Codec[Any], type_: Type, data: bytes) -> Any:
    """Return the value that is written as exactly these bytes.

    Raises:
        ValueError: the codec says that there is none, or has no way back.
        CodecError: the codec raises anything else.
    """
    try:
        return codec.value_typed(data, type_)
    except ValueError:
        raise
    except Exception as error:
        told = f"'value_typed' raised {raised(error)} for {shown(data)}"
        raise CodecError(codec.name, f"{told}; it takes any bytes, and raises ValueError alone") from error


def schema_version_of(codec: Codec[Any], type_: Type, data: bytes) -> int | None:
    """Return the schema version of which any bytes say that they are; raises CodecError."""
    try:
        found = codec.schema_version_typed(data, type_)
    except Exception as error:
        told = f"'schema version' raised {raised(error)} for {shown(data)}"
        raise CodecError(codec.name, f"{told}; it takes any bytes") from error
    if found is not None and type(found) is not int:
        told = f"'schema version' returned {shown(found)} for {shown(data)}"
        raise CodecError(codec.name, f"{told}; it must return a number, or None")
    return found


def shorter(codec: Codec[Any], data: bytes) -> list[bytes]:
    """List the documents with one part less; raises CodecError where the codec cannot."""
    try:
        found = list(codec.shorter(data))
    except Exception as error:
        told = f"'shorter' raised {raised(error)} for {shown(data)}"
        raise CodecError(codec.name, f"{told}; it takes any bytes") from error
    if not all(type(one) is bytes for one in found):
        told = f"'shorter' returned {shown(found)} for {shown(data)}"
        raise CodecError(codec.name, f"{told}; it must yield bytes")
    return found


def raised(error: Exception) -> str:
    """Write an exception in a few words."""
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def shown(value: Any) -> str:
    """Write a value, cut where it is long."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
