"""
Requirements of versions as text in Cargo's grammar, with named mutations and named features.
"""

from __future__ import annotations

from typing import Any

from driftcheck.codecs.semver.range_features import range_features
from driftcheck.codecs.semver.range_mutations import CLAUSES, JOINTS
from driftcheck.core.codec import Codec
from driftcheck.core.raw_mutations import text_mutations

# White space and length have mutations of a requirement's own.
OWN = ("very-long", "leading-space", "trailing-space", "odd-line-break")


class SemverRange(Codec[Any]):
    """The text of a requirement: operators before full or partial versions, separated by commas.

    Its value has `comparators`. Each has an `operator`, an enum whose values are the texts, and `major`,
    `minor` and `patch`. `minor` and `patch` may be None.
    """

    mutations = (*JOINTS, *CLAUSES, *(m for m in text_mutations if m.name not in OWN))

    def encode(self, value: Any) -> bytes:
        return ", ".join(map(_comparator, value.comparators)).encode()

    def features(self, data: bytes) -> set[str]:
        return range_features(data)


def _comparator(one: Any) -> str:
    numbers = [one.major]
    if one.minor is not None:
        numbers += [one.minor] if one.patch is None else [one.minor, one.patch]
    # ~0.0 means the same as ~0.0.0, which is a mutation, since a library gives it another meaning.
    if one.operator.value == "~" and numbers == [0, 0, 0]:
        numbers.pop()
    return f"{one.operator.value}{'.'.join(map(str, numbers))}"
