"""
Files of other fuzzers as documents, and documents as files.

Knows the corpus files of `go test -fuzz`: a line with the version, then a value a line. The corpora of
libFuzzer, cargo-fuzz, AFL++ and Jazzer are plain files. Knows bytes. Knows nothing of contracts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from driftcheck.core.files import files_below, read_file

GO_FUZZ = b"go test fuzz v1"
LARGEST = 1 << 20  # bytes of a file that is imported

_VALUE = re.compile(r"(\[\]byte|string)\((.*)\)", re.DOTALL)
# What Go writes in a quoted string and Python reads otherwise: bytes, and characters by their number.
_ESCAPE = re.compile(
    r"""\\(?:(?P<plain>[abfnrtv\\'"])|x(?P<hex>[0-9a-fA-F]{2})|(?P<octal>[0-7]{3})"""
    r"""|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8}))"""
)
_PLAIN = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, '"': 34}


class NotGo(ValueError):
    """A file begins like a corpus file of Go, but is not one."""


def documents_of(path: Path) -> list[bytes]:
    """Return the documents that a file holds: those of a corpus file of Go, otherwise the file itself.

    Raises:
        Unreadable: it is no regular file, or larger than a megabyte.
        NotGo: it begins like a corpus file of Go, but a line cannot be read.
    """
    data = read_file(path, LARGEST)
    first, _, rest = data.partition(b"\n")
    if first.rstrip(b"\r") != GO_FUZZ:
        return [data]
    return [*_go_values(rest)]


def documents_below(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder and below it, sorted; hidden ones are left out."""
    for path in files_below(folder):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _go_values(lines: bytes) -> Iterator[bytes]:
    for number, line in enumerate(lines.decode("utf-8", "surrogateescape").splitlines(), 2):
        if not line.strip():
            continue
        value = _VALUE.fullmatch(line.strip())
        if value is None:
            continue  # a number or a boolean, which is no document
        try:
            yield _go_literal(value[2].strip())
        except ValueError as error:
            raise NotGo(f"line {number}: {error}") from None


def _go_literal(text: str) -> bytes:
    """Return the bytes of a string literal of Go, quoted or raw."""
    if len(text) >= 2 and text[0] == text[-1] == "`":
        return text[1:-1].replace("\r", "").encode("utf-8", "surrogateescape")
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise ValueError(f"{text!r} is not a string literal of Go")
    inner, out, at = text[1:-1], bytearray(), 0
    while at < len(inner):
        if inner[at] != "\\":
            out += inner[at].encode("utf-8", "surrogateescape")
            at += 1
            continue
        escape = _ESCAPE.match(inner, at)
        if escape is None:
            raise ValueError(f"{inner[at : at + 4]!r} is not an escape of Go")
        out += _escaped(escape)
        at = escape.end()
    return bytes(out)


def _escaped(escape: re.Match[str]) -> bytes:
    found = escape.groupdict()
    if found["plain"]:
        return bytes([_PLAIN[found["plain"]]])
    if found["hex"]:
        return bytes([int(found["hex"], 16)])
    if found["octal"]:
        number = int(found["octal"], 8)
        if number > 255:
            raise ValueError(f"{escape[0]!r} is not a byte")
        return bytes([number])
    number = int(found["short"] or found["long"], 16)
    if number > 0x10FFFF or 0xD800 <= number < 0xE000:
        raise ValueError(f"{escape[0]!r} is not a character")
    return chr(number).encode()
