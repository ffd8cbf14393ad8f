"""The pages that change the reconciliation engines, typed in a copy of the checkout."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest
from blocks import ROOT, apply, blocks, walk
from test_tutorial import environment_of, said

HOW_TO = ROOT / "docs" / "how-to"
PAGES = ("divergence.md", "policy.md")
COPIED = ("bindings", "docs", "go_shim", "harness", "rust_shim")
BUILT = shutil.ignore_patterns(".driftcheck", ".cargo", "target", "__pycache__")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of what the pages change, and of what it needs to be built and run."""
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=BUILT)
    return tmp_path


@pytest.fixture
def environment(checkout: Path) -> Mapping[str, str]:
    """Return an environment in which the copy is installed; all else is that of the checkout."""
    home = checkout / "venv"
    said([sys.executable, "-m", "venv", "--without-pip", str(home)], checkout, environment_of(home))
    (site,) = home.glob("lib/python*/site-packages")
    sources = "".join(f"{checkout / name}\n" for name in ("harness", "bindings"))
    (site / "copy.pth").write_text(
        f"{sources}import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    )
    script = home / "bin" / "driftcheck"
    script.write_text(
        f'#!/bin/sh\nexec "{home}/bin/python" -c "from driftcheck.cli import main; main()" "$@"\n'
    )
    script.chmod(0o755)
    target = ROOT / "rust_shim" / "target" / "pages"  # PyO3 alone takes 15 s to compile
    binaries = f"{home / 'bin'}:{Path(sys.executable).parent}"
    return environment_of(Path(binaries), CARGO_TARGET_DIR=str(target))


@pytest.mark.parametrize("page", PAGES)
def test_the_diffs_of_a_page_apply(page: str, checkout: Path) -> None:
    """One after the other they change the engines as they are now."""
    diffs = blocks(HOW_TO / page, "diff")

    for diff in diffs:
        apply(diff, checkout)

    assert diffs


@pytest.mark.nightly
@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_typed(page: str, checkout: Path, environment: Mapping[str, str]) -> None:
    """Each command finds what the page shows, and agrees where it says so."""
    typed = walk(HOW_TO / page, checkout, environment)

    assert {command.split()[:2][-1] for command in typed} >= {"run"}
