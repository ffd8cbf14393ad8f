"""Builds the libraries of subjects; exports what other packages call."""

from driftcheck.build.ahead import BuildsAhead
from driftcheck.build.errors import BuildError, StaleLibrary
from driftcheck.build.library import build, build_all, build_native, compile_native, link_sdk
from driftcheck.build.side_by_side import SideBySide, in_order

__all__ = [
    "BuildError",
    "BuildsAhead",
    "SideBySide",
    "StaleLibrary",
    "build",
    "build_all",
    "build_native",
    "compile_native",
    "in_order",
    "link_sdk",
]
