"""`driftcheck run` says what it did, what it did not do, and what is still open."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import attrs
import pytest
from cli_toys import Author, Call

from driftcheck import schema_of
from driftcheck.cli import turns
from driftcheck.contract import lookup
from driftcheck.core.trace import Step, Trace
from driftcheck.findings.case import load
from driftcheck.search.budget import Budget

TOY = """
from typing import Annotated
from driftcheck import Contract, ge, le, operation


class Toy(Contract, name={name!r}):
    @operation
    def ping(self, n: Annotated[int, ge(0), le(99)]) -> Annotated[int, ge(0), le(99)]: ...


class ToyModel(Toy):
    def ping(self, n: int) -> int:
        return 100 if n >= {least} else n
"""
ONE = ("--subject", "model", "--seed", "1", "--max-traces", "40")
RIGHT = 1_000  # a least number that no input reaches
ENTRY = """
[hundred]
operation = "ping"
check = "D104"
shape = { model = "outside its type" }
deviates = "model"
reason = "it counts to a hundred"
owner = "sums"
expires = 2999-12-31
"""


def toy(least: int, name: str = "toy") -> str:
    """Return a contract whose model is wrong from an argument on."""
    return TOY.format(least=least, name=name)


def case_of(n: int, *, check: str = "D104", shape: dict[str, str] | None = None) -> Path:
    """Write a case of the contract `toy` by hand."""
    data = {
        "driftcheck_case": 1,
        "contract": "toy",
        "signature": {
            "check": check,
            "operation": "ping",
            "shape": shape or {"model": "outside its type"},
        },
        "confirmed": {"seen": 3, "of": 3},
        "steps": [{"operation": "ping", "arguments": {"n": n}}],
    }
    path = Path(f"cases/toy/case-{n}-{check}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))
    return path


def suites(path: str) -> dict[str, dict[str, ElementTree.Element]]:
    """Return the test cases of a JUnit file, by suite and name."""
    return {
        suite.get("name", ""): {one.get("name", ""): one for one in suite.iter("testcase")}
        for suite in ElementTree.parse(path).getroot()
    }


def test_an_open_case_fails_the_run(driftcheck: Call, author: Author) -> None:
    """It is printed, listed as open, and in the JUnit file as pytest shows it; the exit code is 1."""
    name = author(toy(least=99))
    path = case_of(99)

    said = driftcheck("run", name, *ONE[:4], "--max-traces", "1", "--junit", "run.xml")

    assert said.code == 1
    assert "saved case still diverges: D104 outside-type" in said.out
    assert f"  D104 outside-type  {path} (open case)" in said.out
    assert "\n1 open case in " in said.out
    failure = suites("run.xml")["driftcheck.toy"][f"case-{path.stem}"].find("failure")
    assert failure is not None
    assert "-> 1  ping(99)  accepted, but " in (failure.text or "")
    assert f"replay  driftcheck replay --contract {name} {path}" in (failure.text or "")


def test_an_open_case_that_is_found_again_is_shown_once(driftcheck: Call, author: Author) -> None:
    """What the search finds again is a line that leads to what was shown before the search."""
    name = author(toy(least=9))
    first = driftcheck("run", name, *ONE)
    (path,) = Path("cases/toy").glob("*.json")
    assert first.out.count("-> 1  ping(9)") == 1

    again = driftcheck("run", name, *ONE)

    assert again.out.count("-> 1  ping(9)") == 1
    assert f"\nopen case  {path}, shown above\n" in again.out
    assert f"  D104 outside-type  {path} (open case)" in again.out


def test_a_case_that_was_not_shrunk_to_its_end_is_shrunk_by_the_next_run(
    driftcheck: Call, author: Author
) -> None:
    """The run prints the small case, and its file holds it."""
    name = author(toy(least=9))
    path = case_of(99)
    path.write_text(json.dumps({**json.loads(path.read_text()), "is_minimal": False}))

    said = driftcheck("run", name, *ONE[:4], "--max-traces", "1")

    (left,) = path.parent.glob("*.json")
    data = json.loads(left.read_text())
    assert [step["arguments"]["n"] for step in data["steps"]] == [9]
    assert "is_minimal" not in data
    assert "-> 1  ping(9)  accepted, but " in said.out
    assert f"  D104 outside-type  {left} (open case)" in said.out


def test_a_case_that_agrees_does_not_fail_the_run(driftcheck: Call, author: Author) -> None:
    """A fixed case passes in the JUnit file."""
    name = author(toy(RIGHT))
    path = case_of(99)

    said = driftcheck("run", name, *ONE, "--junit", "run.xml")

    assert said.code == 0
    assert list(suites("run.xml")["driftcheck.toy"][f"case-{path.stem}"]) == []


def test_a_case_that_an_asymmetry_covers_is_not_open(driftcheck: Call, author: Author) -> None:
    """The asymmetries of the project hold for saved cases as they do for the search."""
    name = author(toy(least=0))
    case_of(99)
    Path("asymmetries").mkdir()
    Path("asymmetries/toy.toml").write_text(ENTRY)

    said = driftcheck("run", name, *ONE, "--json")
    replayed = driftcheck("replay", "cases", "--contract", name, "--json")

    assert said.code == 0
    assert [case["is_open"] for case in json.loads(said.out)[0]["cases"]] == [False]
    assert [(one["is_open"], one["asymmetries"]) for one in json.loads(replayed.out)] == [
        (False, ["hundred"])
    ]


def test_a_case_of_other_subjects_is_not_judged(driftcheck: Call, author: Author) -> None:
    """A run with one subject neither passes nor fails what two subjects differ in."""
    name = author(toy(RIGHT))
    path = case_of(7, check="D101", shape={"model": "accepted", "go": "small"})

    said = driftcheck("run", name, *ONE, "--junit", "run.xml")

    assert said.code == 0
    assert "1 saved case not judged, because other subjects did not run" in said.out
    skipped = suites("run.xml")["driftcheck.toy"][f"case-{path.stem}"].find("skipped")
    assert skipped is not None
    assert "cannot be judged alone" in skipped.get("message", "")


def test_a_case_that_cannot_be_read_is_an_error(driftcheck: Call, author: Author) -> None:
    """The run goes on, names the file, and ends with exit code 2."""
    name = author(toy(RIGHT))
    path = case_of(99)
    path.write_text("{")

    said = driftcheck("run", name, *ONE, "--junit", "run.xml", "--json")

    assert said.code == 2
    assert str(path) in said.err
    assert json.loads(said.out)[0]["traces"] == 40
    assert suites("run.xml")["driftcheck.toy"][f"case-{path.stem}"].find("error") is not None


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("cases")])
def test_cases_that_cannot_be_read_are_not_no_cases(
    driftcheck: Call, author: Author, make: Callable[[Path], None]
) -> None:
    """The run ends with exit code 2 and says why: one of them may be open."""
    make(Path("cases"))
    said = driftcheck("run", author(toy(RIGHT)), *ONE)

    assert said.code == 2
    assert "the saved cases in cases/toy cannot be read: " in said.err
    assert "check its path and permissions" in said.err


def test_saved_cases_take_nothing_of_the_time(
    driftcheck: Call, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second contract gets all the time that the search of the first one left."""
    budgets: list[float] = []
    explore: Any = turns.explore

    def recorded(session: Any, budget: Budget, **options: Any) -> Any:
        assert budget.max_time_s is not None
        budgets.append(budget.max_time_s)
        return explore(session, Budget(max_traces=1), **options)

    monkeypatch.setattr(turns, "explore", recorded)
    search: Any = turns.Search.contract

    def slow(self: Any, *arguments: Any) -> Any:
        one = search(self, *arguments)
        assert 0 < one.cases_s < 40 or one.schema.name == "other"
        return attrs.evolve(one, cases_s=40.0)

    monkeypatch.setattr(turns.Search, "contract", slow)
    names = [author(toy(RIGHT)), author(toy(RIGHT, "other"))]
    case_of(99)

    driftcheck("run", *names, "--subject", "model", "--max-time", "100")

    first, second = budgets
    assert first == 50
    assert second > 130


