"""
JSON as text: reads it strictly and within limits, and lays it out for people.

Text that cannot be read raises OutsideType; the reason continues the file's name. Knows nothing of cases.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from driftcheck.core.files import Unreadable, read_text
from driftcheck.values.encoding import OutsideType
from driftcheck.values.notation import word

MAX_BYTES = 4 << 20  # of a file; what a search keeps has some 10,000
MAX_DIGITS = 300  # of a number; a whole number of this length still fits a double
WIDTH = 100  # columns; a value that fits is on one line


def read_json(path: Path) -> Any:
    """Return the JSON data of a file of at most `MAX_BYTES`.

    Raises:
        OutsideType: why it cannot be read.
    """
    try:
        return parse(read_text(path, MAX_BYTES))
    except Unreadable as error:
        raise OutsideType(error.reason) from None


def parse(text: str) -> Any:
    """Return the JSON data of a text.

    Raises:
        OutsideType: it is not JSON; says where and why.
    """
    if not text.strip():
        raise OutsideType("is empty; fetch it again")
    try:
        return json.loads(
            text,
            object_pairs_hook=_once,
            parse_int=_whole,
            parse_float=_real,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        what = (error.msg[0].lower() + error.msg[1:]).removesuffix(" at")
        raise OutsideType(
            f"is not JSON: {what} at {place}; correct it there, or fetch the file again"
        ) from None
    except RecursionError:
        raise OutsideType("is nested deeper than driftcheck reads; check that it is the right file") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in pairs:
        if key in out:
            raise OutsideType(f"contains the key {word(key)} twice in one object; remove one")
        out[key] = value
    return out


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise OutsideType(
            f"contains a number of {len(digits)} digits, which is too large for any type; shorten it"
        )
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise OutsideType(
            f'contains the number {word(digits)}, which is not a float; write "inf" if it is meant'
        )
    return value


def _no_constant(name: str) -> Any:
    word = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}[name]
    raise OutsideType(f'contains {name}, which is not JSON; write "{word}"')


def lay_out(data: Any, indent: int = 0, before: int = 0) -> str:
    """Return JSON data as text for people: a value that fits is on one line, and nothing is invisible.

    Args:
        indent: the indent of the first line, in spaces.
        before: how many columns of that line are taken already.
    """
    line = in_a_line(data)
    if not isinstance(data, dict | list) or not data or (indent and indent + before + len(line) <= WIDTH):
        return line
    inner = " " * (indent + 2)
    if isinstance(data, dict):
        keys = [f"{in_a_line(key)}: " for key in data]
        parts = [
            f"{inner}{key}{lay_out(value, indent + 2, len(key))}"
            for key, value in zip(keys, data.values(), strict=True)
        ]
    else:
        parts = [f"{inner}{lay_out(value, indent + 2)}" for value in data]
    opening, closing = "{}" if isinstance(data, dict) else "[]"
    return opening + "\n" + ",\n".join(parts) + "\n" + " " * indent + closing


def in_a_line(data: Any) -> str:
    """Return JSON data as one line, in which nothing is invisible."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, default=str)
    return re.sub(r"[^\x20-\x7e]", _visible, text)


def _visible(match: re.Match[str]) -> str:
    """Escape the characters that a reader cannot see."""
    character = match.group()
    return character if character.isprintable() else json.dumps(character)[1:-1]
