"""Payloads per second: drawn, encoded, broken, run, judged and counted, in processor time of the parent."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from figures import Table, spread
from scale import SMOKE, sized
from shelf_models import First, Second, Shelves

from driftcheck import schema_of
from driftcheck.contract.lookup import load_named
from driftcheck.core.trace import Document, Trace
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.oracle.oracle import Glance, Oracle
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.session import Session, open_session
from driftcheck.subjects.discover import Subject

HERE = Path(__file__).parent
ROUNDS = sized(5, 1)
TRACES = sized(400, 4)  # of the contract with state
EXAMPLES = sized(40, 2)  # of the state machine
PAYLOADS = sized(10_000, 40)  # traces of the contracts without state
FASTER = 8  # times the steps of the state machine
AIM = 2_000  # payloads a second
QUANTILES = 40  # sizes that the state machine draws from
PAIRS = {"json": ("go", "serde"), "cbor": (), "time": (), "semver": ()}


@contextmanager
def shelves() -> Iterator[Session]:
    """Run the contract with state; both subjects use one library."""
    schema, known = schema_of(Shelves), Asymmetries()
    environment = {"PYTHONPATH": str(HERE)}
    hosts = [
        Subject(name, "python", "python", f"shelf_models:{cls.__name__}", environment)
        for name, cls in (("first", First), ("second", Second))
    ]
    with Lockstep(schema, hosts) as lockstep:
        descriptions = lockstep.start()
        yield Session(Shelves, schema, None, lockstep, Oracle(schema, lockstep, known), known, descriptions)


def sizes_seen(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the list that gets the size of each document that the session runs."""
    sizes: list[int] = []
    plain = session.oracle.glance

    def glance(trace: Trace, *, without: Collection[str] = ()) -> Glance:
        arguments = (value for step in trace.steps for value in step.arguments)
        sizes.extend(len(value.data) for value in arguments if isinstance(value, Document))
        return plain(trace, without=without)

    monkeypatch.setattr(session.oracle, "glance", glance)
    return sizes


def machine(number: int, sizes: list[int]) -> dict[str, Any]:
    """Run the state machine in a process of its own, with documents of these sizes."""
    ordered = sorted(sizes)
    some = [ordered[len(ordered) * n // QUANTILES] for n in range(QUANTILES)]
    command = [sys.executable, str(HERE / "shelf_machine.py"), str(number), str(EXAMPLES), json.dumps(some)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_a_payload_with_state_outruns_a_state_machine(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """A contract with state and one JSON payload makes at least eight times the steps of a state machine.

    Both are measured in processor time of the process that draws. Half of the documents of the state machine
    are no larger than half of ours, and no more of its steps have one: both by a tenth at most.
    """
    ours, theirs = [], []
    steps, documents, their_steps, their_documents = 0, list[int](), 0, list[int]()
    with shelves() as session:
        sizes = sizes_seen(session, monkeypatch)
        explore(session, Budget(max_traces=TRACES), seed=0)
        for number in range(1, ROUNDS + 1):
            sizes.clear()
            started = time.process_time()
            explored = explore(session, Budget(max_traces=TRACES), seed=number)
            ours.append(explored.statistics.steps / (time.process_time() - started))
            assert explored.findings == ()
            beside = machine(number, sizes)
            theirs.append(beside["steps"] / beside["seconds"])
            steps, their_steps = steps + explored.statistics.steps, their_steps + beside["steps"]
            documents += sizes
            their_documents += beside["sizes"]
    share, their_share = len(documents) / steps, len(their_documents) / their_steps
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]

    table.add("stateful, one JSON payload: steps/s of the parent", spread(ours, "{:,.0f}"))
    table.add("RuleBasedStateMachine, same library, same sizes: steps/s", spread(theirs, "{:,.0f}"))
    table.add("stateful payload / RuleBasedStateMachine", spread(ratios), f"at least {FASTER}")
    table.add("steps with a document, here and there", f"{share:.2f}; {their_share:.2f}")
    table.add("median size of a document", f"{median(documents):,.0f}; {median(their_documents):,.0f}")
    assert SMOKE or their_share <= 1.1 * share
    assert SMOKE or median(their_documents) <= 1.1 * median(documents)
    assert SMOKE or median(ratios) >= FASTER


@pytest.mark.parametrize("name", PAIRS)
def test_payloads_a_second(name: str, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of the shipped contracts with all asymmetries declared; nothing is promised."""
    with open_session(load_named(name), only=PAIRS[name]) as session:
        sizes = sizes_seen(session, monkeypatch)
        started = time.process_time()
        explored = explore(session, Budget(max_traces=PAYLOADS), seed=1, witnesses=False)
        seconds = time.process_time() - started

    assert len(sizes) > 0
    assert explored.statistics.traces > 0
    rate, megabytes = len(sizes) / seconds, sum(sizes) / seconds / 1e6
    table.add(
        f"{name}: payloads a second of the parent", f"{rate:,.0f}; {megabytes:.2f} MB/s", f"aim {AIM:,}"
    )
