"""
Goroutines: reads what Go prints about them into values.

Knows the format of `runtime.Stack` and of fatal errors, and which functions belong to a subject.
"""

from __future__ import annotations

import re

import attrs

_GENERATED = "contract_gen.go"
_STEP = "driftcheck/sdk.(*session)."
_PRINTER = "driftcheck/sdk/abi.stacks"

_LINE = 1000  # characters of a line that are read, so that no print of a subject makes the search slow
_HEADER = re.compile(r"^goroutine \d+ (?:\w+=\S+ )*\[([^\],]*)[^\]]*\]:$")
_CALL = re.compile(r"^(?!created by )(\S.*)\([^()]*\)$")
# The lowest layers of Go. A subject waits and fails in them, and the reason is in the functions above them.
_LOWEST = re.compile(r"(?:runtime|internal|sync|syscall|time|driftcheck/sdk)(?:/[\w/]+)?\.|panic$|_cgoexp")
_CLOSURE = re.compile(r"(?:\.func\d+|\.gowrap\d+|\.deferwrap\d+|\.\d+|-range\d+)+$")


@attrs.frozen
class Goroutine:
    """One goroutine."""

    state: str  # "running", "chan receive"
    functions: tuple[str, ...]  # of the subject, innermost first; a closure has the name of its function
    text: str
    runs_step: bool
    prints_stacks: bool


def parse(text: str) -> list[Goroutine]:
    """Return the goroutines in `text`, in order."""
    found = []
    for block in text.split("\n\n"):
        lines = [line[:_LINE] for line in block.strip("\n").splitlines()]
        start = next((i for i, line in enumerate(lines) if _HEADER.match(line)), None)
        if start is not None:
            found.append(_goroutine(lines[start:]))
    return found


def _goroutine(lines: list[str]) -> Goroutine:
    header = _HEADER.match(lines[0])
    functions, runs_step, prints_stacks = [], False, False
    for line, place in zip(lines[1:], [*lines[2:], ""], strict=True):
        call = _CALL.match(line)
        if call is None:
            continue
        runs_step |= line.startswith(_STEP)
        prints_stacks |= line.startswith(_PRINTER)
        if not _LOWEST.match(call[1]) and _GENERATED not in place:
            functions.append(_CLOSURE.sub("", call[1]))
    return Goroutine(
        state=header[1] if header else "",
        functions=tuple(functions),
        text="\n".join(lines),
        runs_step=runs_step,
        prints_stacks=prints_stacks,
    )
