"""
The deep faults of the reconciliation engines as data: `reconcile/deep_faults.toml` read, with its traces.

Each shows in a rare state alone. Its trace leads there, and was written before anything searched for it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
from engine_faults import HERE, Fault

from driftcheck.core.trace import Instance, Ref, Step, Trace
from driftcheck_contracts.reconcile.records import Algorithm, Watermark

REPLICAS = ("a", "bb", "c")
PULLED_BY_ALL = ("bb reconcile a", "c reconcile a", "a reconcile bb", "a reconcile c")
NOW = 0
LABEL = "="  # before a label


@attrs.frozen
class DeepFault(Fault):
    """A fault that only a rare state shows, and a trace that leads there."""

    trace: tuple[str, ...] = ()

    @property
    def patch(self) -> Path:
        """Return the file of the patch."""
        return HERE / "deep_faults" / self.side / f"{self.name}.patch"

    @property
    def shown_by(self) -> Trace:
        """Return the trace, of which the last step or the state after it differs."""
        lines = [line for written in self.trace for line in _spelled_out(written)]
        opening = (0, 1, 2, 3, 3, 3, *[Algorithm.OFF] * 3)
        return Trace(tuple(map(_step, lines)), opening)


def read_deep_faults() -> tuple[DeepFault, ...]:
    """Read the table."""
    tables = tomllib.loads((HERE / "deep_faults.toml").read_text())
    return tuple(
        DeepFault(name, **{k: tuple(v) if isinstance(v, list) else v for k, v in table.items()})
        for name, table in tables.items()
    )


def _spelled_out(line: str) -> Sequence[str]:
    return PULLED_BY_ALL if line == "pulled by all" else (line,)


def _step(line: str) -> Step:
    replica, operation, *words = line.split()
    fault = words.pop() if words and words[-1] == "killed" else None
    return Step(operation, tuple(_arguments(operation, words)), REPLICAS.index(replica), fault)


def _arguments(operation: str, words: Sequence[str]) -> list[Any]:
    match operation, words:
        case "put_number", [key, number, *label]:
            return [key.encode(), int(number), label[0].removeprefix(LABEL) if label else None, NOW]
        case "delete", [key]:
            return [key.encode(), NOW]
        case "increase", [key, by]:
            return [key.encode(), int(by), NOW]
        case "fill", [count]:
            return [int(count), NOW]
        case "get", [key]:
            return [key.encode()]
        case "scan", [prefix, limit]:
            return [prefix.encode(), int(limit)]
        case "rollback", [number]:
            return [Ref(int(number) - 1)]
        case "reconcile", [peer]:
            return [Instance(REPLICAS.index(peer)), NOW]
        case "gc", []:
            return [None]
        case "gc", [a, b, c]:
            return [Watermark(int(a), int(b), int(c))]
        case "snapshot" | "digest", []:
            return []
    raise AssertionError(f"a step that nothing reads: {operation} {words}")
