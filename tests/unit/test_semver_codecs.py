"""Each mutation of versions and of requirements in its simplest form, and its features, one by one."""

from __future__ import annotations

import enum

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_samples import Drawn, Lowest

from driftcheck.codecs.semver import VERSION, LegalSemver, SemverText
from driftcheck.codecs.semver.mutations import CORE
from driftcheck.codecs.semver.range_mutations import CLAUSES, JOINTS
from driftcheck.codecs.semver.ranges import SemverRange
from driftcheck.codecs.semver.suffix import LEGAL, SUFFIX
from driftcheck.core import types as t
from driftcheck.core.codec import mutate_bytes

TEXT, RANGE, LEGAL_TEXT = SemverText(), SemverRange(), LegalSemver()
NAMES = [m.name for m in TEXT.mutations]
RANGE_NAMES = [m.name for m in RANGE.mutations]
ANY = t.Bytes()  # the codecs do not look at the declared type

# What each makes of 1.2.3-rc.1+b, with the simplest choices.
VERSIONS = {
    "v-prefix": b"v1.2.3-rc.1+b",
    "capital-v": b"V1.2.3-rc.1+b",
    "equals-prefix": b"=1.2.3-rc.1+b",
    "plus-sign": b"+1.2.3-rc.1+b",
    "negative-number": b"-1.2.3-rc.1+b",
    "leading-zero": b"01.2.3-rc.1+b",
    "missing-patch": b"1.2",
    "missing-minor": b"1",
    "suffix-after-short": b"1.2-rc.1+b",
    "fourth-part": b"1.2.3.0-rc.1+b",
    "trailing-dot": b"1.2.3.",
    "empty-part": b".2.3",
    "wildcard-part": b"x.2.3-rc.1+b",
    "underscore-in-number": b"1_000.2.3-rc.1+b",
    "hexadecimal-number": b"0x1.2.3-rc.1+b",
    "exponent-number": b"1e0.2.3-rc.1+b",
    "past-64-bits": b"18446744073709551616.2.3-rc.1+b",
    "inner-space": b"1 .2.3-rc.1+b",
    "missing-hyphen": b"1.2.3alpha+b",
    "empty-pre-release": b"1.2.3-+b",
    "empty-build": b"1.2.3-rc.1+",
    "empty-identifier": b"1.2.3-rc..1+b",
    "empty-build-identifier": b"1.2.3-rc.1+b.",
    "leading-zero-identifier": b"1.2.3-00.1+b",
    "underscore-identifier": b"1.2.3-rc_.1+b",
    "illegal-character": b"1.2.3-rc!.1+b",
    "non-ascii-letter": b"1.2.3-rc\xc3\xa9.1+b",
    "second-plus": b"1.2.3-rc.1+b+b",
    "build-before-pre-release": b"1.2.3+b-rc.1",
    "long-identifier": b"1.2.3-" + b"a" * 33 + b".1+b",
    "past-256-bytes": b"1.2.3-" + b"a" * 257 + b"+b",
    "huge-identifier": b"1.2.3-18446744073709551616.1+b",
    "leading-zero-build": b"1.2.3-rc.1+00",
    "edge-hyphen": b"1.2.3--.1+b",
    "inner-hyphen": b"1.2.3-rc-0.1+b",
    "many-identifiers": b"1.2.3-a.a.a.a.a.a.a.a.a.1+b",
}
# What each makes of >=1.2, ^0.0.3, likewise.
RANGES = {
    "missing-comma": b">=1.2 ^0.0.3",
    "no-separator": b">=1.2^0.0.3",
    "tight-comma": b">=1.2,^0.0.3",
    "alternatives": b">=1.2 || ^0.0.3",
    "ampersands": b">=1.2 && ^0.0.3",
    "stray-comma": b">=1.2, ^0.0.3,",
    "hyphen-range": b"1.2 - 0.0.3",
    "many-comparators": b">=1.2" + b", >=0" * 32,
    "past-512-bytes": b">=1.2, ^0.0.3" + b" " * 512 + b", ^0.0.3",
    "wildcard-among-others": b"*, >=1.2, ^0.0.3",
    "outer-space": b">=1.2, ^0.0.3 ",
    "odd-space": b"\t>=1.2, ^0.0.3",
    "foreign-operator": b"!=1.2, ^0.0.3",
    "unknown-operator": b"@1.2, ^0.0.3",
    "doubled-operator": b">=>=1.2, ^0.0.3",
    "operator-alone": b">=, ^0.0.3",
    "spaced-operator": b">= 1.2, ^0.0.3",
    "bare-version": b"1.2",
    "tilde-zero": b"~0.0.0, ^0.0.3",
    "wildcard": b"*",
    "wildcard-with-operator": b">=1.*, ^0.0.3",
    "operator-before-wildcard": b">=*, ^0.0.3",
    "wildcard-first": b"*.0, ^0.0.3",
    "number-after-wildcard": b"1.*.0, ^0.0.3",
    "pre-release-bound": b">=1.2.0-0",
    "pre-release-on-partial": b">=1-0, ^0.0.3",
    "build-in-requirement": b">=1.2.0+0, ^0.0.3",
    "build-on-partial": b">=1+0, ^0.0.3",
    "v-prefix": b">=v1.2, ^0.0.3",
    "leading-zero": b">=01.2, ^0.0.3",
    "past-64-bits": b">=18446744073709551616.2, ^0.0.3",
    "negative-number": b">=-1.2, ^0.0.3",
    "fourth-part": b">=1.2.0.0, ^0.0.3",
    "trailing-dot": b">=1., ^0.0.3",
    "no-number": b">=latest, ^0.0.3",
}


