"""The findings about a model, from a run or from a case of one's own to an exported test for pytest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tiny
from cli_toys import Call
from gossip.model import GossipModel
from recorded_case import write_recorded
from tiny import TinyModel

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


def test_a_death_is_one_of_another_process(driftcheck: Call, empty: Path) -> None:
    """The steps run in a process of their own, which must come to their end; pytest itself survives."""
    data = {
        "driftcheck_case": 1,
        "contract": "tiny",
        "signature": {"check": "D502", "operation": "add", "shape": {"model": "crashed"}},
        "at": 1,
        "blamed": ["model"],
        "steps": [{"operation": "add", "arguments": {"n": 1}}],
    }
    case = empty / "death.json"
    write_recorded(case, data)

    path = exported(driftcheck, case)

    failed = run(path, "broken")  # raises an error that is no rejection
    assert failed.returncode == 1
    assert "no step may end the process" in failed.stdout
    passed = run(path)
    assert passed.returncode == 0, passed.stdout


def gossip(folder: Path, check: str, steps: list[dict[str, Any]], **more: Any) -> Path:
    """Write a case of three counters, in which the model is to blame at the last step."""
    shape = {"model": "accepted"}
    data = {
        "driftcheck_case": 1,
        "contract": "gossip",
        "signature": {"check": check, "operation": steps[-1]["operation"], "shape": shape},
        "at": len(steps),
        "blamed": ["model"],
        "opening": {"place": [2, 0, 1], "limit": 9, "start": [1, 2, 3]},
        "steps": steps,
        **more,
    }
    path = folder / "gossip.json"
    write_recorded(path, data)
    return path


def perform(source: str, model: type) -> None:
    """Perform an exported test with another model."""
    namespace: dict[str, Any] = {}
    exec(compile(source, "exported", "exec"), namespace)  # what was written is what is run
    namespace |= dict.fromkeys({"GossipModel", "TinyModel"} & namespace.keys(), model)
    (test,) = (value for name, value in namespace.items() if name.startswith("test_"))
    test()


class Silent(GossipModel):
    """Adds one to another instance's count when it hears a peer, in the map that it returned before."""

    def pull(self, peer: Any, fault: Any) -> int:
        peer.counts[peer.place] += 1
        return super().pull(peer, fault)


def test_each_instance_opens_with_its_own_arguments(driftcheck: Call, empty: Path) -> None:
    """Arguments differ by instance where the case has a list, and are the same where they are shared."""
    steps = [{"operation": "add", "arguments": {"n": 1}, "instance": 2}]
    path = gossip(empty, "D204", steps)

    done = driftcheck("export", "--contract", "gossip:Gossip", str(path), "--to", "pytest", "--json")

    assert done.code == 0, done.err
    (file,) = json.loads(done.out)["files"]
    source = Path(file).read_text()
    for number, arguments in enumerate(("2, 9, 1", "0, 9, 2", "1, 9, 3"), 1):
        assert f"subject{number} = GossipModel()\n    subject{number}.open({arguments})\n" in source
    perform(source, GossipModel)


def test_a_state_is_kept_as_it_was_and_a_fault_is_given(driftcheck: Call, empty: Path) -> None:
    """A step that changes another instance's map in place fails the test, and so does no other model."""
    arguments = {"peer": {"instance": 3}}
    steps = [{"operation": "pull", "arguments": arguments, "instance": 1, "fault": "twice"}]
    path = gossip(empty, "D204", steps)

    done = driftcheck("export", "--contract", "gossip:Gossip", str(path), "--to", "pytest", "--json")

    assert done.code == 0, done.err
    (file,) = json.loads(done.out)["files"]
    source = Path(file).read_text()
    assert "answer_of('pull', subject1.pull, subject3, Gossip.twice)" in source
    perform(source, GossipModel)
    with pytest.raises(AssertionError, match="a step must not change another instance"):
        perform(source, Silent)


class Moved(TinyModel):
    """Leaves its state with `add`, and comes back to it with the second `read`."""

    def state(self) -> int:
        return 5 if self.moved and self.reads < 2 else 0

    def add(self, n: int) -> int:
        self.moved = True
        return super().add(n)

    moved = False


