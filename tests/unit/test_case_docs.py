"""The reference of the case file holds what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from driftcheck import schema_of
from driftcheck.core.trace import Name, Step
from driftcheck.findings.case import OPTIONAL, REQUIRED, load
from driftcheck_contracts.lru import Lru

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "case-file.md"


def test_the_example_can_be_read(tmp_path: Path) -> None:
    """The case that the reference shows is one."""
    example = re.search(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert example is not None
    path = tmp_path / "case.json"
    path.write_text(example[1])

    case = load(path, lambda name: schema_of(Lru))

    assert case.trace.steps[1] == Step("put", (Name("text 1..8 x4", 1, "b"), b"\x00\xff"))


def test_every_key_is_explained() -> None:
    """The reference names all keys that a case may have."""
    page = PAGE.read_text()

    assert [key for key in (*REQUIRED, *OPTIONAL) if f"`{key}`" not in page] == []