@attrs.frozen
class Version:
    """A version as a contract has it."""

    major: int = 1
    minor: int = 2
    patch: int = 3
    pre: str = ""
    build: str = ""


class Operator(enum.Enum):
    """Two operators."""

    TILDE = "~"
    CARET = "^"


@attrs.frozen
class Comparator:
    """A comparator as a contract has it."""

    operator: Operator
    major: int
    minor: int | None = None
    patch: int | None = None


@attrs.frozen
class Requirement:
    """A requirement as a contract has it."""

    comparators: tuple[Comparator, ...]


identifiers = st.from_regex(r"(0|[1-9][0-9]{0,4}|[a-z][0-9a-z]{0,4})", fullmatch=True)
labels = st.lists(identifiers, max_size=3).map(".".join)
numbers = st.integers(0, 2**64 - 1)
versions = st.builds(Version, numbers, numbers, numbers, labels, labels).map(TEXT.encode)
comparators = st.builds(
    Comparator, st.sampled_from(Operator), numbers, st.none() | numbers, st.none() | numbers
)
requirements = st.lists(comparators, min_size=1, max_size=3).map(tuple).map(Requirement).map(RANGE.encode)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Version(), b"1.2.3"),
        (Version(pre="rc.1"), b"1.2.3-rc.1"),
        (Version(build="b"), b"1.2.3+b"),
        (Version(0, 0, 2**64, "0", "00"), b"0.0.18446744073709551616-0+00"),
    ],
)
def test_a_version_is_written(value: Version, text: bytes) -> None:
    """What is empty is left out, with its sign."""
    assert TEXT.encode(value) == text


@pytest.mark.parametrize(
    ("comparator", "text"),
    [
        (Comparator(Operator.CARET, 1, 2, 3), b"^1.2.3"),
        (Comparator(Operator.CARET, 1, 2), b"^1.2"),
        (Comparator(Operator.CARET, 1, None, 3), b"^1"),
        (Comparator(Operator.CARET, 0, 0, 0), b"^0.0.0"),
        (Comparator(Operator.TILDE, 0, 0, 0), b"~0.0"),
    ],
)
def test_a_comparator_is_written(comparator: Comparator, text: bytes) -> None:
    """A patch needs a minor number; ~0.0.0 is written as ~0.0, which means the same."""
    assert RANGE.encode(Requirement((comparator,))) == text
    assert RANGE.encode(Requirement((comparator, comparator))) == text + b", " + text


def test_tables_are_whole() -> None:
    """Every mutation of a codec's own stands in its table, and no name is given twice."""
    assert [*VERSIONS] == [m.name for m in (*CORE, *SUFFIX, *LEGAL)]
    assert [*RANGES] == [m.name for m in (*JOINTS, *CLAUSES)]
    assert len(set(NAMES)) == len(NAMES)
    assert len(set(RANGE_NAMES)) == len(RANGE_NAMES)


@pytest.mark.parametrize("name", VERSIONS)
def test_simplest_version(name: str) -> None:
    """The simplest choices give the text on file, whose one feature is the mutation's name."""
    mutated = mutate_bytes(TEXT, ANY, b"1.2.3-rc.1+b", [name], Lowest())

    assert mutated.data == VERSIONS[name]
    assert TEXT.features(mutated.data) == {name}


@pytest.mark.parametrize("name", RANGES)
def test_simplest_requirement(name: str) -> None:
    """The simplest choices give the text on file, whose one feature is the mutation's name."""
    mutated = mutate_bytes(RANGE, ANY, b">=1.2, ^0.0.3", [name], Lowest())

    assert mutated.data == RANGES[name]
    assert RANGE.features(mutated.data) == {name}


# What cuts, repeats or renames leaves no mark of its own, but perhaps those of others.
WITHOUT_MARK = {"truncated", "trailing-bytes", "doubled", "case-swapped", "composed"}


