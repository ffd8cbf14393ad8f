"""Asymmetries of one release, with another release of the same library."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "harness" / "driftcheck_contracts" / "semver"
ADAPTERS = {
    "go": ROOT / "go_shim" / "contracts" / "semver",
    "rust": ROOT / "rust_shim" / "contracts" / "semver",
}
MODULE = "github.com/Masterminds/semver/v3"


def pinned(folder: Path, version: str) -> None:
    """Make a copy of the contract `semver` whose Go adapter is built with another release of Masterminds'."""
    shutil.copytree(CONTRACT, folder / "pinned")
    go = folder / "go"
    shutil.copytree(ADAPTERS["go"], go, ignore=shutil.ignore_patterns(".driftcheck"))
    subjects = (folder / "pinned" / "subjects.toml").read_text()
    for language, other in (("go", go), ("rust", ADAPTERS["rust"])):
        relative = os.path.relpath(other, folder / "pinned")
        subjects = subjects.replace(os.path.relpath(ADAPTERS[language], CONTRACT), relative)
    (folder / "pinned" / "subjects.toml").write_text(subjects)
    (go / ".driftcheck").mkdir()
    (go / ".driftcheck" / "sdk").symlink_to(ROOT / "go_shim" / "sdk")
    subprocess.run(["go", "get", f"{MODULE}@{version}"], cwd=go, check=True, capture_output=True)


@pytest.mark.nightly
def test_a_limit_that_a_release_does_not_have_is_seen_as_healed(tmp_path: Path) -> None:
    """Before Masterminds limited lengths, nothing that is too long was refused: two entries are healed."""
    pinned(tmp_path, "v3.4.0")

    command = ["driftcheck", "run", "pinned:Semver", "--max-traces", "120000", "--seed", "1"]
    said = subprocess.run([*command, "--json"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert said.returncode == 1, said.stderr
    (report,) = json.loads(said.stdout)
    assert report["healed"] == ["at-most-256-bytes", "at-most-512-bytes"]
    assert report["stale"] == []
