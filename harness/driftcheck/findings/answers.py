"""
Answers looked at step by step: outcome, the library's own words, and state of one subject at one step.

Steps count from 0, as everywhere but in what people read.
"""

from __future__ import annotations

from typing import Any

from driftcheck.contract.schema import Operation, Schema
from driftcheck.lockstep import Answer
from driftcheck.outcome import NotReached, Outcome
from driftcheck.values import OutsideType


def opened(answer: Answer) -> Outcome | OutsideType:
    """Return what a subject did when it was opened."""
    if answer.death is not None and answer.died_at is None:
        return answer.death
    return answer.wire.opened(answer.reply.opened[0])


def outcome_at(answer: Answer, operation: Operation, number: int) -> Outcome | OutsideType:
    """Return what a subject did in a step; OutsideType where its value is not of the declared type."""
    if answer.death is not None:
        if answer.died_at is None or number > answer.died_at:
            return NotReached()
        if number == answer.died_at:
            return answer.death
    if number >= len(answer.reply.outcomes):
        return NotReached()
    try:
        return answer.wire.outcome(operation, answer.reply.outcomes[number])
    except OutsideType as fault:
        return fault


def text_at(answer: Answer, number: int) -> str:
    """Return the library's own words for the error of a step, "" where it gave none or was not asked."""
    texts = answer.reply.texts
    return texts[number] if texts and number < len(texts) else ""


def encoded_state(answer: Answer, number: int) -> bytes | None:
    """Return the state before step `number`, encoded; None where it is not known."""
    states = answer.reply.states
    return states[number] if states is not None and number < len(states) else None


def state_at(schema: Schema, answer: Answer, number: int) -> Any:
    """Return the state before step `number`: None where it is not known, OutsideType where it is none."""
    data = encoded_state(answer, number)
    if data is None or schema.state is None:
        return None
    try:
        return answer.wire.state(data)
    except OutsideType as fault:
        return fault
