"""Pytest run in pytest: what a run is called, and what is read from its output."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

CI = ("CI", "GITHUB_ACTIONS", "BUILD_NUMBER")  # variables by which programs know that they run there

RunPytest = Callable[..., pytest.RunResult]


def items(result: pytest.RunResult) -> list[str]:
    """Return the items of a run with `--collect-only -q`."""
    return [line for line in result.outlines if "::" in line]


def seed_in(result: pytest.RunResult) -> int:
    """Return the seed in the header of a run."""
    found = re.search(r"^driftcheck: seed (\d+)$", result.stdout.str(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def saved(root: Path) -> list[str]:
    """Return the names of the case files under a root, without what names their signature."""
    return sorted(re.sub(r"-[0-9a-f]{8}\.json$", "", p.name) for p in (root / "cases").glob("*/*.json"))


def failures(junit: Path) -> dict[str, str]:
    """Return what a JUnit file says of each failed test, by name."""
    root = ElementTree.parse(junit).getroot()
    return {
        case.get("name", ""): (failure.get("message") or "") + "\n" + (failure.text or "")
        for case in root.iter("testcase")
        for failure in (*case.findall("failure"), *case.findall("error"))
    }
