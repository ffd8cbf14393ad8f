"""The engines of the reference contract stand alone: they know no C, no Python and no driftcheck."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GO = ROOT / "go_shim" / "reconcile"
RUST = ROOT / "rust_shim"
# What the hash function of the Rust engine takes with it; Go has its own.
SHA2 = {
    *("block-buffer", "cfg-if", "const-oid", "cpufeatures", "crypto-common", "digest", "hybrid-array"),
    *("libc", "sha2", "typenum"),
}
KILLS = "600"


def _said(command: list[str], folder: Path, **environment: str) -> str:
    ran = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def _go_packages() -> list[dict[str, Any]]:
    """Return the packages from which the Go engine is built, itself the last."""
    text = _said(
        ["go", "list", "-deps", "-json=ImportPath,Standard,CgoFiles,Imports", "."], GO, CGO_ENABLED="0"
    )
    decoder, packages = json.JSONDecoder(), []
    while text := text.lstrip():
        package, end = decoder.raw_decode(text)
        packages.append(package)
        text = text[end:]
    return packages


def test_the_go_engine_needs_the_standard_library_alone() -> None:
    """No package of anybody else, no C, nothing unsafe."""
    *others, engine = _go_packages()

    assert engine["ImportPath"] == "driftcheck/reconcile"
    assert [package["ImportPath"] for package in others if not package.get("Standard")] == []
    assert {"C", "plugin", "unsafe"} & set(engine["Imports"]) == set()
    assert not any(package.get("CgoFiles") for package in [*others, engine])


def test_the_rust_engine_needs_a_hash_function_alone() -> None:
    """It depends on `sha2`, has no build script, and forbids what is unsafe."""
    metadata = _said(["cargo", "metadata", "--no-deps", "--format-version", "1"], RUST)
    engine = next(p for p in json.loads(metadata)["packages"] if p["name"] == "reconcile")
    tree = _said(["cargo", "tree", "-p", "reconcile", "-e", "normal,build", "--prefix", "none"], RUST)
    used = {line.split(" ")[0] for line in tree.splitlines() if line}

    assert [d["name"] for d in engine["dependencies"] if d["kind"] != "dev"] == ["sha2"]
    assert [t["kind"] for t in engine["targets"]].count(["lib"]) == 1
    assert not any("custom-build" in target["kind"] for target in engine["targets"])
    assert "sha2" in used
    assert used <= {"reconcile", *SHA2}
    assert "\n#![forbid(unsafe_code)]\n" in (RUST / "reconcile" / "src" / "lib.rs").read_text()


def test_both_engines_are_held_to_the_same_run() -> None:
    """A run of three replicas, with the hash of a log after each step, is in the tests of both (I12)."""
    kept = Path("testdata") / "golden" / "run.txt"

    assert (GO / kept).read_bytes() == (RUST / "reconcile" / kept).read_bytes()


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("command", "folder", "last"),
    [
        (
            ["go", "test", "-count=1", "-v", "-run", "TestI6Killed", "."],
            GO,
            "PASS: TestI6KilledAtAnyMoment/49 ",
        ),
        (["cargo", "test", "--package", "reconcile", "--test", "rules", "i6_killed"], RUST, " 1 passed"),
    ],
    ids=("go", "rust"),
)
def test_killed_often(command: list[str], folder: Path, last: str) -> None:
    """Many processes are killed at random, and what each leaves is explained by what it acknowledged (I6)."""
    assert last in _said(command, folder, RECONCILE_KILLS=KILLS)