@settings(deadline=None, max_examples=200)
@given(versions, st.sampled_from([n for n in NAMES if n not in WITHOUT_MARK]), st.data())
def test_one_word_for_versions(document: bytes, name: str, data: st.DataObject) -> None:
    """A version has no feature, and whatever a single mutation draws gives it that one."""
    mutated = mutate_bytes(TEXT, ANY, document, [name], Drawn(data))

    assert TEXT.features(document) == set()
    assert TEXT.features(mutated.data) == set(mutated.applied)


@settings(deadline=None, max_examples=200)
@given(requirements, st.sampled_from([n for n in RANGE_NAMES if n not in WITHOUT_MARK]), st.data())
def test_one_word_for_requirements(document: bytes, name: str, data: st.DataObject) -> None:
    """A requirement has no feature, and whatever a single mutation draws gives it that one."""
    mutated = mutate_bytes(RANGE, ANY, document, [name], Drawn(data))

    assert RANGE.features(document) == set()
    assert RANGE.features(mutated.data) == set(mutated.applied)


@settings(deadline=None, max_examples=200)
@given(versions, st.lists(st.sampled_from(LEGAL), max_size=3), st.data())
def test_legal_stays_legal(document: bytes, mutations: list, data: st.DataObject) -> None:
    """A version that is broken in legal ways is one by the grammar of the standard."""
    mutated = mutate_bytes(LEGAL_TEXT, ANY, document, [m.name for m in mutations], Drawn(data))

    assert VERSION.fullmatch(mutated.data.decode())
    assert "no-version" not in LEGAL_TEXT.features(mutated.data)


@pytest.mark.parametrize(
    "text", [b"", b"1.2", b"v1.2.3", b"1.2.3\n", b"1.2.18446744073709551616", b"\xff", "１.2.3".encode()]
)
def test_no_version(text: bytes) -> None:
    """To a codec of legal versions, all that is none has one feature."""
    assert LEGAL_TEXT.features(text) == {"no-version"}


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from([TEXT, RANGE, LEGAL_TEXT]),
    st.binary() | versions | requirements,
    st.data(),
)
def test_any_bytes(codec: SemverText | SemverRange, document: bytes, data: st.DataObject) -> None:
    """Mutations follow one another in any order, on any bytes, and what had no effect is not counted."""
    names = data.draw(st.lists(st.sampled_from([m.name for m in codec.mutations]), max_size=4))

    mutated = mutate_bytes(codec, ANY, document, names, Drawn(data))
    assert len(names) != 1 or (mutated.data == document) == (mutated.applied == ())
    assert isinstance(codec.features(mutated.data), set)


@pytest.mark.parametrize(
    ("text", "features"),
    [
        (b"v1.2", {"v-prefix", "missing-patch"}),
        (b"01.2.3-01", {"leading-zero", "leading-zero-identifier"}),
        ("1.2.3-é".encode(), {"non-ascii-letter"}),
        ("١.2.3".encode(), {"foreign-digit"}),
        ("１.2.3".encode(), {"full-width"}),
        ("1.2.3\u2212a".encode(), {"typographic-dash"}),
        (b"1.2.3-a.-1", {"edge-hyphen"}),
        (b"1.-2.3", {"negative-number"}),
        (b"1.+2.3", {"plus-sign"}),
        (b"1.2.3.4.5", {"fourth-part"}),
        (b"latest", {"missing-minor", "no-number"}),
        (b" 1.2.3\n", {"leading-space", "trailing-space"}),
        (b"99999999999999999999999.0.0", {"past-64-bits"}),
        (b"1.2.3-" + b"9" * 5000, {"huge-identifier", "past-256-bytes"}),
    ],
)
def test_features_of_versions(text: bytes, features: set[str]) -> None:
    """Text that nobody's mutation made has its features, too."""
    assert TEXT.features(text) == features


@pytest.mark.parametrize(
    ("text", "features"),
    [
        (b"*", {"wildcard"}),
        (b"1.x", {"wildcard"}),
        (b"^1.x", {"wildcard-with-operator"}),
        (b">=1.2 <2 || 3", {"missing-comma", "alternatives", "bare-version"}),
        (b"1.0 - 2.0", {"hyphen-range"}),
        (b"=1.0.0+- =2.0.0", {"missing-comma", "build-in-requirement", "edge-hyphen"}),
        (b">=1,", {"stray-comma"}),
        (b",", {"stray-comma"}),
        (b"^ 1", {"spaced-operator"}),
        (b"~>1.2", {"foreign-operator"}),
        (b"==1", {"doubled-operator"}),
        (b"=>=1", {"unknown-operator"}),
        (b"=1.2.3-01", {"pre-release-bound", "leading-zero-identifier"}),
        (b"=V1", {"capital-v"}),
        (b"\x0c=1", {"odd-space"}),
        (b"", {"empty"}),
    ],
)
def test_features_of_requirements(text: bytes, features: set[str]) -> None:
    """Text that nobody's mutation made has its features, too."""
    assert RANGE.features(text) == features