def test_which_states_are_equal_is_a_part_of_what_a_law_forbids(driftcheck: Call, empty: Path) -> None:
    """A model with the same answers and the same last state passes if other states of it are equal."""
    answers = {"outcomes": {"model": {"accepted": 0}}}
    add = {"operation": "add", "arguments": {"n": 0}, **answers}
    law = {
        "name": "reads_alike",
        "calls": [{"operation": "read", **answers}] * 2,
        "states": [[0], [1], [1], [0]],
    }
    data = {
        "driftcheck_case": 1,
        "contract": "tiny",
        "signature": {
            "check": "D305",
            "operation": "",
            "subject": "reads_alike",
            "shape": {"model": "breaks"},
        },
        "at": 3,
        "blamed": ["model"],
        "steps": [add],
        "law": law,
        "states": {"model": {"state": 0}},
    }
    case = empty / "law.json"
    write_recorded(case, data)

    source = exported(driftcheck, case).read_text()

    assert "[[*dict.fromkeys(states)].index(one) for one in states] == [0, 1, 1, 0]" in source
    perform(source, TinyModel)
    with pytest.raises(AssertionError, match="of which the law 'reads_alike' does not hold"):
        perform(source, Moved)


NOTES = """
from typing import Annotated

import attrs
from driftcheck import Contract, Json, Payload, ge, lt, operation, query

Small = Annotated[int, ge(0), lt(10)]


@attrs.frozen
class Note:
    data: Small
    more: Small


class Notes(Contract):
    def state(self) -> Small: ...

    @operation
    def add(self, note: Note) -> Small: ...

    @query
    def look(self, document: Payload[Note, Json]) -> Small: ...


class NotesModel(Notes):
    sum = 0

    def state(self):
        return self.sum

    def add(self, note):
        self.sum = note.more
        return self.sum

    def look(self, document):
        self.sum = document.value.data
        return self.sum
"""


def test_a_model_gets_records_and_the_values_of_documents(
    driftcheck: Call, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record may have a field `data`, as a payload has; a document has the value that a host gives it."""
    (empty / "notes.py").write_text(NOTES)
    monkeypatch.syspath_prepend(empty)
    data = {
        "driftcheck_case": 1,
        "contract": "notes",
        "signature": {"check": "D203", "operation": "look", "shape": {"model": "accepted"}},
        "at": 2,
        "blamed": ["model"],
        "steps": [
            {"operation": "add", "arguments": {"note": {"data": 3, "more": 4}}},
            {"operation": "look", "arguments": {"document": {"text": '{"data":5,"more":6}'}}},
        ],
    }
    case = empty / "notes.json"
    write_recorded(case, data)

    done = driftcheck("export", "--contract", "notes:Notes", str(case), "--to", "pytest", "--json")

    assert done.code == 0, done.err
    (file,) = json.loads(done.out)["files"]
    failed = run(Path(file))
    assert failed.returncode == 1
    assert WHY["query"] in failed.stdout


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
    assert f"{case} --record' adds that" in refused.err
    assert replayed.code == 1
    assert WHY["query"] in run(path, "query").stdout
    assert run(path).returncode == 0


def test_replay_says_that_it_recorded_nothing_of_a_copy_that_agrees(
    driftcheck: Call, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Export refuses the copy before and after, since the outcomes in it are those of other steps."""
    monkeypatch.setenv(tiny.VARIABLE, "query")
    case = empty / "case.json"
    signature = {"check": "D203", "operation": "read", "shape": {"model": "accepted"}}
    steps = [{"operation": "add", "arguments": {"n": 1}}, {"operation": "read"}]
    case.write_text(
        json.dumps({"driftcheck_case": 1, "contract": "tiny", "signature": signature, "steps": steps})
    )
    first = driftcheck("replay", "--contract", CONTRACT, "--record", str(case))
    recorded = json.loads(case.read_text())
    del recorded["steps"][1]
    copy = empty / "copy.json"
    copy.write_text(json.dumps(recorded))

    replayed = driftcheck("replay", "--contract", CONTRACT, "--record", str(copy))
    refused = driftcheck("export", "--contract", CONTRACT, str(copy), "--to", "pytest")

    assert "\nrecorded: the file now says what the subjects did\n" in first.out
    assert replayed.code == 0
    assert "\nnot recorded: the steps show no divergence, so the file is as it was\n" in replayed.out
    assert json.loads(copy.read_text()) == recorded
    assert refused.code == 2
    assert "somebody changed its steps after driftcheck recorded what the subjects did" in refused.err
