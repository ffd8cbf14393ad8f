"""
What people read of an answer in addition to its outcomes: the error text of the library, and states.

Counts steps from 0, like all code; only printed texts count from 1.
"""

from __future__ import annotations

from typing import Any

from driftcheck.contract.schema import Schema
from driftcheck.lockstep.answer import Answer
from driftcheck.values.encoding import OutsideType


def text_at(answer: Answer, number: int) -> str:
    """Return the error text of the library for a step, "" if there is none or it was not requested."""
    texts = answer.reply.texts
    return texts[number] if texts and number < len(texts) else ""


def encoded_state(answer: Answer, number: int) -> bytes | None:
    """Return the state before step `number`, encoded; None if it is not known."""
    states = answer.reply.states
    return states[number] if states is not None and number < len(states) else None


def state_at(schema: Schema, answer: Answer, number: int) -> Any:
    """Return the state before step `number`: None if it is unknown, OutsideType if its type is wrong."""
    data = encoded_state(answer, number)
    if data is None or schema.state is None:
        return None
    try:
        return answer.wire.state(data)
    except OutsideType as fault:
        return fault
