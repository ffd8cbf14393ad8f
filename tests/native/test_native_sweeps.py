"""Sweeps: hosts that draw traces themselves run the same ones, and show what a run of these traces shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs
import deadly
import faulty
import gossip
import pytest

from driftcheck import Contract
from driftcheck.build import build_native
from driftcheck.core.trace import Step, Trace
from driftcheck.generate.guided import GuidedTraces
from driftcheck.generate.native_traces import NativeTraces
from driftcheck.generate.plan_export import export_plan
from driftcheck.generate.strategy import Interpreter, traces
from driftcheck.lockstep.native import NativeSearch, SweepPlan
from driftcheck.oracle import checks
from driftcheck.search import sweeps
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.explored import Explored
from driftcheck.search.session import Session, open_session
from driftcheck.subjects.host import Host, Limits
from driftcheck_contracts.lru import Lru

SEEDS = tuple(range(96))
LIMITS = Limits(deadline_s=0.3, memory_bytes=256 << 20)
CHECKS = {"exit": checks.CRASH, "deadlock": checks.HANG, "memory": checks.MEMORY, "segv": checks.CRASH}


@attrs.frozen(eq=False)
class Swept:
    """A session, and the native traces of its contract."""

    session: Session
    native: NativeSearch
    plan: SweepPlan
    read: Callable[[bytes], Trace]

    def trace(self, seed: int) -> Trace:
        """Return the trace of a seed."""
        return self.read(self.plan.describe(seed))


@contextmanager
def opened(
    contract: type[Contract],
    *only: str,
    max_steps: int = 50,
    environment: Mapping[str, str] | None = None,
    coverage: bool = False,
) -> Iterator[Swept]:
    """Open a session of a contract, and read its plan."""
    with pytest.MonkeyPatch.context() as variables:
        for name, value in (environment or {}).items():
            variables.setenv(name, value)
        with open_session(contract, only=only, limits=LIMITS, coverage=coverage) as session:
            interpreter = traces(session.schema, max_steps=max_steps).interpreter
            exported = export_plan(interpreter, 7)
            native = NativeSearch(build_native(session.schema))
            plan = native.plan(exported.data, max_steps)
            yield Swept(session, native, plan, NativeTraces(interpreter, exported).read)


@pytest.fixture
def only_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have runs draw nothing in this process, so that what they find is found by sweeps."""
    monkeypatch.setattr(sweeps, "TURN", 1)
    # Two steps, so that no trace is passed over as one that was drawn before.
    nothing = Trace((Step("count"), Step("count")), (1,), {})
    monkeypatch.setattr(GuidedTraces, "draw_steered", lambda *_: nothing)


def run(contract: type[Contract], traces: int, *only: str) -> Explored:
    """Explore with sweeps."""
    with open_session(contract, only=only, limits=LIMITS) as session:
        native = NativeSearch(build_native(session.schema))
        return explore(session, Budget(max_traces=traces), seed=1, native=native, laws=False)


def test_a_sweep_counts_what_a_run_counts() -> None:
    """Steps, outcomes and rejections of a sweep are those of the same traces, run one by one."""
    with opened(Lru, "go", "rust") as one:
        swept = one.session.lockstep.sweep(one.plan, SEEDS)
        executions = one.session.lockstep.run_all([one.trace(seed) for seed in SEEDS])

    index_of = {operation.name: operation.index for operation in one.session.schema.operations}
    counted: Counter[tuple[int, int, int | None]] = Counter()
    for execution in executions:
        outcomes = execution.answers["go"].reply.outcomes
        for step, outcome in zip(execution.trace.steps, outcomes, strict=True):
            counted[index_of[step.operation], outcome[0], outcome[1] if outcome[0] == 1 else None] += 1
    assert swept.differing == ()
    assert swept.deaths == ()
    assert swept.steps == sum(len(execution.trace.steps) for execution in executions)
    assert swept.outcomes == counted


