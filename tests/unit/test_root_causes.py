"""Which divergences are one bug, which of them people read first, and what an error text keeps."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from driftcheck.core.trace import Step, Trace
from driftcheck.core.variable_parts import without_variable_parts
from driftcheck.findings.finding import Finding
from driftcheck.findings.root_causes import are_one, root_causes
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle import checks
from driftcheck.oracle.blame import Electorate
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


@pytest.mark.parametrize(
    ("text", "inputs", "kept"),
    [
        ("bad value 12 at 0x1f", [], "bad value N at N"),
        ("bad value 'a b' in \"c\"", [], "bad value … in …"),
        ("cannot parse '[a-C]/bbbb... (5,000 bytes)", [], "cannot parse …"),
        ("unknown field name: spam", ["spam"], "unknown field name: …"),
        ("cannot read é", [], "cannot read …"),
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
