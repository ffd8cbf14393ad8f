"""
Whether some well-formed documents show all that well-formed documents have.

The share of well-formed documents with something new is estimated by the share of learned documents that
have something which no other one has (Good, The population frequencies of species and the estimation of
population parameters, Biometrika 40, 1953).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

FEWEST = 8  # documents; fewer say too little about the next one
# The estimated share of well-formed documents with something new. Each of them gets a wrong feature, and
# each wrong feature is a finding of its own. Of 200 documents, which a codec learns from, it is two.
MOST_NEW = 0.01


def complete(documents: Sequence[Collection[int]]) -> frozenset[int] | None:
    """Return the values that documents have; None if too many other documents would have new ones."""
    sets = [frozenset(one) for one in documents]
    counts = Counter(value for one in sets for value in one)
    alone = sum(any(counts[value] == 1 for value in one) for one in sets)
    if len(documents) < FEWEST or alone > MOST_NEW * len(documents):
        return None
    return frozenset(counts)
