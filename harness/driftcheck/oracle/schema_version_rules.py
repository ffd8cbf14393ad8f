"""
The rules of schema versions: a reader must accept documents of some schema versions, and refuse all others.

Compares each subject with the contract alone, so the rules tell which subject is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from driftcheck.contract.schema import Operation, Schema
from driftcheck.core.trace import Trace
from driftcheck.lockstep.answer import Answer
from driftcheck.oracle import checks
from driftcheck.oracle.readings import Reading, readings_of
from driftcheck.oracle.signature import Divergence
from driftcheck.oracle.step import Outcomes, divergence_at
from driftcheck.subjects.wire import ACCEPTED, REJECTED


class SchemaVersionRules:
    """Finds violations in the answers to traces of one contract."""

    def __init__(self, schema: Schema) -> None:
        self._readings = readings_of(schema)
        self._table = schema.schema_versions
        self._refusal = next(
            (r.index for r in schema.rejections if self._table and r.name == self._table.otherwise), -1
        )

    def violations(self, trace: Trace, outcomes: Sequence[Sequence[Any]]) -> dict[int, Reading]:
        """Return the readings in which one subject breaks a rule, by step."""
        return {
            reading.number: reading
            for reading in self._readings.of(trace, outcomes)
            if self._is_wrong(reading, trace, outcomes[reading.number])
        }

    def _is_wrong(self, reading: Reading, trace: Trace, outcome: Sequence[Any]) -> bool:
        assert self._table is not None
        is_refused: bool = outcome[0] == REJECTED and outcome[1] == self._refusal
        if (reading.reader, reading.writer) in self._table.reads:
            return is_refused
        may_fail_before = trace.steps[reading.number].fault is not None or not reading.is_certain
        if outcome[0] == REJECTED and may_fail_before:
            return False
        return outcome[0] in (ACCEPTED, REJECTED) and not is_refused

    def broken(
        self,
        trace: Trace,
        operation: Operation,
        number: int,
        answers: Mapping[str, Answer],
        outcomes: Outcomes,
    ) -> Divergence | None:
        """Return the rule that a step breaks, as a divergence."""
        if self._table is None:
            return None
        found = {name: self.violations(trace, a.reply.outcomes).get(number) for name, a in answers.items()}
        blamed = [name for name, reading in found.items() if reading is not None]
        reading = found[blamed[0]] if blamed else None
        if reading is None:
            return None
        reads = (reading.reader, reading.writer) in self._table.reads
        numbers = self._table.numbers
        what = f"what a writer of schema version {reading.writer} wrote"
        if reading.writer not in numbers:
            known = ", ".join(map(str, numbers))
            what = f"a document of schema version {reading.writer}, which is none of {known}"
        must = f"must accept {what}, and refused it"
        if not reads:
            must = f"must refuse {what}, with {self._table.otherwise!r}, and did not"
        return divergence_at(
            checks.READABLE_REFUSED if reads else checks.UNREADABLE_TAKEN,
            number,
            operation,
            outcomes,
            blamed=tuple(blamed),
            detail=f"a reader of schema version {reading.reader} {must}",
        )
