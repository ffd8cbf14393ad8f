"""
Payloads and handles, as models, laws and replies contain them.

Knows nothing of codecs: a payload is bytes, and the value that they were encoded from if it is known.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import attrs

T = TypeVar("T")
C = TypeVar("C")


@attrs.frozen
class Payload(Generic[T, C]):
    """The bytes of a value of T in the codec C, as an argument or as a result."""

    data: bytes
    value: T | None = None  # the value of well-formed bytes; only models and laws see it


@attrs.frozen
class Handle(Generic[T]):
    """Something that a step makes and later steps use, such as an iterator. It is never compared."""

    value: Any = None  # what a model stores in it
