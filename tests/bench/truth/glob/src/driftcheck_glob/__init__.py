"""The contract glob: doublestar and gobwas/glob beside the crate globset."""

from __future__ import annotations

import enum
import re
from typing import Annotated

from driftcheck import Contract, Payload, Rejection, matches_re, max_len, operation
from driftcheck.codecs import Codec, Draw, Type, mutation, text_features, text_mutations


class Piece(enum.Enum):
    """A piece of a pattern."""

    A = "a"
    B = "b"
    ACCENT = "é"
    SLASH = "/"
    STAR = "*"
    ANY = "?"
    TREE = "**"
    CLASS = "[ab]"
    RANGE = "[a-c]"
    NEGATED = "[!a]"
    ALTERNATIVES = "{a,b}"
    ESCAPED = "\\*"


Pattern = Annotated[tuple[Piece, ...], max_len(4)]
Text = Annotated[str, matches_re(r"[abcé./*\[{-]{0,4}")]


@mutation
def unclosed(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Leave out the end of a class or of alternatives."""
    return re.sub(rb"[]}]", b"", data, count=1)


@mutation
def caret(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write ^ for ! in a class."""
    return data.replace(b"[!", b"[^")


@mutation
def reversed_range(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write a range whose end comes first."""
    return data.replace(b"[a-c]", b"[c-a]")


@mutation
def stray(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put a character with a meaning somewhere into the pattern."""
    at = draw.integer(0, len(data))
    mark = draw.integer(0, 7)
    return data[:at] + b"]}[{-,!\\"[mark : mark + 1] + data[at:]


class GlobText(Codec[tuple[Piece, ...]]):
    """A pattern."""

    mutations = (*text_mutations, unclosed, caret, reversed_range, stray)

    def encode(self, value: tuple[Piece, ...]) -> bytes:
        return "".join(piece.value for piece in value).encode()

    def features(self, data: bytes) -> set[str]:
        found = text_features(data) - {"empty"}  # it is a pattern, too
        if data.count(b"[") > data.count(b"]") or data.count(b"{") > data.count(b"}"):
            found.add("unclosed")
        if b"[^" in data:
            found.add("caret")
        if re.search(rb"\[c-a", data):
            found.add("reversed-range")
        return found


class Glob(Contract):
    """Matches text with a pattern."""

    malformed = Rejection("no pattern", catch_all=True)

    @operation
    def match_path(self, pattern: Payload[Pattern, GlobText], path: Text) -> bool:
        """Match a path: doublestar beside globset, where * does not match a slash."""

    @operation
    def match_text(self, pattern: Payload[Pattern, GlobText], text: Text) -> bool:
        """Match text: gobwas beside globset, where * matches everything."""
