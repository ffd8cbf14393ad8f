"""`driftcheck doctor`: everything that can be missing or broken, each seen to be reported."""

from __future__ import annotations

import json
import shutil
from importlib import metadata
from pathlib import Path

import pytest
from cli_toys import GO_MOD, TOY, Author, Call, Said

from driftcheck import schema_of
from driftcheck.build import build, tool
from driftcheck.doctor import machine
from driftcheck.subjects.discover import subjects
from driftcheck_contracts.lru import Lru

Items = dict[str, dict[str, object]]


def look(driftcheck: Call, *names: str) -> tuple[int, Items]:
    """Return the exit code, and what was found by name."""
    said = driftcheck("doctor", "--json", *names)
    return said.code, {item["name"]: item for item in json.loads(said.out)}


def test_a_run_can_begin_here(driftcheck: Call) -> None:
    """On a machine with everything that is needed each item is ok, in one line each."""
    driftcheck("build", "lru")

    said = driftcheck("doctor", "lru")

    *lines, last = said.out.splitlines()
    assert said.code == 0
    assert last == "a run can begin"
    assert all(line.startswith("ok  ") for line in lines)
    assert {
        "platform",
        "python",
        "go",
        "cargo",
        "rustc",
        "cc",
        "maturin",
        "addr2line",
        "cffi",
        "hypothesis",
    } <= {line.split()[1] for line in lines}


def test_a_missing_compiler_is_told_where_it_is_needed(
    driftcheck: Call, author: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Go library that has to be built needs a C compiler; without one the exit code is 2."""
    go_module(tmp_path)
    monkeypatch.setenv("CC", "no-such-compiler -O2")

    code, items = look(driftcheck, author(TOY))

    assert code == 2
    assert items["cc"]["state"] == "missing"
    assert str(items["cc"]["text"]).startswith("'no-such-compiler' is not on the PATH; install a C compiler")


def test_a_missing_cargo_is_told_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A toolchain that is not there is named with what to do."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))

    items = {item.name: item for item in machine.examine({"rust"})}

    assert items["cargo"].state == "missing"
    assert "install Rust 1.85 or newer" in items["cargo"].text


def test_a_toolchain_is_needed_where_a_library_must_be_built(
    driftcheck: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Doctor and build agree: without Rust both are content with libraries that are up to date."""
    driftcheck("build", "lru")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))

    code, items = look(driftcheck, "lru")

    assert (code, driftcheck("build", "lru").code) == (0, 0)
    assert items["cargo"]["state"] == "unused"
    assert str(items["cargo"]["text"]).endswith("(no library here has to be built with it)")


def test_maturin_is_the_program_that_a_build_calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Doctor and build look for maturin in the same places."""
    monkeypatch.setattr("driftcheck.build.tool.shutil.which", lambda *_, **__: None)

    items = {item.name: item for item in machine.examine({"rust"})}

    assert items["maturin"].state == "missing"
    assert items["maturin"].text == "'maturin' is not on the PATH; run 'pip install maturin'"


def test_what_only_coverage_needs_may_be_missing(driftcheck: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without addr2line a run can begin; the doctor says what needs it, and what to install."""
    driftcheck("build", "lru")
    find = tool.find

    def find_others(name: str, *, beside: Path, advice: str) -> str:
        if name == "addr2line":
            raise tool.ToolFailed(f"{name!r} is not on the PATH; {advice}")
        return find(name, beside=beside, advice=advice)

    monkeypatch.setattr(tool, "find", find_others)

    code, items = look(driftcheck, "lru")

    assert code == 0
    assert items["addr2line"]["state"] == "unused"
    assert items["addr2line"]["text"] == (
        "'addr2line' is not on the PATH; install binutils, which gcc needs too "
        "(only 'coverage', 'build --coverage' and 'replay --suspects' need it, for Rust)"
    )


