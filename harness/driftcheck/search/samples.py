"""
The traces that are examined although no subject differs: run again with states, varied, checked by
invariants.

An examination takes as long as several traces, so that only some traces have it: one in eight, more of
those that show something new, and more while examinations find divergences. Knows nothing of what an
examination does.
"""

from __future__ import annotations

import attrs

SAMPLE = 8  # one trace in eight; see docs/decisions.md
MOST = 4  # one trace in four at most, with those that show something new
AGAIN = 32  # traces after a divergence that an examination has found
WHILE_FOUND = 2  # one of these in two
MOST_TIME = 0.1  # of a run whose time is limited


@attrs.define
class Samples:
    """Says which traces are examined."""

    _examined: int = attrs.field(default=0, init=False)
    _found_at: int = attrs.field(default=-AGAIN - 1, init=False)

    def wants(self, number: int, *, is_new: bool, time_taken: float = 0.0) -> bool:
        """Say whether trace `number` is examined.

        Args:
            is_new: it has shown something that no trace before it has.
            time_taken: the part of the time of the run that examinations have taken; 0 where time is not
                limited.
        """
        if time_taken > MOST_TIME:
            return False
        is_wanted = number % SAMPLE == 0 or (is_new and self._examined * MOST <= number)
        if number - self._found_at <= AGAIN:
            is_wanted |= number % WHILE_FOUND == 0
        self._examined += is_wanted
        return is_wanted

    def found(self, number: int) -> None:
        """Take that the examination of trace `number` has found a divergence."""
        self._found_at = number
