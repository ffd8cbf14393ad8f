"""
The pairs of libraries whose divergences are known, and the rows of `truth/`, as traces of their contracts.

Knows how a row writes its input. Knows nothing of what subjects do with it.
"""

from __future__ import annotations

import ast
import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs

from driftcheck.core.trace import Document, Step, Trace

TRUTH = Path(__file__).parent / "truth"
CONTRACTS = {
    "base64": "driftcheck_base64:Base64",
    "csv": "driftcheck_csv:Csv",
    "glob": "driftcheck_glob:Glob",
    "url": "driftcheck_url:Url",
}
sys.path += [str(TRUTH / name / "src") for name in CONTRACTS]  # so that nothing has to be installed

# The operations that an area is about; of several, each reads the row in one of its configurations.
OPERATIONS = {
    "base64/std": ("decode",),
    "base64/nopad": ("decode_unpadded",),
    "csv/read": ("read", "read_default"),
    "csv/write": ("write",),
    "glob/doublestar": ("match_path",),
    "glob/gobwas": ("match_text",),
    "url/parse": ("parse",),
    "url/join": ("join",),
    "url/query": ("query",),
    "url/qescape": ("escape_query",),
    "url/pescape": ("escape_path",),
    "url/unescape": ("unescape_path",),
}

_LITERAL = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_INPUT = re.compile(rf"{_LITERAL}(?: on {_LITERAL})?(?:  \[.*\])?")


@attrs.frozen
class Row:
    """An input on which two libraries differ, or agree."""

    area: str
    causes: tuple[str, ...]  # root causes; none if the libraries agree
    shown: str  # the input as the file has it
    traces: tuple[Trace, ...]  # one for each operation of the area

    @property
    def contract(self) -> str:
        return self.area.partition("/")[0]


def divergences() -> list[Row]:
    """Read the rows on which the libraries differ."""
    return [*_rows("divergences.tsv")]


def agreements() -> list[Row]:
    """Read the rows on which the libraries agree."""
    return [*_rows("agreements.tsv")]


def root_causes(contract: str) -> list[str]:
    """List the root causes of a contract's divergences."""
    found = (cause for row in divergences() if row.contract == contract for cause in row.causes)
    return sorted(dict.fromkeys(found))


def _rows(name: str) -> Iterator[Row]:
    with (TRUTH / name).open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            area, shown = row["area"], row["input"]
            causes = tuple(row.get("root_cause", "").split("+")) if row.get("root_cause") else ()
            arguments = _arguments(area, shown)
            traces = tuple(Trace((Step(operation, arguments),)) for operation in OPERATIONS[area])
            yield Row(area, causes, shown, traces)


def _arguments(area: str, shown: str) -> tuple[object, ...]:
    found = _INPUT.fullmatch(shown)
    assert found is not None, f"{area}: the input {shown} is not a literal"
    text = ast.literal_eval(found[1])
    match area:
        case "glob/doublestar" | "glob/gobwas":
            return Document(text.encode()), ast.literal_eval(found[2])
        case "url/join":
            base, _, reference = text.partition(" ")
            return Document(base.encode()), Document(reference.encode())
        case "csv/write":
            return (tuple(text.split("|")),)
        case "url/qescape" | "url/pescape":
            return (text,)
        case _:
            return (Document(text.encode()),)