def test_the_last_line_agrees_with_the_items(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """A library that a run builds is stale; generated code that is missing is counted as a thing to fix."""
    go_module(tmp_path)
    name = author(TOY)

    lacking = driftcheck("doctor", name)
    driftcheck("gen", name)
    building = driftcheck("doctor", name)

    assert (lacking.code, building.code) == (2, 0)
    assert states(lacking) & {"missing", "broken"} == {"missing"}
    assert lacking.out.splitlines()[-1] == "1 problem to fix before a run can begin"
    assert states(building) & {"missing", "broken"} == set()
    assert building.out.splitlines()[-1] == "a run can begin; it builds 1 library first"


def states(said: Said) -> set[str]:
    """Return the states in a printed report."""
    return {line.split()[0] for line in said.out.splitlines()[:-1] if not line.startswith(" ")}


def go_module(folder: Path) -> None:
    """Write the module of a Go adapter that has never been built."""
    (folder / "go").mkdir()
    (folder / "go" / "go.mod").write_text(GO_MOD)


def test_a_toolchain_that_nothing_needs_may_be_missing(
    driftcheck: Call, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model alone needs no compiler: if that is missing, a run can still begin."""
    monkeypatch.setenv("CC", "no-such-compiler")
    name = author(TOY + "\n\nclass Model(Toy):\n    def ping(self) -> bool:\n        return True\n")

    code, items = look(driftcheck, name)

    assert code == 0
    assert items["cc"]["state"] == "unused"
    assert items[f"{name}: model"]["state"] == "ok"


def test_an_old_toolchain_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Go or Rust that is too old is reported with its version and place."""
    monkeypatch.setattr(machine, "run", lambda command, **_: "go version go1.21.5 linux/amd64")

    items = {item.name: item for item in machine.examine({"go"})}

    assert items["go"].state == "broken"
    assert items["go"].text.startswith("go1.21.5 at /")
    assert "is too old; install Go 1.24 or newer" in items["go"].text
    assert items["go"].blocks


def test_another_platform_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere than on Linux the doctor says so."""
    monkeypatch.setattr(machine.platform, "system", lambda: "Darwin")

    first = machine.examine(())[0]

    assert (first.name, first.state) == ("platform", "broken")
    assert "use Linux on x86-64 or arm64" in first.text


def test_a_hypothesis_out_of_range_is_one_sentence(driftcheck: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release whose private names are not known is refused before a run would be."""
    monkeypatch.setattr(metadata, "version", lambda name: "7.0.0")

    code, items = look(driftcheck, "lru")

    assert code == 2
    assert items["hypothesis"]["state"] == "broken"
    assert str(items["hypothesis"]["text"]).startswith(
        "Hypothesis 7.0.0 is not supported; install hypothesis>="
    )


def test_what_was_not_generated_is_told(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """An adapter without generated code and library is missing both; only the first needs a hand."""
    go_module(tmp_path)
    name = author(TOY)

    code, items = look(driftcheck, name)

    code_item, library = items[f"{name}: generated code"], items[f"{name}: go"]
    assert code == 2
    assert code_item["state"] == "missing"
    assert str(code_item["text"]).endswith(f"run 'driftcheck gen {name}'")
    assert library["state"] == "stale"
    assert library["text"] == f"it has not been built; the next run builds it, or 'driftcheck build {name}'"


def test_what_is_no_library_is_told(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """A file that cannot be loaded is broken, in the loader's own words."""
    (tmp_path / "_built").mkdir()
    (tmp_path / "_built" / "go.so").write_text("not a library")
    name = author(TOY)

    code, items = look(driftcheck, name)

    assert code == 2
    assert items[f"{name}: go"]["state"] == "broken"
    assert "go.so cannot be loaded: " in str(items[f"{name}: go"]["text"])


def test_a_library_of_another_contract_is_told(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """A library that was built for another contract or another state of it is broken by its fingerprint."""
    subject = build(subjects(Lru)[0], schema_of(Lru))
    (tmp_path / "_built").mkdir()
    shutil.copyfile(subject.target, tmp_path / "_built" / "go.so")
    name = author(TOY)

    code, items = look(driftcheck, name)

    assert code == 2
    assert items[f"{name}: go"]["state"] == "broken"
    assert f"was built for lru {schema_of(Lru).fingerprint}, but the contract is toy" in str(
        items[f"{name}: go"]["text"]
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[known", "is not TOML"),
        ("[known]\noperation = 'pong'", "lacks 'shape'; add it"),
        (
            "[known]\noperation = 'ping'\nshape = { differs = '' }\ndeviates = 'model'\nreason = 'so'\n"
            "owner = 'me'\nexpires = 2001-01-01\n",
            "expired: known (2001-01-01, me); renew the entry or remove it",
        ),
    ],
)
def test_asymmetries_that_cannot_be_used_are_told(
    driftcheck: Call, author: Author, tmp_path: Path, text: str, told: str
) -> None:
    """A file of asymmetries must be readable, and its entries must not have expired."""
    (tmp_path / "asymmetries.toml").write_text(text)
    name = author(TOY + "\n\nclass Model(Toy):\n    def ping(self) -> bool:\n        return True\n")

    code, items = look(driftcheck, name)

    assert code == 2
    assert items[f"{name}: asymmetries.toml"]["state"] == "broken"
    assert told in str(items[f"{name}: asymmetries.toml"]["text"])


def test_defaults_that_cannot_be_kept_to_are_told(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """A mistake in the project's defaults is one item among the others."""
    (tmp_path / "pyproject.toml").write_text("[tool.driftcheck]\ndeadline = 3\n")
    name = author(TOY + "\n\nclass Model(Toy):\n    def ping(self) -> bool:\n        return True\n")

    code, items = look(driftcheck, name)

    assert code == 2
    assert items["defaults"]["state"] == "broken"
    assert "give it with its unit" in str(items["defaults"]["text"])


def test_an_unknown_contract_is_told_among_the_others(driftcheck: Call) -> None:
    """A name that no contract has does not keep the doctor from the rest."""
    code, items = look(driftcheck, "lur", "lru")

    assert code == 2
    assert items["lur"]["state"] == "broken"
    assert items["lru"]["state"] == "ok"
