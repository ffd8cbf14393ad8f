"""
Payloads and handles as models and laws hold them, and as replies bring them.

Knows nothing of codecs: a payload here is bytes, and perhaps the value that they were encoded from.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import attrs

T = TypeVar("T")
C = TypeVar("C")


@attrs.frozen
class Payload(Generic[T, C]):
    """The bytes of a value of T in the codec C: an argument that is read, or a result that was written."""

    data: bytes
    value: T | None = None  # what well-formed bytes were encoded from; only models and laws see it


@attrs.frozen
class Handle(Generic[T]):
    """Something that a step makes and later steps use: an iterator, a token. Never compared."""

    value: Any = None  # what a model keeps
