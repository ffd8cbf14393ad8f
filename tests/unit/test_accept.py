"""Accepting: the entry that is made from a finding covers the signature of this finding alone."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path

import attrs
import faulty
import pytest

from driftcheck import schema_of
from driftcheck.core.trace import Trace
from driftcheck.findings.accept import Covered, Decision, NotAcceptable, Proposal, as_divergence, propose
from driftcheck.findings.case import Case
from driftcheck.findings.last_run import LastRun, Sighted, keep_last_run, last_run
from driftcheck.oracle.asymmetry_file import AsymmetryError, project_file, read_asymmetries
from driftcheck.oracle.signature import Signature

SCHEMA = schema_of(faulty.Faulty)
LANGUAGES = {"go": "go", "rust": "rust", "model": "python"}
DAY = datetime.date(2026, 1, 2)
NARROW = Decision("it may", "me", datetime.date(2030, 1, 1), DAY, ("go",))
DECISION = attrs.evolve(NARROW, whole_operation=True)
TWO = (("go", "accepted"), ("rust", "accepted"))
REFUSED = (("go", "malformed"), ("rust", "accepted"))
OUTSIDE = (("go", "outside its type"), ("rust", "accepted"))
THREE = (*TWO, ("model", "accepted"))

SIGNATURES = {
    "accept-reject": Signature("D101", "remove", (("go", "accepted"), ("rust", "pinned"))),
    "the other way": Signature("D101", "remove", (("go", "pinned"), ("rust", "accepted"))),
    "with a cause": Signature("D101", "import_", REFUSED, cause=("bom",)),
    "with two": Signature("D101", "import_", REFUSED, cause=("bom", "nul")),
    "class": Signature("D102", "remove", (("go", "absent"), ("rust", "pinned"))),
    "value": Signature("D103", "get", TWO, "[]"),
    "value elsewhere": Signature("D103", "get", TWO, "length"),
    "of three": Signature("D103", "remove", THREE, disagreement="go | rust, model"),
    "of three, otherwise": Signature("D103", "remove", THREE, disagreement="go, model | rust"),
    "outside": Signature("D104", "get", OUTSIDE, "[]"),
    "outside elsewhere": Signature("D104", "get", OUTSIDE, "length"),
    "unmapped": Signature("D105", "get", (("go", "unmapped"), ("rust", "accepted"))),
    "detail": Signature("D107", "remove", (("go", "pinned"), ("rust", "pinned")), "since"),
    "detail elsewhere": Signature("D107", "remove", (("go", "pinned"), ("rust", "pinned")), "by"),
    "state": Signature("D201", "put", TWO, "entries[].value"),
    "rejected wrote": Signature("D202", "put", (("go", "accepted"), ("rust", "accepted"))),
    "nondeterministic": Signature("D301", "get", (("go", "nondeterministic"), ("rust", "deterministic"))),
    "again": Signature("D302", "put", (("go", "changed again"), ("rust", "accepted"))),
    "other wrote": Signature("D204", "put", TWO),
    "not forgotten": Signature("D205", "get", (("go", "ended differently"), ("rust", "unchanged"))),
    "not neutral": Signature("D206", "get", (("go", "ended differently"), ("rust", "unchanged"))),
    "round trip": Signature("D303", "export", TWO, "title", subject="go>go"),
    "exchange": Signature("D304", "export", TWO, "title", subject="go>rust"),
    "exchange back": Signature("D304", "export", TWO, "title", subject="rust>go"),
    "law": Signature("D305", "", (("go", "broken"), ("rust", "holds")), subject=SCHEMA.laws[0].name),
    "invariant": Signature("D401", "put", TWO, subject=SCHEMA.invariants[0].name),
    "panic": Signature("D501", "", (("go", "panicked"),), frame="main.get"),
    "crash": Signature("D502", "", (("go", "crashed"),), frame="main.get"),
    "crash elsewhere": Signature("D502", "", (("go", "crashed"),), frame="main.put"),
    "hang": Signature("D503", "get", (("go", "hung"),)),
}


def case(signature: Signature) -> Case:
    return Case(Path("cases/case.json"), SCHEMA, Trace(()), signature)


def accept(found: Case, decision: Decision, root: Path) -> Proposal:
    proposal = propose(found, decision, root, LANGUAGES)
    proposal.write()
    return proposal


@pytest.mark.parametrize("name", SIGNATURES)
def test_an_entry_covers_its_own_signature_alone(name: str, tmp_path: Path) -> None:
    """Among findings of every check, an entry covers only the one from which it was made."""
    deviates = "rust" if name == "of three, otherwise" else "go"
    said = attrs.evolve(DECISION, deviates=(deviates,))

    written = accept(case(SIGNATURES[name]), said, tmp_path)

    entries = read_asymmetries([written.file], SCHEMA, LANGUAGES)
    assert [n for n, s in SIGNATURES.items() if entries.match(as_divergence(s, SCHEMA))] == [name]


ROUNDED = Signature("D103", "get", TWO, relation="rounding")
SAID = Signature("D101", "import_", REFUSED, reason="go: bad length")


@pytest.mark.parametrize(
    ("accepted", "others"),
    [
        (ROUNDED, [attrs.evolve(ROUNDED, relation=""), attrs.evolve(ROUNDED, relation="off by one")]),
        (SAID, [attrs.evolve(SAID, reason=""), attrs.evolve(SAID, reason="go: bad checksum")]),
    ],
)
def test_an_entry_covers_one_relation_or_reason(
    accepted: Signature, others: list[Signature], tmp_path: Path
) -> None:
    """A rounding that is accepted hides no other value, and a refusal no refusal for another reason."""
    written = accept(case(accepted), NARROW, tmp_path)

    entries = read_asymmetries([written.file], SCHEMA, LANGUAGES)
    assert entries.match(as_divergence(accepted, SCHEMA)) is not None
    assert not any(entries.match(as_divergence(other, SCHEMA)) for other in others)


@pytest.mark.parametrize("name", ["accept-reject", "class", "value", "detail", "state"])
def test_a_whole_operation_is_accepted_only_where_that_is_said(name: str, tmp_path: Path) -> None:
    """Where nothing tells a divergence from others, its entry would cover them all; no file is written."""
    with pytest.raises(NotAcceptable, match="give --whole-operation"):
        accept(case(SIGNATURES[name]), NARROW, tmp_path)

    assert not project_file("faulty", tmp_path).exists()


def test_the_entry_of_an_installed_contract_goes_into_the_file_of_the_project(tmp_path: Path) -> None:
    """The folder of the contract does not change, and the file keeps its other entries."""
    file = project_file("faulty", tmp_path)
    first = accept(case(SIGNATURES["value"]), DECISION, tmp_path)
    file.write_text(f"# Ours.\n{file.read_text()}")

    second = accept(case(SIGNATURES["state"]), DECISION, tmp_path)

    assert first.file == second.file == file
    assert file.read_text().startswith("# Ours.\n[value-get]\n")
    assert list(read_asymmetries([file], SCHEMA, LANGUAGES).entries) != []
    assert second.text in file.read_text()


def test_an_entry_holds_the_decision(tmp_path: Path) -> None:
    """Reason, issue, owner and dates are fields of the entry, which a person may edit."""
    said = attrs.evolve(DECISION, issue="https://example.org/1", id="zeros")

    written = accept(case(SIGNATURES["of three"]), said, tmp_path)

    assert written.text == (
        "[zeros]\n"
        'operation = "remove"\n'
        'check = "D103"\n'
        'shape = {differs = "", disagreement = "go | rust, model"}\n'
        'deviates = "go"\n'
        'reason = "it may"\n'
        'issue = "https://example.org/1"\n'
        'owner = "me"\n'
        "decided = 2026-01-02\n"
        "expires = 2030-01-01"
    )


def test_a_covered_finding_cannot_be_accepted_again(tmp_path: Path) -> None:
    """The error names the entry that covers it."""
    accept(case(SIGNATURES["value"]), DECISION, tmp_path)

    with pytest.raises(NotAcceptable, match="'value-get' covers it already; there is nothing"):
        accept(case(SIGNATURES["value"]), DECISION, tmp_path)


def test_two_entries_never_have_one_name(tmp_path: Path) -> None:
    """A default name that is taken gets a number. A name that a person gave is refused."""
    accept(case(SIGNATURES["value"]), DECISION, tmp_path)

    second = accept(case(SIGNATURES["value elsewhere"]), DECISION, tmp_path)

    assert second.id == "value-get-2"
    named = attrs.evolve(DECISION, id="value-get")
    with pytest.raises(NotAcceptable, match="an entry is named 'value-get' already"):
        accept(case(SIGNATURES["of three"]), named, tmp_path)


@pytest.mark.parametrize(
    ("name", "deviates", "told"),
    [
        ("accept-reject", (), "add --deviates with one of go, rust, model"),
        ("value", ("model",), "an entry with this --deviates does not cover the case"),
        ("exchange", ("model",), "an entry with this --deviates does not cover the case"),
    ],
)
def test_deviates_must_name_a_subject_that_differs(
    name: str, deviates: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    """If the finding blames no subject, a person names it; until then nothing is written."""
    with pytest.raises(NotAcceptable, match=told):
        accept(case(SIGNATURES[name]), attrs.evolve(DECISION, deviates=deviates), tmp_path)

    assert not project_file("faulty", tmp_path).exists()


def test_a_file_with_a_mistake_does_not_change(tmp_path: Path) -> None:
    """The person who wrote it must fix it."""
    file = project_file("faulty", tmp_path)
    file.parent.mkdir()
    file.write_text("[mine\n")

    with pytest.raises(AsymmetryError, match="line 1: is not TOML"):
        accept(case(SIGNATURES["value"]), DECISION, tmp_path)

    assert file.read_text() == "[mine\n"


def test_what_an_entry_covers_is_known_before_it_is_written(tmp_path: Path) -> None:
    """Of the divergences of the last run, those that look as if the entry covered them are counted."""
    said = attrs.evolve(NARROW, deviates=("go",))
    bom = frozenset({"bom", "nul"})
    times = Counter(
        {
            Sighted(Signature("D101", "import_", REFUSED), bom): 30,
            Sighted(Signature("D101", "import_", REFUSED), frozenset({"nul"})): 7,
            Sighted(Signature("D101", "remove", REFUSED), bom): 3,
        }
    )
    keep_last_run("faulty", tmp_path, 9, times)

    proposal = propose(case(SIGNATURES["with a cause"]), said, tmp_path, LANGUAGES)

    assert proposal.covered == Covered(30, of=40, seed=9)
    assert not proposal.file.exists()
    proposal.write()
    assert proposal.file.read_text() == proposal.whole
    assert proposal.text in proposal.whole


def test_states_that_differ_are_counted_although_a_glance_does_not_show_how(tmp_path: Path) -> None:
    """A glance at a trace knows neither the place nor the relation of states that differ."""
    keep_last_run("faulty", tmp_path, 9, Counter({Sighted(Signature("D201", "put", TWO), frozenset()): 5}))
    found = Signature("D201", "put", TWO, "entries[].value", relation="off by one")

    written = accept(case(found), NARROW, tmp_path)

    assert written.covered == Covered(5, of=5, seed=9)


def test_without_a_last_run_nothing_is_counted(tmp_path: Path) -> None:
    """The file may be missing, or another release may have written it."""
    assert accept(case(SAID), NARROW, tmp_path).covered is None
    folder = tmp_path / ".driftcheck" / "last-run"
    folder.mkdir(parents=True)
    for text in ("", "{}", "[]", '{"seed": 1, "divergences": [{"times": 1}]}'):
        (folder / "faulty.json").write_text(text)
        assert accept(case(ROUNDED), attrs.evolve(NARROW, id=f"e{len(text)}"), tmp_path / "x")
        assert last_run("faulty", tmp_path) is None
        (project_file("faulty", tmp_path / "x")).unlink()


def test_the_last_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A later run without divergences replaces it."""
    times = Counter({Sighted(ROUNDED, frozenset({"bom"})): 2})
    keep_last_run("faulty", tmp_path, 9, times)

    assert last_run("faulty", tmp_path) == LastRun(9, dict(times))
    keep_last_run("faulty", tmp_path, 10, Counter())
    assert last_run("faulty", tmp_path) == LastRun(10, {})
