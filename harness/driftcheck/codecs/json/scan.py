"""
A lenient reader of JSON: it turns any bytes into a tree with positions and features.

It never raises, does not recurse, and takes time linear in the length. Knows nothing of declared types.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TypeVar

import attrs

from driftcheck.codecs.json.token import backslashes_before, check_string, number_or_literal
from driftcheck.core.raw_mutations import BOM
from driftcheck.core.recent import Recent

SERDE_DEPTH = 127  # serde_json refuses the 128th container that it recurses into
GO_DEPTH = 10_000  # encoding/json refuses the container after this one
NEAR = 3  # depths up to such a limit that also have a word
WHOLE = -1  # the position of a feature of the whole document

T = TypeVar("T")

# What a document mostly consists of stands first: `plain` strings and `number`s have no feature.
_TOKEN = re.compile(
    rb"""(?P<arrays>\[{16,})
    |(?P<ends>\]{16,})
    |(?P<mark>[{}\[\]:,])
    |(?P<plain>"[ !#-\[\]-\x7f]*")
    |(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?=[ \t\n\r\f\v{}\[\]:,"']|\Z))
    |(?P<string>"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z))
    |(?P<space>[ \t\n\r]+)
    |(?P<odd_space>(?:[\f\v]|\xc2\xa0|\xe2\x80[\xa8\xa9])+)
    |(?P<comment>//[^\n]*\n?|/\*.*?(?:\*/|\Z))
    |(?P<single>'[^'\\]*(?:\\.[^'\\]*)*(?:'|\\?\Z))
    |(?P<word>(?:[^ \t\n\r\f\v{}\[\]:,"'/]|/(?![/*]))+)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMA, _COLON, _ARRAY, _OBJECT, _ARRAY_END = b",:[{]"


@attrs.define(eq=False, repr=False)
class Member:
    """A name and its value; a name may come again."""

    name: Node
    value: Node


@attrs.define(eq=False, repr=False)
class Node:
    """A value or a name, and its position: `data[start:end]`."""

    kind: str  # object, array, string, number, bool, null; junk: none of these
    start: int
    end: int
    odd: bool = False  # its text has a feature already, so its type is not judged
    height: int = 0  # of the containers inside it, itself included
    closed: bool = True
    items: Sequence[Node] = ()
    members: Sequence[Member] = ()


@attrs.frozen(eq=False)
class Scan:
    """The result of the lenient reader."""

    data: bytes
    root: Node | None
    depth: int  # of the innermost container, 1 for the outermost
    marks: frozenset[tuple[str, int]]  # features by position; those of the whole document are at -1
    _texts: dict[int, str] = attrs.field(factory=dict, init=False, repr=False)  # by position

    def raw(self, node: Node) -> bytes:
        return self.data[node.start : node.end]

    def nodes(self) -> Iterator[Node]:
        """Yield every name and value, in the document's order."""
        stack = [self.root] if self.root is not None else []
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.items))
            for member in reversed(node.members):
                stack += (member.value, member.name)

    def text(self, node: Node) -> str:
        """Return the text that a string, well-formed or not, means."""
        text = self._texts.get(node.start)
        if text is None:
            text = self._texts[node.start] = self._text(node)
        return text

    def _text(self, node: Node) -> str:
        raw = self.raw(node)
        if b"\\" in raw:
            try:
                return str(json.loads(raw))
            except ValueError:
                pass
        if raw[:1] in (b'"', b"'"):  # a quote of the other kind belongs to the text
            raw = raw[1:-1] if node.closed else raw[1:]
        return raw.decode(errors="surrogateescape")


@attrs.define(eq=False, repr=False)
class _Open:
    """A container that is being read; `expects` is name, colon, value or comma."""

    node: Node
    expects: str
    name: Node | None = None
    after_comma: bool = False


class _Reader:
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
        for token in _TOKEN.finditer(self.data, at):  # at each position some token begins
            self.at, end = token.span()
            group = token.lastgroup or ""
            if group == "arrays":
                taken = self._take_arrays(self.at, end)
            elif group == "ends":
                taken = self._take_ends(self.at, end)
            else:
                taken = self._take(group, self.at, end)
            if not taken:
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

    def _take_arrays(self, start: int, end: int) -> bool:
        """Take the many arrays that begin a nest, each in the one before; False ends the reading."""
        if not self._take("mark", start, start + 1):
            return False
        inner = self.open[-1]
        for at in range(start + 1, end):
            node = Node("array", at, at + 1)
            inner.node.items, inner.expects = [node], "comma"
            inner = _Open(node, "value")
            self.open.append(inner)
        if len(self.open) > self.depth:
            self.depth, self.deepest = len(self.open), inner.node.start
        return True

    def _take_ends(self, start: int, end: int) -> bool:
        """Take the many marks that end a nest of arrays; False ends the reading."""
        for at in range(start, end):
            self.at = at
            if not self._take("mark", at, at + 1):
                return False
        return True

    def _takes_usual(self, inner: _Open, group: str, start: int, end: int) -> bool:
        """Take a token that is where JSON allows it and has no feature; False if it may be another one.

        `_take` does the same with it. A document consists mostly of such tokens.
        """
        expects, node = inner.expects, inner.node
        if group == "mark":
            mark = self.data[start]
            if mark == _COMMA:
                if expects != "comma":
                    return False
                inner.expects = "name" if node.kind == "object" else "value"
                inner.after_comma = True
                return True
            if mark == _COLON:
                if expects != "colon":
                    return False
                inner.expects = "value"
                return True
            if mark != _ARRAY and mark != _OBJECT:
                is_whole = expects == "comma" or not (inner.after_comma or inner.name)
                if not is_whole or (mark == _ARRAY_END) != (node.kind == "array"):
                    return False
                self._end(end)
                return True
            if expects != "value":
                return False
            value = Node("array", start, end) if mark == _ARRAY else Node("object", start, end)
            self._put(inner, value)
            self._open(value)
            return True
        if expects == "value" and (group == "plain" or group == "number"):
            self._put(inner, Node("string" if group == "plain" else "number", start, end))
            return True
        if expects == "name" and group == "plain":
            inner.name, inner.expects, inner.after_comma = Node("string", start, end), "colon", False
            return True
        return False

    def _take(self, group: str, start: int, end: int) -> bool:
        """Take one token; False ends the reading."""
        if self.open and self._takes_usual(self.open[-1], group, start, end):
            return True
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
        begins = group in ("plain", "string", "number") or self.data[start:end] in (b"{", b"[")
        if group == "word":
            begins = number_or_literal(self.data[start:end])[1] is None
        self.mark("second-document" if begins else "trailing-bytes")

    def _scalar(self, group: str, start: int, end: int) -> Node:
        raw = self.data[start:end]
        last = end == len(self.data)
        if group in ("word", "number"):
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
        self._open(node)

    def _open(self, node: Node) -> None:
        """Make a container the innermost one."""
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
        self._put(inner, node)

    def _put(self, inner: _Open, node: Node) -> None:
        """Make a node the last value of a container."""
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


# Each mutation that is tried reads the same bytes. A byte of a nest takes about 150 bytes of memory.
_SCANS: Recent[bytes, Scan] = Recent(64, 1 << 18)


def scan(data: bytes) -> Scan:
    """Read any bytes leniently; nobody may change the result, which may be that of an earlier call."""
    return _SCANS.get(data, len(data), _Reader(data).read)
