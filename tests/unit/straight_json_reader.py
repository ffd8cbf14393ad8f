"""
A lenient reader of JSON without any shortcut: each token takes the same way.

The tests compare the reader of the codec with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

import attrs

from driftcheck.codecs.json.scan import GO_DEPTH, NEAR, SERDE_DEPTH, WHOLE, Member, Node, Scan
from driftcheck.codecs.json.token import backslashes_before, check_string, number_or_literal
from driftcheck.core.raw_mutations import BOM

T = TypeVar("T")

_TOKEN = re.compile(
    rb"""(?P<space>[ \t\n\r]+)
    |(?P<odd_space>(?:[\f\v]|\xc2\xa0|\xe2\x80[\xa8\xa9])+)
    |(?P<comment>//[^\n]*\n?|/\*.*?(?:\*/|\Z))
    |(?P<mark>[{}\[\]:,])
    |(?P<string>"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z))
    |(?P<single>'[^'\\]*(?:\\.[^'\\]*)*(?:'|\\?\Z))
    |(?P<word>(?:[^ \t\n\r\f\v{}\[\]:,"'/]|/(?![/*]))+)
    """,
    re.VERBOSE | re.DOTALL,
)


@attrs.define(eq=False, repr=False)
class _Open:
    """A container that is being read; `expects` is name, colon, value or comma."""

    node: Node
    expects: str
    name: Node | None = None
    after_comma: bool = False


class StraightReader:
    """Feeds tokens to the innermost open container."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.root: Node | None = None
        self.open: list[_Open] = []
        self.depth, self.deepest = 0, WHOLE
        self.at = WHOLE  # where the token at hand begins
        self.marks: set[tuple[str, int]] = set()

    def mark(self, word: str, at: int | None = None) -> None:
        self.marks.add((word, self.at if at is None else at))

    def read(self) -> Scan:
        at = len(BOM) if self.data.startswith(BOM) else 0
        if at:
            self.mark("bom", WHOLE)
        while token := _TOKEN.match(self.data, at):
            self.at, at = at, token.end()
            if not self._take(token.lastgroup or "", token.start(), at):
                break
        truncated = bool(self.open) or (self.root is not None and not self.root.closed)
        while self.open:
            self.open[-1].node.closed = False
            self._end(len(self.data))
        if self.root is None:
            self.mark("empty", WHOLE)
        elif truncated:
            self.mark("truncated", WHOLE)
        if word := _nest(self.depth):
            self.mark(word, self.deepest)
        return Scan(self.data, self.root, self.depth, frozenset(self.marks))

    def _take(self, group: str, start: int, end: int) -> bool:
        """Take one token; False ends the reading."""
        match group:
            case "space":
                self.mark("white-space")
                return True
            case "odd_space":
                self.mark("illegal-space")
                return True
            case "comment":
                self.mark("comment")
                return True
        if self.root is not None and not self.open:
            self._trail(group, start, end)
            return False
        if group != "mark":
            self._place(self._scalar(group, start, end))
        elif (mark := self.data[start:end]) in b"{[":
            self._begin(Node("object" if mark == b"{" else "array", start, end))
        elif mark in b"}]":
            self._close(mark, end)
        else:
            self._separate(mark)
        return True

    def _trail(self, group: str, start: int, end: int) -> None:
        """Add the feature of bytes after the document, which are not read further."""
        begins = group == "string" or self.data[start:end] in (b"{", b"[")
        if group == "word":
            begins = number_or_literal(self.data[start:end])[1] is None
        self.mark("second-document" if begins else "trailing-bytes")

    def _scalar(self, group: str, start: int, end: int) -> Node:
        raw = self.data[start:end]
        last = end == len(self.data)
        if group == "word":
            if self.open and self.open[-1].expects == "name":
                self.mark("unquoted-name")
                return Node("string", start, end)
            kind, oddity = number_or_literal(raw)
            if oddity and not (last and self.open):  # a word at the very end was cut short
                self.mark(oddity)
            return Node(kind, start, end, odd=oddity is not None)
        closed = len(raw) > 1 and raw[-1:] == raw[:1] and not backslashes_before(raw, len(raw) - 1) % 2
        found = check_string(raw[1:-1] if closed else raw[1:], whole=closed)
        if group == "single":
            found.add("single-quotes")
        for word in found:
            self.mark(word)
        return Node("string", start, end, odd=bool(found) or not closed, closed=closed)

    def _begin(self, node: Node) -> None:
        self._place(node)
        self.open.append(_Open(node, "name" if node.kind == "object" else "value"))
        if len(self.open) > self.depth:
            self.depth, self.deepest = len(self.open), node.start

    def _place(self, node: Node) -> None:
        """Put a value or a name where it belongs, or where it seems to."""
        if not self.open:
            self.root = node
            return
        inner = self.open[-1]
        if inner.expects == "comma":
            self.mark("missing-comma")
            inner.expects = "name" if inner.node.kind == "object" else "value"
        if inner.expects == "colon":
            self.mark("missing-colon")
            inner.expects = "value"
        if inner.expects == "name":
            if node.kind != "string":
                self.mark("stray-token")
            inner.name, inner.expects, inner.after_comma = node, "colon", False
            return
        if inner.node.kind == "array":
            inner.node.items = _appended(inner.node.items, node)
        elif inner.name is not None:
            inner.node.members = _appended(inner.node.members, Member(inner.name, node))
        inner.expects, inner.after_comma = "comma", False

    def _close(self, mark: bytes, end: int) -> None:
        if not self.open:
            self.mark("stray-token")
            return
        inner = self._end(end)
        if (mark == b"}") != (inner.node.kind == "object"):
            self.mark("mismatched-bracket")
        if inner.after_comma:
            self.mark("trailing-comma")
        elif inner.expects != "comma" and (inner.name or inner.node.members):
            self.mark("stray-token")

    def _end(self, at: int) -> _Open:
        """End the innermost container."""
        inner = self.open.pop()
        inner.node.end = at
        inner.node.height += 1
        if self.open:
            outer = self.open[-1].node
            outer.height = max(outer.height, inner.node.height)
        return inner

    def _separate(self, mark: bytes) -> None:
        inner = self.open[-1] if self.open else None
        if inner is not None and mark == b"," and inner.expects == "comma":
            inner.expects = "name" if inner.node.kind == "object" else "value"
            inner.after_comma = True
        elif inner is not None and mark == b":" and inner.expects == "colon":
            inner.expects, inner.after_comma = "value", False
        else:
            self.mark("stray-token")


def _nest(depth: int) -> str | None:
    """Name a depth beyond a limit, or right before it."""
    for limit, past, near in (
        (GO_DEPTH, "nested-past-10000", "nested-to-10000"),
        (SERDE_DEPTH, "nested-past-127", "nested-to-127"),
    ):
        if depth > limit - NEAR:
            return past if depth > limit else near
    return None


def _appended(items: Sequence[T], item: T) -> Sequence[T]:
    """Append to a list that is made for the first item only: a deep nest is many small containers."""
    if not isinstance(items, list):
        return [item]
    items.append(item)
    return items
