"""
The coverage of a native subject: questions to its host, and the table of the places of its counters.

docs/reference/wire.md is normative for the questions. A build writes the table beside its library. Knows
nothing of how a compiler counts.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import cbor2

from driftcheck.core.files import Unreadable, read_file
from driftcheck.core.output_file import replace_file

TRACES, MAP, LOAD, IGNORE, COUNTERS = range(5)  # questions, by index
WORD: Final = "coverage"  # that a request about coverage begins with

_TRACE = struct.Struct(">I8s")
_LARGEST = 64 << 20  # bytes of a table; one counter takes some 20


@attrs.frozen
class TraceCoverage:
    """What one trace reached in one subject."""

    new: int  # pairs of a counter and a bucket that no trace of this host reached before
    path: bytes  # digest of all pairs that the trace reached; 8 bytes


@attrs.frozen(order=True)
class Place:
    """The place where a block of the code under test begins."""

    file: str  # absolute, or as the compiler names it
    line: int
    function: str


@attrs.frozen
class CoverageTable:
    """The places of the counters of one library. A counter without a place is not of the code under test."""

    counters: int  # of the whole library
    places: Mapping[int, Place]  # by counter

    @property
    def ignored(self) -> bytes:
        """Return a byte for each counter: 1 if it has no place."""
        return bytes(number not in self.places for number in range(self.counters))

    def reached(self, buckets: bytes) -> frozenset[Place]:
        """Return the places of all counters that have any bucket."""
        return frozenset(self.places[n] for n, bits in enumerate(buckets) if bits and n in self.places)

    def write(self, path: Path) -> None:
        """Write the table; `path` appears whole."""
        files = sorted({place.file for place in self.places.values()})
        functions = sorted({place.function for place in self.places.values()})
        file_number = {file: number for number, file in enumerate(files)}
        function_number = {name: number for number, name in enumerate(functions)}
        rows = [
            [counter, file_number[place.file], place.line, function_number[place.function]]
            for counter, place in sorted(self.places.items())
        ]
        table = {"counters": self.counters, "files": files, "functions": functions, "places": rows}
        replace_file(path, json.dumps(table, separators=(",", ":")).encode())

    @classmethod
    def read(cls, path: Path) -> CoverageTable:
        """Read what `write` has written.

        Raises:
            Unreadable: it is not there, or something else has written it.
        """
        try:
            table: dict[str, Any] = json.loads(read_file(path, _LARGEST))
            files, functions = table["files"], table["functions"]
            places = {
                int(counter): Place(files[file], int(line), functions[function])
                for counter, file, line, function in table["places"]
            }
            return cls(int(table["counters"]), places)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise Unreadable(f"is not a table of coverage: {error}") from None


def request(question: int, data: bytes = b"") -> bytes:
    """Encode a question to a host."""
    return cbor2.dumps([WORD, [question, data]])


def read_traces(answer: bytes) -> list[TraceCoverage]:
    """Read what a host answers to TRACES: what each trace of its last request reached.

    Raises:
        ValueError: it is not such an answer.
    """
    try:
        return [TraceCoverage(new, path) for new, path in _TRACE.iter_unpack(answer)]
    except struct.error:
        raise ValueError(f"{len(answer)} bytes are not the coverage of traces") from None


def merged(maps: Iterable[bytes]) -> bytes:
    """Merge these maps of one build into one."""
    whole = 0
    length = 0
    for one in maps:
        whole |= int.from_bytes(one, "little")
        length = len(one)
    return whole.to_bytes(length, "little")
