"""The contract url: Go's net/url beside the crates url, form_urlencoded and percent-encoding."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote, urlencode

import attrs

from driftcheck import Contract, Payload, Rejection, ge, in_, le, matches_re, max_len, operation
from driftcheck.codecs import Codec, Draw, Mutation, Type, mutation, text_features, text_mutations

Word = Annotated[str, max_len(4)]


@attrs.frozen
class Address:
    """A URL to write."""

    scheme: Annotated[str, in_(["http", "https", "ftp"])]
    user: Annotated[str, matches_re(r"[a-z]{1,3}(:[a-z]{1,3})?")] | None
    host: Annotated[str, matches_re(r"[a-z]{1,3}\.(com|org)|127\.0\.0\.1|\[::1\]")]
    port: Annotated[int, ge(1024), le(65535)] | None
    path: Annotated[str, matches_re(r"(/[a-z0-9]{0,2}){0,3}")]
    query: Annotated[str, matches_re(r"[a-z]=[a-z0-9]{0,2}")] | None
    fragment: Annotated[str, matches_re(r"[a-z]{0,2}")] | None


@attrs.frozen
class Parsed:
    """A URL that was read; what is absent is empty."""

    scheme: str
    host: str
    port: str
    path: str
    query: str
    fragment: str
    text: str  # the whole, as the library writes it


@attrs.frozen
class Pair:
    """A key of a query with its value."""

    key: Word
    value: Word


def _replaced(data: bytes, draw: Draw, old: bytes, new: bytes) -> bytes | None:
    """Replace one of the places of `old`."""
    places = [found.start() for found in re.finditer(re.escape(old), data)]
    if not places:
        return None
    at = places[draw.integer(0, len(places) - 1)]
    return data[:at] + new + data[at + len(old) :]


def _inserted(data: bytes, draw: Draw, new: bytes) -> bytes:
    at = draw.integer(0, len(data))
    return data[:at] + new + data[at:]


@mutation
def escape(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write one byte as an escape."""
    if not data:
        return None
    at = draw.integer(0, len(data) - 1)
    return data[:at] + b"%%%02x" % data[at] + data[at + 1 :]


