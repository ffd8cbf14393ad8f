"""The tutorial and the page on a contract with state, typed as a reader would type them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest
from blocks import ROOT, walk

TUTORIAL = ROOT / "docs" / "tutorial.md"
STATEFUL = ROOT / "docs" / "how-to" / "stateful.md"


def environment_of(binaries: Path, **more: str) -> dict[str, str]:
    """Return what a reader's shell has when the environment with these binaries is active."""
    ours = ("PYTEST_", "PYTHON", "CARGO_TARGET", "MAKE", "MFLAGS")  # a make within a make says more
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return {**kept, "PATH": f"{binaries}{os.pathsep}{kept['PATH']}", "COLUMNS": "80", **more}


def said(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    """Run a command that must end well, and return what it says."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def environment(tmp_path: Path, compiled_crates: Mapping[str, str]) -> Mapping[str, str]:
    """Return a fresh environment into which a package can be installed; all else is that of the checkout."""
    home = tmp_path / "venv"
    said([sys.executable, "-m", "venv", "--without-pip", str(home)], tmp_path, environment_of(home))
    (site,) = home.glob("lib/python*/site-packages")
    (site / "checkout.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    commands = {
        "pip": '-m pip "$@" --no-build-isolation --no-deps',  # which need no network
        "pytest": '-m pytest "$@"',
        "driftcheck": '-c "from driftcheck.cli import main; main()" "$@"',
    }
    for name, command in commands.items():
        script = home / "bin" / name
        script.write_text(f'#!/bin/sh\nexec "{home}/bin/python" {command}\n')
        script.chmod(0o755)
    # PyO3 alone takes 15 s to compile; a reader has no target folder to share.
    return environment_of(home / "bin", **compiled_crates)


def test_the_tutorial_can_be_typed(tmp_path: Path, environment: Mapping[str, str]) -> None:
    """Every file and command of the tutorial gives what the page says, with driftcheck as it stands here."""
    folder = tmp_path / "empty"
    folder.mkdir()

    typed = walk(TUTORIAL, folder, environment)

    verbs = {"new", "contracts", "gen", "build", "selfcheck", "run", "replay", "explain", "accept", "matrix"}
    assert verbs <= {command.split()[1] for command in typed if command.startswith("driftcheck")}


@pytest.mark.nightly
def test_the_page_on_state_can_be_typed(tmp_path: Path, environment: Mapping[str, str]) -> None:
    """It leads from an empty folder to the first finding, to its fix, and to a rejection."""
    folder = tmp_path / "empty"
    folder.mkdir()

    typed = walk(STATEFUL, folder, environment)

    verbs = [command.split()[1] for command in typed if command.startswith("driftcheck")]
    assert verbs == ["new", "gen", "run", "replay", "run", "gen", "run"]


@pytest.mark.nightly
def test_the_tutorial_can_be_typed_with_the_wheel(tmp_path: Path) -> None:
    """The wheel alone, in a fresh environment, is enough for the tutorial and for its own contracts."""
    wheels, home, folder = tmp_path / "wheels", tmp_path / "venv", tmp_path / "empty"
    folder.mkdir()
    here = environment_of(Path(sys.executable).parent)
    said([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(wheels)], ROOT, here)
    said([sys.executable, "-m", "venv", str(home)], folder, here)
    there = environment_of(home / "bin")
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    said([*pip, *map(str, wheels.glob("*.whl"))], folder, there)

    place = said(
        [str(home / "bin" / "python"), "-c", "import driftcheck; print(driftcheck.__file__)"], folder, there
    )
    assert "site-packages" in Path(place).parts
    assert place.startswith(str(home))

    bare = {**there, "PATH": f"{home / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(folder)}
    assert not any(shutil.which(tool, path=bare["PATH"]) for tool in ("go", "cargo", "rustc"))
    assert "no divergence" in said(["driftcheck", "run", "json", "lru", "--max-traces", "50"], folder, bare)

    walk(TUTORIAL, folder, there)
