"""A subject that disturbs its host in every trace is left out by name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import native
import pytest
import wild

DRIFTCHECK = [sys.executable, "-c", "from driftcheck.cli import main; main()"]
SAID = "it writes to the stream of its host in every trace"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contract, a native subject that misbehaves, and one that does not."""
    folder = tmp_path_factory.mktemp("project")
    package = folder / "wild"
    (package / "_built").mkdir(parents=True)
    shutil.copy(wild.__file__, package)
    library = native.library(folder)
    told = {"noisy": "open-noise_text", "calm": ""}
    for name in told:
        shutil.copy(library, package / "_built" / f"{name}.so")
    (package / "subjects.toml").write_text(
        "".join(
            f'[{name}]\nlanguage = "go"\nenv = {{ {wild.VARIABLE} = "{value}" }}\n'
            for name, value in told.items()
        )
    )
    return folder


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DRIFTCHECK, "run", "wild:Wild", "--max-traces", "50", "--seed", "1", *words],
        cwd=project,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(project), *sys.path])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_others_are_compared_without_it(project: Path) -> None:
    """The run says so, and ends as one of the others does."""
    ran = run(project)

    assert f"subject 'noisy' is left out: {SAID}; fix its adapter, and run again" in ran.stderr
    assert "no divergence" in ran.stdout
    assert ran.returncode == 0


def test_one_alone_is_not_compared(project: Path) -> None:
    """Where fewer than two subjects would be left, the contract is not run, with exit code 2."""
    ran = run(project, "--subject", "noisy", "--subject", "model")

    assert f"contract 'wild': subject 'noisy' cannot be compared: {SAID}; fix its adapter first" in ran.stderr
    assert ran.returncode == 2