def test_a_sweep_reaches_what_a_run_reaches() -> None:
    """The seeds that reach something new are those of the same traces, run one by one.

    Only in Go: the Rust library compares keys only where hashes collide, which differs in each process.
    """
    with opened(Lru, "go", coverage=True) as one:
        lockstep = one.session.lockstep
        swept, again = (lockstep.sweep(one.plan, SEEDS) for _ in range(2))
        reached = lockstep.coverage_map("go")
        lockstep.forget_coverage()
        reaching = [seed for seed in SEEDS if lockstep.run_all([one.trace(seed)])[0].reaches_new]

        assert lockstep.coverage_map("go") == reached
    assert 0 < len(reaching) < len(SEEDS)
    assert list(swept.reaching) == reaching
    assert again.reaching == ()


@pytest.mark.parametrize("fault", ["get_cuts_zero", "rename_onto_itself", "keys_unsorted"])
def test_a_sweep_differs_where_a_run_differs(fault: str) -> None:
    """The seeds whose digests differ are those of the traces to which the subjects answer differently."""
    with opened(faulty.Faulty, "go", "rust", environment={faulty.VARIABLE: fault}) as one:
        swept = one.session.lockstep.sweep(one.plan, SEEDS)
        executions = one.session.lockstep.run_all([one.trace(seed) for seed in SEEDS])

    differing = [seed for seed, e in zip(SEEDS, executions, strict=True) if not e.is_equal]
    assert differing
    assert list(swept.differing) == differing


@pytest.mark.parametrize(
    ("side", "kind"), [("go", "exit"), ("go", "deadlock"), ("rust", "segv"), ("rust", "memory")]
)
def test_a_death_is_of_its_trace(side: str, kind: str) -> None:
    """A sweep names the trace in which a subject died, and the next sweep has a fresh host with the plan."""
    with opened(deadly.Deadly, max_steps=5, environment={deadly.VARIABLE: f"{side}-{kind}"}) as one:
        fatal = [any(s.operation == "die" for s in one.trace(seed).steps) for seed in range(1_000)]
        first = fatal.index(True)
        swept = one.session.lockstep.sweep(one.plan, range(first + 9))
        harmless = [seed for seed, dies in enumerate(fatal) if not dies][:50]
        again = one.session.lockstep.sweep(one.plan, harmless)

    (death,) = swept.deaths
    assert (death.subject, death.number) == (side, first)
    assert (again.deaths, again.differing) == ((), ())


def test_a_model_runs_one_trace_in_eight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A subject in Python gets one seed in eight, and is compared for these."""
    with opened(faulty.Faulty, "go", "rust", "model") as one:
        sent: dict[int, list[bytes]] = {}
        plain = Host.send
        monkeypatch.setattr(
            Host,
            "send",
            lambda host, frame: (sent.setdefault(host.pid, []).append(frame), plain(host, frame))[1],
        )
        swept = one.session.lockstep.sweep(one.plan, SEEDS)
        pids = {name: one.session.lockstep.pid(name) for name in ("go", "rust", "model")}

    orders = {name: sent[pid][-1] for name, pid in pids.items()}
    counts = {"go": True, "rust": False, "model": False}
    assert orders == {
        name: one.plan.order(SEEDS[::8] if name == "model" else SEEDS, 0, counts=counts[name])
        for name in orders
    }
    assert swept.differing == ()


def test_a_plan_is_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each host gets a plan once, even if another plan was used in between."""
    with opened(Lru, "go", "rust") as one:
        frames: list[bytes] = []
        plain = Host.send
        monkeypatch.setattr(Host, "send", lambda host, frame: (frames.append(frame), plain(host, frame))[1])
        for _ in range(3):
            one.session.lockstep.sweep(one.plan, SEEDS)
        one.session.lockstep.refresh()
        one.session.lockstep.sweep(one.plan, SEEDS)

    assert frames.count(one.plan.frame) == 2 * 2  # two hosts, twice


