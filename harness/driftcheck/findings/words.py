"""
Steps and outcomes as people read them, and lines that fit their columns.

Knows values and contracts; knows nothing of divergences.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from driftcheck.contract.schema import Argument, Operation, Schema
from driftcheck.core import types as t
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
from driftcheck.core.trace import Instance, Ref, Step, Trace
from driftcheck.core.visible import visible
from driftcheck.values.encoding import OutsideType
from driftcheck.values.literal import literal, quoted


def call(name: str, arguments: Sequence[Argument], values: Sequence[Any]) -> str:
    """Return an operation with its arguments, like code; more than two arguments get their names."""
    shown = [_argument(a.type, value) for a, value in zip(arguments, values, strict=True)]
    if len(arguments) > 2:
        shown = [f"{a.name}: {value}" for a, value in zip(arguments, shown, strict=True)]
    return f"{name}({', '.join(shown)})"


def _argument(type_: t.Type, value: Any) -> str:
    if isinstance(value, Ref):
        kind = type_.name if isinstance(type_, t.Handle) else "handle"
        return f"{kind} of step {value.step + 1}"
    if isinstance(value, Instance):
        return instance(value.number)
    if isinstance(type_, t.Steps):
        return f"{len(value)} step{'' if len(value) == 1 else 's'}"
    return literal(value)


def step(schema: Schema, one: Step) -> str:
    """Return a step, like code; a step of the second of several instances begins with `#2.`."""
    said = call(one.operation, schema.operation(one.operation).arguments, one.arguments)
    said += f" under {one.fault}" if one.fault is not None else ""
    return said if schema.instances == 1 else f"{instance(one.instance)}.{said}"


def instance(number: int) -> str:
    """Return the printed name of an instance; `number` counts from 0."""
    return f"#{number + 1}"


def opening(schema: Schema, trace: Trace) -> str:
    """Return how a trace was opened, like code."""
    if schema.instances == 1:
        return call("open", schema.opening, trace.opening)
    shown = []
    for argument in schema.opening:
        pairs = zip(schema.slots, trace.opening, strict=True)
        values = [_argument(a.type, value) for (a, _), value in pairs if a is argument]
        of_each = values if len(values) == 1 else [f"{instance(i)} {value}" for i, value in enumerate(values)]
        shown.append(f"{argument.name}: {', '.join(of_each)}")
    return f"open({'; '.join(shown)})"


def outcome(one: Outcome | OutsideType, operation: Operation | None, said: str = "") -> str:
    """Return what a subject did.

    Args:
        operation: None for the opening.
        said: the error text of the library, which gets its own line.
    """
    words = f"\n{quoted(said)}" if said else ""
    match one:
        case OutsideType():
            return f"accepted, but {one}"
        case Accepted(value=value):
            result = None if operation is None or operation.result is None else t.bare(operation.result)
            if result is None:
                return "accepted"
            return f"accepted: {result.name if isinstance(result, t.Handle) else literal(value)}"
        case Rejected(rejection=rejection, detail=None):
            return f"rejected: {rejection}{words}"
        case Rejected(rejection=rejection, detail=detail):
            return f"rejected: {rejection}, {literal(detail)}{words}"
        case Unmapped(text=text):
            return f"unmapped error\n{quoted(text)}"
        case Panicked(text=text):
            return f"panicked\n{quoted(text)}"
        case Unsupported():
            return "unsupported"
        case Void():
            return "void: the handle does not exist"
        case Broken(text=text):
            return f"broken adapter\n{quoted(text)}"
        case Crashed(evidence=evidence):
            return f"crashed: {evidence.reason}"
        case Hung(evidence=evidence):
            return f"hung: {evidence.reason}"
        case Exhausted(evidence=evidence):
            return f"out of memory: {evidence.reason}"
        case NotReached():
            return "not reached"


def width(text: str) -> int:
    """Return how many columns a line takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def padded(text: str, columns: int) -> str:
    """Return text with spaces after it, so that it has at least this width."""
    return text + " " * (columns - width(text))


def wrapped(text: str, columns: int) -> list[str]:
    """Break text into lines of at most this width, after a comma or a space if there is one.

    It escapes unsafe characters first, so that the columns are right.
    """
    lines: list[str] = []
    for rest in visible(text).split("\n"):
        while width(rest) > columns:
            end = _fitting(rest, columns)
            spaces = [m.end() for m in re.finditer(r"[, ]+", rest[: end + 1]) if m.end() <= end]
            if spaces and spaces[-1] > end // 2:
                end = spaces[-1]
            lines.append(rest[:end].rstrip())
            rest = rest[end:]
        lines.append(rest)
    return lines


def _fitting(text: str, columns: int) -> int:
    """Return how many characters fit into these columns; one at least."""
    taken = 0
    for i, character in enumerate(text):
        taken += width(character)
        if taken > columns:
            return max(i, 1)
    return len(text)


def facts(pairs: Mapping[str, str], columns: int) -> list[str]:
    """Return labels and their texts in two columns, wrapped."""
    shown = [(visible(name), words) for name, words in pairs.items()]
    left = max((width(name) for name, _ in shown), default=0) + 2
    lines = []
    for name, words in shown:
        first, *rest = wrapped(words, columns - left)
        lines.append(padded(name, left) + first)
        lines += [" " * left + line for line in rest]
    return lines
