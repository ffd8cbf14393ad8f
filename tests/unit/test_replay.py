"""A saved case, run again."""

from __future__ import annotations

import datetime
from pathlib import Path

import attrs
import pytest
import replayed_models

from driftcheck import schema_of
from driftcheck.core.trace import Step, Trace
from driftcheck.findings import keep
from driftcheck.findings.case import Case, load
from driftcheck.findings.finding import Finding
from driftcheck.findings.replayed import Replayed, render
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle.asymmetries import Asymmetries, Asymmetry
from driftcheck.oracle.oracle import Oracle
from driftcheck.oracle.signature import Signature
from driftcheck.search import replay
from driftcheck.subjects.discover import Subject
from driftcheck_contracts.lru import Lru

LRU = schema_of(Lru)
RIGHT = "driftcheck_contracts.lru.model:LruModel"
TRACE = Trace((Step("put", ("a", b"")), Step("put", ("b", b"")), Step("get", ("a",))), (2,))


def _subjects(other: str) -> list[Subject]:
    here = {"PYTHONPATH": str(Path(__file__).parent)}
    return [
        Subject(name, "python", "python", target, here) for name, target in (("go", RIGHT), ("rust", other))
    ]


def _replayed(case: Case, other: str) -> Replayed:
    with Lockstep(LRU, _subjects(other)) as lockstep:
        return replay.replay(case, Oracle(LRU, lockstep))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Return a case of a get that is no use, found by the oracle and read from its file."""
    with Lockstep(LRU, _subjects("replayed_models:NoUse")) as lockstep:
        verdict = Oracle(LRU, lockstep).confirm(TRACE, deadline_s=1.0, settle_s=0.0)
    assert verdict.divergence is not None
    assert verdict.execution is not None
    finding = Finding(verdict.divergence, TRACE, verdict.execution, 3, 3, {})
    saved = keep.save(finding, LRU, tmp_path, lambda case: None)
    return load(saved.path, lambda name: LRU)


def test_what_still_diverges_is_the_same(case: Case) -> None:
    """A case whose fault is still there shows it, step by step, with the first difference marked."""
    replayed = _replayed(case, "replayed_models:NoUse")

    assert replayed.diverges
    assert replayed.is_the_same
    page = render(replayed)
    assert "-> 3  get(" in page
    assert page.endswith("diverges, as the case says: D201 post-state, the states differ after the step")


def test_what_was_mended_agrees(case: Case) -> None:
    """A case whose fault is gone agrees."""
    replayed = _replayed(case, RIGHT)

    assert not replayed.diverges
    assert "->" not in render(replayed)
    assert render(replayed).endswith("agrees: the case does not diverge")


def test_another_divergence_is_told_apart(case: Case) -> None:
    """A case that shows something else diverges, but not as it says."""
    absent = attrs.evolve(case, case=TRACE.with_steps((Step("peek", ("c",)),)))

    replayed = _replayed(absent, "replayed_models:Default")

    assert replayed.diverges
    assert not replayed.is_the_same
    assert "diverges, but not as the case says: D101 accept-reject" in render(replayed)


def test_a_contract_that_has_changed_is_said(case: Case) -> None:
    """A case of another fingerprint that still fits is run, and it is said."""
    replayed = _replayed(attrs.evolve(case, fingerprint="0" * 16), RIGHT)

    assert "the contract has changed since the case was written" in render(replayed)


def test_a_batch_whose_traces_all_live_agrees(case: Case) -> None:
    """A flaky death that comes neither alone nor in its batch does not diverge."""
    replayed = _replayed(attrs.evolve(case, batch=(TRACE, TRACE)), RIGHT)

    assert not replayed.diverges


def test_a_batch_in_which_a_subject_dies_diverges(case: Case) -> None:
    """A death that needs the traces before it shows in the batch of the case, and in nothing less."""
    batch = (TRACE,) * (replayed_models.LAST + 10)

    replayed = _replayed(attrs.evolve(case, batch=batch), "replayed_models:DiesLate")

    assert replayed.divergence is None
    assert replayed.died_in_batch.startswith("rust crashed: ")
    assert replayed.diverges
    assert "agrees when it runs alone; with the other traces of its batch, rust crashed" in render(replayed)


def test_an_asymmetry_covers_a_death_in_a_batch(case: Case) -> None:
    """A flaky death that somebody has accepted is known in a replay, too."""
    batch = (TRACE,) * (replayed_models.LAST + 10)
    entry = Asymmetry(
        "late",
        "",
        {"rust": "crashed"},
        ("rust",),
        "so",
        "me",
        datetime.date.max,
        check="D502",
        frame="SIGABRT",
    )
    with Lockstep(LRU, _subjects("replayed_models:DiesLate")) as lockstep:
        known = Asymmetries([entry], {"go": "python", "rust": "python"})
        replayed = replay.replay(attrs.evolve(case, batch=batch), Oracle(LRU, lockstep, known))

    assert replayed.died_in_batch
    assert [one.id for one in replayed.known] == ["late"]
    assert not replayed.is_open
    assert render(replayed).endswith("diverges, as a known asymmetry")


def test_one_subject_alone_never_agrees(case: Case) -> None:
    """A case that compares two subjects cannot be judged with one of them."""
    with Lockstep(LRU, _subjects("replayed_models:NoUse")[1:]) as lockstep:
        replayed = replay.replay(case, Oracle(LRU, lockstep))

    assert not replayed.is_judged
    assert (
        render(replayed)
        .split("\n")[-1]
        .startswith("cannot be judged alone: the case compares subjects, and only rust")
    )


ONE_SIDED = [
    ("D101", {"go": "accepted", "rust": "absent"}, "", ("go",)),
    ("D201", {"go": "accepted", "rust": "accepted"}, "", ("rust",)),
    ("D304", {"go": "accepted", "rust": "accepted"}, "go>rust", ("go",)),
    ("D501", {"rust": "panicked"}, "", ("go",)),
    ("D305", {"go": "holds", "rust": "broken"}, "a law", ("go",)),
    ("D202", {"go": "absent", "rust": "absent"}, "", ("rust",)),
]


@pytest.mark.parametrize(("check", "shape", "subject", "ran"), ONE_SIDED)
def test_a_case_does_not_agree_without_its_subjects(
    check: str, shape: dict[str, str], subject: str, ran: tuple[str, ...], case: Case
) -> None:
    """Whatever the check, subjects that have nothing to do with the case cannot clear it."""
    about = attrs.evolve(case, signature=Signature(check, "get", tuple(shape.items()), subject=subject))
    with Lockstep(LRU, [s for s in _subjects(RIGHT) if s.name in ran]) as lockstep:
        replayed = replay.replay(about, Oracle(LRU, lockstep))

    assert not replayed.is_judged
    assert render(replayed).split("\n\n")[-1].startswith("cannot be judged")


@pytest.mark.parametrize(
    ("check", "shape", "ran"),
    [("D501", {"rust": "panicked"}, ("rust",)), ("D305", {"go": "holds", "rust": "broken"}, ("rust",))],
)
def test_the_subject_to_blame_is_judged_alone(
    check: str, shape: dict[str, str], ran: tuple[str, ...], case: Case
) -> None:
    """What one subject broke alone, it shows alone."""
    about = attrs.evolve(case, signature=Signature(check, "get", tuple(shape.items())))
    with Lockstep(LRU, [s for s in _subjects(RIGHT) if s.name in ran]) as lockstep:
        replayed = replay.replay(about, Oracle(LRU, lockstep))

    assert replayed.is_judged
    assert render(replayed).endswith("agrees: the case does not diverge")


def test_two_of_three_subjects_agree_only_with_each_other(case: Case) -> None:
    """A case can be narrowed down, and the page names the subject that did not run."""
    shape = (("go", "accepted"), ("rust", "accepted"), ("model", "accepted"))
    replayed = _replayed(attrs.evolve(case, signature=Signature("D201", "get", shape)), RIGHT)

    assert replayed.is_judged
    assert render(replayed).endswith("go and rust agree; the case also compares model, which did not run")
