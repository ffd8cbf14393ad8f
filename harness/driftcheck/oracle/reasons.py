"""
Reasons: the error texts of the subjects that reject a step, without the parts that vary.

Error texts of two subjects are never compared. They only tell apart divergences that are otherwise equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core.outcome import Unmapped
from driftcheck.core.trace import Document, Name, Step
from driftcheck.core.variable_parts import are_one_text, without_variable_parts
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle import checks
from driftcheck.oracle.signature import Divergence

LONGEST = 200  # characters, of all subjects
BETWEEN = "; "  # what two subjects say

_NEXT_SUBJECT = re.compile(BETWEEN + r"(?=[\w-]+: )")


def reason(schema: Schema, execution: Execution, divergence: Divergence) -> str:
    """Return what each subject that has an error text says about the step of a divergence.

    Of a value outside its type, return what is wrong with it.

    Args:
        execution: made with error texts.
    """
    assert divergence.step is not None
    number = divergence.step
    step = execution.trace.steps[number]
    if divergence.check == checks.OUTSIDE_TYPE:
        complaint = divergence.detail.removeprefix(divergence.path).removeprefix("the result")
        return without_variable_parts(complaint, inputs_of(step))[:LONGEST]
    operation = schema.operation(step.operation)
    inputs = inputs_of(step)
    said = []
    for name, answer in execution.answers.items():
        outcome = answer.outcome(operation, number)
        texts = answer.reply.texts
        text = outcome.text if isinstance(outcome, Unmapped) else ""
        if not text and texts and number < len(texts):
            text = texts[number]
        if text:
            said.append(f"{name}: {without_variable_parts(text, inputs)}")
    return BETWEEN.join(said)[:LONGEST]


def say_the_same(one: str, other: str) -> bool:
    """Say whether two reasons are one: each subject says the same, as far as its text is not cut."""
    a, b = _NEXT_SUBJECT.split(one), _NEXT_SUBJECT.split(other)
    return bool(one) and len(a) == len(b) and all(map(are_one_text, a, b))


def inputs_of(step: Step) -> list[str]:
    """List the texts and documents in the arguments of a step, which an error text may repeat."""
    return [text for argument in step.arguments for text in _texts(argument)]


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bytes():
            yield value.decode("utf-8", "replace")
        case Document(data=data):
            yield data.decode("utf-8", "replace")
        case Name(value=inner):
            yield from _texts(inner)
        case tuple() | list():
            for item in value:
                yield from _texts(item)
        case dict():
            for key, item in value.items():
                yield from _texts(key)
                yield from _texts(item)
        case _ if attrs.has(type(value)):
            for field in attrs.fields(type(value)):
                yield from _texts(getattr(value, field.name))
