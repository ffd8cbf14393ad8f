"""
Semantic versions as text, with named mutations and named features.
"""

from __future__ import annotations

import re
from typing import Any

from driftcheck.codecs.semver.features import version_features
from driftcheck.codecs.semver.mutations import CORE
from driftcheck.codecs.semver.suffix import LEGAL, SUFFIX
from driftcheck.core.codec import Codec
from driftcheck.core.raw_mutations import text_mutations

# The grammar of Semantic Versioning 2.0.0, in its own words.
_NUMBER = r"(?:0|[1-9][0-9]*)"
_IDENTIFIER = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
VERSION = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)


def version_text(value: Any) -> str:
    """Return the text of a version with the fields that `SemverText` describes."""
    pre = f"-{value.pre}" if value.pre else ""
    build = f"+{value.build}" if value.build else ""
    return f"{value.major}.{value.minor}.{value.patch}{pre}{build}"


class SemverText(Codec[Any]):
    """The text of a version; its value has the fields `major`, `minor`, `patch`, `pre` and `build`.

    The numbers are ints or digits, `pre` and `build` text without their sign.
    """

    # A mutation of its own makes a version too long, since libraries set their limits lower.
    mutations = (*CORE, *SUFFIX, *LEGAL, *(m for m in text_mutations if m.name != "very-long"))

    def encode(self, value: Any) -> bytes:
        return version_text(value).encode()

    def features(self, data: bytes) -> set[str]:
        return version_features(data)


class LegalSemver(SemverText):
    """The text of a version, with mutations that keep it valid, for operations that require it.

    Text that is not a version, or has a number of more than 64 bits, has the single feature `no-version`.
    """

    mutations = LEGAL

    def features(self, data: bytes) -> set[str]:
        found = version_features(data)
        is_version = VERSION.fullmatch(data.decode("latin-1")) and "past-64-bits" not in found
        return found if is_version else {"no-version"}
