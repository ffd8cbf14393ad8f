"""Several instances in one trace, and faults: the same in Go, in Rust and in the Python model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import canonical
import cbor2
import pytest
from gossip import Gossip
from parity import ACCEPTED, MODES, NOT_REACHED, NOTHING, REJECTED, VOID, Sides, agreed, outcomes

from driftcheck import Contract, schema_of
from driftcheck.core.errors import ProtocolFault
from driftcheck.subjects import model
from driftcheck.subjects.wire import DIGESTS, STATES


def gossip(openings: list[list[Any]], steps: list[list[Any]], mode: int = DIGESTS) -> bytes:
    """Encode a request of one trace over three counters."""
    trace = canonical.encode(["id", [[1, []]] * len(openings), openings, steps])
    return canonical.encode([1, mode, [trace]])


THREE = [[0, 9, 0], [1, 9, 0], [2, 9, 0]]  # place, limit and start of each


def test_each_instance_has_its_own_state_and_digest(ask: Callable[[type[Contract]], Sides]) -> None:
    """States stand in the order of the instances, and digests one after the other."""
    ahead = schema_of(Gossip).operation("ahead").index
    steps = [[0, 2, None, [5]], [1, 0, None, [2]], [ahead, 1, None, [0, 4]]]  # add, pull, ahead

    opened, pairs, states, _ = agreed(ask(Gossip), gossip(THREE, steps, STATES))

    assert opened == [NOTHING] * 3
    assert pairs[::2] == [[ACCEPTED, 5], [ACCEPTED, 5], [ACCEPTED, True]]
    zero, one, two = ([place, {place: 0}] for place in range(3))
    five = [2, {2: 5}]
    learnt = [0, {0: 0, 2: 5}]
    decoded = [[cbor2.loads(state) for state in states_] for states_ in states]
    assert decoded == [[zero, one, two], [zero, one, five], [learnt, one, five], [learnt, one, five]]
    digests = [b"".join(model.fnv1a(state) for state in states_) for states_ in states]
    assert pairs[1::2] == digests[1:]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("at", range(3))
def test_no_step_is_done_where_one_instance_does_not_open(
    ask: Callable[[type[Contract]], Sides], at: int, mode: int
) -> None:
    """Those before it were opened, those after it are not reached, and every step is void."""
    openings = [*THREE[:at], [at, 9, 10], *THREE[at + 1 :]]

    opened, pairs, states, _ = agreed(ask(Gossip), gossip(openings, [[0, 0, None, [1]]] * 2, mode))

    assert opened == [*[NOTHING] * at, [REJECTED, 0, None], *[[NOT_REACHED]] * (2 - at)]
    assert pairs == [[VOID], None] * 2
    assert states == (None if mode == DIGESTS else [None] * 3)


def test_a_handle_belongs_to_the_instance_that_made_it(ask: Callable[[type[Contract]], Sides]) -> None:
    """Given to another one, it was never made."""
    mark, since = (schema_of(Gossip).operation(name).index for name in ("mark", "since"))
    steps = [[mark, 1, None, []], [since, 1, None, [0]], [since, 2, None, [0]]]

    assert outcomes(agreed(ask(Gossip), gossip(THREE, steps))) == [NOTHING, [ACCEPTED, 0], [VOID]]


def test_a_fault_reaches_the_adapter(ask: Callable[[type[Contract]], Sides]) -> None:
    """The first is an answer that is lost, the second one that comes twice; what follows meets none."""
    losses = schema_of(Gossip).operation("losses").index
    steps = [[1, 0, 0, [1]], [1, 0, 1, [1]], [1, 0, None, [1]], [losses, 0, None, []]]

    got = outcomes(agreed(ask(Gossip), gossip(THREE, steps)))

    assert got == [[REJECTED, 1, None], [ACCEPTED, 0], [ACCEPTED, 0], [ACCEPTED, 1]]


@pytest.mark.parametrize(
    "odd",
    [
        gossip(THREE[:2], []),
        gossip([*THREE, [0, 9, 0]], []),
        gossip(THREE, [[0, 3, None, [1]]]),
        gossip(THREE, [[1, 1, None, [1]]]),
        gossip(THREE, [[1, 1, None, [3]]]),
        gossip(THREE, [[1, 1, 2, [0]]]),
        gossip(THREE, [[1, 1, "lost", [0]]]),
    ],
    ids=["too few", "too many", "instance 3", "its own peer", "peer 3", "fault 2", "no number"],
)
def test_what_names_no_instance_or_fault_is_refused(
    ask: Callable[[type[Contract]], Sides], odd: bytes
) -> None:
    """Such a request is driftcheck's own fault, and no answer to it is made up."""
    for side in ask(Gossip).values():
        with pytest.raises((ValueError, ProtocolFault)):
            side(odd)
