"""Which divergences are one bug, which of them people read first, and what an error text keeps."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from driftcheck.core.trace import Document, Step, Trace
from driftcheck.core.variable_parts import without_variable_parts
from driftcheck.findings.finding import Finding, Repairs
from driftcheck.findings.root_causes import are_one, are_one_bug, root_causes
from driftcheck.generate.repairs import ODD_TEXT, TEXT, Repair
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle import checks
from driftcheck.oracle.blame import Electorate
from driftcheck.oracle.reasons import say_the_same
from driftcheck.oracle.signature import Divergence

SHAPE = (("go", "accepted"), ("rust", "malformed"))
BOTH = (("go", "accepted"), ("rust", "accepted"))


def diverges(
    operation: str, cause: str = "", check: checks.Check = checks.ACCEPT_REJECT, **more: Any
) -> Divergence:
    shape = more.pop("shape", SHAPE if check == checks.ACCEPT_REJECT else BOTH)
    return Divergence(check, 0, operation, shape, cause=tuple(cause.split()), **more)


def finding(divergence: Divergence, steps: int = 1) -> Finding:
    case = Trace((Step(divergence.operation),) * steps)
    return Finding(divergence, case, Execution(case, {}), 3, 3, {})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (diverges("add", "nul"), diverges("mul", "nul")),
        (diverges("add", "nul"), diverges("add", "leading-space nul")),
        (diverges("add", "line-break tab", reason="x"), diverges("add", "line-break nul", reason="x")),
        (diverges("add", reason="go: too long"), diverges("mul", reason="go: too long")),
        (diverges("add", "nul", reason="go: too long"), diverges("add", reason="go: too long")),
        (diverges("add", "nul"), diverges("add", "nul", checks.VALUE)),
        (
            diverges("add", check=checks.VALUE, relation="rounding"),
            diverges("mul", check=checks.VALUE, relation="rounding"),
        ),
        (
            diverges("add", check=checks.VALUE, relation="more", path="[]"),
            diverges("add", check=checks.VALUE, relation="more", path="length"),
        ),
    ],
)
def test_these_are_one_bug(one: Divergence, other: Divergence) -> None:
    """The same cause, a cause that explains the other one, or the same words."""
    assert are_one(one, other)
    assert are_one(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (diverges("add", "nul"), diverges("add", "bom")),
        (diverges("add", "nul"), diverges("add")),
        (
            diverges("add", "nul"),
            diverges("mul", "nul", shape=(*SHAPE[::-1], ("x", "y")), check=checks.VALUE),
        ),
        (diverges("add", reason="go: too long"), diverges("add", reason="go: too short")),
        (
            diverges("add", check=checks.VALUE, relation="true, false"),
            diverges("add", check=checks.VALUE, relation="false, true"),
        ),
        (
            diverges("add", "nul", checks.VALUE, relation="true, false"),
            diverges("add", "nul", checks.VALUE, relation="false, true"),
        ),
        (
            diverges("add", check=checks.VALUE, relation="off by one"),
            diverges("mul", check=checks.VALUE, relation="off by one"),
        ),
        (diverges("add", check=checks.VALUE), diverges("mul", check=checks.VALUE)),
        (diverges("add", check=checks.PANIC, frame="a"), diverges("add", check=checks.PANIC, frame="b")),
    ],
)
def test_these_are_two_bugs(one: Divergence, other: Divergence) -> None:
    """Another cause, another reason, opposite directions, or nothing that shows that they are one."""
    assert not are_one(one, other)
    assert not are_one(other, one)


def test_the_smallest_cause_represents_a_bug_and_different_bugs_come_first() -> None:
    """A death comes first; then each bug is as far as possible from those before it."""
    small, large = finding(diverges("add", "nul"), 2), finding(diverges("add", "nul space"))
    near = finding(diverges("add", "bom"))
    far = finding(diverges("put", check=checks.VALUE, relation="sign"))
    death = finding(diverges("get", check=checks.CRASH, shape=(("go", "crashed"),), frame="main.get"))

    causes = root_causes([large, near, small, far, death], {large.signature: 4})

    assert causes[0].finding is death
    assert [c.findings for c in causes if len(c.findings) > 1] == [(small, large)]
    assert [c.more for c in causes if c.finding is small] == [4]
    assert {causes[1].finding.signature.check, causes[2].finding.signature.check} == {"D101", "D103"}


def needing(divergence: Divergence, healing: str, *, of_cause: str | None = None, **more: Any) -> Finding:
    """Return a finding with what heals it: marks, `a` for text and `é` for odd text, all in one format."""

    def repairs(kinds: str) -> frozenset[Repair]:
        names = {"a": TEXT, "é": ODD_TEXT}
        return frozenset(Repair(more.get("format", "lines"), names.get(kind, kind)) for kind in kinds)

    needs = Repairs(repairs(healing), repairs(healing if of_cause is None else of_cause))
    case = Trace((Step(divergence.operation, more.get("arguments", ())),))
    return Finding(divergence, case, Execution(case, {}), 3, 3, {}, repairs=needs)


def value(
    operation: str, cause: str = "", relation: str = "longer", path: str = "host", **more: Any
) -> Divergence:
    more.setdefault("groups", (("go",), ("rust",)))
    return diverges(operation, cause, checks.VALUE, relation=relation, path=path, **more)


BAD = {"reason": "go: bad"}
DOCUMENT = {"arguments": (Document(b"a|"),)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # one mark, seen in two checks and operations
        (needing(diverges("get", "bar"), "/|", of_cause="|"), needing(value("put", "bar"), "|")),
        # the same words for the same marks, whichever odd text stands between them
        (needing(diverges("get", "bom", **BAD), "[é", of_cause="é"), needing(diverges("get", **BAD), "[a")),
        # an odd text makes the values differ at the same place, in the same way
        (needing(value("get", "bom"), "é"), needing(value("get", "zero-width"), "é")),
        # no repair takes the feature away, so that it is accidental
        (needing(value("get", "tab"), "a", of_cause=""), needing(value("get"), "a")),
        # one document shows it in two operations
        (needing(value("get"), "a", **DOCUMENT), needing(value("put", path=""), "a", **DOCUMENT)),
        # a plain argument is odd; in which direction the values differ depends on the others
        (
            needing(value("get", relation="true, false"), "é", format=""),
            needing(value("put", relation="false, true"), "é", format=""),
        ),
        # the same words for the same mark of two formats
        (
            needing(diverges("get", "tab", **BAD), "\t"),
            needing(diverges("put", "leading-space", **BAD), "\t", format="words"),
        ),
    ],
)
def test_what_needs_the_same_is_one_bug(one: Finding, other: Finding) -> None:
    """The mark, the place of an odd text, or the document that two divergences need."""
    assert are_one_bug(one, other)
    assert are_one_bug(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # the same feature, and no mark that both need
        (needing(diverges("get", "odd-escape"), "é"), needing(value("get", "odd-escape"), "%é")),
        # the same odd text in two places
        (needing(value("get", "bom"), "é"), needing(value("get", "bom", path="port"), "é")),
        # the same words for other marks, or with and without a text between the marks
        (needing(diverges("get", **BAD), "["), needing(diverges("put", **BAD), "]")),
        (needing(diverges("get", **BAD), "["), needing(diverges("put", **BAD), "[a")),
        # the same words, and features that name two marks or two uses of one mark
        (needing(diverges("get", "star", **BAD), "*"), needing(diverges("get", "stars", **BAD), "*")),
        # opposite refusals
        (
            needing(diverges("get", "bar"), "|"),
            needing(diverges("get", "bar", shape=(("go", "malformed"), ("rust", "accepted"))), "|"),
        ),
        # two checks in which other subjects agree
        (
            needing(diverges("get", "bar", shape=(*SHAPE, ("x", "malformed"))), "|"),
            needing(value("get", "bar", groups=(("go", "x"), ("rust",))), "|"),
        ),
        # values that are no text of one format
        (
            needing(diverges("get", "bom", checks.OUTSIDE_TYPE, **BAD), "é"),
            needing(diverges("put", "bom", checks.OUTSIDE_TYPE, **BAD), "é", format="words"),
        ),
    ],
)
def test_what_needs_something_else_is_another_bug(one: Finding, other: Finding) -> None:
    """Although the features, or the words of the subjects, are the same."""
    assert not are_one_bug(one, other)
    assert not are_one_bug(other, one)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("go: bad value", "go: bad value", True),
        ("rust: cannot parse glob …", "rust: cannot parse glob …: no { before …", True),
        (
            "go: is bad; rust: cannot parse glob …",
            "go: is bad; rust: cannot parse glob …: no {; add it",
            True,
        ),
        ("rust: cannot parse glob", "rust: cannot parse glob …", False),
        ("rust: …", "rust: no { before …", False),
        ("", "", False),
    ],
)
def test_a_text_that_was_cut_may_be_the_same(one: str, other: str, same: bool) -> None:
    """A subject cuts a long input, and what stands behind it; a few words must be left."""
    assert say_the_same(one, other) is same
    assert say_the_same(other, one) is same


@pytest.mark.parametrize(
    ("text", "inputs", "kept"),
    [
        ("bad value 12 at 0x1f", [], "bad value N at N"),
        ("bad value 'a b' in \"c\"", [], "bad value … in …"),
        ("cannot parse '[a-C]/bbbb... (5,000 bytes)", [], "cannot parse …"),
        ("unknown field name: spam", ["spam"], "unknown field name: …"),
        ("unknown unit: 0b", ["1 0B"], "unknown unit: …"),
        ("unknown unit:  ", ["1"], "unknown unit: …"),
        ("unknown unit: 0b", ["1 0MB"], "unknown unit: Nb"),
        ("at 3: unknown unit: b", ["5: B"], "at N: unknown unit: …"),
        ("bad unit: too long", ["5 MB"], "bad unit: too long"),
        ("cannot read é", [], "cannot read …"),
        ("is no text (bytes ed a0 bd)", [], "is no text (bytes N)"),
        ("invalid code=1a decoding map", [], "invalid code=N decoding map"),
        ("invalid code=d decoding map", [], "invalid code=N decoding map"),
        ("the mode=add is bad", [], "the mode=add is bad"),
        ("it's not there, isn't it", [], "it's not there, isn't it"),
    ],
)
def test_an_error_text_loses_what_varies(text: str, inputs: list[str], kept: str) -> None:
    """Numbers, quoted parts, what stands in the input, and characters that are not ASCII."""
    assert without_variable_parts(text, inputs) == kept


@pytest.mark.parametrize(
    ("groups", "electorate", "blamed"),
    [
        ("a b b", Electorate(), ("x",)),
        ("a b", Electorate(), ()),
        ("a b c", Electorate(), ()),
        ("a b b", Electorate(reference="x"), ("y", "z")),
        ("a b b", Electorate(reference="z"), ("x",)),
        ("a b b", Electorate(builds={"y": "one", "z": "one"}), ()),
        ("a a b b", Electorate(), ()),
        ("a a b b w", Electorate(builds={"x": "one", "y": "one"}), ()),
        ("a a b b", Electorate(builds={"x": "one", "y": "one"}), ("x", "y")),
    ],
)
def test_votes_blame_no_reference_and_count_libraries(
    groups: str, electorate: Electorate, blamed: tuple[str, ...]
) -> None:
    """The reference is right; builds of one library have one vote; otherwise one stands against two."""
    names = dict(zip("xyzvw", groups.split(), strict=False))

    assert electorate.at_fault(names) == blamed


def test_a_signature_without_a_cause_holds_the_relation_and_the_reason() -> None:
    """Beside a cause they do not count, since they may depend on the values alone."""
    plain = diverges("add", check=checks.VALUE, relation="rounding", reason="x")
    caused = attrs.evolve(plain, cause=("nul",))

    assert (plain.signature.relation, plain.signature.reason) == ("rounding", "x")
    assert (caused.signature.relation, caused.signature.reason) == ("", "")
