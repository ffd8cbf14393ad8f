"""Libraries that the tests of this folder load."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from driftcheck.subjects.discover import Subject

HERE = Path(__file__).parent
SDK = HERE.parents[1] / "go_shim" / "sdk"


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Subject]:
    """Return a maker of subjects that `plain.c` gives, each with a fault named there or none."""
    folder = tmp_path_factory.mktemp("plain")

    def make(fault: str = "0") -> Subject:
        library = folder / f"{fault}.so"
        if not library.exists():
            flags = ["-shared", "-fPIC", "-Wall", "-Werror", f"-I{SDK}", f"-DFAULT={fault}"]
            subprocess.run(["cc", *flags, "-o", library, HERE / "plain.c"], check=True)
        return Subject("plain", "c", "go", str(library))

    return make
