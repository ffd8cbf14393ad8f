"""How findings, mistakes and saved cases come out of a run."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import attrs
import pytest
import tiny
from inner import RunPytest, failures, saved

SHARD = "test_tiny.py::test_tiny[shard-0]"
TWO = ("outside-type-add", "query-changed-state-read")
WORKERS = [  # by day with workers, whose reports reach the terminal by a longer way
    pytest.param((), id="alone", marks=pytest.mark.nightly),
    pytest.param(("-n", "2"), id="xdist"),
]


@attrs.frozen
class Found:
    """What a run found whose model has the fault `query`."""

    printed: str
    name: str  # of the case file
    text: str


@pytest.fixture(scope="module")
def findings() -> list[Found]:
    """Return the list that keeps the one run of a worker."""
    return []


@pytest.fixture
def found(run_pytest: RunPytest, pytester: pytest.Pytester, findings: list[Found]) -> tuple[Path, Found]:
    """Return a case file as a run with the fault `query` leaves it, and what it printed; run once."""
    folder = pytester.path / "cases" / "tiny"
    if not findings:
        printed = run_pytest(SHARD, faults="query").stdout.str()
        (path,) = folder.iterdir()
        findings.append(Found(printed, path.name, path.read_text()))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / findings[0].name
    path.write_text(findings[0].text)
    return path, findings[0]


def test_a_finding_is_printed_without_a_traceback(run_pytest: RunPytest) -> None:
    """The trace as code, its outcomes, the case file, the command to replay it, and the seed."""
    result = run_pytest(SHARD, "--driftcheck-seed=3", faults="query")

    result.assert_outcomes(failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "D203 query-changed-state in tiny*: a query changed the state",
            "   1  add(1)  accepted: 1",
            "-> 2  read()  accepted: 2",
            "case       cases/tiny/query-changed-state-read-*.json",
            "replay     driftcheck replay --contract tiny:Tiny cases/tiny/query-changed-state-read-*.json",
            "seed: --driftcheck-seed 3",
            "tiny: 100 traces, 5,000 steps, seed 3",
            "  driftcheck replay --contract tiny:Tiny cases/tiny/query-changed-state-read-*.json",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "harness/" not in result.stdout.str()


@pytest.mark.parametrize("workers", WORKERS)
def test_several_findings_of_one_item_are_all_visible(
    run_pytest: RunPytest, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    """Each is printed, stands in the JUnit file, and has a case file."""
    result = run_pytest(SHARD, "--junitxml=report.xml", *workers, faults="outside,query")
    told = next(iter(failures(pytester.path / "report.xml").values()))

    for text in (result.stdout.str(), told):
        assert "[1 of 2] D" in text
        assert "[2 of 2] D" in text
        assert all(f"driftcheck replay --contract tiny:Tiny cases/tiny/{name}-" in text for name in TWO)
    assert "(and 1 more)" in told
    assert saved(pytester.path) == list(TWO)


def test_a_junit_file_says_what_was_done(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """Seed, traces and case files are properties of the test case."""
    run_pytest(SHARD, "--junitxml=report.xml", "--driftcheck-seed=3", faults="query")
    report = (pytester.path / "report.xml").read_text()

    for name, value in (("seed", "3"), ("traces", "100"), ("case", "cases/tiny/query-changed-state-read-.*")):
        assert re.search(f'<property name="driftcheck_{name}" value="{value}" />', report)


ENTRIES = """
[ten]
operation = "add"
check = "D104"
shape = { model = "outside its type" }
deviates = "model"
reason = "it counted to ten once"
owner = "sums"
expires = 2999-12-31

