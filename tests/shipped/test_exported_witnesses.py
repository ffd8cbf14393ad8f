"""Exported tests of the witnesses of the shipped asymmetries compile with the library, and fail there."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from driftcheck import schema_of
from driftcheck.contract import lookup
from driftcheck.export import CannotExport, Exported, export
from driftcheck.findings.case import Case, load
from driftcheck.subjects.discover import NativeSource, subjects

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parent / "witnesses" / "cases"
WORK = ROOT / ".driftcheck" / "exported-witnesses"  # kept, so that no crate is compiled twice
BY_DAY = {  # of each contract one whose test is in Go, or in Rust, or in both
    "cbor-member-with-content",
    "json-order-lone-surrogate-replaced",
    "semver-operators-of-others",
    "time-basic-time",
    "time-year-with-minus",
}
PATHS = sorted(CASES.glob("*/*.json"))


def witness(path: Path) -> Case:
    """Read the case of a witness."""
    schema = schema_of(lookup.load_named(path.parent.name))
    return load(path, lambda name: schema)


def exports(path: Path) -> list[tuple[NativeSource, Exported]]:
    """Export a witness for each native subject for which that is possible."""
    case = witness(path)
    found = []
    for source in subjects(case.schema.cls):
        if not isinstance(source, NativeSource):
            continue
        tree = WORK / path.parent.name / source.name
        tree.mkdir(parents=True, exist_ok=True)
        with suppress(CannotExport):  # of a subject that is right, or that the case is not about
            found.append((source, export(case, [source], source.language, into=tree)))
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_witness_can_be_exported(path: Path) -> None:
    """At least one subject's test fails for the difference, and its text is made from the case alone."""
    assert exports(path)


def by_day_and_night() -> list[object]:
    """Give each witness at night, and a few by day."""
    named = {f"{path.parent.name}-{path.stem}": path for path in PATHS}
    assert named.keys() >= BY_DAY
    return [
        pytest.param(path, id=name, marks=() if name in BY_DAY else pytest.mark.nightly)
        for name, path in named.items()
    ]


@pytest.mark.parametrize("path", by_day_and_night())
def test_an_exported_witness_fails_with_the_library(path: Path) -> None:
    """The test pleases formatter and linter, compiles without driftcheck, and fails for the difference."""
    for source, exported in exports(path):
        for file, data in exported.files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        (name,) = (
            one for one in exported.files if one.name.endswith("_test.go") or one.parent.name == "tests"
        )
        if source.language == "go":
            layout, lint = ["gofmt", "-l", str(name)], ["go", "vet", "."]
            test = ["go", "test", "-count=1", "."]
        else:
            layout = ["rustfmt", "--edition", "2024", "--check", str(name)]
            lint = ["cargo", "clippy", "--quiet", "--test", name.stem, "--", "-D", "warnings"]
            test = ["cargo", "test", "--quiet", "--test", name.stem]

        assert said(layout, exported, source) == (0, "")
        assert said(lint, exported, source)[0] == 0
        code, told = said(test, exported, source)
        assert code != 0
        assert exported.demand.why in told.replace("\\", "")


def said(command: list[str], exported: Exported, source: NativeSource) -> tuple[int, str]:
    """Run a command in the tree of an exported test, without Python."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    settings = {"CARGO_TARGET_DIR": str(WORK / "target"), "GOTOOLCHAIN": "local", "RUST_BACKTRACE": "0"}
    path = os.pathsep.join(p for p in clean["PATH"].split(os.pathsep) if not p.startswith(sys.prefix))
    env = {**clean, **settings, **source.env, "PATH": path}
    done = subprocess.run(
        command, cwd=exported.at, env=env, capture_output=True, text=True, errors="replace", check=False
    )
    return done.returncode, done.stdout + done.stderr
