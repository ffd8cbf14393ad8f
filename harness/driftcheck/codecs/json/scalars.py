"""
The features of one JSON scalar as a value of its declared type.
"""

from __future__ import annotations

import base64
import math
import re
import sys
from collections.abc import Iterator

from driftcheck.codecs.json.any_value import EXACT
from driftcheck.core import types as t

SIGNIFICANT_DIGITS = 17  # as many as any double needs
EXACT_DIGITS = 767  # as many as a double can have, written out: beyond them a reader may cut
LONG_TEXT = 2**16  # bytes; what is drawn is shorter

_DIGITS = re.compile(rb"-?0*\.?0*([0-9]*)\.?([0-9]*)")
_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_WIDTHS = [(0, 2**n - 1) for n in (8, 16, 32)] + [(-(2 ** (n - 1)), 2 ** (n - 1) - 1) for n in (8, 16, 32)]
_ANY = (t.I64_MIN, t.U64_MAX)  # of a number without a declared type


def integer(raw: bytes, type_: t.Int, *, untyped: bool = False) -> Iterator[str]:
    """Return the features of a number that is declared as an integer."""
    if b"." in raw or b"e" in raw or b"E" in raw:
        if math.isinf(float(raw)):
            yield "huge-number"
        elif b"e" in raw or b"E" in raw:
            yield "exponent"
        else:
            yield "fraction" if raw.partition(b".")[2].strip(b"0") else "zero-fraction"
    elif raw == b"-0":
        yield "negative-zero"
    elif is_out_of_range(raw, type_):
        yield "out-of-range"
    elif untyped and abs(int(raw)) > EXACT:
        yield "past-53-bits"


def width(type_: t.Int) -> tuple[int, int]:
    """Return the range of the integers of a machine that a type is: of 8, 16 or 32 bits, else of 64."""
    declared = (type_.lo, type_.hi)
    if declared in _WIDTHS or declared == _ANY:
        return declared
    return (t.I64_MIN, t.I64_MAX) if type_.signed else (0, t.U64_MAX)


def is_out_of_range(raw: bytes, type_: t.Int) -> bool:
    """Tell whether an integer's text is beyond the bits of its type."""
    lo, hi = width(type_)
    return len(raw) > 20 or not lo <= int(raw) <= hi


def real(raw: bytes) -> Iterator[str]:
    """Return the features of a number that is declared as a double."""
    value = float(raw)
    match = _DIGITS.match(raw)
    digits = (b"".join(match.groups()) if match else b"").rstrip(b"0")
    if math.isinf(value):
        yield "huge-number"
    elif value == 0 and digits:
        yield "tiny-number"
    elif 0 < abs(value) < sys.float_info.min and raw != repr(value).encode():
        yield "subnormal"
    elif raw.lstrip(b"-").isdigit() and len(raw) <= 20 and int(raw) != int(value):
        yield "past-53-bits"
    elif len(digits) > EXACT_DIGITS:
        yield "huge-digits"
    elif len(digits) > SIGNIFICANT_DIGITS:
        yield "excess-digits"


def text(raw: bytes, type_: t.Text) -> Iterator[str]:
    """Return the features of a string that is declared as text."""
    if any(_is_needless(escape) for escape in _ESCAPE.finditer(raw)):
        yield "needless-escape"
    if type_.max_len is None and len(raw) > LONG_TEXT:
        yield "long-text"


def _is_needless(escape: re.Match[bytes]) -> bool:
    return escape[0] == rb"\/" if escape[1] is None else int(escape[1], 16) >= ord(" ")


def octets(written: str) -> Iterator[str]:
    """Return the features of a string that is declared as bytes: base64 of RFC 4648, 4."""
    if is_base64(written):
        return
    padded = written + "=" * (-len(written) % 4)
    if is_base64(written.replace("\r", "").replace("\n", "")):
        yield "base64-line-breaks"
    elif is_base64(padded):
        yield "unpadded-base64"
    elif is_base64(written.replace("-", "+").replace("_", "/")):
        yield "url-base64"
    else:
        yield "loose-base64" if _decodes(written) else "invalid-base64"


def is_base64(written: str) -> bool:
    """Tell whether a text is padded base64 as RFC 4648, 4 has it, with no spare bits set."""
    try:
        return base64.b64encode(base64.b64decode(written, validate=True)).decode() == written
    except ValueError:
        return False


def _decodes(written: str) -> bool:
    try:
        base64.b64decode(written, validate=True)
    except ValueError:
        return False
    return len(written) % 4 == 0


def member(name: str, type_: t.Enumeration) -> Iterator[str]:
    """Return the features of a string that is declared as a member of an enumeration."""
    names = {m.name for m in type_.members}
    if name not in names:
        yield "wrong-case-member" if name.casefold() in {n.casefold() for n in names} else "unknown-member"


def key(name: str, type_: t.Type) -> Iterator[str]:
    """Return the features of a name that is declared as an integer key of a map."""
    bare = t.bare(type_)
    if not isinstance(bare, t.Int):
        return
    try:
        number = int(name)
    except ValueError:
        yield "invalid-key"
        return
    if str(number) != name:
        yield "negative-zero-key" if name == "-0" else "odd-key" if name == name.strip() else "spaced-key"
    elif is_out_of_range(name.encode(), bare):
        yield "key-out-of-range"
