"""The page about accepting: its function and its entry work together."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from blocks import ROOT, blocks

from driftcheck import schema_of
from driftcheck.core.outcome import Accepted
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetry_file import read_asymmetries
from driftcheck.oracle.signature import Divergence, Observed

PAGE = ROOT / "docs" / "how-to" / "asymmetries.md"


def test_the_entry_covers_a_rounding_and_no_free_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the page says."""
    module = ModuleType("limits")
    monkeypatch.setitem(sys.modules, "limits", module)
    exec(compile(blocks(PAGE, "python")[0].text, str(PAGE), "exec"), vars(module))
    file = tmp_path / "asymmetries.toml"
    file.write_text(blocks(PAGE, "toml")[0].text)
    languages = {"go": "go", "rust": "rust"}
    entries = read_asymmetries([file], schema_of(module.Limiter), languages)

    def covers(go: float, rust: float) -> bool:
        seen = Observed("allow", {"count": 1}, {"go": Accepted(go), "rust": Accepted(rust)})
        shape = (("go", "accepted"), ("rust", "accepted"))
        found = Divergence(checks.VALUE, 0, "allow", shape, groups=(("go",), ("rust",)), observed=seen)
        return entries.match(found) is not None

    assert covers(0.1, 0.1 + 1e-12)
    assert not covers(0.0, 7.0)
