"""`driftcheck matrix`: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_toys import TOY, Author, Call

from driftcheck.cli import matrix as verb
from driftcheck.findings.words import width
from driftcheck.matrix.cells import Matrix

MODEL = """

class Model(Toy):
    def ping(self) -> bool:
        return {answer}
"""
ONE = ("--subject", "model", "--traces", "3")


@pytest.fixture
def outside(author: Author) -> str:
    """Return a contract whose model answers outside the declared type."""
    text = TOY.replace("import Contract", "import Contract, I64").replace("-> bool", "-> I64")
    return author(text + MODEL.format(answer="2**63").replace("-> bool", "-> int"))


def test_a_contract_on_which_all_is_well(driftcheck: Call, author: Author) -> None:
    """A contract without a payload has one row for each operation; agreement is exit code 0."""
    said = driftcheck("matrix", author(TOY + MODEL.format(answer=True)), *ONE)

    assert said.code == 0
    assert said.out.splitlines() == [
        "toy: 3 documents a row, seed 0",
        "1 row: 0 differ, 1 agrees; 0 divergences",
    ]


def test_every_row_is_shown_on_demand(driftcheck: Call, author: Author) -> None:
    """With --all there are the rows on which all agree, too."""
    said = driftcheck("matrix", author(TOY + MODEL.format(answer=True)), *ONE, "--all")

    assert said.out.splitlines()[-2:] == ["plain values       model", "ping          all  accept"]


def test_what_is_new_is_exit_code_1(driftcheck: Call, outside: str, tmp_path: Path) -> None:
    """A difference that no entry knows ends with 1, and leaves the case of its witness, which diverges."""
    said = driftcheck("matrix", outside, *ONE, "--json")

    assert said.code == 1
    ((line,),) = [row["lines"] for row in json.loads(said.out)["rows"]]
    assert line["cells"] == {"model": {"did": "outside its type"}}
    assert line["is_new"]
    replayed = driftcheck("replay", line["witness"]["case"], "--contract", outside, "--subject", "model")
    assert replayed.code == 1


def test_the_pages_are_written(driftcheck: Call, outside: str, tmp_path: Path) -> None:
    """Markdown and HTML go into files, in folders that are made for them, with nothing left beside them."""
    said = driftcheck("matrix", outside, *ONE, "--markdown", "deep/m.md", "--html", "deep/m.html")

    assert said.code == 1
    assert {path.name for path in (tmp_path / "deep").iterdir()} == {"m.md", "m.html"}
    assert (tmp_path / "deep" / "m.md").read_text().startswith("# toy: the matrix\n")
    assert (tmp_path / "deep" / "m.html").read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("option", ["--html", "--markdown"])
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (".", "it is a folder"),
        ("in-the-way/m", "Not a directory"),
        (f"{'x' * 300}/m", "File name too long"),
    ],
)
def test_a_page_that_cannot_be_written(
    driftcheck: Call,
    author: Author,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    path: str,
    reason: str,
) -> None:
    """It is reported in one sentence before anything is built or run."""
    contract = author(TOY)
    (tmp_path / "in-the-way").write_text("a file")
    monkeypatch.setattr(verb.SessionSettings, "open", _no_session)

    said = driftcheck("matrix", contract, option, path)

    assert said.err == f"driftcheck: {path}: it cannot be written: {reason}; name another file\n"
    assert (said.code, said.out) == (2, "")


def _no_session(*_: object, **__: object) -> None:
    raise AssertionError("nothing was to be run")


def test_an_unknown_contract_or_subject(driftcheck: Call, author: Author) -> None:
    """Each is reported with those that there are."""
    contract = author(TOY + MODEL.format(answer=True))

    no_contract, no_subject = (
        driftcheck("matrix", "jsno"),
        driftcheck("matrix", contract, "--subject", "rost"),
    )

    assert no_contract.err.startswith("driftcheck: no contract is named 'jsno'; the contracts are ")
    assert no_contract.err.endswith("; did you mean 'json'?\n")
    assert no_subject.err == (
        "driftcheck: contract 'toy': no subject is named 'rost'; the subjects are model\n"
    )
    assert (no_contract.code, no_subject.code) == (2, 2)


def test_a_case_that_cannot_be_kept(driftcheck: Call, outside: str, tmp_path: Path) -> None:
    """Where no case file can be written, that is said, with exit code 2."""
    (tmp_path / "cases").write_text("in the way")

    said = driftcheck("matrix", outside, *ONE)

    assert said.code == 2
    assert "cannot be written" in said.err


@pytest.mark.nightly
def test_the_matrix_of_time(driftcheck: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that differs is known, each line has a case that replays, and all fits a terminal."""
    monkeypatch.chdir(tmp_path)
    shown: list[Matrix] = []
    render = verb.text.render
    monkeypatch.setattr(verb.text, "render", lambda m, **more: shown.append(m) or render(m, **more))

    said = driftcheck("matrix", "time", "--traces", "8", "--seed", "1")

    assert said.code == 0, said.out
    assert max(width(line) for line in said.out.splitlines() if "cases/" not in line) <= 100
    lines = [line for row in shown[0].rows for line in row.differing]
    assert len(lines) > 15
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("cases/time/*.json")} == {
        line.witness.case for line in lines if line.witness is not None
    }
    cases = sorted(line.witness.case for line in lines if line.witness is not None)
    replayed = json.loads(driftcheck("replay", *cases[::8], "--json").out)
    assert all(one["is_the_same"] and one["is_accepted"] for one in replayed)
