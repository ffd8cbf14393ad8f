"""What the tests of the pytest plugin share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import tiny
from inner import CI, RunPytest

SUBJECTS = Path(tiny.__file__).parents[1]


@pytest.fixture
def run_pytest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> RunPytest:
    """Return what runs pytest on a test file of the contract `tiny`, whose model has the given faults.

    Runs that end before anything is run stay in this process, for speed.
    """
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(SUBJECTS), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    for name in CI:
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(
        test_tiny="import driftcheck\nfrom tiny import Tiny\n\ntest_tiny = driftcheck.test(Tiny)\n"
    )

    def run(*arguments: str, faults: str = "", ends_early: bool = False) -> pytest.RunResult:
        monkeypatch.setenv(tiny.VARIABLE, faults)
        start = pytester.runpytest_inprocess if ends_early else pytester.runpytest_subprocess
        return start("-p", "no:cacheprovider", "--driftcheck-traces=100", *arguments)

    return run
