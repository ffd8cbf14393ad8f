"""
The parts of a possible version, read leniently, so that a broken one has features and can be broken again.

Knows the grammar of Semantic Versioning 2.0.0. Knows nothing of mutations.
"""

from __future__ import annotations

import re

import attrs

U64_MAX = 2**64 - 1

_PREFIX = re.compile(r"[vV=]*")
_SUFFIX = re.compile(r"(?<=[^.+-])[-+]")  # a hyphen or plus after a number, not a sign before one


@attrs.frozen
class Parts:
    """A version in parts; `pre` and `build` are None where their sign is not there."""

    prefix: str
    numbers: tuple[str, ...]
    pre: str | None = None
    build: str | None = None

    def __str__(self) -> str:
        pre = "" if self.pre is None else f"-{self.pre}"
        build = "" if self.build is None else f"+{self.build}"
        return f"{self.prefix}{'.'.join(self.numbers)}{pre}{build}"

    @property
    def has_suffix(self) -> bool:
        """Tell whether anything comes after the numbers."""
        return self.pre is not None or self.build is not None

    def with_number(self, index: int, text: str) -> Parts:
        """Return the version with another text for one of its numbers."""
        return attrs.evolve(self, numbers=(*self.numbers[:index], text, *self.numbers[index + 1 :]))


def parts(text: str) -> Parts:
    """Split any text into the parts of a version; `str` of the result is the text again."""
    prefix = (_PREFIX.match(text) or [""])[0]
    rest = text[len(prefix) :]
    sign = _SUFFIX.search(rest)
    core, suffix = (rest[: sign.start()], rest[sign.start() :]) if sign else (rest, "")
    before, plus, build = suffix.partition("+")
    pre = before[1:] if before.startswith("-") else None
    return Parts(prefix, tuple(core.split(".")), pre, build if plus else None)


def is_plain_number(text: str) -> bool:
    """Tell whether a text is a number as a version has it: ASCII digits, no zero in front."""
    return text.isascii() and text.isdigit() and (text == "0" or text[0] != "0")


def is_past_64_bits(text: str) -> bool:
    """Tell whether a text is a number that does not fit 64 bits, with or without leading zeros."""
    digits = text.lstrip("0")
    return text.isascii() and text.isdigit() and (len(digits) > 20 or int(digits or "0") > U64_MAX)
