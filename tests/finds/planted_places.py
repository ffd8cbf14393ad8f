"""
Suspect places, measured on the planted faults: is the planted line among the places that are printed?

`python tests/finds/planted_places.py NAME...` prints a row for each of these faults, or for all.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
from engine_faults import HERE, PLANTED, SCHEMA, Fault, open_planted, read_engine_faults

from driftcheck.build import build
from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings.case import load
from driftcheck.lockstep.covered import Covered
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.search.suspects import Suspects, suspects
from driftcheck.subjects.coverage import Place
from driftcheck.subjects.discover import for_coverage

NEAR = 3  # lines between a change and the beginning of its block
CASES = HERE / "cases"
_FUNCTION = re.compile(r"(func (\([^)]*\) )?(?P<go>\w+)|\s*(pub(\(\w+\))? )?(const )?fn (?P<rust>\w+))")

Block = tuple[str, str, int]  # the name of the file, the function, and the number of the block in it


@attrs.frozen
class Located:
    """One fault, and what was printed of it."""

    fault: str
    rank: int | None  # of the place in the planted function, from 1
    is_line: bool  # the planted line itself is among the places
    changes_blocks: bool  # the right engine runs other blocks on the same case
    suspects: Suspects


def case_of(fault: Fault) -> Path | None:
    """Return the kept case of a fault, or None."""
    places = (CASES / f"{fault.name}.json", CASES / "alone" / f"{fault.name}.json")
    return next((path for path in places if path.exists()), None)


def locate(fault: Fault) -> Located:
    """Run the kept case of a fault in its builds for coverage."""
    path = case_of(fault)
    assert path is not None
    case = load(path, lambda name: SCHEMA)
    is_alone = path.parent.name == "alone"
    with open_planted(attrs.evolve(fault, beside=fault.beside and not is_alone), coverage=True) as session:
        found = suspects(session, case.case, case.signature)
        faulty = _blocks(session.lockstep, fault.side, case.case)
    planted = planted_places(fault)
    functions = {(file, name) for file, _, name in planted}
    places = [suspect.place for suspect in found.places[fault.side]]
    ranks = [
        number
        for number, place in enumerate(places, 1)
        if (Path(place.file).name, place.function.rpartition(".")[2]) in functions
    ]
    is_line = any(
        Path(place.file).name == file and abs(line - place.line) <= NEAR
        for place in places
        for file, line, _ in planted
    )
    return Located(
        fault.name, next(iter(ranks), None), is_line, faulty != _right_blocks(fault, case.case), found
    )


def _right_blocks(fault: Fault, case: Trace | LawCase) -> set[Block]:
    from engine_faults import _SOURCES

    subject = build(for_coverage(_SOURCES[fault.side]), SCHEMA)
    with Lockstep(SCHEMA, [subject]) as lockstep:
        return _blocks(lockstep, fault.side, case)


def _blocks(lockstep: Lockstep, side: str, case: Trace | LawCase) -> set[Block]:
    """Return the blocks that a case runs, named alike in builds of nearly the same code."""
    trace = case if isinstance(case, Trace) else case.trace
    lockstep.forget_coverage()
    lockstep.run_all([trace])
    covered = lockstep.covered[side]
    names = _named(covered)
    return {names[place] for place in covered.reached()}


def _named(covered: Covered) -> Mapping[Place, Block]:
    functions: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in sorted(set(covered.table.places.values())):
        functions[Path(place.file).name, place.function].append(place)
    return {
        place: (file, function, number)
        for (file, function), places in functions.items()
        for number, place in enumerate(places)
    }


def planted_places(fault: Fault) -> list[tuple[str, int, str]]:
    """Return the file, the line and the function of each change of a patch, in the faulty source."""
    found, file, line, lines = [], "", 0, []
    is_change = False
    for text in fault.patch.read_text().splitlines():
        if text.startswith("+++ b/"):
            file = text.removeprefix("+++ b/")
            lines = (PLANTED / fault.name / file).read_text().splitlines()
        elif begins := re.match(r"@@ -\d+(?:,\d+)? \+(\d+)", text):
            line, is_change = int(begins[1]), False
        elif text.startswith("--- "):
            continue
        else:
            was_change, is_change = is_change, text[:1] in "+-"
            if is_change and not was_change:
                found.append((Path(file).name, line, _around(lines[:line])))
            line += text[:1] != "-"
    return found


def _around(lines: Sequence[str]) -> str:
    for text in reversed(lines):
        if found := _FUNCTION.match(text):
            return found["go"] or found["rust"]
    return ""


def main(names: list[str]) -> None:
    """Print a row for each fault."""
    for fault in read_engine_faults():
        if (names and fault.name not in names) or case_of(fault) is None:
            continue
        one = locate(fault)
        places = "; ".join(
            f"{Path(s.place.file).name}:{s.place.line} {s.place.function} ({s.agreeing})"
            for s in one.suspects.places[fault.side]
        )
        where = planted_places(fault)
        line = (
            f"{fault.side:<5}{one.fault:<42} rank {one.rank} line {one.is_line} blocks {one.changes_blocks} "
            f"[{one.suspects.agreeing} agree, {one.suspects.diverging} diverge] {where} -> {places}"
        )
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
