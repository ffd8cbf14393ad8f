"""The workflow of a new package: it fails for what is open, and each of its nights searches elsewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from driftcheck.starter.package import write_package

CONTRACT = """
from typing import Annotated
from driftcheck import Contract, ge, le, operation


class Counts(Contract):
    @operation
    def ping(self, n: Annotated[int, ge(0), le(2**40)]) -> Annotated[int, ge(0), le(2**40)]: ...


class CountsModel(Counts):
    def ping(self, n: int) -> int:
        return {answer}
"""
CASE = {
    "driftcheck_case": 1,
    "contract": "counts",
    "signature": {"check": "D104", "operation": "ping", "shape": {"model": "outside its type"}},
    "steps": [{"operation": "ping", "arguments": {"n": 123_456_789_012}}],
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a new package whose contract has a model alone, with a saved case, as if it were installed."""
    write_package("counts", tmp_path)
    source = tmp_path / "src"
    for language in ("go", "rust"):
        shutil.rmtree(source / "driftcheck_counts" / language)
    (source / "driftcheck_counts" / "asymmetries.toml").unlink()
    installed = source / "driftcheck_counts-0.1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: driftcheck-counts\nVersion: 0.1.0\n")
    (installed / "entry_points.txt").write_text("[driftcheck.contracts]\ncounts = driftcheck_counts:Counts\n")
    (tmp_path / "cases" / "counts").mkdir(parents=True)
    (tmp_path / "cases" / "counts" / "saved.json").write_text(json.dumps(CASE))
    return tmp_path


def jobs(package: Path) -> list[str]:
    """Return the targets that the workflow makes in every run of its two jobs."""
    workflow = (package / ".github" / "workflows" / "driftcheck.yml").read_text()
    return re.findall(r"^      - run: make (test|nightly)$", workflow, re.MULTILINE)


def make(package: Path, target: str, answer: str) -> subprocess.CompletedProcess[str]:
    """Make a target of the package; its model gives this answer."""
    source = package / "src"
    (source / "driftcheck_counts" / "__init__.py").write_text(CONTRACT.format(answer=answer))
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PYTEST"))}
    env["PYTHONPATH"] = os.pathsep.join([str(source), env.get("PYTHONPATH", "")])
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    ready = f"{sys.prefix}/driftcheck-counts-ready"
    command = ["make", "-o", ready, target, "DURATION=1s"]
    return subprocess.run(command, cwd=package, env=env, capture_output=True, text=True, check=False)


@pytest.mark.nightly
def test_an_open_case_fails_both_jobs(package: Path) -> None:
    """The model is wrong for one number, which no short search draws."""
    assert jobs(package) == ["test", "nightly"]
    for target in jobs(package):
        is_open = make(package, target, "-1 if n == 123_456_789_012 else n")

        assert is_open.returncode != 0
        assert "diverges, as the case says: D104 outside-type" in is_open.stdout


def test_both_jobs_pass_and_each_night_has_its_seed(package: Path) -> None:
    """Both commands of the night take the date as their seed, and print it; a test keeps the fixed one."""
    today = datetime.now(tz=UTC).strftime("%Y%m%d")

    night, day = make(package, "nightly", "n"), make(package, "test", "n")

    assert (night.returncode, day.returncode) == (0, 0), night.stdout + night.stderr + day.stdout + day.stderr
    assert f"driftcheck: seed {today}\n" in night.stdout
    assert f"seed {today}\n" in night.stderr
    assert "driftcheck: seed fixed by each contract\n" in day.stdout
