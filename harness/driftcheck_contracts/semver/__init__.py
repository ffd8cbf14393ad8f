"""Semantic versions: `Masterminds/semver` and `golang.org/x/mod/semver` beside Rust's crate `semver`."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Annotated, Any

import attrs

from driftcheck import (
    U64,
    Contract,
    LegalSemver,
    Payload,
    Rejection,
    SemverRange,
    SemverText,
    StepRejected,
    law,
    matches_re,
    max_len,
    min_len,
    names,
    operation,
)

_IDENTIFIER = r"(0|[1-9][0-9]{0,8}|[0-9]{0,2}[A-Za-z][0-9A-Za-z]{0,8})"

# The versions and requirements of a trace share a few numbers and labels, so that they often match.
Number = Annotated[U64, names(2)]
Label = Annotated[str, matches_re(rf"({_IDENTIFIER}(\.{_IDENTIFIER}){{0,2}})?"), names(3)]


@attrs.frozen
class Version:
    """A version to write, compare or match, with numbers that every subject can store."""

    major: Number
    minor: Number
    patch: Number
    pre: Label  # without its hyphen; "" if there is none
    build: Label


@attrs.frozen
class Parsed:
    """A parsed version. Numbers are text, since neither the standard nor x/mod limits them."""

    major: str
    minor: str
    patch: str
    pre: str
    build: str


class Operator(enum.Enum):
    """The operator of a comparator, as text."""

    EXACT = "="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    TILDE = "~"
    CARET = "^"


@attrs.frozen
class Comparator:
    """One condition; an omitted part matches every number."""

    operator: Operator
    major: Number
    minor: Number | None
    patch: Number | None


@attrs.frozen
class Requirement:
    """Conditions that must all hold."""

    comparators: Annotated[tuple[Comparator, ...], min_len(1), max_len(2)]


class Order(enum.Enum):
    """The order of two versions."""

    LESS = -1
    EQUAL = 0
    GREATER = 1


class Semver(Contract):
    """Reads, writes, compares and matches versions, by Semantic Versioning 2.0.0.

    Requirements have the grammar and the meaning of Cargo's reference, as far as Masterminds documents the
    same: operators `=`, `>`, `>=`, `<`, `<=`, `~` and `^` before a full or partial version, wildcards, and
    commas.
    """

    malformed = Rejection("not a version, or not a requirement", catch_all=True)

    @operation(weight=20)
    def parse(self, text: Payload[Version, SemverText]) -> Parsed:
        """Read a version by the grammar: three numbers (2), a pre-release (9), a build (10), nothing else."""

    @operation(weight=5)
    def show(self, version: Version) -> Payload[Version, SemverText]:
        """Write a version with its build metadata."""

    @operation(weight=20)
    def compare(self, a: Payload[Version, LegalSemver], b: Payload[Version, LegalSemver]) -> Order:
        """Compare by precedence (11); build metadata does not matter (10)."""

    @operation(weight=30)
    def matches(self, requirement: Payload[Requirement, SemverRange], version: Version) -> bool:
        """Return whether a version matches a requirement.

        A pre-release matches only if a comparator names a pre-release of the same three numbers.
        """

    @law
    def antisymmetric(self, a: Payload[Version, LegalSemver], b: Payload[Version, LegalSemver]) -> bool:
        return self.compare(a, b).value == -self.compare(b, a).value

    @law
    def transitive(
        self,
        a: Payload[Version, LegalSemver],
        b: Payload[Version, LegalSemver],
        c: Payload[Version, LegalSemver],
    ) -> bool:
        if self.compare(a, b) is Order.GREATER or self.compare(b, c) is Order.GREATER:
            return True
        return self.compare(a, c) is not Order.GREATER

    @law
    def reads_what_it_wrote(self, version: Version) -> bool:
        # Without the build, which x/mod does not write; an asymmetry of `show` covers that.
        numbers = (str(version.major), str(version.minor), str(version.patch))
        try:
            read = self.parse(self.show(version))
        except StepRejected:
            return False
        return (read.major, read.minor, read.patch) == numbers and read.pre == version.pre


LONGEST = 256  # bytes of a version that Masterminds reads


def has_long_version(operation: str, arguments: Mapping[str, Any], outcomes: Mapping[str, Any]) -> bool:
    """Say whether one of two versions to compare is longer than Masterminds reads."""
    return any(len(version.data) > LONGEST for version in arguments.values())


def has_long_bound(operation: str, arguments: Mapping[str, Any], outcomes: Mapping[str, Any]) -> bool:
    """Say whether a version of a requirement is longer than Masterminds reads."""
    bounds = re.split(rb"[,|\s]+", arguments["requirement"].data)
    return any(len(bound.lstrip(b"<>=~^!")) > LONGEST for bound in bounds)
