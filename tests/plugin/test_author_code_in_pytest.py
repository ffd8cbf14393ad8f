"""An author's code that misbehaves, and texts of strangers, in a run of pytest."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

CONTRACT = """
import re, sys, time
from typing import Annotated
import driftcheck
from driftcheck import Contract, ge, invariant, le, operation

Digit = Annotated[int, ge(0), le(9)]

class Toy(Contract):
    @operation
    def put(self, n: Digit) -> Digit: ...
    def state(self) -> Digit: ...
    @invariant
    def fine(self, state):
        {body}

class ToyModel(Toy):
    n = 0
    def put(self, n):
        self.n = n
        return n
    def state(self):
        return self.n

test_toy = driftcheck.test(Toy)
"""
SHARD = "test_toy.py::test_toy[shard-0]"
ESCAPES = r"\x1b]0;owned\x07\x1b[31m\x9b2J\u202e"
RAW = "\x1b\x07\x9b\u202e"


def toy(pytester: pytest.Pytester, body: str, module: str = "test_toy") -> None:
    """Write a test of a contract whose invariant has this body."""
    pytester.makepyfile(**{module: CONTRACT.format(body=body)})
    pytester.makefile(
        ".toml", pyproject='[tool.driftcheck]\nauthor-deadline = "1s"\nauthor-memory = "200MiB"\n'
    )


MISBEHAVIOURS = {
    "exit": ("sys.exit(0)", "raised SystemExit: 0"),
    "loop": ("while True: pass", "did not end within 1 s"),
    "regex": ("re.fullmatch('(a+)+$', 'a' * 50 + 'b')", "did not end within 1 s"),
}


@pytest.mark.parametrize(
    "workers",
    [pytest.param((), id="alone", marks=pytest.mark.nightly), pytest.param(("-n", "1"), id="xdist")],
)
def test_an_invariant_that_misbehaves_fails_its_item_alone(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    """One sentence with contract, place and line; the other items are run, and pytest ends as it does."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    for name, (body, _) in MISBEHAVIOURS.items():
        toy(pytester, body, f"test_{name}")

    result = pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "--driftcheck-traces=20", *workers, timeout=180
    )

    result.assert_outcomes(failed=len(MISBEHAVIOURS), passed=len(MISBEHAVIOURS))
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    shown = result.stdout.str()
    for name, (_, said) in MISBEHAVIOURS.items():
        file = pytester.path / f"test_{name}.py"
        assert f"contract 'toy': invariant 'fine' {said}; see {file}, line " in shown
    assert "Traceback" not in shown


def test_texts_of_strangers_are_shown_as_escapes(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the terminal and in JUnit: what an author raises and prints, and the name of a case file."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    toy(pytester, f"print('{ESCAPES}'); raise ValueError('{ESCAPES}')")
    cases = pytester.path / "cases" / "toy"
    cases.mkdir(parents=True)
    (cases / f"named-{RAW}.json").write_text("{}")

    result = pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "--driftcheck-traces=20", "--junitxml=report.xml", "--color=no", timeout=60
    )

    result.assert_outcomes(failed=2, passed=1)
    shown, report = result.stdout.str(), Path("report.xml").read_text()
    assert f"invariant 'fine' raised ValueError: {ESCAPES}; see " in shown
    assert r"named-\x1b\x07\x9b\u202e" in shown
    for text in (shown, report):
        assert not any(character in text for character in RAW)
    assert [*ElementTree.fromstring(report).iter("failure")]


def test_a_contract_that_exits_when_it_is_imported_by_name_is_told(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--driftcheck-contract` ends with one sentence, and not with the exit code of the module."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.makepyfile(exits="raise SystemExit(0)")

    result = pytester.runpytest_subprocess("--driftcheck-contract=exits:Toy", timeout=60)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = "its module 'exits' cannot be imported: it raised SystemExit: 0; see "
    assert said + os.fspath(pytester.path / "exits.py") in result.stderr.str()
