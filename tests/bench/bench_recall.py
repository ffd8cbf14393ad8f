"""The root causes that 10,000 payloads show of a codec with `encode` alone, and of a written one.

The pairs are those of `truth/`. `RECALL_SEEDS` sets how many seeds are drawn.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, combinations, islice
from statistics import mean
from typing import Any

import pytest
import truth_rows
from attribution import Attribution, Cause, read_causes
from figures import Table, spread
from scale import sized

from driftcheck.codecs import Codec, TextCodec, text_mutations
from driftcheck.contract import lookup
from driftcheck.contract.schema import Schema
from driftcheck.core.trace import Step
from driftcheck.generate.draw import draw
from driftcheck.generate.strategy import traces
from driftcheck.search.session import open_session

SEEDS = range(1, 1 + sized(int(os.environ.get("RECALL_SEEDS", "3")), 1))
PAYLOADS = sized(10_000, 100)
BATCH = 200
MOST_REPAIRS = 60  # of one input
PAIRS = sized([*truth_rows.CONTRACTS], ["base64"])
AIM_ENCODE_ALONE, AIM_WRITTEN = 0.7, 0.9  # of the root causes of a pair, on average over the seeds

Change = Callable[[Codec[Any]], Codec[Any]]


class _Quick(Attribution):
    """Attributes with at most two repairs, and only where a root cause may be new."""

    found: frozenset[str] = frozenset()

    def _repaired(self, step: Step) -> Iterator[tuple[frozenset[str], Step]]:
        names = [argument.name for argument in self._operations[step.operation].arguments]
        present = [cause for cause in self._causes if cause.apply(step, names) != step]
        new = {cause for cause in present if cause.name not in self.found}
        pairs = (pair for pair in combinations(present, 2) if not new.isdisjoint(pair))
        sets = chain(((cause,) for cause in present), pairs) if new else ()
        for chosen in islice(sets, MOST_REPAIRS):
            if (repaired := _all_of(chosen, step, names)) is not None:
                yield frozenset(cause.name for cause in chosen), repaired


def _all_of(causes: tuple[Cause, ...], step: Step, names: list[str]) -> Step | None:
    """Return the step with all repairs; None if one of them changes nothing."""
    for cause in causes:
        before, step = step, cause.apply(step, names)
        if step == before:
            return None
    return step


def _like(base: type[Codec[Any]], attributes: tuple[str, ...], codec: Codec[Any]) -> Codec[Any]:
    """Return a codec of another base that has these attributes of an author's codec."""
    written = {name: getattr(type(codec), name) for name in attributes}
    if base is Codec and "mutations" not in attributes:
        written["mutations"] = text_mutations
    return type(type(codec).__name__, (base,), written)()


CODECS: dict[str, tuple[Change, float]] = {
    "`Codec`, `encode` and `text_mutations`": (partial(_like, Codec, ("encode",)), 0.0),
    "`TextCodec`, `encode` alone": (partial(_like, TextCodec, ("encode",)), AIM_ENCODE_ALONE),
    "`Codec` as written": (partial(_like, Codec, ("encode", "features", "mutations")), 0.0),
    "`TextCodec` as written": (partial(_like, TextCodec, ("encode", "features", "mutations")), AIM_WRITTEN),
}


def found(name: str, change: Change, seed: int) -> frozenset[str]:
    """Return the root causes that the payloads of a seed show."""

    def extended(schema: Schema) -> Schema:
        return schema.with_codecs(change)

    contract = lookup.load_named(truth_rows.CONTRACTS[name])
    with open_session(contract, ignore_asymmetries=True, extend=extended) as session:
        attribution = _Quick(session, read_causes(name))
        cases = islice(draw(traces(session.schema), seed), PAYLOADS)
        while batch := list(islice(cases, BATCH)):
            for trace, execution in zip(batch, session.lockstep.run_all(batch), strict=True):
                if len({answer.raw for answer in execution.answers.values()}) > 1:
                    attribution.found |= attribution.causes_of_step(trace.steps[0])
        return attribution.found & set(truth_rows.root_causes(name))


@pytest.mark.parametrize("codec", CODECS)
def test_root_causes_are_drawn(codec: str, table: Table) -> None:
    """Codecs with `encode` alone show seven in ten root causes of each pair; written ones show nine."""
    change, aim = CODECS[codec]
    of = {name: len(truth_rows.root_causes(name)) for name in PAIRS}
    counts = {name: [len(found(name, change, seed)) for seed in SEEDS] for name in PAIRS}

    for name in PAIRS:
        text = spread(counts[name], "{:.0f}")
        required = f"mean at least {aim * of[name]:.1f}" if aim else ""
        table.add(f"{codec}: {name}: root causes in {PAYLOADS:,}, of {of[name]}", text, required)
    shares = [sum(row) / sum(of.values()) for row in zip(*counts.values(), strict=True)]
    table.add(f"{codec}: all pairs: share", spread(shares))
    for name in PAIRS:
        assert mean(counts[name]) >= sized(aim, 0.0) * of[name], name
