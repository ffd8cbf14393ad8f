"""
Rules that make JSON files hostile: each takes a good file, and breaks it at each place in each way.

Knows JSON as data and as text. Knows nothing of what the file is for.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import attrs

Place = tuple[str | int, ...]
Broken = tuple[str, Callable[[], bytes]]  # a name, and what makes the file's content

_RAW = "@raw@"


@attrs.frozen
class Raw:
    """Text that stands in a file as it is, where JSON data cannot say it."""

    text: str


WRONG: dict[str, Any] = {
    "null": None,
    "true": True,
    "zero": 0,
    "negative": -1,
    "fraction": 1.5,
    "no-text": "",
    "text": "x",
    "no-list": [],
    "list": [[], {}, 0],
    "no-object": {},
    "object": {"": None, "__class__": {"__init__": []}},
}
NUMBERS: dict[str, Any] = {
    "huge": 10**290,
    "longer": Raw("9" * 5_000),
    "past-64-bits": 2**64,
    "below-64-bits": -(2**63) - 1,
    "past-a-float": Raw("1e999"),
    "nan": Raw("NaN"),
    "infinity": Raw("-Infinity"),
    "minus-zero": Raw("-0"),
    "tiny": Raw("1e-999"),
    "long-fraction": Raw("0." + "1" * 100_000),
    "many-zeros": Raw("1" + "0" * 4_299),
}
TEXTS: dict[str, Any] = {
    "lone-surrogate": Raw('"\\ud800"'),
    "nul": "a\0b",
    "terminal": "\x1b[2J\x1b]0;title\x07\r\n\x9b31m",
    "bidirectional": "\u202e\u2066abc\u200b\ufeff",
    "module": "os:system",
    "path": "../../../../etc/passwd",
    "format": "%s{0.__class__}${x}",
    "not-a-name": "__class__",
    "long": "x" * 100_000,
    "very-long": "\u0301" * 2_000_000,
    "marks-out-of-order": "a" + "\u0301" * 400_000 + "\u0323" * 400_000,
}
DEEP: dict[str, Callable[[], Any]] = {
    "in-lists": lambda: Raw("[" * 100_000 + "]" * 100_000),
    "in-lists-400": lambda: Raw("[" * 400 + "]" * 400),
    "in-objects": lambda: Raw('{"a":' * 100_000 + "0" + "}" * 100_000),
    "in-objects-400": lambda: Raw('{"a":' * 400 + "0" + "}" * 400),
    "not-closed": lambda: Raw('[{"a":' * 1_000_000),
}


def text(data: Any) -> bytes:
    """Return JSON data, with at most one `Raw` in it, as a file."""
    raws: list[str] = []

    def note(raw: Any) -> str:
        raws.append(raw.text)
        return _RAW

    written = json.dumps(data, default=note)
    for raw in raws:
        written = written.replace(json.dumps(_RAW), raw)
    return written.encode()


def places(data: Any, here: Place = ()) -> Iterator[Place]:
    """Yield the place of each value, the outermost first."""
    yield here
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from places(value, (*here, key))


def at(data: Any, place: Place) -> Any:
    """Return the value at a place."""
    for part in place:
        data = data[part]
    return data


def put(data: Any, place: Place, value: Any) -> Any:
    """Return the data with another value at a place."""
    if not place:
        return value
    changed = copy.deepcopy(data)
    at(changed, place[:-1])[place[-1]] = value
    return changed


def removed(data: Any, place: Place) -> Any:
    """Return the data without a place."""
    changed = copy.deepcopy(data)
    del at(changed, place[:-1])[place[-1]]
    return changed


def shown(place: Place) -> str:
    """Return a place as part of a name."""
    return ".".join(map(str, place)) or "all"


def broken(data: Any) -> Iterator[Broken]:
    """Yield the data, broken by each rule at each place."""
    for place in places(data):
        yield from _values(data, place)
        yield from _keys(data, place)
    yield from _bytes(text(data))


def _values(data: Any, place: Place) -> Iterator[Broken]:
    value, where = at(data, place), shown(place)
    for name, wrong in WRONG.items():
        if type(wrong) is not type(value) or name.startswith("no-"):
            yield f"{where}={name}", lambda wrong=wrong: text(put(data, place, wrong))
    others = NUMBERS if isinstance(value, int | float) else TEXTS if isinstance(value, str) else {}
    for name, wrong in others.items():
        yield f"{where}={name}", lambda wrong=wrong: text(put(data, place, wrong))
    for name, make in DEEP.items():
        yield f"{where}-deep-{name}", lambda make=make: text(put(data, place, make()))
    if isinstance(value, list) and value:
        yield f"{where}-repeated", lambda: text(put(data, place, value * 20_000))
        yield f"{where}-twice", lambda: text(put(data, place, value * 2))


def _keys(data: Any, place: Place) -> Iterator[Broken]:
    value, where = at(data, place), shown(place)
    if place:
        yield f"{where}-removed", lambda: text(removed(data, place))
    if not isinstance(value, dict):
        return
    for name in ("unknown", "__class__", "", "\0", "x" * 100_000):
        key = name or "empty"
        yield f"{where}+{key[:9]!r}", lambda name=name: text(put(data, place, {**value, name: 1}))
    for key in value:
        twice = {**value, f"{key}{_RAW}": value[key]}
        yield (
            f"{where}-twice-{key}",
            lambda twice=twice: text(put(data, place, twice)).replace(_RAW.encode(), b""),
        )
    # Made when a test runs: they took a third of the time in which all tests are collected.
    yield f"{where}-many-keys", lambda: text(put(data, place, {**value, **dict.fromkeys(_many_names())}))


def _many_names() -> Iterator[str]:
    return (f"k{i}" for i in range(100_000))


def _bytes(good: bytes) -> Iterator[Broken]:
    for part in range(1, 20):
        yield f"cut-{part}", lambda part=part: good[: len(good) * part // 20]
        yield f"not-utf-8-{part}", lambda part=part: _inserted(good, part, b"\xff\xc0\x80")
        yield f"nul-{part}", lambda part=part: _inserted(good, part, b"\0")
        yield f"without-a-byte-{part}", lambda part=part: _without(good, part)
    whole: dict[str, Callable[[], bytes]] = {
        "empty": lambda: b"",
        "spaces": lambda: b" \n" * 10,
        "bom": lambda: b"\xef\xbb\xbf" + good,
        "two-boms": lambda: b"\xef\xbb\xbf" * 2 + good,
        "utf-16": lambda: good.decode().encode("utf-16"),
        "utf-32": lambda: good.decode().encode("utf-32"),
        "latin-1": lambda: b'{"\xe9": 1}',
        "twice": lambda: good * 2,
        "in-a-list": lambda: b"[" + good + b"]",
        "trailing": lambda: good + b"}",
        "comment": lambda: b"// " + good,
        "javascript": lambda: b"x = " + good + b";",
        "python": lambda: b"__import__('os').system('true')",
        "pickle": lambda: b"cos\nsystem\n(S'true'\ntR.",
        "elf": lambda: b"\x7fELF" + b"\0" * 100,
        "zeros": lambda: b"\0" * 1_000_000,
        "too-large": lambda: good + b" " * (17 << 20),
        "brackets": lambda: b"[" * 4_000_000,
        "braces": lambda: b'{"":' * 2_000_000,
        "escapes": lambda: b'"' + b"\\u0000" * 1_000_000 + b'"',
        "quotes": lambda: b'"' * 4_000_000,
        "digits": lambda: b"9" * 4_000_000,
    }
    yield from whole.items()


def _inserted(good: bytes, part: int, more: bytes) -> bytes:
    where = len(good) * part // 20
    return good[:where] + more + good[where:]


def _without(good: bytes, part: int) -> bytes:
    where = len(good) * part // 20
    return good[:where] + good[where + 1 :]
