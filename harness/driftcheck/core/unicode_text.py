"""
Mutations of text with characters that look like others, are invisible, or have another form.

Each has a feature; `unicode_features` returns the features and the text without them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal

from driftcheck.core.mutation import Draw, Mutation, mutation
from driftcheck.core.types import Type

_LATIN = "aceijopsxyABCEHIKMOPTX"
_CYRILLIC = "асеіјорѕхуАВСЕНІКМОРТХ"
_DIGITS = "0123456789"
_ALPHANUMERIC = _DIGITS + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
BOLD_DIGITS = tuple(map(chr, range(0x1D7CE, 0x1D7D8)))  # mathematical; digits to Unicode
LOOK_ALIKES = dict(zip(_LATIN, _CYRILLIC, strict=True)) | dict(zip(_DIGITS, BOLD_DIGITS, strict=True))
FULL_WIDTH = {c: chr(ord(c) + 0xFEE0) for c in _ALPHANUMERIC}
FOREIGN = tuple(
    tuple(map(chr, range(zero, zero + 10))) for zero in (0x660, 0x966)
)  # Arabic-Indic, Devanagari
DASHES = ("\u2212", "\u2013", "\u2010")  # minus sign, en dash, hyphen
ZERO_WIDTH = ("\u200b", "\u200d", "\u2060", "\u00ad")
DIRECTIONS = ("\u202e", "\u200f", "\u2066")
ODD_BREAKS = ("\u2028", "\u0085", "\x0b", "\x0c")
ACUTE = "\u0301"
SURROGATE_PAIRS = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
LONG = 4096

_UNDONE = {odd: plain for table in (LOOK_ALIKES, FULL_WIDTH) for plain, odd in table.items()}
_UNDONE |= {odd: str(i) for digits in FOREIGN for i, odd in enumerate(digits)}
_UNDONE |= dict.fromkeys(DASHES, "-") | dict.fromkeys((*ZERO_WIDTH, *DIRECTIONS, *ODD_BREAKS), "")
_MARKS = {
    "look-alike": frozenset(LOOK_ALIKES.values()),
    "full-width": frozenset(FULL_WIDTH.values()),
    "foreign-digit": frozenset(c for digits in FOREIGN for c in digits),
    "typographic-dash": frozenset(DASHES),
    "zero-width": frozenset(ZERO_WIDTH),
    "direction-mark": frozenset(DIRECTIONS),
    "odd-line-break": frozenset(ODD_BREAKS),
}


@mutation
def look_alike(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write a letter or digit as another character that looks like it."""
    return _replaced(data, draw, LOOK_ALIKES)


@mutation
def full_width(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write an ASCII letter or digit in its full-width form."""
    return _replaced(data, draw, FULL_WIDTH)


@mutation
def foreign_digit(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write a digit in Arabic-Indic or Devanagari."""
    digits = FOREIGN[draw.integer(0, len(FOREIGN) - 1)]
    return _replaced(data, draw, dict(zip(_DIGITS, digits, strict=True)))


@mutation
def typographic_dash(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write a hyphen as a minus sign or a dash."""
    return _replaced(data, draw, {"-": DASHES[draw.integer(0, len(DASHES) - 1)]})


@mutation
def zero_width(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put a character without width into the text."""
    return _inserted(data, draw, ZERO_WIDTH)


@mutation
def direction_mark(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put a mark that turns the direction of writing into the text."""
    return _inserted(data, draw, DIRECTIONS)


@mutation
def odd_line_break(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put a line break that is neither LF nor CR into the text."""
    return _inserted(data, draw, ODD_BREAKS, inside=True)


@mutation
def decomposed(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write text in the normal form NFD; where that changes nothing, put an accent after a letter."""
    text = _text(data)
    if text is None:
        return None
    nfd = normal_form("NFD", text)
    if nfd != text:
        return nfd.encode()
    places = [i + 1 for i, c in enumerate(text) if c in "aeiouyAEIOUY"]
    return _spliced(text, places, draw, ACUTE)


@mutation
def composed(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write text in the normal form NFC."""
    text = _text(data)
    return None if text is None else normal_form("NFC", text).encode()


@mutation
def surrogate_pair(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put a character into the text as two encoded surrogates (CESU-8)."""
    text = _text(data)
    if text is None:
        return None
    at = len(text[: draw.integer(0, len(text))].encode())
    return data[:at] + b"\xed\xa0\xbd\xed\xb8\x80" + data[at:]


@mutation
def very_long(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Repeat the last character until the text is longer than 4096 bytes."""
    text = _text(data)
    if not text:
        return None
    return data + text[-1].encode() * (LONG + 1)


UNICODE: tuple[Mutation, ...] = (
    look_alike,
    full_width,
    foreign_digit,
    typographic_dash,
    zero_width,
    direction_mark,
    odd_line_break,
    decomposed,
    composed,
    surrogate_pair,
    very_long,
)


def unicode_features(text: str) -> tuple[set[str], str]:
    """Return the features of the characters of a text, and the text in plain characters."""
    found = {name for name, marks in _MARKS.items() if not marks.isdisjoint(text)}
    if len(text) > LONG:
        found.add("very-long")
    if normal_form("NFC", text) != text:
        found.add("decomposed")
        text = "".join(c for c in normal_form("NFD", text) if not unicodedata.combining(c))
    return found, "".join(_UNDONE.get(c, c) for c in text)


def normal_form(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """Return a text in a normal form of Unicode; one of more than `LONG` characters as it is.

    Python sorts the marks on a character in a time that grows with the square of their number, and nothing
    interrupts it: 200,000 marks take minutes.
    """
    return text if len(text) > LONG else unicodedata.normalize(form, text)


def _text(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _replaced(data: bytes, draw: Draw, table: Mapping[str, str]) -> bytes | None:
    """Replace one of the characters that a table has a form for."""
    text = _text(data) or ""
    places = [i for i, c in enumerate(text) if c in table]
    if not places:
        return None
    at = places[draw.integer(0, len(places) - 1)]
    return (text[:at] + table[text[at]] + text[at + 1 :]).encode()


def _inserted(data: bytes, draw: Draw, characters: Sequence[str], *, inside: bool = False) -> bytes | None:
    """Insert one of the characters anywhere, or anywhere but at the ends."""
    text = _text(data)
    if text is None:
        return None
    character = characters[draw.integer(0, len(characters) - 1)]
    return _spliced(text, range(1, len(text)) if inside else range(len(text) + 1), draw, character)


def _spliced(text: str, places: Sequence[int], draw: Draw, character: str) -> bytes | None:
    if not places:
        return None
    at = places[draw.integer(0, len(places) - 1)]
    return (text[:at] + character + text[at:]).encode()
