"""`driftcheck coverage`, `build --coverage` and `replay --suspects`: the code under test that ran."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_toys import Author, Call

from driftcheck.build import rust_coverage, tool
from driftcheck.build.tool import ToolFailed

MODEL_ALONE = '''
from driftcheck import Contract, operation

class Toy(Contract):
    @operation
    def ping(self) -> bool:
        """Answer."""

class Model(Toy):
    def ping(self) -> bool:
        return True
'''
ROOT = Path(__file__).parents[2]
SAMPLE = next((ROOT / "examples" / "cases" / "json").glob("*.json"))


def test_libraries_for_coverage_lie_beside_the_others(driftcheck: Call) -> None:
    """Such a library has a name of its own and a table, and is built once."""
    driftcheck("build", "lru", "--coverage")

    found = json.loads(driftcheck("build", "lru", "--coverage", "--json").out)

    assert [(one["subject"], one["origin"]) for one in found] == [
        ("go", "fresh"),
        ("rust", "fresh"),
        ("model", "model"),
    ]
    assert [Path(one["library"]).name for one in found[:2]] == ["go+coverage.so", "rust+coverage.so"]
    assert all(Path(one["library"]).with_suffix(".places").is_file() for one in found[:2])


def test_two_kinds_of_build_are_refused(driftcheck: Call) -> None:
    """A library is for a debugger or for coverage."""
    said = driftcheck("build", "lru", "--coverage", "--debug")

    assert (said.code, said.out) == (2, "")
    assert "--debug and --coverage make different libraries" in said.err


def test_what_never_ran_is_listed(driftcheck: Call) -> None:
    """Each subject has a line, and its functions with the most blocks that never ran, with their place."""
    said = driftcheck("coverage", "lru", "--max-traces", "20", "--seed", "1")

    assert said.code == 0
    first, *lines = said.out.splitlines()
    assert first.startswith("lru: 20 inputs in ")
    assert [line.partition(":")[0] for line in lines if not line.startswith(" ")] == ["go", "rust"]
    assert any(line.endswith("/simplelru/lru.go:25 NewLRU") for line in lines)
    assert any("/src/lib.rs:" in line and line.endswith(" remove_last") for line in lines)
    assert len(lines) <= 24


def test_json_holds_every_function(driftcheck: Call) -> None:
    """The sums of a subject are those of its functions, and the same seed reaches the same."""
    one, other = (
        json.loads(driftcheck("coverage", "lru", "--max-traces", "20", "--seed", "1", "--json").out)[0]
        for _ in range(2)
    )

    go, rust = one["subjects"]
    assert one["divergences"] == 0
    for subject in (go, rust):
        assert subject["blocks"] == sum(len(f["lines"]) for f in subject["functions"])
        assert subject["blocks"] - subject["reached"] == sum(
            len(f["unreached"]) for f in subject["functions"]
        )
        assert 0 < subject["reached"] < subject["blocks"]
    assert go == other["subjects"][0]


def test_verbose_lists_all_functions_and_lines(driftcheck: Call) -> None:
    """What the screen leaves out is listed with --verbose."""
    short = driftcheck("coverage", "lru", "--max-traces", "1", "--seed", "1").out
    long = driftcheck("coverage", "lru", "--max-traces", "1", "--seed", "1", "--verbose").out

    assert "more functions; --verbose lists them" in short
    assert "--verbose" not in long
    assert "; lines " in long
    assert len(long.splitlines()) > len(short.splitlines())


def test_a_contract_with_a_model_alone_has_no_coverage(driftcheck: Call, author: Author) -> None:
    """Python models are not counted, and the user learns what to do."""
    said = driftcheck("coverage", author(MODEL_ALONE))

    assert (said.code, said.out) == (2, "")
    assert "no Go or Rust subject was chosen" in said.err


def test_a_missing_tool_is_named(driftcheck: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Rust needs addr2line; without it the message says what to install."""

    def missing(name: str, *, beside: Path, advice: str) -> str:
        raise ToolFailed(f"{name!r} is not on the PATH; {advice}")

    monkeypatch.setattr(tool, "find", missing)

    with pytest.raises(ToolFailed) as told:
        [*rust_coverage._lines(tmp_path / "library.so", [1], tmp_path)]
    assert told.value.what == "'addr2line' is not on the PATH; install binutils, which gcc needs too"


def test_a_replay_names_suspect_places(driftcheck: Call) -> None:
    """Each native subject has up to three places in its own library, after the case itself."""
    words = ("replay", str(SAMPLE), "--subject", "go", "--subject", "serde", "--suspects")
    said = driftcheck(*words)
    (one,) = json.loads(driftcheck(*words, "--json").out)

    assert said.code == 1
    _, found, places = said.out.partition("\nsuspects  ")
    assert found
    assert "encoding/json/" in places
    assert "serde" in places
    assert all(0 < len(of_one) <= 3 for of_one in one["suspects"]["places"].values())
    assert one["suspects"]["agreeing"] > 0
