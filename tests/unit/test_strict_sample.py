"""A sample of equal replies is read strictly, so that a slip of both SDKs at once is noticed."""

from __future__ import annotations

import pytest

from driftcheck import schema_of
from driftcheck.core.errors import ProtocolFault
from driftcheck.core.trace import Trace
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle.oracle import Oracle
from driftcheck.search.budget import Budget
from driftcheck.search.explore import STRICT, explore
from driftcheck.search.session import open_session
from driftcheck.subjects.wire import Wire
from driftcheck_contracts.lru import Lru

GOOD = bytes.fromhex("84818200f680f6f6")  # [[[0, null]], [], null, null]
LONG_HEAD = bytes.fromhex("8481821800f680f6f6")  # the same, 0 in two bytes


def _run(raw: bytes) -> Execution:
    wire = Wire(schema_of(Lru))
    return Execution(Trace(()), {"go": Answer(raw, wire), "rust": Answer(raw, wire)})


def test_a_shared_slip_is_noticed() -> None:
    """A reply that both sides write in the same wrong form is a fault of the SDKs, not an agreement."""
    oracle = Oracle(schema_of(Lru), Lockstep(schema_of(Lru), ()))

    oracle.check_replies(_run(GOOD))

    with pytest.raises(ProtocolFault, match="not canonical CBOR: a head that is not the shortest"):
        oracle.check_replies(_run(LONG_HEAD))


def test_a_run_reads_one_trace_in_so_many_strictly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run samples the replies that agree: its first trace, and then one after each `STRICT` traces."""
    read: list[Execution] = []
    monkeypatch.setattr(Oracle, "check_replies", lambda oracle, execution: read.append(execution))

    with open_session(Lru, only=("model",)) as session:
        explore(session, Budget(max_traces=2 * STRICT + 1), seed=1, laws=False)

    assert len(read) == 3