[forgetful]
law = "reads_alike"
shape = { model = "nondeterministic" }
deviates = "model"
reason = "it forgot in another way once"
owner = "sums"
expires = 2999-12-31
"""


@pytest.mark.nightly
@pytest.mark.parametrize("workers", WORKERS)
def test_known_differences_that_are_not_what_they_were_are_told(
    run_pytest: RunPytest, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    """The summary names a healed and a widened asymmetry once, and no alarm for one that was seen."""
    (pytester.path / "asymmetries").mkdir()
    (pytester.path / "asymmetries" / "tiny.toml").write_text(ENTRIES)
    healed = run_pytest(*workers, "--driftcheck-traces=800", faults="law").stdout.lines
    seen = run_pytest(*workers, faults="outside").stdout.lines

    for told in (
        "  healed: ten (sums): the trigger occurred ",
        "  widened: forgetful (sums): a finding has ",
    ):
        assert [line.startswith(told) for line in healed].count(True) == 1
    assert any(line.startswith("  asymmetries seen: ten ") for line in seen)
    assert not any(line.startswith(("  healed:", "  widened:")) for line in seen)


def test_a_case_of_other_subjects_is_skipped(run_pytest: RunPytest, found: tuple[Path, Found]) -> None:
    """With one subject, what two subjects differ in never passes: the item says why it was not judged."""
    path, _ = found
    data = json.loads(path.read_text())
    data["signature"] = {
        "check": "D101",
        "operation": "read",
        "shape": {"model": "accepted", "go": "panicked"},
    }
    path.write_text(json.dumps(data))

    result = run_pytest("-k", "case", "-rs")

    result.assert_outcomes(skipped=1, deselected=3)
    result.stdout.fnmatch_lines(
        ["SKIPPED*: cannot be judged alone: the case compares subjects, and only model ran*"]
    )


@pytest.mark.nightly
def test_a_case_that_was_not_shrunk_to_its_end_is_shrunk(
    run_pytest: RunPytest, pytester: pytest.Pytester
) -> None:
    """The item of the case goes on where a run had no time, and shows the small case."""
    run_pytest(SHARD, faults="query")
    (path,) = (pytester.path / "cases" / "tiny").iterdir()
    data = json.loads(path.read_text())
    steps = [{"operation": "read"}, {"operation": "read"}, *data["steps"]]
    path.write_text(json.dumps({**data, "steps": steps, "is_minimal": False}))

    result = run_pytest("-k", "case", faults="query")

    result.assert_outcomes(failed=1, deselected=3)
    shrunk = json.loads(path.read_text())
    assert [step["operation"] for step in shrunk["steps"]] == [step["operation"] for step in data["steps"]]
    assert "is_minimal" not in shrunk


WRONG = """
from typing import Annotated
from driftcheck import Contract, ge, le, operation


class Wrong(Contract):
    @operation
    def ping(self, n: Annotated[int, ge(0), le(9)]) -> Annotated[int, ge(0), le(9)]: ...


class WrongModel(Wrong):
    def ping(self, n: int) -> int:
        return 10
