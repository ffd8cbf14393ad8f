"""
The record of a campaign: a file of events that only grows, with one JSON object on each line.

docs/reference/corpus.md is normative. A campaign that was killed lacks only the last event.
Knows files and JSON. Knows nothing of contracts.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from driftcheck.core.files import Unreadable, names_in, open_file
from driftcheck.core.units import is_moment

FOLDER = Path(".driftcheck") / "campaigns"  # under the root of a project
FORMAT = 1
MARK = "driftcheck_campaign"
MOST_FILES = 100  # the records of older campaigns are removed
MOST_BYTES = 64 << 20  # of one record; then only its last line is still written
MOST_LINE = 1 << 20  # bytes of a line that is read


class Record:
    """The record of a campaign that is running."""

    def __init__(self, root: Path, header: Mapping[str, Any]) -> None:
        """Begin a record. Raises OSError."""
        folder = root / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        now = time.time()
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
        self.path = folder / f"{stamp}.{int(now % 1 * 1000):03}-{os.getpid()}.ndjson"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor = os.open(self.path, flags, 0o666)
        self._size = 0
        self.write("start", {MARK: FORMAT, **header})
        for old in _paths(root)[:-MOST_FILES]:
            old.unlink(missing_ok=True)

    def write(self, event: str, data: Mapping[str, Any]) -> None:
        """Add one event. Raises OSError."""
        line = json.dumps({"event": event, "at": round(time.time(), 3), **data}, separators=(",", ":")) + "\n"
        if self._size + len(line) <= MOST_BYTES or event == "end":
            os.write(self._descriptor, line.encode())
            self._size += len(line)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


@attrs.frozen
class ContractPast:
    """What a campaign has reached in one contract."""

    inputs: int = 0
    turns: int = 0  # that have ended
    entries: int = 0  # of the corpus at its end
    new_entries: int = 0
    findings: int = 0  # new ones, by signature
    open_cases: int = 0  # saved before it that still diverged


@attrs.frozen
class Past:
    """A campaign, read from its record."""

    path: Path
    started: float  # seconds since the epoch
    seconds: float
    has_ended: bool  # False: it was killed, or is still running
    contracts: Mapping[str, ContractPast]
    deaths: int  # of workers


def last_campaign(root: Path) -> Past | None:
    """Return the latest campaign; None if there was none, or its record cannot be read."""
    for path in reversed(_paths(root)):
        past = _read(path)
        if past is not None:
            return past
    return None


def last_of_contracts(root: Path, names: Iterable[str]) -> dict[str, ContractPast]:
    """Return what the latest campaign of each of these contracts reached."""
    found: dict[str, ContractPast] = {}
    missing = set(names)
    for path in reversed(_paths(root)):
        past = _read(path) if missing else None
        known = {} if past is None else past.contracts
        found |= {name: known[name] for name in missing & known.keys()}
        missing -= found.keys()
    return found


def _paths(root: Path) -> list[Path]:
    folder = root / FOLDER
    return [folder / name for name in names_in(folder) if name.endswith(".ndjson")]


def _events(path: Path) -> Iterator[dict[str, Any]]:
    left = MOST_BYTES + MOST_LINE  # the last line may come after MOST_BYTES
    with open_file(path) as file:
        while left > 0 and (line := file.readline(MOST_LINE)):
            left -= len(line)
            try:
                event = json.loads(line.decode("utf-8", "replace"))
            except (ValueError, RecursionError):
                continue  # the last line of a machine that lost its power
            if isinstance(event, dict) and is_moment(event.get("at")):
                yield event


def _read(path: Path) -> Past | None:
    """Add up the events of a record; None if it is not one of this release."""
    started = at = None
    deaths, has_ended = 0, False
    sums: dict[str, ContractPast] = {}
    try:
        for event in _events(path):
            at = float(event["at"])
            if started is None and event.get(MARK) != FORMAT:
                return None
            started = at if started is None else started
            deaths += event["event"] == "death"
            has_ended |= event["event"] == "end"
            name = event.get("contract")
            if isinstance(name, str):
                sums[name] = _added(sums.get(name, ContractPast()), event)
    except (OSError, Unreadable, KeyError, TypeError, ValueError, OverflowError):
        return None
    if started is None or at is None:
        return None
    return Past(path, started, at - started, has_ended, sums, deaths)


def _added(past: ContractPast, event: Mapping[str, Any]) -> ContractPast:
    match event["event"]:
        case "turn":
            return attrs.evolve(
                past,
                turns=past.turns + 1,
                inputs=past.inputs + int(event["inputs"]),
                entries=int(event["corpus"]),
                new_entries=past.new_entries + int(event["entries"]),
            )
        case "corpus":
            return attrs.evolve(past, entries=int(event["entries"]))
        case "finding":
            return attrs.evolve(past, findings=past.findings + 1)
        case "open_case":
            return attrs.evolve(past, open_cases=past.open_cases + 1)
    return past
