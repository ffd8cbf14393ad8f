"""
The features of any text as a requirement of versions, by the names of the mutations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import attrs

from driftcheck.codecs.semver.features import odd_build, odd_number, odd_pre_release
from driftcheck.codecs.semver.parts import Parts, parts
from driftcheck.core.raw_mutations import plain_text

OPERATORS = ("=", ">", ">=", "<", "<=", "~", "^")
FOREIGN = ("!=", "=>", "=<", "~>")  # which Masterminds/semver also knows
WILDCARDS = ("*", "x", "X")
ODD_SPACE = ("\t", "\n", "\r")  # white space to Masterminds/semver, as a form feed is
MOST = 32  # comparators that the crate semver reads
LONGEST = 512  # bytes that Masterminds/semver reads

_OPERATOR = re.compile(r"[<>=~^!@]*")
_HYPHEN = re.compile(r"(?<=\S)\s+-\s+(?=\S)")
_BESIDE = re.compile(r"(?:(?<=[0-9A-Za-z*.])|(?<=[0-9A-Za-z.+-]-))\s+(?=[<>=~^!@0-9vVxX*])")
_JOINED = re.compile(r"(?<=[0-9A-Za-z*])(?=[<>=~^!@])")
_SEPARATORS = (  # in this order; each becomes a comma
    (re.compile(r"\s*\|\|\s*"), "alternatives"),
    (re.compile(r"\s*&&\s*"), "ampersands"),
    (_HYPHEN, "hyphen-range"),
    (_BESIDE, "missing-comma"),
    (_JOINED, "no-separator"),
)


@attrs.frozen
class Clause:
    """A comparator in parts, with the white space between operator and version."""

    operator: str
    space: str
    version: Parts

    def __str__(self) -> str:
        return f"{self.operator}{self.space}{self.version}"


def clause(text: str) -> Clause:
    """Split any text into the parts of a comparator; `str` of the result is the text again."""
    operator = (_OPERATOR.match(text) or [""])[0]
    rest = text[len(operator) :]
    version = rest.lstrip()
    return Clause(operator, rest[: len(rest) - len(version)], parts(version))


def range_features(data: bytes) -> set[str]:
    """Return the features of any bytes as a requirement."""
    found, text = plain_text(data)
    found -= {"very-long", "leading-space", "trailing-space"}
    found.update(_odd_spaces(data))
    text = re.sub(r"\s+", " ", text)
    for pattern, name in _SEPARATORS:
        if pattern.search(text):
            found.add(name)
            text = pattern.sub(", ", text)
    if "," in re.sub(r", (?=\S)", "", text):
        found.add("tight-comma" if re.search(r",(?=[^\s,])", text) else "stray-comma")
    clauses = [clause(one.strip()) for one in text.split(",")] if text else []
    for one in clauses:
        found |= set(_odd_clause(one, is_alone=len(clauses) == 1))
    if "hyphen-range" in found:
        found.discard("bare-version")
    if len(clauses) > MOST:
        found.add("many-comparators")
    if len(data) > LONGEST:
        found = found - {"many-comparators", "long-identifier"} | {"past-512-bytes"}
    return found


def _odd_spaces(data: bytes) -> Iterator[str]:
    """Yield the features of the white space around comparators, but not inside them."""
    if any(space.encode() in data for space in (*ODD_SPACE, "\f")):
        yield "odd-space"
    if data != data.strip(b" "):
        yield "outer-space"


def _odd_clause(one: Clause, *, is_alone: bool) -> Iterator[str]:
    if not one.operator and not str(one.version):
        yield "stray-comma"
        return
    if one.space:
        yield "spaced-operator"
    yield from _odd_operator(one)
    if not str(one.version):
        yield "operator-alone"
        return
    yield from {"v-prefix" if sign == "v" else "capital-v" for sign in one.version.prefix}
    numbers = list(one.version.numbers)
    if any(number in WILDCARDS for number in numbers):
        yield _wildcard(one, numbers, is_alone)
    yield from _odd_version(one)


def _odd_operator(one: Clause) -> Iterator[str]:
    operator, numbers = one.operator, one.version.numbers
    half = operator[: len(operator) // 2]
    if operator == "~" and numbers == ("0", "0", "0"):
        yield "tilde-zero"
    if operator in OPERATORS:
        return
    if operator == "":
        if not any(number in WILDCARDS for number in numbers):
            yield "bare-version"
    elif operator in FOREIGN:
        yield "foreign-operator"
    else:
        yield "doubled-operator" if half * 2 == operator else "unknown-operator"


def _wildcard(one: Clause, numbers: Sequence[str], is_alone: bool) -> str:
    """Name the place of a wildcard."""
    first = next(i for i, number in enumerate(numbers) if number in WILDCARDS)
    if first == 0 and len(numbers) > 1:
        return "wildcard-first"
    if any(number not in WILDCARDS for number in numbers[first:]):
        return "number-after-wildcard"
    if first == 0:
        if one.operator:
            return "operator-before-wildcard"
        return "wildcard" if is_alone else "wildcard-among-others"
    return "wildcard-with-operator" if one.operator else "wildcard"


def _odd_version(one: Clause) -> Iterator[str]:
    version = one.version
    plain = [number for number in version.numbers if number not in WILDCARDS]
    if len(version.numbers) > 3:
        yield "fourth-part"
    if len(plain) > 1 and plain[-1] == "":
        yield "trailing-dot"
        plain.pop()
    for number in plain:
        if re.search(r"\s", number):
            yield "inner-space"
        else:
            yield from odd_number(number)
    is_full = len(plain) == 3
    if version.pre is not None:
        yield "pre-release-bound" if is_full else "pre-release-on-partial"
        yield from odd_pre_release(version.pre)
    if version.build is not None:
        yield "build-in-requirement" if is_full else "build-on-partial"
        yield from odd_build(version.build)