"""


def test_the_printed_trace_is_the_saved_one(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """Where a case of the signature is kept already that is as short, it is the one that is shown."""
    pytester.makepyfile(
        wrong=WRONG, test_wrong="import driftcheck, wrong\n\ntest_wrong = driftcheck.test(wrong.Wrong)\n"
    )
    run_pytest("test_wrong.py::test_wrong[shard-0]")
    (path,) = (pytester.path / "cases" / "wrong").iterdir()
    data = json.loads(path.read_text())
    data["steps"][0]["arguments"] = {"n": 7}
    path.write_text(json.dumps(data))

    result = run_pytest("test_wrong.py::test_wrong[shard-0]")

    assert json.loads(path.read_text())["steps"][0]["arguments"] == {"n": 7}
    result.stdout.fnmatch_lines(["-> 1  ping(7)  accepted, but *", f"case       cases/wrong/{path.name}"])
    result.stdout.no_fnmatch_line("*ping(0)*")


def test_a_broken_law_fails_its_own_item(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """The shards leave laws to their items, so that one fault is one finding."""
    result = run_pytest("-rf", faults="law")

    assert saved(pytester.path) == ["law-reads-alike"]
    result.stdout.fnmatch_lines(["FAILED test_tiny.py::test_tiny?law-reads_alike? - D305 law*"])


def test_a_subject_that_varies_by_itself_is_blamed_as_such(
    run_pytest: RunPytest, pytester: pytest.Pytester
) -> None:
    """In two processes it answers differently: shown side by side, and no case is made of it."""
    result = run_pytest("test_tiny.py::test_tiny[self-model]", faults="varies")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "contract 'tiny': subject 'model' cannot be compared: it answers differently in two processes;*",
            "*model * model again",
            "-> 1  add(*)  accepted: *",
        ]
    )
    assert saved(pytester.path) == []


def test_an_adapter_that_is_broken_is_told_in_one_sentence(run_pytest: RunPytest) -> None:
    """This is an error and not a finding."""
    result = run_pytest("test_tiny.py::test_tiny[self-model]", faults="broken")
    text = result.stdout.str()

    result.assert_outcomes(failed=1)
    assert "its adapter reports itself as broken: RuntimeError: on request; see " in text
    assert "Traceback" not in text


def test_saved_cases_are_run_first_and_pass_when_they_are_healed(
    run_pytest: RunPytest, found: tuple[Path, Found]
) -> None:
    """A case fails as long as its divergence is there."""
    path, _ = found
    first = f"test_tiny.py::test_tiny[[]case-{path.stem}]"
    still = run_pytest("-v", faults="query")
    healed = run_pytest("-v")

    still.stdout.fnmatch_lines(
        [
            f"{first} FAILED*",
            "*[[]shard-0] FAILED*",
            "diverges, as the case says: D203 *",
            "replay  driftcheck*",
        ]
    )
    healed.stdout.fnmatch_lines([f"{first} PASSED*", "*[[]shard-0] PASSED*"])
    healed.assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text[:40], "*tiny/*.json*"),
        (
            lambda text: text.replace('"add"', '"subtract"'),
            "*step 1 has the operation 'subtract', which the contract 'tiny' does not have*",
        ),
    ],
    ids=["truncated", "foreign"],
)
def test_a_case_file_that_cannot_be_read_fails_its_item_only(
    run_pytest: RunPytest, found: tuple[Path, Found], spoil: object, said: str
) -> None:
    """It is named in one sentence, and the others are run."""
    path, _ = found
    assert callable(spoil)
    path.write_text(spoil(path.read_text()))
    result = run_pytest("-k", "case or shard")

    result.assert_outcomes(passed=1, failed=1, deselected=2)
    result.stdout.fnmatch_lines([f"case file {said}"])
    assert "Traceback" not in result.stdout.str()


def test_findings_are_shown_from_where_pytest_was_typed(
    run_pytest: RunPytest, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder below the root the command to replay still finds the file."""
    pytester.makeini("[pytest]\n")
    monkeypatch.chdir(pytester.mkdir("below"))
    result = run_pytest(f"../{SHARD}", faults="query")

    result.stdout.fnmatch_lines(
        ["replay     driftcheck replay --contract tiny:Tiny ../cases/tiny/query-changed-state-read-*.json"]
    )
    assert saved(pytester.path) == ["query-changed-state-read"]


def test_a_case_holds_what_a_stranger_needs(found: tuple[Path, Found]) -> None:
    """It names its contract, and the shrunk steps."""
    path, _ = found
    case = json.loads(path.read_text())

    assert case["contract"] == "tiny"
    assert [step["operation"] for step in case["steps"]] == ["add", "read"]


def test_the_command_that_is_printed_replays_the_case(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, found: tuple[Path, Found]
) -> None:
    """It is typed as it stands, and says whether the case still diverges."""
    monkeypatch.setenv(tiny.VARIABLE, "query")
    typed = re.search(r"^replay +driftcheck (replay .*)$", found[1].printed, re.MULTILINE)
    assert typed is not None
    command = [str(Path(sys.executable).with_name("driftcheck")), *typed[1].split()]
    replayed = pytester.run(*command)

    assert replayed.ret == 1
    replayed.stdout.fnmatch_lines(["diverges, as the case says: D203 *"])
