"""
The table of deaths: each way in which a subject can end its process, for each way to run a contract.

The whole table runs at night. By day `driftcheck run` runs every kind, those of both languages in one of them
by turns, and pytest runs one crash, one hang, with workers, and one loss of memory. `test_host_deaths.py` has
every kind in every language.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import attrs
import deadly
import pytest

from driftcheck import schema_of
from driftcheck.build import build
from driftcheck.oracle import checks
from driftcheck.subjects.discover import subjects

SEED = "1"
TRACES = 12  # of five steps: a few of them die
MEMORY = "256MiB"

KINDS = [f"{language}-{kind}" for language, kinds in deadly.KINDS.items() for kind in kinds]
OF_BOTH = [kind for kind in deadly.KINDS["go"] if kind in deadly.KINDS["rust"]]
BY_DAY = {
    *((kind, "run") for kind in KINDS if kind.partition("-")[2] not in OF_BOTH),
    *((f"{('go', 'rust')[turn % 2]}-{kind}", "run") for turn, kind in enumerate(OF_BOTH)),
    ("go-goroutine_panic", "pytest -n 2"),
    ("rust-segv", "pytest"),
}

CHECKS = {
    "panic": checks.PANIC,
    "deadlock": checks.HANG,
    "endless_loop": checks.HANG,
    "memory": checks.MEMORY,
}


@attrs.frozen
class Ran:
    """The result of a run."""

    exit_code: int
    printed: str
    traces: int


def limits(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the limits of a host: a busy machine needs more than 200 ms to fill the memory."""
    fills = environment[deadly.VARIABLE].endswith("memory")
    return {"deadline": "5s" if fills else "200ms", "memory": MEMORY}


def run(folder: Path, environment: Mapping[str, str]) -> Ran:
    """Run `driftcheck run` on a subject that dies."""
    command = [str(Path(sys.executable).with_name("driftcheck")), "run", "deadly:Deadly", "--json"]
    command += ["--seed", SEED, "--max-traces", str(TRACES), "--max-steps", "5"]
    command += [word for name, value in limits(environment).items() for word in (f"--{name}", value)]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    (report,) = json.loads(ended.stdout)
    return Ran(ended.returncode, ended.stderr, report["traces"])


def run_pytest(folder: Path, environment: Mapping[str, str], *workers: str) -> Ran:
    """Run pytest on a subject that dies."""
    command = [sys.executable, "-m", "pytest", "--driftcheck-contract=deadly:Deadly", "-k", "shard", *workers]
    command += ["-p", "no:cacheprovider", "--rootdir=.", "--junitxml=report.xml"]
    command += [f"--driftcheck-seed={SEED}", f"--driftcheck-traces={TRACES}", "--driftcheck-max-steps=5"]
    command += [f"--driftcheck-{name}={value}" for name, value in limits(environment).items()]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    properties = ElementTree.parse(folder / "report.xml").getroot().iter("property")
    traces = sum(int(p.get("value", "")) for p in properties if p.get("name") == "driftcheck_traces")
    return Ran(ended.returncode, ended.stdout, traces)


def run_pytest_with_workers(folder: Path, environment: Mapping[str, str]) -> Ran:
    """Run pytest with two workers on a subject that dies."""
    return run_pytest(folder, environment, "-n", "2")


WAYS: dict[str, Callable[[Path, Mapping[str, str]], Ran]] = {
    "run": run,
    "pytest": run_pytest,
    "pytest -n 2": run_pytest_with_workers,
}
TABLE = [(kind, way) for kind in KINDS for way in WAYS]


def marked(kind: str, way: str) -> Any:
    """Return a cell of the table, marked nightly unless it is chosen for the day."""
    return pytest.param(kind, way, marks=[] if (kind, way) in BY_DAY else [pytest.mark.nightly])


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """Build both subjects before any time is measured."""
    for source in subjects(deadly.Deadly):
        build(source, schema_of(deadly.Deadly))


def test_the_table_is_whole() -> None:
    """It has sixteen kinds of death, each in three ways to run."""
    assert len(TABLE) == 48
    assert len(set(TABLE)) == 48
    assert {*TABLE} > BY_DAY
    assert len({kind.partition("-")[2] for kind, way in BY_DAY if way == "run"}) == 10


@pytest.mark.parametrize(("kind", "way"), [marked(kind, way) for kind, way in TABLE])
def test_a_death_is_one_shrunk_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, way: str
) -> None:
    """Its case has the fatal step alone, and its evidence; all other traces are executed."""
    monkeypatch.setenv(deadly.VARIABLE, kind)
    monkeypatch.setenv("PYTHONPATH", str(Path(deadly.__file__).parents[1]))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    ran = WAYS[way](tmp_path, os.environ)
    language, _, name = kind.partition("-")
    check = CHECKS.get(name, checks.CRASH)

    (path,) = (tmp_path / "cases" / "deadly").glob("*.json")
    case = json.loads(path.read_text())
    assert case["check"] == str(check)
    assert case["confirmed"] == {"seen": 3, "of": 3}
    assert [step["operation"] for step in case["steps"]] == ["die"]
    ((outcome, evidence),) = case["steps"][0]["outcomes"][language].items()
    assert outcome in ("crashed", "hung", "exhausted", "panicked")
    assert evidence
    assert ran.exit_code == 1
    assert ran.traces == TRACES
    assert f"{check} in deadly" in ran.printed
    assert f"driftcheck replay --contract deadly:Deadly cases/deadly/{path.name}" in ran.printed
