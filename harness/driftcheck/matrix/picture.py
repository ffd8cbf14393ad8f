"""
Pictures: what all subjects did with one step, as cells.

Compares subjects as the oracle does. Knows nothing of asymmetries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import attrs

from driftcheck.contract.schema import Operation, Schema
from driftcheck.core.disagreement import groups_of
from driftcheck.core.outcome import (
    Accepted,
    Broken,
    Crashed,
    Exhausted,
    Hung,
    NotReached,
    Outcome,
    Panicked,
    Rejected,
    Unmapped,
    Unsupported,
    Void,
)
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.matrix.cells import UNSUPPORTED, Cell
from driftcheck.oracle.compare import first_difference
from driftcheck.oracle.signature import Divergence
from driftcheck.values.encoding import OutsideType

MARKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FATAL = ("panic", "crash", "hang", "memory", "not reached")

_DID: dict[type[Any], str] = {
    Accepted: "accept",
    Rejected: "reject",
    Unmapped: "unmapped",
    Panicked: "panic",
    Crashed: "crash",
    Hung: "hang",
    Exhausted: "memory",
    Unsupported: UNSUPPORTED,
    Void: "void",
    Broken: "broken adapter",
    NotReached: "not reached",
    OutsideType: "outside its type",
}


@attrs.frozen(eq=False)
class _Seen:
    """What one subject did, with all that is compared."""

    cell: Cell  # without a mark
    value: Any
    state: bytes | None


def picture(schema: Schema, execution: Execution, number: int) -> tuple[Cell, ...]:
    """Return a cell for each subject, in the order of the answers."""
    operation = schema.operation(execution.trace.steps[number].operation)
    seen = [_seen(schema, operation, answer, number) for answer in execution.answers.values()]
    classes: list[list[_Seen]] = []  # cells that are equal in everything
    for one in seen:
        like = next((c for c in classes if _same(operation, c[0], one)), None)
        if like is None:
            classes.append([one])
        else:
            like.append(one)
    cells = {id(one): _marked(one.cell, c, classes) for c in classes for one in c}
    return tuple(cells[id(one)] for one in seen)


def beyond(divergence: Divergence, names: Sequence[str], cells: Sequence[Cell]) -> str:
    """Return a word for what a picture shows besides the signature of its divergence, or "".

    The subjects that accept a document may give it different values. Where one subject dies, the signature
    says nothing of the others.
    """
    groups = groups_of({name: c for name, c in zip(names, cells, strict=True) if c.did != UNSUPPORTED})
    if not divergence.is_death and {*map(frozenset, groups)} == {*map(frozenset, divergence.disagreement)}:
        return ""
    return hashlib.sha256(" | ".join(map(str, cells)).encode()).hexdigest()[:4]


def ends_there(execution: Execution, number: int, cells: tuple[Cell, ...]) -> bool:
    """Say whether later steps cannot be compared, since a subject died or the states differ."""
    if any(cell.did in FATAL for cell in cells):
        return True
    states = {
        _state(a, number)
        for a, c in zip(execution.answers.values(), cells, strict=True)
        if c.did != UNSUPPORTED
    }
    return len(states) > 1


def _seen(schema: Schema, operation: Operation, answer: Answer, number: int) -> _Seen:
    outcome = answer.outcome(operation, number)
    rejection = ""
    if isinstance(outcome, Rejected) and len(schema.rejections) > 1:
        rejection = outcome.rejection
    return _Seen(Cell(_DID[type(outcome)], rejection), _value(outcome), _state(answer, number))


def _value(outcome: Outcome | OutsideType) -> Any:
    """Return what is compared besides the kind of the outcome: a value, or the detail of a rejection."""
    match outcome:
        case Accepted(value=value):
            return value
        case Rejected(detail=detail):
            return detail
        case _:
            return None


def _state(answer: Answer, number: int) -> bytes | None:
    """Return what identifies the state after a step."""
    reply = answer.reply
    if reply.states is not None:
        return reply.states[number + 1] if number + 1 < len(reply.states) else None
    return reply.digests[number] if number < len(reply.digests) else None


def _same(operation: Operation, one: _Seen, other: _Seen) -> bool:
    if one.cell != other.cell or one.state != other.state:
        return False
    if one.cell.did != "accept" or operation.result is None:
        return bool(one.value == other.value)
    return first_difference(operation.result, one.value, other.value) is None


def _marked(cell: Cell, own: list[_Seen], classes: list[list[_Seen]]) -> Cell:
    """Give a cell the letter of its class, where the same outcome has several values or states."""
    rivals = [c for c in classes if c[0].cell == cell]
    if len(rivals) < 2:
        return cell
    return attrs.evolve(cell, mark=MARKS[[c is own for c in rivals].index(True) % len(MARKS)])
