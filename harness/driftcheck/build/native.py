"""
Builds driftcheck's own native library, which draws the trace of a seed, like a subject in Rust.

A wheel carries it. In a checkout it is compiled when it is first needed and when its sources change. PyO3 is
compiled with the flags of the subjects and into their folder, so that all share it.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from driftcheck.build import rust
from driftcheck.build.depfile import Inputs
from driftcheck.subjects.discover import PREBUILT, NativeSource
from driftcheck.subjects.supervised import entry_point

LANGUAGE = "native"  # in place of a subject's language
NAME = "search"


def source() -> NativeSource:
    """Return what the library is built from, and where a wheel has it.

    Raises:
        NotInstalled: the package of it is not installed.
    """
    package = entry_point(*ENTRY_POINT).partition(".")[0]
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.submodule_search_locations is not None
    folder = Path(found.submodule_search_locations[0]).resolve()
    return NativeSource(NAME, LANGUAGE, folder / "native", folder / PREBUILT / f"{NAME}.so")


ENTRY_POINT = ("driftcheck.native", "load")


def link_sdk(folder: Path) -> None:
    """Do nothing: the library does not use the SDK."""


def prepare(folder: Path, source: NativeSource) -> None:
    """Do nothing: the workspace of the SDK has its lock file."""


def inputs(folder: Path, source: NativeSource) -> Inputs:
    """List the inputs of the library, as Cargo recorded them."""
    return rust.inputs(folder, source)


def compile_library(folder: Path, source: NativeSource, scratch: Path, *, relocatable: bool) -> Path:
    """Compile the library and return its path in `scratch`; it never contains a path of this machine."""
    return rust.compile_library(folder, source, scratch, relocatable=True)
