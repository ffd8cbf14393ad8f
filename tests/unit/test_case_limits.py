"""What driftcheck writes it can read, however much a subject said; reading takes time linear in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from case_files import STEPS, loaded
from generation_contracts import LRU, READS
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcheck.contract.schema import Schema
from driftcheck.core.errors import CaseError
from driftcheck.core.outcome import Crashed, Evidence
from driftcheck.core.trace import MOST_STEPS, Document, Step, Trace
from driftcheck.findings import case as cases
from driftcheck.findings import keep
from driftcheck.findings.finding import Finding
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.oracle import checks
from driftcheck.oracle.signature import Divergence
from driftcheck.subjects.wire import Wire
from driftcheck.values.encoding import dumps
from driftcheck.values.json_text import MAX_BYTES
from driftcheck.values.notation import MAX_DOCUMENT

WIRE = Wire(LRU)
DIGEST = bytes(8)
WALK = {"operation": "walk"}


def _finding(trace: Trace, answers: dict[str, Answer], detail: str = "") -> Finding:
    shape = (("go", "accepted"), ("rust", "malformed"))
    divergence = Divergence(checks.ACCEPT_REJECT, 0, "get", shape, detail=detail)
    return Finding(divergence, trace, Execution(trace, answers), 3, 3, {})


def _said(trace: Trace, text: str) -> dict[str, Answer]:
    """Return answers of two subjects that say a text at each step, and of one that died with it."""
    each: list[Any] = [[2, text], DIGEST, [1, 0, None], DIGEST, [3, text], DIGEST]
    outcomes = (each * len(trace.steps))[: 2 * len(trace.steps)]
    reply = dumps([[[0, None]], outcomes, None, [text] * len(trace.steps)])
    dead = Crashed(Evidence("exit status 2", text, text, text))
    return {"go": Answer(reply, WIRE), "rust": Answer(dumps([[[0, None]], [], None, None]), WIRE, dead, 0)}


def _saved(finding: Finding, schema: Schema, root: Path) -> Path:
    return keep.save(finding, schema, root, lambda case: None).path


def _walks(count: int) -> Trace:
    return Trace((Step("walk"),) * count, (1,))


@pytest.mark.parametrize(
    ("steps", "length"),
    [(1, 9_000_000), (20, 300_000), (3_000, 200), pytest.param(9_000, 400, marks=pytest.mark.nightly)],
)
def test_a_case_is_read_however_much_a_subject_said(steps: int, length: int, tmp_path: Path) -> None:
    """The ends of long texts are left out, and the next run finds the same file again."""
    trace = _walks(steps)
    finding = _finding(trace, _said(trace, "x" * length), "y" * length)

    first, second = _saved(finding, LRU, tmp_path), _saved(finding, LRU, tmp_path)

    assert first == second
    assert cases.load(first, lambda name: LRU).case == trace
    assert first.stat().st_size <= MAX_BYTES


def test_a_case_says_how_much_is_left_out(tmp_path: Path) -> None:
    """The ends of three texts of the evidence are missing."""
    path = _saved(_finding(_walks(1), _said(_walks(1), "x" * 20_000)), LRU, tmp_path)

    (step,) = json.loads(path.read_text())["steps"]
    crashed = step["outcomes"]["rust"]["crashed"]
    assert crashed["cut"] == 3 * (20_000 - 16_384)
    assert crashed["stderr"] == "x" * 16_384
    assert step["outcomes"]["go"]["unmapped"].endswith("(20,000 bytes)")  # it was cut as it was read


def test_any_text_is_read_back(tmp_path: Path) -> None:
    """This holds for each text that a subject can say, and for each state of the evidence."""

    @settings(max_examples=60, deadline=None, database=None)
    @given(st.text(max_size=40), st.integers(1, 4), st.sampled_from([1, 1_000, 40_000]))
    def check(text: str, steps: int, times: int) -> None:
        trace = _walks(steps)
        path = _saved(_finding(trace, _said(trace, text * times), text), LRU, tmp_path)

        assert cases.load(path, lambda name: LRU).case == trace
        path.unlink()

    check()


@pytest.mark.nightly
def test_a_case_that_is_too_large_is_not_written(tmp_path: Path) -> None:
    """The message says why, and no file is left that driftcheck refuses."""
    trace = _walks(9_000)
    finding = attrs.evolve(_finding(trace, {}), batch=(trace,) * 32)

    with pytest.raises(
        CaseError, match="the case is not kept: it is larger than 4 MiB; driftcheck still shows the finding"
    ):
        _saved(finding, LRU, tmp_path)

    assert not list(tmp_path.rglob("*.json"))


@pytest.mark.parametrize(
    ("trace", "says"),
    [
        (_walks(MOST_STEPS + 1), "has 10001 steps, and a trace has at most 10000"),
        (_walks(1).with_steps((Step("get", ("",)),)), "argument 'key' has 0 characters, outside 1 to 8"),
    ],
)
def test_a_case_that_would_be_refused_is_not_written(trace: Trace, says: str, tmp_path: Path) -> None:
    """What the file would be refused for is said when it is written."""
    with pytest.raises(CaseError, match=says):
        _saved(_finding(trace, {}), LRU, tmp_path)

    assert not list(tmp_path.rglob("*.json"))


def test_a_payload_has_a_limit(tmp_path: Path) -> None:
    """A document of the largest size is read; one byte more is refused."""

    def save(size: int) -> Path:
        step = Step("decode", (Document(b"[" * size),))
        return _saved(_finding(Trace((step,)), {}), READS, tmp_path)

    path = save(MAX_DOCUMENT)

    assert len(cases.load(path, lambda name: READS).trace.steps[0].arguments[0].data) == MAX_DOCUMENT
    with pytest.raises(CaseError, match="has 524289 bytes, and a payload in a file has at most 524288"):
        save(MAX_DOCUMENT + 1)


def test_reading_asks_for_each_step_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No step is copied for each later one: all read into one list."""
    earlier: list[int] = []
    read_step = cases._Reader._step

    def noted(self: Any, item: Any, rosters: Any, before: Any) -> Step:
        earlier.append(id(before))
        return read_step(self, item, rosters, before)

    monkeypatch.setattr(cases._Reader, "_step", noted)
    case = loaded(tmp_path / "case.json", json.dumps({**STEPS, "steps": [WALK] * MOST_STEPS}))

    assert len(case.trace.steps) == len(earlier) == MOST_STEPS
    assert len(set(earlier)) == 1


def test_more_steps_than_a_search_draws_are_refused(tmp_path: Path) -> None:
    """The message names the limit."""
    with pytest.raises(CaseError, match="has 10001 steps, and a trace has at most 10000; remove some"):
        loaded(tmp_path / "case.json", json.dumps({**STEPS, "steps": [WALK] * (MOST_STEPS + 1)}))


def test_more_names_than_the_contract_has_are_refused(tmp_path: Path) -> None:
    """Each argument is looked up in them."""
    (roster,) = STEPS["names"]

    with pytest.raises(CaseError, match="has 5 names, but at most 4 are expected"):
        loaded(tmp_path / "case.json", json.dumps({**STEPS, "names": {roster: list("abcde")}}))


def test_hex_digits_may_have_spaces_anywhere(tmp_path: Path) -> None:
    """A person may have written them in any groups."""
    step = {"operation": "put", "arguments": {"key": "a", "value": {"hex": "0 0f f"}}}

    case = loaded(tmp_path / "case.json", json.dumps({**STEPS, "steps": [step]}))

    assert case.trace.steps[0].arguments[1] == b"\x00\xff"
