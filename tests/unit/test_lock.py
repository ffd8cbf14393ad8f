"""The versions that CI uses, beside what `pyproject.toml` asks for."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ASKED = [
    *PROJECT["build-system"]["requires"],
    *PROJECT["project"]["dependencies"],
    *(text for extra in PROJECT["project"]["optional-dependencies"].values() for text in extra),
]


def locked() -> dict[str, list[Requirement]]:
    """Return the lines of the lock, by the name of the package."""
    found: dict[str, list[Requirement]] = {}
    for line in (ROOT / "requirements" / "ci.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


@pytest.mark.parametrize("text", sorted(set(ASKED)))
def test_the_lock_has_a_version_that_the_project_allows(text: str) -> None:
    """`make lock` ran after the last change of a dependency."""
    asked = Requirement(text)

    pins = locked()[canonicalize_name(asked.name)]

    versions = [specifier.version for pin in pins for specifier in pin.specifier]
    assert versions
    assert all(asked.specifier.contains(version, prereleases=True) for version in versions)
