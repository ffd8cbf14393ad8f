"""
A lenient reader of CBOR: it turns any bytes into a tree with positions and features.

It never raises, does not recurse, and takes time linear in the length. Knows nothing of declared types.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from driftcheck.codecs.cbor import head as h
from driftcheck.codecs.cbor.value import SELF_DESCRIBED, is_sequence
from driftcheck.core.recent import Recent

HUGE = 1 << 31  # a length from here on is no slip of a few bytes
DEPTHS = (32, 128, 256)  # the deepest nests that fxamacker/cbor, cbor4ii and ciborium read
BIGNUMS = (2, 3)

_KINDS = ("integer", "integer", "bytes", "text", "array", "map", "tag", "simple")
_SIMPLE = {20: "bool", 21: "bool", 22: "null", 23: "undefined"}
_WIDE = ("wide-integer",) * 2 + ("wide-length",) * 4 + ("wide-tag",)


@attrs.define(eq=False, repr=False)
class Node:
    """An item and its position: its head at `data[start:body]`, all of it at `data[start:end]`."""

    kind: str  # as `_KINDS` and `_SIMPLE`, float, chunked (a string), junk: none of these
    start: int
    body: int
    end: int
    number: int = 0  # value, length, count, tag or bits
    words: Sequence[str] = ()  # its features that do not depend on its type
    height: int = 0  # of the containers and tags inside it, itself included
    closed: bool = True
    indefinite: bool = False
    items: Sequence[Node] = ()  # of a map keys and values in turn; of a tag its content; chunks

    @property
    def lies(self) -> bool:
        """Tell whether it claims a length that nothing can have."""
        return "huge-length" in self.words

    def pairs(self) -> list[tuple[Node, Node]]:
        """Return the entries of a map, without a key that has no value."""
        return list(zip(self.items[::2], self.items[1::2], strict=False))


@attrs.frozen(eq=False)
class Scan:
    """The result of the lenient reader."""

    data: bytes
    root: Node | None
    depth: int  # of the innermost container or tag, 1 for the outermost
    words: frozenset[str]  # the features of the whole document

    def raw(self, node: Node) -> bytes:
        return self.data[node.start : node.end]

    def nodes(self, top: Node | None = None) -> Iterator[Node]:
        """Yield every item below one, or in the document, in order."""
        top = top or self.root
        stack = [top] if top is not None else []
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.items))

    def string(self, node: Node) -> bytes:
        """Return what a string of either kind, in chunks or not, holds."""
        if node.indefinite:  # chunks in chunks are not valid, but some readers join them
            parts = (part for part in self.nodes(node) if part.kind in ("bytes", "text"))
            return b"".join(self.data[part.body : part.end] for part in parts if not part.indefinite)
        return self.data[node.body : node.end]


class _Reader:
    """Feeds items to the innermost open container; `left` counts the items that each still takes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.root: Node | None = None
        self.open: list[Node] = []
        self.left: list[int] = []  # -1 for one that a break ends
        self.depth = 0
        self.words: set[str] = set()
        self.lied = False  # a length did, so what is missing at the end is named

    def read(self) -> Scan:
        at = 0
        while at < len(self.data) and (self.root is None or self.open):
            at = self._item(at)
        if self.root is None:
            self.words.add("empty")
        elif self.open:
            self._unfinished()
        elif at < len(self.data):
            self.words.add("second-item" if is_sequence(self.data[at:]) else "trailing-bytes")
        for deepest in reversed(DEPTHS):
            if self.depth > deepest:
                self.words.add(f"nested-past-{deepest}")
                break
        return Scan(self.data, self.root, self.depth, frozenset(self.words))

    def _unfinished(self) -> None:
        """Name what is missing at the end of the document, and end what is open."""
        innermost = self.open[-1]
        if "truncated" not in self.words and not self.lied:
            self.words.add("missing-break" if innermost.indefinite else "missing-items")
            if innermost.indefinite:
                innermost.words = ()
        while self.open:
            self.open[-1].closed = False
            self._end(len(self.data))

    def _item(self, at: int) -> int:
        """Take the item that begins at a position; return where the next one begins."""
        major, info = self.data[at] >> 5, self.data[at] & 31
        if info == h.INDEFINITE:
            return self._indefinite(at, major)
        if info > 27:
            return self._place(Node("junk", at, at + 1, at + 1, words=("reserved-info",)))
        width = h.WIDTHS.get(info, 0)
        body = at + 1 + width
        if body > len(self.data):
            self.words.add("truncated")
            return self._place(Node("junk", at, len(self.data), len(self.data)))
        number = int.from_bytes(self.data[at + 1 : body], "big") if width else info
        node = Node(_KINDS[major], at, body, body, number)
        if major == h.OTHER:
            _tell_simple(node, self.data[at + 1 : body])
        elif width > h.shortest_width(number):
            node.words = (_WIDE[major],)
        return self._with_content(node, major)

    def _with_content(self, node: Node, major: int) -> int:
        """Take what follows a head: the bytes of a string at once, the items of a container in turn."""
        if major in (h.BYTES, h.TEXT):
            node.end = node.body + node.number
            if node.end > len(self.data):
                node.end, node.closed = len(self.data), False
                self._too_long(node, "truncated")
            elif major == h.TEXT and not _is_utf8(self.data[node.body : node.end]):
                node.words = (*node.words, "invalid-utf8")
            return self._place(node)
        if major in (h.ARRAY, h.MAP, h.TAG):
            count = {h.ARRAY: node.number, h.MAP: 2 * node.number, h.TAG: 1}[major]
            if count > len(self.data) - node.body:
                self._too_long(node, "")
            return self._begin(node, count)
        return self._place(node)

    def _too_long(self, node: Node, otherwise: str) -> None:
        """Name a length that is longer than the rest of the document."""
        if node.number >= HUGE and node.kind != "tag":
            self.lied = True
            node.words = (*node.words, "huge-length")
        elif otherwise:
            self.words.add(otherwise)

    def _indefinite(self, at: int, major: int) -> int:
        if major == h.OTHER:
            return self._break(at)
        if major in (h.UINT, h.NINT, h.TAG):
            return self._place(Node("junk", at, at + 1, at + 1, words=("indefinite-number",)))
        word = {h.BYTES: "indefinite-bytes", h.TEXT: "indefinite-text", h.ARRAY: "indefinite-array"}
        node = Node(_KINDS[major], at, at + 1, at + 1, words=(word.get(major, "indefinite-map"),))
        node.indefinite = True
        return self._begin(node, -1)

    def _break(self, at: int) -> int:
        if not self.open or not self.open[-1].indefinite:
            return self._place(Node("junk", at, at + 1, at + 1, words=("break-outside",)))
        node = self.open[-1]
        if node.kind == "map" and len(node.items) % 2:
            node.words, node.closed = ("odd-map",), False
        if node.kind in ("text", "bytes"):
            self._check_chunks(node)
        self._end(at + 1)
        return self._end_full(at + 1)

    def _check_chunks(self, node: Node) -> None:
        """Add the feature of a string or of its chunks; there is at most one."""
        if any(chunk.kind != node.kind or chunk.indefinite for chunk in node.items):
            node.words = ()
            return
        chunks = [self.data[chunk.body : chunk.end] for chunk in node.items]
        if node.kind == "bytes" or all(map(_is_utf8, chunks)):
            return
        for chunk in node.items:
            chunk.words = tuple(word for word in chunk.words if word != "invalid-utf8")
        split = _is_utf8(b"".join(chunks))
        node.words = ("split-character" if split else "invalid-utf8",)

    def _begin(self, node: Node, count: int) -> int:
        self._put(node)
        self.open.append(node)
        self.left.append(count)
        node.height = 1
        self.depth = max(self.depth, len(self.open))
        return self._end_full(node.body)

    def _place(self, node: Node) -> int:
        self._put(node)
        return self._end_full(node.end)

    def _put(self, node: Node) -> None:
        """Put an item into the innermost open container."""
        if not self.open:
            self.root = node
            return
        inner = self.open[-1]
        if not isinstance(inner.items, list):  # made for the first item only: a deep nest is many
            inner.items = []
        inner.items.append(node)
        if inner.indefinite and inner.kind in ("bytes", "text") and node.kind != "junk":
            if node.kind != inner.kind:
                node.words = (*node.words, "other-chunk")
            elif node.indefinite:
                node.words = ("nested-chunks",)
        if self.left[-1] > 0:
            self.left[-1] -= 1

    def _end(self, at: int) -> int:
        """End the innermost container."""
        node = self.open.pop()
        self.left.pop()
        node.end = at
        if node.kind == "tag":
            _tell_tag(node, self.data)
        if self.open:
            self.open[-1].height = max(self.open[-1].height, node.height + 1)
        return at

    def _end_full(self, at: int) -> int:
        """End each container of which the item that ends here was the last."""
        while self.open and self.left[-1] == 0:
            self._end(at)
        return at


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _tell_simple(node: Node, packed: bytes) -> None:
    """Tell apart what shares the last major type."""
    if len(packed) > 1:
        node.kind, node.number = "float", h.widened(packed)
        words = {2: ("half-float",), 4: ("single-float",), 8: ()}[len(packed)]
        if node.number & (1 << 63) - 1 > h.CANONICAL_NAN - (1 << 51) and (node.number != h.CANONICAL_NAN):
            words = (*words, "nan-payload")
        node.words = words
    elif packed and node.number < 32:
        node.words = ("short-simple",)
    else:
        node.kind = _SIMPLE.get(node.number, "simple")
        if node.kind == "simple":
            node.words = ("simple-value",)


def _tell_tag(node: Node, data: bytes) -> None:
    content = node.items[0] if node.items else None
    kind = content.kind if content is not None else ""
    word = "unknown-tag"
    if node.number == SELF_DESCRIBED:
        word = "self-described"
    elif node.number in BIGNUMS:
        word = "wrong-tag-content"
        if content is not None and kind == "bytes":
            chunks = content.items if content.indefinite else [content]
            digits = b"".join(data[chunk.body : chunk.end] for chunk in chunks)
            past = len(digits.lstrip(b"\x00")) > 8
            word = "bignum-past-64" if past else "bignum"
    elif node.number in (0, 1):
        fits = kind == "text" if node.number == 0 else kind in ("integer", "float")
        word = "time-tag" if fits else "wrong-tag-content"
    node.words = (*node.words, word)


# Each mutation that is tried reads the same bytes. A byte of a nest takes about 200 bytes of memory.
_SCANS: Recent[bytes, Scan] = Recent(64, 1 << 17)


def scan(data: bytes) -> Scan:
    """Read any bytes leniently; nobody may change the result, which may be that of an earlier call."""
    return _SCANS.get(data, len(data), _Reader(data).read)