def pressing_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl-C when the first search has judged its traces."""
    explore: Any = turns.explore

    def interrupted(session: Any, budget: Budget, **options: Any) -> Any:
        explored = explore(session, budget, **options)
        os.kill(os.getpid(), signal.SIGINT)
        return explored

    monkeypatch.setattr(turns, "explore", interrupted)


def test_an_interrupted_run_names_the_contract_that_did_not_run(
    driftcheck: Call, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the last screen, in JSON and in the JUnit file; without findings the exit code is 130."""
    names = [author(toy(RIGHT)), author(toy(RIGHT, "other"))]
    pressing_ctrl_c(monkeypatch)

    said = driftcheck("run", *names, *ONE, "--junit", "run.xml")

    assert said.code == 130
    why = "did not run: the run was interrupted before its turn"
    assert f"{names[1]}  {why}" in said.out
    assert re.search(
        r"^interrupted: no divergence in .* s, seed 1; 1 of 2 contracts did not run$", said.out, re.M
    )
    error = suites("run.xml")[f"driftcheck.{names[1]}"]["run"].find("error")
    assert error is not None
    assert error.get("message") == why


def test_an_interrupted_run_with_a_finding_fails(
    driftcheck: Call, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found until then counts, and what did not run is in the data."""
    names = [author(toy(least=0)), author(toy(RIGHT, "other"))]
    pressing_ctrl_c(monkeypatch)

    said = driftcheck("run", *names, *ONE, "--json")

    assert said.code == 1
    assert json.loads(said.out)[1] == {
        "contract": names[1],
        "why_not_run": "the run was interrupted before its turn",
    }


def test_the_junit_file_says_what_was_not_examined(
    driftcheck: Call, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of the file alone learns that there was more."""
    explore: Any = turns.explore

    def hurried(session: Any, budget: Budget, **options: Any) -> Any:
        return attrs.evolve(explore(session, budget, **options), unexamined=7)

    monkeypatch.setattr(turns, "explore", hurried)

    driftcheck("run", author(toy(RIGHT)), *ONE, "--junit", "run.xml")

    out = suites("run.xml")["driftcheck.toy"]["run"].find("system-out")
    assert out is not None
    assert "7 divergences were not examined before the run ended" in (out.text or "")


def test_the_junit_file_grows_with_the_run(
    driftcheck: Call, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is killed leaves a file of what has ended, which names what the run has not reached."""
    seen: list[dict[str, list[str]]] = []
    explore: Any = turns.explore

    def looking(session: Any, budget: Budget, **options: Any) -> Any:
        seen.append({suite: list(tests) for suite, tests in suites("run.xml").items()})
        return explore(session, budget, **options)

    monkeypatch.setattr(turns, "explore", looking)
    names = [author(toy(least=0)), author(toy(RIGHT, "other"))]

    driftcheck("run", *names, *ONE, "--junit", "run.xml")

    waiting = {f"driftcheck.{name}": ["run"] for name in names}
    ended = {"driftcheck.toy": ["run", "outside-type-ping"], f"driftcheck.{names[1]}": ["run"]}
    assert seen == [waiting, ended]


def test_the_junit_file_holds_the_witness(driftcheck: Call, author: Author) -> None:
    """The failure of a finding is what the terminal shows: trace, outcomes, case file, command."""
    said = driftcheck("run", author(toy(least=0)), *ONE, "--junit", "run.xml")

    failure = suites("run.xml")["driftcheck.toy"]["outside-type-ping"].find("failure")
    assert failure is not None
    assert (failure.text or "") in said.out
    assert "-> 1  ping(0)  accepted, but " in (failure.text or "")


def test_a_contract_that_cannot_be_run_is_an_error_in_the_junit_file(
    driftcheck: Call, author: Author
) -> None:
    """A file without any suite would be taken for a run that passed."""
    name = author(toy(RIGHT))

    said = driftcheck("run", name, "--subject", "nobody", "--junit", "run.xml")

    assert (said.code, said.out) == (2, "")
    error = suites("run.xml")[f"driftcheck.{name}"]["run"].find("error")
    assert error is not None
    assert "no subject is named 'nobody'" in (error.text or "")


def test_the_seed_is_printed_at_the_start(driftcheck: Call, author: Author) -> None:
    """A run that never ends can be repeated, too."""
    said = driftcheck("run", author(toy(RIGHT)), "--subject", "model", "--max-traces", "1")

    assert re.fullmatch(r"seed \d+\n", said.seed)
    assert f", {said.seed.strip()}\n" in said.out


def test_the_printed_trace_is_the_saved_one(driftcheck: Call, author: Author) -> None:
    """Where a shorter case of the signature is kept already, it is the one that is shown."""
    name = author(toy(least=0))
    driftcheck("run", name, *ONE)
    (path,) = Path("cases/toy").glob("*.json")
    data = json.loads(path.read_text())
    data["steps"][0]["arguments"] = {"n": 7}
    path.write_text(json.dumps(data))

    said = driftcheck("run", name, *ONE)

    assert load(path, lambda _: toy_schema(name)).case == Trace((Step("ping", (7,)),))
    assert "-> 1  ping(7)  " in said.out
    assert "ping(0)" not in said.out


def toy_schema(name: str) -> Any:
    """Return the schema of a contract that a test has written."""
    return schema_of(lookup.load_named(name))
