"""`driftcheck build`: libraries, and what a compiler says against one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_toys import GO_MOD, TOY, Author, Call


def test_each_subject_is_told_of_with_its_library(driftcheck: Call) -> None:
    """A library is built where it is stale, and told of with its path, time and origin."""
    driftcheck("build", "lru")

    found = json.loads(driftcheck("build", "lru", "--json").out)

    assert [(one["subject"], one["language"], one["origin"]) for one in found] == [
        ("go", "go", "fresh"),
        ("rust", "rust", "fresh"),
        ("model", "python", "model"),
    ]
    assert Path(found[0]["library"]).is_file()
    assert found[2]["library"] is None
    assert all(one["seconds"] < 1 for one in found)


def test_people_are_told_in_a_line_each(driftcheck: Call) -> None:
    """Without `--json` each subject is one line."""
    driftcheck("build", "lru")

    said = driftcheck("build", "lru")

    assert said.code == 0
    lines = sorted(said.out.splitlines())  # in the order in which they end
    assert lines[0].startswith("lru: go: up to date: /")
    assert lines[1] == "lru: model: in Python, nothing to build"
    assert lines[2].startswith("lru: rust: up to date: /")


def test_a_compiler_s_own_words_stand_under_one_line(
    driftcheck: Call, author: Author, tmp_path: Path
) -> None:
    """What does not compile ends with 2, subject and command first, then what the compiler says."""
    (tmp_path / "go").mkdir()
    (tmp_path / "go" / "go.mod").write_text(GO_MOD)
    (tmp_path / "go" / "adapter.go").write_text('package main\n\nfunc main() { var n int = "one" }\n')
    name = author(TOY)

    said = driftcheck("build", name)

    assert (said.code, said.out) == (2, "")
    first, second, *rest = said.err.splitlines()
    assert first == (
        "driftcheck: contract 'toy': its generated code does not match the contract; "
        f"run 'driftcheck gen {name}'"
    )
    assert second.startswith("driftcheck: contract 'toy': subject 'go': 'go build' failed in ")
    assert any('cannot use "one"' in line for line in rest)
    assert "Traceback" not in said.err


@pytest.mark.parametrize("verb", ["build", "gen", "doctor"])
def test_a_mistake_in_subjects_toml_is_a_mistake(
    driftcheck: Call, author: Author, tmp_path: Path, verb: str
) -> None:
    """Each verb that needs subjects tells what is wrong with their declaration, in one sentence."""
    (tmp_path / "subjects.toml").write_text("[go]\nlanguage = 'golang'\n")

    said = driftcheck(verb, author(TOY))

    assert said.code == 2
    assert "subject 'go' has the language 'golang'; give language = 'go' or 'rust'" in said.out + said.err
    assert "Traceback" not in said.out + said.err


def test_a_language_is_named_where_the_subject_s_name_is_not_it(
    driftcheck: Call, author: Author, tmp_path: Path
) -> None:
    """The one line says in which language a subject is that is called otherwise, and the command."""
    (tmp_path / "subjects.toml").write_text('[fast]\nlanguage = "go"\ndir = "here"\n')
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "go.mod").write_text(GO_MOD)
    (tmp_path / "here" / "adapter.go").write_text('package main\n\nimport "toy/nowhere"\n\nfunc main() {}\n')
    name = author(TOY)

    said = driftcheck("build", name)

    _, line, *rest = said.err.splitlines()
    assert line.startswith("driftcheck: contract 'toy': subject 'fast' (go): 'go build' failed in ")
    assert f"failed in {tmp_path / 'here'};" in line
    assert any("toy/nowhere" in words for words in rest)
