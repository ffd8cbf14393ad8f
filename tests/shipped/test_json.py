"""What is known of the JSON libraries is all there is, to the letter, and hides nothing beside it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from json_signatures import (
    ALL,
    GO,
    ROWS,
    RUST,
    SUBJECTS,
    V1,
    V1_AND_SERDE,
    V2_REFUSES,
    Row,
    accepted_by,
    argument_of,
    length,
    without_digits,
)

from driftcheck.build import build
from driftcheck.build.errors import BuildError
from driftcheck.contract.declare import schema_of
from driftcheck.core.disagreement import groups_from_text
from driftcheck.core.trace import Trace
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.oracle.oracle import Oracle
from driftcheck.oracle.predicates import observed
from driftcheck.oracle.signature import Divergence, Signature
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.self_consistency import examine_self_consistency
from driftcheck.search.session import Session, open_session
from driftcheck.search.unexercised import not_exercised
from driftcheck.subjects.discover import NativeSource, native_sources
from driftcheck_contracts.json import JsonContract

PAYLOADS = 20_000
SEED = 0
PLANTED = Path(__file__).parents[1] / "subjects" / "json_planted" / "go"
VARIABLE = "DRIFTCHECK_PLANT"
OF_AN_ITEM = ("decode", "encode")
NAMES = [row.asymmetry for row in ROWS]
FIRST = [row for row in ROWS if not row.beside]  # what their documents show first

# What a fault of Go shows beside an asymmetry, by the asymmetry's shape. What is not here shows nothing:
# where Go refuses a document, it does not matter what it would have made of it.
EVERYTHING: Mapping[str, checks.Check] = {
    "panic": checks.PANIC,
    "unmapped": checks.UNMAPPED,
    "reject": checks.ACCEPT_REJECT,
    "accept": checks.VALUE,
    "name": checks.VALUE,
    "tags": checks.VALUE,
}
SHOWN: Mapping[object, Mapping[str, checks.Check]] = {
    V1: {"panic": checks.PANIC, "unmapped": checks.UNMAPPED},
    GO: EVERYTHING,
    RUST: {"panic": checks.PANIC, "unmapped": checks.UNMAPPED, "accept": checks.ACCEPT_REJECT},
    V2_REFUSES: EVERYTHING,
    V1_AND_SERDE: EVERYTHING,
    accepted_by(*SUBJECTS[1:]): {
        "panic": checks.PANIC,
        "unmapped": checks.UNMAPPED,
        "accept": checks.VALUE,
    },
    accepted_by("go-v2"): {
        "panic": checks.PANIC,
        "unmapped": checks.UNMAPPED,
        "accept": checks.ACCEPT_REJECT,
    },
    ALL: EVERYTHING,
}

# The side that keeps the contract where the values differ.
INNOCENT = {
    "any-case-of-keys-is-read": "go-v2",
    "any-case-of-optional-keys": "serde",
    "key-twice-in-any-case": "serde",
    "float-one-off": "go",
    "float-with-excess-digits": "go",
    "float-below-normal": "go",
    "float-not-read-back": "go",
    "minus-zero-read-as-zero": "go",
    "minus-zero-not-read-back": "go",
}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with open_session(JsonContract, ignore_asymmetries=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def known() -> Asymmetries:
    with open_session(JsonContract) as opened:
        return opened.asymmetries


def assert_minimal(row: Row, found: Trace) -> None:
    argument = argument_of(found)
    assert without_digits(argument) == without_digits(row.argument)
    assert length(argument) <= length(row.argument)


@pytest.mark.nightly
def test_each_difference_is_one_finding() -> None:
    """Without what is known of an Item, 20,000 payloads show each of it once, in its smallest document."""
    with open_session(JsonContract) as opened:
        oracle = opened.oracle
        others = [entry for entry in oracle.asymmetries.entries if entry.operation not in OF_AN_ITEM]
        oracle.asymmetries = Asymmetries(others, {s.name: s.language for s in opened.lockstep.subjects})
        explored = explore(opened, Budget(max_traces=PAYLOADS), seed=SEED)
        assert not_exercised(opened.schema, explored.statistics).items == ()

    findings = explored.findings
    assert {f.signature for f in findings} == {row.signature for row in FIRST}
    assert len(findings) == len(FIRST)
    assert not any(f.is_flaky for f in findings)
    rows = {row.signature: row for row in ROWS}
    for finding in findings:
        assert isinstance(finding.case, Trace)
        assert_minimal(rows[finding.signature], finding.case)


def test_each_known_difference_has_its_row(known: Asymmetries) -> None:
    """The table and `asymmetries.toml` speak of the same differences of an Item, in the same order."""
    assert [entry.id for entry in known.entries if entry.operation in OF_AN_ITEM] == NAMES


@pytest.mark.parametrize("row", FIRST, ids=lambda row: row.asymmetry)
def test_raw_bytes_have_the_same_signature(row: Row, session: Session, known: Asymmetries) -> None:
    """What a person types shows what was found, and is known by the same entry alone."""
    verdict = session.oracle.confirm(row.trace, deadline_s=1.0, settle_s=0.0)
    divergence = verdict.divergence

    assert divergence is not None
    assert divergence.signature == row.signature
    assert verdict.execution is not None
    seen = observed(session.schema, verdict.execution, divergence.step or 0)  # for the authors' functions
    entry = known.match(attrs.evolve(divergence, observed=seen))
    assert entry is not None
    assert entry.id == row.asymmetry


@pytest.mark.parametrize("row", [row for row in ROWS if row.beside], ids=lambda row: row.asymmetry)
def test_what_is_seen_beside_a_known_difference_is_known(row: Row) -> None:
    """The values of subjects that accept what another one rejects may differ, which has its own entry."""
    with open_session(JsonContract) as opened:
        both = opened.oracle.confirm(row.trace, deadline_s=1.0, settle_s=0.0)
        languages = {s.name: s.language for s in opened.lockstep.subjects}
        others = [entry for entry in opened.oracle.asymmetries.entries if entry.id != row.asymmetry]
        opened.oracle.asymmetries = Asymmetries(others, languages)
        one = opened.oracle.confirm(row.trace, deadline_s=1.0, settle_s=0.0)

    assert both.divergence is None
    assert [seen.entry.id for seen in both.asymmetries] == [row.beside, row.asymmetry]
    assert one.divergence is not None
    assert one.divergence.signature == row.signature


@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_is_known_among_all_is_known_of_each_alone(subject: str) -> None:
    """Where no other subject tells of a difference, the one that is left raises no alarm by it."""
    with open_session(JsonContract, only=(subject,)) as opened:
        verdicts = [opened.oracle.confirm(row.trace, deadline_s=1.0, settle_s=0.0) for row in ROWS]

    assert [verdict.divergence for verdict in verdicts if verdict.divergence is not None] == []


@contextmanager
def planted(fault: str, known: Asymmetries, shipped: Session) -> Iterator[Oracle]:
    """Yield an oracle over encoding/json with a fault and the other subjects that ship."""
    schema = schema_of(JsonContract)
    source = NativeSource("go", "go", PLANTED, PLANTED / "none.so")
    go = attrs.evolve(build(source, schema), env={VARIABLE: fault})
    others = [s for s in shipped.lockstep.subjects if s.name != "go"]
    with Lockstep(schema, (go, *others)) as lockstep:
        yield Oracle(schema, lockstep, known)


BY_DAY = ("", "panic", "accept")  # no fault, a death, and another value


@pytest.mark.parametrize(
    "fault",
    [pytest.param(one, marks=() if one in BY_DAY else pytest.mark.nightly) for one in ("", *SHOWN[ALL])],
)
def test_a_fault_beside_a_known_difference_is_a_finding(
    fault: str, session: Session, known: Asymmetries
) -> None:
    """An asymmetry covers its own shape alone: everything else that its document shows is found."""
    found = {}
    with planted(fault, known, session) as oracle:
        for row in FIRST:
            divergence = oracle.confirm(row.trace, deadline_s=1.0, settle_s=0.0).divergence
            if divergence is not None:
                found[row.asymmetry] = divergence.check

    shown = {row.asymmetry: SHOWN[row.signature.shape].get(fault) for row in FIRST}
    assert found == {name: check for name, check in shown.items() if check is not None}


@pytest.mark.parametrize("count", [200, pytest.param(20_000, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_subject_agrees_with_itself(subject: str, count: int) -> None:
    """In two hosts of one subject, each document gives the same, the second time as the first."""
    with open_session(JsonContract, only=(subject,)) as opened:
        assert examine_self_consistency(opened, seed=SEED, max_traces=count) is None


@pytest.mark.parametrize(("subject", "experiment"), [("go", "jsonv2"), ("go-v2", "nojsonv2")])
def test_a_version_is_not_built_in_place_of_the_other(subject: str, experiment: str) -> None:
    """With the wrong experiment none is built: one would be the other underneath, or would not be there."""
    folder = Path(inspect.getfile(JsonContract)).parent
    source = next(s for s in native_sources("json", folder) if s.name == subject)

    with pytest.raises(BuildError, match=r"goexperiment_jsonv2_must_be_on|build constraints exclude all"):
        build(attrs.evolve(source, env={"GOEXPERIMENT": experiment}), schema_of(JsonContract))


def divergence_of(signature: Signature) -> Divergence:
    return Divergence(
        checks.check(signature.check),
        0,
        signature.operation,
        signature.shape,
        signature.path,
        signature.cause,
        places={feature: frozenset({signature.path}) for feature in signature.cause},
        subject=signature.subject,
        groups=groups_from_text(signature.disagreement) or tuple((n,) for n, _ in signature.shape),
    )


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_what_is_beside_a_known_difference_is_not_known(row: Row, known: Asymmetries) -> None:
    """Another feature, operation, path, outcome, check or blame than an entry names is not covered by it."""
    entry = next(e for e in known.entries if e.id == row.asymmetry)
    outcomes: Any = object()
    plain = attrs.evolve(divergence_of(row.signature), observed=outcomes)
    beside = [
        attrs.evolve(plain, cause=("unknown-field",)),
        attrs.evolve(plain, operation={"decode": "encode", "encode": "decode"}[plain.operation]),
        attrs.evolve(plain, check=checks.PANIC, shape=(("go", "panicked"), *plain.shape[1:]), blamed=("go",)),
        attrs.evolve(plain, check=checks.UNMAPPED, shape=(*plain.shape[:-1], ("sonic", "unmapped"))),
        attrs.evolve(plain, check=checks.VALUE, shape=ALL, path="tags[0]"),
    ]
    if row.differs or row.beside:
        beside.append(attrs.evolve(plain, check=checks.ROUND_TRIP, blamed=(INNOCENT[row.asymmetry],)))
    else:
        other = {"accepted": "malformed", "malformed": "accepted"}
        swapped = tuple((name, other[kind]) for name, kind in plain.shape)
        beside.append(attrs.evolve(plain, shape=swapped))

    if entry.where is not None:  # its function decides, whatever else is odd; here it says yes
        says_yes: Any = SimpleNamespace(holds=lambda seen: True)
        entry = attrs.evolve(entry, where=says_yes)
        beside = beside[1:]
    languages = {name: "go" if name.startswith("go") else "rust" for name in SUBJECTS}
    alone = Asymmetries((entry,), languages)
    assert alone.match(plain) is entry
    assert [one for one in beside if alone.match(one)] == []
