"""
The section that closes a pytest run: what was done with each contract, and what to look at.

It says which asymmetries were seen and which need attention, what was not exercised, and how to replay each
finding. Reads nothing but plain data, since reports may come from xdist's workers.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable
from typing import Any

import attrs
import pytest

from driftcheck.core.visible import visible
from driftcheck.search.unexercised import NotExercised

COLUMNS = 100
MOST_LINES = 4  # of one list
PREFIX = "driftcheck_"


@attrs.define
class _Contract:
    """The results of all items of one contract, of all workers together."""

    name: str
    seed: int
    traces: int = 0
    steps: int = 0
    asymmetries: Counter[str] = attrs.field(factory=Counter)  # how often each was seen
    raised: list[tuple[str, str, str]] = attrs.field(factory=list)  # alarms: the entry, its kind, its line
    replays: dict[str, None] = attrs.field(factory=dict)  # commands, each once
    missing: dict[str, list[dict[str, list[Any]]]] = attrs.field(factory=dict)  # by kind of item

    def add(self, properties: Iterable[tuple[str, Any]]) -> None:
        """Add the result of one item."""
        values = {name.removeprefix(PREFIX): value for name, value in properties if name.startswith(PREFIX)}
        self.asymmetries.update(values.get("asymmetries", {}))
        self.raised += [(name, *alarm) for name, alarm in values.get("alarms", {}).items()]
        self.replays.update(dict.fromkeys(value for name, value in properties if name == f"{PREFIX}replay"))
        if values["job"] == "shard":
            self.traces += values.get("traces", 0)
            self.steps += values.get("steps", 0)
        self.missing.setdefault(values["job"], []).append(values.get("not_exercised", {}))

    def alarms(self) -> list[str]:
        """Return a line for each alarm; what one item saw counts as seen by all."""
        widened = {name: line for name, kind, line in self.raised if kind == "widened"}
        unseen = {name: line for name, kind, line in self.raised if not self.asymmetries[name]}
        return list({**unseen, **widened}.values())

    def not_exercised(self) -> NotExercised:
        """Return what no shard exercised, and the laws that were not decided."""
        of_shards = NotExercised.of_all(self.missing.get("shard", []))
        of_laws = [NotExercised.of_all([one]) for one in self.missing.get("law", [])]
        return NotExercised((*of_shards.items, *(item for one in of_laws for item in one.items)))


def write(terminal: Any, reports: Iterable[pytest.TestReport]) -> None:
    """Print the summary."""
    contracts: dict[str, _Contract] = {}
    for report in reports:
        properties: list[tuple[str, Any]] = list(report.user_properties)
        values = dict(properties)
        name = values[f"{PREFIX}contract"]
        contracts.setdefault(name, _Contract(name, values.get(f"{PREFIX}seed", 0))).add(properties)
    terminal.section("driftcheck", sep="=", blue=True)
    for contract in contracts.values():
        for line in _lines(contract):
            terminal.line(visible(line))


def _lines(contract: _Contract) -> list[str]:
    done = f"{contract.traces:,} traces, {contract.steps:,} steps, " if contract.traces else ""
    lines = [f"{contract.name}: {done}seed {contract.seed}"]
    if contract.asymmetries:
        seen = ", ".join(f"{name} {count:,}" for name, count in sorted(contract.asymmetries.items()))
        lines += _wrapped(f"asymmetries seen: {seen}")
    for line in contract.alarms():
        lines += _wrapped(line)
    if contract.traces:
        lines += _wrapped(str(contract.not_exercised()))
    lines += [f"  {command}" for command in contract.replays]
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        COLUMNS,
        initial_indent="  ",
        subsequent_indent="  ",
        break_on_hyphens=False,  # so that a search finds whole names
        max_lines=MOST_LINES,
        placeholder=" ...",
    )
