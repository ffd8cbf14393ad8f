"""What the judgement of one case exercised of the contract; a run adds these counts up."""

from __future__ import annotations

from collections import Counter

import attrs


@attrs.frozen
class Exercised:
    """How often a case exercised each promise; what is tried to find its cause does not count."""

    invariants: Counter[str] = attrs.field(factory=Counter)  # states that an invariant was evaluated on
    laws: Counter[str] = attrs.field(factory=Counter)  # cases in which a law was decided, by name
    variations: Counter[str] = attrs.field(factory=Counter)  # traces and steps run again, by check
