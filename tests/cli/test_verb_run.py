"""`driftcheck run` loses nothing that was found, whatever comes after it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from cli_toys import Author, Call

from driftcheck.cli import turns
from driftcheck.search import session
from driftcheck.search.budget import Budget

TOY = """
from typing import Annotated
from driftcheck import Contract, ge, law, le, operation


class Toy(Contract):
    @operation
    def ping(self) -> Annotated[int, ge(0), le(3)]: ...
    {law}


class ToyModel(Toy):
    def ping(self) -> int:
        return {answer}
"""
RAISES = """@law
    def divides(self) -> bool:
        return 1 // 0
"""
ONE = ("--subject", "model", "--max-traces", "4", "--seed", "1")


def toy(*, answer: int = 0, law: str = "") -> str:
    """Return a contract with its model."""
    return TOY.format(answer=answer, law=law)


def test_a_fault_in_the_midst_of_a_run_loses_no_finding(driftcheck: Call, author: Author) -> None:
    """A law that raises ends the run with exit code 2, but with the summary, the case and the JUnit file."""
    said = driftcheck("run", author(toy(answer=7, law=RAISES)), *ONE, "--junit", "run.xml")

    assert said.code == 2
    assert "law 'divides' raised ZeroDivisionError" in said.err
    (case,) = Path("cases").glob("*/*.json")
    assert f"  {case}" in said.out
    assert "\nbroken off: 1 finding in " in said.out
    suite = ElementTree.parse("run.xml").getroot()[0]
    assert (suite.get("failures"), suite.get("errors")) == ("1", "1")


def test_a_contract_at_fault_keeps_no_other_from_being_run(driftcheck: Call, author: Author) -> None:
    """What was found before it and after it is in the summary; the exit code is still 2."""
    contracts = [author(toy(answer=7)), author(toy(law=RAISES)), author(toy())]

    said = driftcheck("run", *contracts, *ONE, "--json")

    assert said.code == 2
    reports = json.loads(said.out)
    assert [len(r["findings"]) for r in reports] == [1, 0, 0]
    assert reports[1]["ended_by"] == "fault"
    assert "ZeroDivisionError" in reports[1]["errors"][0]


def test_a_finding_that_cannot_be_kept_is_shown(
    driftcheck: Call, author: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no case file can be written, the finding is on the screen, and the exit code is 2."""
    contract = author(toy(answer=7))
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "toy").symlink_to("/proc/self/task")  # it can be read, and nobody can write there

    said = driftcheck("run", contract, *ONE)

    assert said.code == 2
    assert "D104 outside-type" in said.out
    assert "cannot be written" in said.err


def test_a_case_that_a_partial_fix_has_mended_is_replaced(driftcheck: Call, author: Author) -> None:
    """A saved case that agrees by now does not keep the one from being saved that still diverges."""
    text = """
from typing import Annotated
from driftcheck import Contract, ge, le, operation


class Toy(Contract):
    @operation
    def ping(self, n: Annotated[int, ge(0), le(99)]) -> Annotated[int, ge(0), le(99)]: ...


class ToyModel(Toy):
    def ping(self, n: int) -> int:
        return 100 if n >= {least} else n
"""
    cases = []
    for least in (0, 50):
        said = driftcheck(
            "run", author(text.format(least=least)), *ONE[:2], "--max-traces", "200", "--seed", "1"
        )
        (path,) = Path("cases/toy").glob("*.json")
        cases.append(json.loads(path.read_text())["steps"][0]["arguments"])

        assert said.code == 1

    assert cases == [{"n": 0}, {"n": 50}]


def test_the_first_finding_ends_the_run_of_all_contracts(driftcheck: Call, author: Author) -> None:
    """`--fail-fast` begins no further contract."""
    said = driftcheck("run", author(toy(answer=7)), author(toy()), *ONE, "--fail-fast", "--json")

    assert said.code == 1
    first, second = json.loads(said.out)
    assert first["why_not_run"] is None
    assert second["why_not_run"] == "--fail-fast ended the run before its turn"


def test_a_contract_that_had_no_time_is_no_agreement(driftcheck: Call, author: Author) -> None:
    """Where one of two contracts was not run, the exit code is 2, and the last screen names it."""
    said = driftcheck("run", author(toy()), author(toy()), "--subject", "model", "--max-time", "1ms")

    assert said.code == 2
    assert "toy  did not run: the time ended before its first input; give a longer --max-time" in said.out
    assert "2 of 2 contracts did not run" in said.out


def test_a_run_looks_at_each_library_once(
    driftcheck: Call, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was built ahead is not compared with its sources again."""

    def build_all(*arguments: Any, **options: Any) -> None:
        raise AssertionError("built again")

    monkeypatch.setattr(session, "build_all", build_all)

    assert driftcheck("run", author(toy()), *ONE).code == 0


def test_contracts_share_the_time(driftcheck: Call, author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 100 seconds the first of two contracts gets 50, and the second all that the first one left."""
    shares: list[float] = []
    explore: Any = turns.explore

    def recorded(session: Any, budget: Budget, **options: Any) -> Any:
        assert budget.max_time_s is not None
        shares.append(budget.max_time_s)
        return explore(session, Budget(max_traces=1), **options)

    monkeypatch.setattr(turns, "explore", recorded)

    driftcheck("run", author(toy()), author(toy()), "--subject", "model", "--max-time", "100")

    first, second = shares
    assert first == 50
    assert 50 < second < 100
