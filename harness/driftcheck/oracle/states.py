"""
The states in answers: whether they changed, where, and which subjects have equal ones.

A digest stands for a state, unless the execution was made with states. Knows nothing of what may change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from driftcheck.contract.schema import Schema
from driftcheck.lockstep.answer import Answer
from driftcheck.oracle.compare import Difference, first_difference
from driftcheck.subjects.wire import Wire
from driftcheck.values.encoding import OutsideType


class States:
    """Looks at the states of one contract."""

    def __init__(self, schema: Schema, wire: Wire) -> None:
        self.schema = schema
        self.wire = wire

    def digest(self, answer: Answer, number: int) -> bytes | None:
        """Return what represents the state before step `number`: its digest, or the state itself."""
        reply = answer.reply
        if reply.states is not None:
            return reply.states[number] if number < len(reply.states) else None
        return reply.digests[number - 1] if 0 < number <= len(reply.digests) else None

    def have_changed(self, answer: Answer, number: int) -> bool:
        """Say whether a step changed the state."""
        before, after = self.digest(answer, number), self.digest(answer, number + 1)
        return before is not None and after is not None and before != after

    def have_changed_beside(self, answer: Answer, number: int, allowed: Collection[int]) -> list[int]:
        """List the instances whose state a step changed, without those that it may change."""
        before, after = self.digest(answer, number), self.digest(answer, number + 1)
        if before is None or after is None:
            return []
        split = self.wire.split_digests if answer.reply.states is None else self.wire.split_states
        pairs = enumerate(zip(split(before), split(after), strict=True))
        return [i for i, (a, b) in pairs if a != b and i not in allowed]

    def change_path(self, answer: Answer, number: int) -> str:
        """Return where a step changed the state first, "" if that is not known."""
        states = answer.reply.states
        if states is None:
            return ""
        before, after = states[number], states[number + 1]
        if before is None or after is None:
            return ""
        difference = self.difference(before, after)
        return difference.path if difference else ""

    def difference(self, one: bytes, other: bytes) -> Difference | None:
        """Return the first difference between two encoded states, or None."""
        try:
            a, b = self.wire.state(one), self.wire.state(other)
        except OutsideType:
            return None
        assert self.schema.whole_state is not None
        return first_difference(self.schema.whole_state, a, b)

    def groups(self, answers: Mapping[str, Answer], number: int) -> dict[str, str]:
        """Group subjects by their state after a step; empty where all states are equal."""
        digests = {n: self.digest(a, number + 1) for n, a in answers.items()}
        known = {n: d.hex() for n, d in digests.items() if d is not None}
        return known if len(set(known.values())) > 1 else {}