def test_an_order_without_its_plan_is_refused() -> None:
    """A host says that it does not know a plan, and serves the next request."""
    with opened(Lru, "go") as one:
        slot, trace = one.session.lockstep._slots["go"], one.trace(1)
        slot.host.send(one.plan.order(SEEDS, 0, counts=False))
        with pytest.raises(Exception, match="before it got a plan"):
            slot.host.receive()
        pid = slot.host.pid
        (execution,) = one.session.lockstep.run_all([trace])
        after = slot.host.pid

    assert len(execution.answers["go"].reply.outcomes) == len(trace.steps)
    assert after == pid


def test_the_model_skips_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The libraries run a trace with the steps that the model skips, but none of these beside the model."""
    monkeypatch.setenv(gossip.VARIABLE, "skips")
    shorter = []
    without_skipped = Interpreter.without_skipped

    def recorded(interpreter: Interpreter, trace: Trace) -> Trace:
        shorter.append(without_skipped(interpreter, trace))
        return shorter[-1]

    monkeypatch.setattr(Interpreter, "without_skipped", recorded)

    explored = run(gossip.Gossip, 300, "go", "rust", "model")

    assert explored.findings == ()
    assert len(shorter) > 30


@pytest.mark.usefixtures("only_sweeps")
@pytest.mark.parametrize(
    ("fault", "check", "steps"),
    [("get_cuts_zero", "D103", ["put", "get"]), ("credit_wraps", "D101", ["credit", "credit"])],
)
def test_a_fault_is_found_by_sweeps(
    fault: str, check: str, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A native trace is examined, lifted and shrunk to the minimum that every other trace is shrunk to."""
    monkeypatch.setenv(faulty.VARIABLE, fault)

    explored = run(faulty.Faulty, 3_000, "go", "rust")

    (finding,) = explored.findings
    assert finding.divergence.check.code == check
    assert [step.operation for step in finding.case.steps] == steps
    assert not finding.is_flaky


@pytest.mark.parametrize(("side", "kind"), [("go", "deadlock"), ("go", "exit"), ("rust", "segv")])
def test_a_death_is_found_by_sweeps(side: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A death in a sweep is attributed to its subject and its step, and shrunk to that step."""
    monkeypatch.setenv(deadly.VARIABLE, f"{side}-{kind}")
    monkeypatch.setattr(sweeps, "TURN", 1)
    alive = Trace((Step("live"), Step("live")))
    monkeypatch.setattr(GuidedTraces, "draw_steered", lambda *_: alive)

    explored = run(deadly.Deadly, 20)  # each trace that hangs takes the whole deadline

    (finding,) = explored.findings
    assert finding.divergence.check is CHECKS[kind]
    assert [step.operation for step in finding.case.steps] == ["die"]
    assert dict(finding.divergence.shape)[side] != "accepted"


@pytest.mark.nightly
def test_a_seed_gives_the_same_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a budget in traces a second run has the same findings and the same counts, those of sweeps too."""
    monkeypatch.setenv(faulty.VARIABLE, "rename_onto_itself")
    monkeypatch.setattr(sweeps, "TURN", 100)

    first, second = (run(faulty.Faulty, 400, "go", "rust") for _ in range(2))

    assert first.statistics.swept > 0
    assert comparable(first) == comparable(second)


def test_a_crowded_sweep_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """If many traces of a sweep differ, only those that are judged count, and drawing here goes on."""
    monkeypatch.setenv(faulty.VARIABLE, "keys_unsorted")
    monkeypatch.setattr(sweeps, "TURN", 50)
    monkeypatch.setattr(sweeps, "CROWDED", 3)

    explored = run(faulty.Faulty, 200, "go", "rust")

    assert len(explored.findings) == 1
    assert explored.statistics.swept == 0
    assert explored.statistics.traces == 200


def comparable(explored: Explored) -> Any:
    """Return what must be equal in two runs."""
    return [
        explored.statistics,
        [(f.signature, f.case, f.confirmed) for f in explored.findings],
        dict(explored.more),
    ]
