"""The examples of the documents: code that is imported, files that are read, commands that are typed."""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from blocks import PAGES, ROOT, Block, blocks, walk
from hypothesis import HealthCheck, settings
from test_tutorial import environment_of

from driftcheck import Contract, schema_of
from driftcheck.generate.strategy import traces
from driftcheck.oracle.asymmetry_file import ALLOWED, REQUIRED
from driftcheck.subjects.discover import native_sources

REFERENCE = ROOT / "docs" / "reference" / "contract.md"
PREAMBLE = (
    "from typing import Annotated\nimport attrs\nfrom driftcheck import *\n"  # of what shows no imports
)


def all_blocks(*languages: str) -> list[Block]:
    """Return the blocks of all pages in these languages."""
    return [block for page in PAGES for block in blocks(page, *languages)]


def imported(source: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import a module of this text, as an author's project would."""
    (folder / "page_of_examples.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "page_of_examples", raising=False)
    return importlib.import_module("page_of_examples")


@pytest.mark.parametrize("block", all_blocks("python"), ids=str)
def test_python_compiles(block: Block) -> None:
    """What is called Python is Python."""
    compile(block.text, str(block), "exec")


def test_the_readme_shows_a_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract on the first screen is one, in twelve lines."""
    (block,) = blocks(ROOT / "README.md", "python")

    module = imported(PREAMBLE + block.text, tmp_path, monkeypatch)

    assert schema_of(module.JsonContract).name == "json"
    assert len([line for line in block.text.splitlines() if line]) == 12


def test_the_reference_can_be_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples of the reference, in their order, are one module, whose contracts can be generated."""
    source = "\n\n".join(block.text for block in blocks(REFERENCE, "python"))

    module = imported(source, tmp_path, monkeypatch)

    contracts = [c for c in vars(module).values() if isinstance(c, type) and Contract in c.__bases__]
    assert {schema_of(c).name for c in contracts} == {
        "ledger",
        "lines",
        "gossip",
        "mailbox",
        "profiles",
        "semver",
        "sums",
    }
    for contract in contracts:
        traces(schema_of(contract))
    at_any_speed = settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine proves nothing
    at_any_speed(module.test_every_step_has_a_name)()


def test_the_page_on_floats_and_clocks_can_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contracts of the page can be generated."""
    page = ROOT / "docs" / "how-to" / "floats-and-clocks.md"
    source = "\n\n".join(block.text for block in blocks(page, "python"))

    module = imported(source, tmp_path, monkeypatch)

    contracts = [c for c in vars(module).values() if isinstance(c, type) and Contract in c.__bases__]
    assert {schema_of(c).name for c in contracts} == {"statistics", "cache", "limiter"}
    for contract in contracts:
        traces(schema_of(contract))


def test_the_reference_breaks_versions_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example of a codec has the feature of its mutation, and none where nothing was broken."""
    source = "\n\n".join(block.text for block in blocks(REFERENCE, "python"))
    module = imported(source, tmp_path, monkeypatch)
    codec = module.VersionText()

    assert codec.features(codec.encode(module.Version(1, 0, 30))) == set()
    assert codec.features(b"1.02.3") == {"leading-zero"}
    assert "leading-zero" in {m.name for m in codec.mutations}


@pytest.mark.parametrize("block", all_blocks("toml"), ids=str)
def test_toml_is_read(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is called TOML is TOML, and a file of driftcheck's is one that driftcheck reads."""
    tables = tomllib.loads(block.text)

    entries = [t for t in tables.values() if isinstance(t, dict)]
    if any("deviates" in t for t in entries):
        for entry in entries:
            assert set(REQUIRED) <= set(entry) <= set(ALLOWED)
    if block.page == REFERENCE and any("language" in t for t in entries):
        (tmp_path / "subjects.toml").write_text(block.text)
        for folder, manifest in (("go", "go.mod"), ("rust", "Cargo.toml")):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / manifest).touch()
        assert [s.name for s in native_sources("json", tmp_path)] == list(tables)


@pytest.mark.parametrize("block", all_blocks("go"), ids=str)
def test_go_can_be_parsed(block: Block) -> None:
    """What is called Go is Go, and formatted; an excerpt stands for a file's end."""
    root = subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()
    whole = block.text if "package " in block.text else f"package p\n\n{block.text}"

    done = subprocess.run(
        [os.path.join(root, "bin", "gofmt")], input=whole, capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    assert done.stdout == whole


@pytest.mark.parametrize("block", all_blocks("rust"), ids=str)
def test_rust_can_be_parsed(block: Block) -> None:
    """What is called Rust is Rust, and formatted."""
    done = subprocess.run(
        ["rustfmt", "--edition", "2024", "--emit", "stdout", "--config", "skip_children=true"],
        input=block.text,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == block.text


def test_the_commands_of_the_readme_print_what_it_shows(tmp_path: Path) -> None:
    """The divergence on the first screen is found, and its case replayed."""
    typed = walk(ROOT / "README.md", tmp_path, environment_of(Path(sys.executable).parent))

    assert [command.split()[1] for command in typed] == ["run", "replay"]
