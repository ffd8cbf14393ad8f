"""
The features of any text as a semantic version, by the names of the mutations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftcheck.codecs.semver.parts import Parts, is_past_64_bits, parts
from driftcheck.core.raw_mutations import plain_text

LONGEST = 256  # bytes that Masterminds/semver reads at most
LONG = 32  # characters of an identifier that nobody expects
MANY = 8  # identifiers, likewise

_PREFIXES = {"v": "v-prefix", "V": "capital-v", "=": "equals-prefix"}
_SHORT = {  # by how many numbers there are, and whether anything comes after them
    (1, False): "missing-minor",
    (1, True): "suffix-after-short",
    (2, False): "missing-patch",
    (2, True): "suffix-after-short",
}
_NUMBERS = (
    (re.compile(r"[xX*]"), "wildcard-part"),
    (re.compile(r"0[xX][0-9a-fA-F]+"), "hexadecimal-number"),
    (re.compile(r"[0-9]+[eE][0-9]+"), "exponent-number"),
    (re.compile(r"[0-9]+(_+[0-9]+)+"), "underscore-in-number"),
    (re.compile(r"[0-9]+[A-Za-z][0-9A-Za-z]*"), "missing-hyphen"),
    (re.compile(r"0[0-9]+"), "leading-zero"),
)


def version_features(data: bytes) -> set[str]:
    """Return the features of any bytes as a version; a plain version of usual size has none."""
    found, text = plain_text(data)
    found.discard("very-long")
    if re.search(r"\s", text):
        found.add("inner-space")
        text = re.sub(r"\s", "", text)
    if text:
        found.update(odd_parts(parts(text)))
    if len(data) > LONGEST:
        found = found - {"long-identifier", "many-identifiers"} | {"past-256-bytes"}
    return found


def odd_parts(version: Parts) -> Iterator[str]:
    """Yield the features of the parts of a version."""
    yield from {_PREFIXES[sign] for sign in version.prefix}
    yield from _odd_numbers(version)
    if version.pre is not None:
        yield from odd_pre_release(version.pre)
    if version.build is not None:
        yield from odd_build(version.build)


def _odd_numbers(version: Parts) -> Iterator[str]:
    numbers = version.numbers
    if len(numbers) == 4 and numbers[3] == "":
        yield "trailing-dot"
        numbers = numbers[:3]
    elif len(numbers) > 3:
        yield "fourth-part"
    elif len(numbers) < 3:
        yield _SHORT[len(numbers), version.has_suffix]
    for number in numbers:
        yield from odd_number(number)


def odd_number(text: str) -> Iterator[str]:
    """Yield the features of one of the three numbers."""
    if text[:1] in ("+", "-"):
        yield "plus-sign" if text[0] == "+" else "negative-number"
        text = text[1:]
    if not text:
        yield "empty-part"
        return
    for pattern, name in _NUMBERS:
        if pattern.fullmatch(text):
            yield name
            break
    else:
        if not (text.isascii() and text.isdigit()):
            yield "no-number"
    if is_past_64_bits(text):
        yield "past-64-bits"


def odd_pre_release(pre: str) -> Iterator[str]:
    """Yield the features of a pre-release."""
    if not pre:
        yield "empty-pre-release"
        return
    identifiers = pre.split(".")
    if "" in identifiers:
        yield "empty-identifier"
    if len(identifiers) > MANY:
        yield "many-identifiers"
    for identifier in identifiers:
        yield from _odd_identifier(identifier)
        if identifier.isascii() and identifier.isdigit():
            if len(identifier) > 1 and identifier[0] == "0":
                yield "leading-zero-identifier"
            if is_past_64_bits(identifier):
                yield "huge-identifier"
        elif re.search(r"[0-9A-Za-z]-+[0-9A-Za-z]", identifier):
            yield "inner-hyphen"


def odd_build(build: str) -> Iterator[str]:
    """Yield the features of a build."""
    if not build:
        yield "empty-build"
        return
    if "+" in build:
        yield "second-plus"
        build = build.replace("+", ".")
    identifiers = build.split(".")
    if "" in identifiers:
        yield "empty-build-identifier"
    if len(identifiers) > MANY:
        yield "many-identifiers"
    for identifier in identifiers:
        yield from _odd_identifier(identifier)
        if re.fullmatch(r"0[0-9]+", identifier):
            yield "leading-zero-build"
        if re.search(r"[0-9A-Za-z]-+[0-9A-Za-z]", identifier):
            yield "build-before-pre-release"


def _odd_identifier(identifier: str) -> Iterator[str]:
    if len(identifier) > LONG:
        yield "long-identifier"
    if identifier[:1] == "-" or identifier[-1:] == "-":
        yield "edge-hyphen"
    if "_" in identifier:
        yield "underscore-identifier"
    if any(c.isascii() and not c.isalnum() and c not in "-_" for c in identifier):
        yield "illegal-character"
    if not identifier.isascii():
        yield "non-ascii-letter"