@mutation
def odd_escape(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put an escape into the text that means no ASCII character."""
    return _inserted(data, draw, b"%%%02x" % draw.integer(128, 255))


@mutation
def bad_escape(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put an escape into the text that is none."""
    return _inserted(data, draw, (b"%", b"%4", b"%zz")[draw.integer(0, 2)])


@mutation
def backslash(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write a backslash for a slash."""
    return _replaced(data, draw, b"/", b"\\")


@mutation
def dot_segment(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put a segment into the path that leads up."""
    return _replaced(data, draw, b"/", b"/../")


@mutation
def default_port(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write the port that the scheme has anyway."""
    return re.sub(rb"^http://([a-z.]+)(:\d+)?", rb"http://\1:80", data)


@mutation
def huge_port(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write a port that does not exist."""
    return re.sub(rb"://([a-z.]+)(:\d+)?", rb"://\1:65536", data)


@mutation
def odd_address(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write the host as an address in an old form."""
    old = (b"127.1", b"0x7f.0.0.1", b"010.0.0.1", b"2130706433")[draw.integer(0, 3)]
    return re.sub(rb"://[a-z.]+", b"://" + old, data)


@mutation
def relative(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Leave out the scheme, and perhaps the host."""
    return re.sub(rb"^[a-z]+:(//[^/]*)?" if draw.boolean() else rb"^[a-z]+:", b"", data)


@mutation
def slashes(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write another number of slashes before the host."""
    return data.replace(b"://", (b":/", b":", b":///")[draw.integer(0, 2)])


@mutation
def inner_space(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put white space into the text."""
    return _inserted(data, draw, (b" ", b"\t", b"\n")[draw.integer(0, 2)])


@mutation
def mark(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put a mark into the text that may have to be escaped."""
    at = draw.integer(0, 12)
    return _inserted(data, draw, b";'\"<>[]^`{|}@"[at : at + 1])


_MARKS: dict[str, str] = {
    "bad-escape": r"%(?![0-9a-fA-F]{2})",
    "odd-escape": r"%[89a-fA-F][0-9a-fA-F]",
    "escape": r"%[0-7][0-9a-fA-F]",
    "backslash": r"\\",
    "dot-segment": r"/\.\.?(?=[/?#]|$)",
    "default-port": r"^http:.*:80(?!\d)",
    "huge-port": r":65536",
    "odd-address": r"//(127\.1|0x7f|010\.|2130706433)",
    "relative": r"^(?![a-zA-Z]+:)",
    "slashes": r"^[a-z]+:(?!//[^/])",
    "inner-space": r".\s+.",
    "mark": r"[;'\"<>^`{|}]",
    "upper-case": r"^[^/]*//[^/]*[A-Z]|^[a-z]*[A-Z]",
}


def _features(data: bytes, names: set[str]) -> set[str]:
    text = data.decode(errors="replace")
    return text_features(data) | {name for name in names if re.search(_MARKS[name], text)}


_SHARED: tuple[Mutation, ...] = (*text_mutations, escape, odd_escape, bad_escape, inner_space, mark)


class UrlText(Codec[Address]):
    """A URL."""

    mutations = (
        *_SHARED,
        backslash,
        dot_segment,
        default_port,
        huge_port,
        odd_address,
        relative,
        slashes,
    )

    def encode(self, value: Address) -> bytes:
        text = f"{value.scheme}://"
        text += f"{value.user}@" if value.user else ""
        text += value.host
        text += f":{value.port}" if value.port else ""
        text += value.path
        text += f"?{value.query}" if value.query is not None else ""
        text += f"#{value.fragment}" if value.fragment is not None else ""
        return text.encode()

    def features(self, data: bytes) -> set[str]:
        return _features(data, set(_MARKS))


class ReferenceText(Codec[str]):
    """A reference, relative or not."""

    mutations = (*_SHARED, backslash)

    def encode(self, value: str) -> bytes:
        return value.encode()

    def features(self, data: bytes) -> set[str]:
        names = {"bad-escape", "odd-escape", "escape", "backslash", "inner-space", "mark"}
        return _features(data, names) - {"empty"}


class QueryText(Codec[tuple[Pair, ...]]):
    """The query of a URL."""

    mutations = (*text_mutations, odd_escape, bad_escape, mark)

    def encode(self, value: tuple[Pair, ...]) -> bytes:
        return urlencode([(pair.key, pair.value) for pair in value]).encode()

    def features(self, data: bytes) -> set[str]:
        return _features(data, {"bad-escape", "mark"}) - {"empty"}


class EscapedText(Codec[str]):
    """Text with escapes."""

    mutations = (*text_mutations, odd_escape, bad_escape)

    def encode(self, value: str) -> bytes:
        return quote(value, safe="").encode()

    def features(self, data: bytes) -> set[str]:
        return _features(data, {"bad-escape"}) - {"empty"}


Reference = Annotated[str, matches_re(r"(http:|//a)?(\.\.?/|/){0,2}[a-z]{0,2}(\?[a-z])?(#[a-z])?")]


class Url(Contract):
    """Reads, resolves and escapes URLs and their parts."""

    malformed = Rejection("no URL, or not the part of one", catch_all=True)

    @operation(weight=30)
    def parse(self, text: Payload[Address, UrlText]) -> Parsed:
        """Read a URL into its parts."""

    @operation
    def join(self, base: Payload[Address, UrlText], reference: Payload[Reference, ReferenceText]) -> str:
        """Resolve a reference against a URL."""

    @operation
    def query(
        self, text: Payload[Annotated[tuple[Pair, ...], max_len(3)], QueryText]
    ) -> dict[str, tuple[str, ...]]:
        """Read the query of a URL: the values of each key."""

    @operation
    def escape_query(self, text: Word) -> str:
        """Escape text for a query."""

    @operation
    def escape_path(self, text: Word) -> str:
        """Escape text for a path."""

    @operation
    def unescape_path(self, text: Payload[Word, EscapedText]) -> str:
        """Undo the escapes of a path."""
