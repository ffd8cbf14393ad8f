"""
Reasons: what the subjects say about a step that they refuse, without the parts that vary.

Error texts are never compared. They tell divergences apart that differ in nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core.outcome import Unmapped
from driftcheck.core.trace import Document, Name, Step
from driftcheck.core.variable_parts import without_variable_parts
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle import checks
from driftcheck.oracle.signature import Divergence

LONGEST = 200  # characters, of all subjects


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
        return without_variable_parts(divergence.detail, inputs_of(step))[:LONGEST]
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
    return "; ".join(said)[:LONGEST]


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
