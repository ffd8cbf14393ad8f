"""`driftcheck gen`: generated code written, compared, and told of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_toys import GO_MOD, TOY, Author, Call


@pytest.fixture
def toy(author: Author, tmp_path: Path) -> str:
    """Return the name of a contract with a folder for a Go adapter."""
    (tmp_path / "go").mkdir()
    (tmp_path / "go" / "go.mod").write_text(GO_MOD)
    return author(TOY)


def test_it_writes_what_is_missing_and_leaves_the_rest(driftcheck: Call, toy: str, tmp_path: Path) -> None:
    """Generated code is written once, and then up to date."""
    assert driftcheck("gen", toy).out == "toy: wrote go/toy/contract_gen.go\n"
    assert (tmp_path / "go/toy/contract_gen.go").read_text().startswith("// Code generated")
    assert driftcheck("gen", toy).out == "toy: go/toy/contract_gen.go up to date\n"
    assert driftcheck("gen", "--check", toy).code == 0


def test_check_names_the_stale_file_and_what_to_run(driftcheck: Call, toy: str, tmp_path: Path) -> None:
    """A file that does not match its contract ends `--check` with 2, and stays as it is."""
    driftcheck("gen", toy)
    path = tmp_path / "go/toy/contract_gen.go"
    path.write_text("package toy\n")

    said = driftcheck("gen", "--check", toy)

    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"driftcheck: go/toy/contract_gen.go does not match the contract; run 'driftcheck gen {toy}'\n"
    )
    assert path.read_text() == "package toy\n"


def test_json_lists_files_and_what_became_of_them(driftcheck: Call, toy: str) -> None:
    """Both ways to call it list their files as JSON."""
    checked = driftcheck("gen", "--check", "--json", toy)
    written = driftcheck("gen", "--json", toy)
    files = ["go/toy/contract_gen.go"]

    assert checked.code == 2
    assert json.loads(checked.out) == [{"contract": "toy", "files": files, "stale": files}]
    assert json.loads(written.out) == [{"contract": "toy", "files": files, "written": files}]


def test_what_cannot_be_written_is_a_mistake(driftcheck: Call, toy: str, tmp_path: Path) -> None:
    """A path that cannot be written is reported in one sentence."""
    (tmp_path / "go" / "toy").write_text("in the way")

    said = driftcheck("gen", toy)

    assert said.code == 2
    assert "contract_gen.go cannot be written: " in said.err or "go/toy cannot be written: " in said.err
    assert said.err.count("\n") == 1


def test_a_contract_without_adapters_is_a_mistake(driftcheck: Call, author: Author) -> None:
    """If there is nothing to generate for, a message says so and what to add."""
    said = driftcheck("gen", author(TOY))

    assert said.code == 2
    assert "no subject is declared" in said.err
    assert "add an adapter" in said.err


def test_the_contracts_that_ship_are_up_to_date(driftcheck: Call) -> None:
    """What is checked in is what the contracts give."""
    assert driftcheck("gen", "--check").code == 0
