"""An entry that is made of a finding covers that finding's signature, and no other."""

from __future__ import annotations

import datetime
from pathlib import Path

import attrs
import faulty
import pytest

from driftcheck import schema_of
from driftcheck.core.trace import Trace
from driftcheck.findings.accept import Decision, NotAcceptable, accept, as_divergence
from driftcheck.findings.case import Case
from driftcheck.oracle.asymmetry_file import AsymmetryError, project_file, read_asymmetries
from driftcheck.oracle.signature import Signature

SCHEMA = schema_of(faulty.Faulty)
LANGUAGES = {"go": "go", "rust": "rust", "model": "python"}
DAY = datetime.date(2026, 1, 2)
DECISION = Decision("it may", "me", datetime.date(2030, 1, 1), DAY, ("go",))
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


@pytest.mark.parametrize("name", SIGNATURES)
def test_it_covers_its_own_signature_and_no_more(name: str, tmp_path: Path) -> None:
    """Of findings of every check, the entry covers the one that it was made of alone."""
    deviates = "rust" if name == "of three, otherwise" else "go"
    said = attrs.evolve(DECISION, deviates=(deviates,))

    written = accept(case(SIGNATURES[name]), said, tmp_path, LANGUAGES)

    entries = read_asymmetries([written.file], SCHEMA, LANGUAGES)
    assert [n for n, s in SIGNATURES.items() if entries.match(as_divergence(s, SCHEMA))] == [name]


def test_it_goes_into_the_project_s_own_file(tmp_path: Path) -> None:
    """The contract is from elsewhere, so its folder is left alone; what stood in the file stays."""
    file = project_file("faulty", tmp_path)
    first = accept(case(SIGNATURES["value"]), DECISION, tmp_path, LANGUAGES)
    file.write_text(f"# Ours.\n{file.read_text()}")

    second = accept(case(SIGNATURES["state"]), DECISION, tmp_path, LANGUAGES)

    assert first.file == second.file == file
    assert file.read_text().startswith("# Ours.\n[value-get]\n")
    assert list(read_asymmetries([file], SCHEMA, LANGUAGES).entries) != []
    assert second.text in file.read_text()


def test_it_says_what_was_decided(tmp_path: Path) -> None:
    """Reason, link, owner and days stand in the entry, in words that a person may widen."""
    said = attrs.evolve(DECISION, issue="https://example.org/1", id="zeros")

    written = accept(case(SIGNATURES["of three"]), said, tmp_path, LANGUAGES)

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


def test_what_is_covered_already_is_refused(tmp_path: Path) -> None:
    """A second entry for one finding would hide which of them it is."""
    accept(case(SIGNATURES["value"]), DECISION, tmp_path, LANGUAGES)

    with pytest.raises(NotAcceptable, match="the entry 'value-get' covers it already; nothing was written"):
        accept(case(SIGNATURES["value"]), DECISION, tmp_path, LANGUAGES)


def test_two_findings_of_the_same_words_have_two_names(tmp_path: Path) -> None:
    """A name that is taken gets a number; one that a person gave is refused."""
    accept(case(SIGNATURES["value"]), DECISION, tmp_path, LANGUAGES)

    second = accept(case(SIGNATURES["value elsewhere"]), DECISION, tmp_path, LANGUAGES)

    assert second.id == "value-get-2"
    named = attrs.evolve(DECISION, id="value-get")
    with pytest.raises(NotAcceptable, match="an entry is named 'value-get' already"):
        accept(case(SIGNATURES["of three"]), named, tmp_path, LANGUAGES)


@pytest.mark.parametrize(
    ("name", "deviates", "told"),
    [
        ("accept-reject", (), "say --deviates with one of go, rust, model"),
        ("value", ("model",), "no entry with these words covers it"),
        ("exchange", ("model",), "no entry with these words covers it"),
    ],
)
def test_who_deviates_must_be_said_and_be_one_of_them(
    name: str, deviates: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    """Where the finding does not tell, a person does; nothing is written before."""
    with pytest.raises(NotAcceptable, match=told):
        accept(case(SIGNATURES[name]), attrs.evolve(DECISION, deviates=deviates), tmp_path, LANGUAGES)

    assert not project_file("faulty", tmp_path).exists()


def test_a_file_that_is_broken_stays_as_it_is(tmp_path: Path) -> None:
    """What somebody wrote there by hand is theirs to mend."""
    file = project_file("faulty", tmp_path)
    file.parent.mkdir()
    file.write_text("[mine\n")

    with pytest.raises(AsymmetryError, match="line 1: is not TOML"):
        accept(case(SIGNATURES["value"]), DECISION, tmp_path, LANGUAGES)

    assert file.read_text() == "[mine\n"
