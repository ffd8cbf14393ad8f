"""
What a run reached of the code under test: per subject and per function, and what only one subject reached.

A block is a line at which the compiler counts: copies of inlined or generic code are one block. Knows tables
and maps. Knows nothing of how a run draws its traces, and no terminal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from driftcheck.lockstep.covered import Covered
from driftcheck.subjects.coverage import Place


@attrs.frozen
class FunctionReached:
    """One function of the code under test."""

    file: str
    function: str
    lines: tuple[int, ...]  # of its blocks, ascending
    unreached: tuple[int, ...]  # of those that never ran

    @property
    def reached(self) -> int:
        """Count the blocks that ran."""
        return len(self.lines) - len(self.unreached)


@attrs.frozen
class SubjectReached:
    """The functions of one subject, those with the most blocks that never ran first."""

    subject: str
    functions: tuple[FunctionReached, ...]

    @property
    def blocks(self) -> int:
        """Count all blocks."""
        return sum(len(one.lines) for one in self.functions)

    @property
    def reached(self) -> int:
        """Count the blocks that ran."""
        return sum(one.reached for one in self.functions)

    @property
    def incomplete(self) -> tuple[FunctionReached, ...]:
        """Return the functions with a block that never ran."""
        return tuple(one for one in self.functions if one.unreached)


@attrs.frozen
class OneSided:
    """A function that ran in one subject, and of whose namesake in another subject no block ran."""

    subject: str
    function: FunctionReached
    other: str
    namesake: FunctionReached


def reached(covered: Mapping[str, Covered]) -> list[SubjectReached]:
    """Return what each of these subjects reached, in their order."""
    return [
        SubjectReached(name, tuple(sorted(_functions(one), key=_most_unreached)))
        for name, one in covered.items()
    ]


def one_sided(subjects: Sequence[SubjectReached]) -> list[OneSided]:
    """Return the functions that one subject reached, while their namesakes never ran in another one.

    Namesakes have the same name in files of the same name, apart from case, underscores, receivers and
    folders. Nothing else is compared, and namesakes need not do the same.
    """
    named = {one.subject: _by_name(one.functions) for one in subjects}
    return [
        OneSided(one, function, other, namesakes[name][0])
        for one, functions in named.items()
        for other, namesakes in named.items()
        if other != one
        for name, of_the_name in functions.items()
        for function in of_the_name[:1]
        if name in namesakes
        and any(f.reached for f in of_the_name)
        and not any(f.reached for f in namesakes[name])
    ]


def _functions(covered: Covered) -> Iterator[FunctionReached]:
    ran = covered.reached()
    places: dict[tuple[str, str], set[Place]] = defaultdict(set)
    for place in covered.table.places.values():
        places[place.file, place.function].add(place)
    for (file, function), blocks in places.items():
        lines = sorted(block.line for block in blocks)
        yield FunctionReached(
            file, function, tuple(lines), tuple(sorted(block.line for block in blocks - ran))
        )


def _most_unreached(one: FunctionReached) -> tuple[int, str, int]:
    return -len(one.unreached), one.file, one.lines[0]


def _by_name(functions: Iterable[FunctionReached]) -> dict[tuple[str, str], list[FunctionReached]]:
    named: dict[tuple[str, str], list[FunctionReached]] = defaultdict(list)
    for one in functions:
        named[_plain(Path(one.file).stem), _plain(one.function.rpartition(".")[2])].append(one)
    return dict(named)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
