"""The findings about a model, from a run or from a case of one's own to an exported test for pytest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
from cli_toys import Call

CONTRACT = "tiny:Tiny"
WHY = {
    "query": "a query must not change the state",
    "law": "other answers than these, of which the law 'reads_alike' does not hold",
}


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def exported(driftcheck: Call, case: Path) -> Path:
    """Export a case for pytest, and return the file."""
    done = driftcheck("export", "--contract", CONTRACT, str(case), "--to", "pytest", "--json")
    assert done.code == 0, done.err
    (path,) = json.loads(done.out)["files"]
    return Path(path)


def run(path: Path, fault: str = "") -> subprocess.CompletedProcess[str]:
    """Run an exported test as a user does, with a fault of the model or without."""
    env = {**os.environ, tiny.VARIABLE: fault, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path.name]
    return subprocess.run(command, cwd=path.parent, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("fault", WHY)
def test_a_finding_fails_with_the_fault_and_passes_without(
    driftcheck: Call, empty: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """What a run found is exported; the test fails with its sentence while the model has the fault."""
    monkeypatch.setenv(tiny.VARIABLE, fault)
    assert driftcheck("run", CONTRACT, "--max-traces", "300", "--seed", "1").code == 1
    (case,) = empty.glob("cases/tiny/*.json")

    path = exported(driftcheck, case)

    failed = run(path, fault)
    assert failed.returncode == 1
    assert WHY[fault] in failed.stdout
    passed = run(path)
    assert passed.returncode == 0, passed.stdout


def test_replay_adds_what_a_case_written_by_hand_lacks(
    driftcheck: Call, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The export of such a case is refused; after `replay --record` it gives a test that fails as it must."""
    monkeypatch.setenv(tiny.VARIABLE, "query")
    steps = [{"operation": "add", "arguments": {"n": 1}}, {"operation": "read"}]
    case = empty / "by_hand.json"
    signature = {"check": "D203", "operation": "read", "shape": {"model": "accepted"}}
    data = {"driftcheck_case": 1, "contract": "tiny", "signature": signature, "steps": steps}
    case.write_text(json.dumps(data))

    refused = driftcheck("export", "--contract", CONTRACT, str(case), "--to", "pytest")
    replayed = driftcheck("replay", "--contract", CONTRACT, "--record", str(case))
    path = exported(driftcheck, case)

    assert refused.code == 2
    assert "'driftcheck replay --record' adds what is missing" in refused.err
    assert replayed.code == 1
    assert WHY["query"] in run(path, "query").stdout
    assert run(path).returncode == 0
