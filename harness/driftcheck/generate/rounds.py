"""
Rounds: a step repeated for all pairs of instances, on all instances, or with all names.

After rounds of all pairs, replicas agree; after a star, they also know that they agree. Knows nothing of how
choices are drawn, or of what a step does.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import attrs

from driftcheck.core.trace import Instance, Step


def with_argument(step: Step, at: int, value: Any, instance: int | None = None) -> Step:
    """Return a step with another argument, and perhaps on another instance."""
    arguments = (*step.arguments[:at], value, *step.arguments[at + 1 :])
    return attrs.evolve(step, arguments=arguments, instance=step.instance if instance is None else instance)


def others_than(instance: int, count: int) -> list[int]:
    """List the other instances."""
    return [number for number in range(count) if number != instance]


def star(at: int, step: Step, others: Sequence[int]) -> list[Step]:
    """Return the steps by which all others take from an instance, and then it takes from all others.

    Args:
        at: the number of the argument that is the peer.
        others: the other instances, in the order in which they come.
    """
    out = [with_argument(step, at, Instance(step.instance), other) for other in others]
    return out + [with_argument(step, at, Instance(other)) for other in others]


def for_all_peers(at: int, step: Step, count: int) -> list[Step]:
    """Return the step for all other pairs of an instance and its peer."""
    pairs = permutations(range(count), 2)
    known = step.instance, step.arguments[at]
    return [with_argument(step, at, Instance(b), a) for a, b in pairs if (a, Instance(b)) != known]


def on_all_instances(step: Step, count: int) -> list[Step]:
    """Return the step on all other instances."""
    return [attrs.evolve(step, instance=other) for other in others_than(step.instance, count)]
