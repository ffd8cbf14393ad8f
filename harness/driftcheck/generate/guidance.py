"""
Guidance: how a search draws traces of a contract with state, as data.

A guided trace is drawn from a part of the contract (a swarm), may begin with steps of an earlier trace (a
prefix), and may repeat a step for all pairs, instances or names (a round). Each trace is one of the plan, so
it can be lifted. Knows nothing of how choices are drawn, or of what a search has seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from driftcheck.core.trace import Step


@attrs.frozen
class Guidance:
    """The numbers that shape guided traces. Each p is a probability."""

    p_plain: float = 0.125  # of a trace that nothing guides
    p_swarm: float = 0.5  # of a trace that leaves out a part of the contract
    swarm_out: tuple[float, ...] = (0.25, 0.5)  # of leaving out an operation; one for each swarm
    p_few: float = 0.5  # of a guided trace that uses only some of the names, or of the values a type lists
    p_without_faults: float = 0.5  # of a guided trace without faults
    p_well_formed: float = 0.5  # of a guided trace whose payloads are all well-formed
    p_alike: float = 0.75  # of instances that are all opened with the same arguments
    p_prefix: float = 0.35  # of a trace that begins with a kept prefix
    p_recipe: float = 0.35  # of a step that is drawn with the steps of a kept prefix that led to one like it
    p_twofold: float = 0.25  # of such steps, the last of which changes the state, that come twice
    p_round: float = 0.2  # of a step that is repeated for all peers, instances or names
    p_star: float = 0.5  # of such a round in which all take from one instance, and then it from all
    p_stay: float = 0.5  # of a step on the instance of the step before
    p_focus: float = 0.5  # of a guided trace in which one operation is drawn often
    p_constant: float = 0.5  # of such an operation that is one of those whose results never differed
    p_of_focus: float = 0.25  # of a step of such a trace that is of this operation
    p_asks: float = 0.25  # of a trace whose last steps are queries
    last_asks: int = 6  # of these steps
    p_twice: float = 0.03  # of a step that is repeated as it is
    p_edge: float = 0.06  # of an argument, or of a name in play, at the edges of its constraints
    p_again: float = 0.125  # of an argument that an earlier step of the trace had, or that one answered
    tries: int = 8  # of an argument with which steps were nearly always rejected
    payload_tries: int = 3  # of a payload, which takes as long as many steps
    least: float = 0.125  # of keeping such an argument, whatever was rejected
    eager: tuple[int, ...] = (0, 1, 2, 8)  # powers of that probability and of the share accepted; one a trace
    hopeless: float = 0.3  # of a step accepted: where every name in play promises less, another is drawn


@attrs.frozen
class Swarm:
    """What one trace is drawn from."""

    is_guided: bool = False
    left_out: frozenset[str] = frozenset()  # operations
    names: Mapping[str, tuple[int, ...]] = attrs.field(factory=dict)  # by roster; of the others, all
    values: Mapping[Any, tuple[Any, ...]] = attrs.field(factory=dict)  # by those that a type lists
    focus: str | None = None  # an operation that is drawn often
    eager: int = 1  # how strongly accepted arguments are preferred
    has_faults: bool = True
    has_mutations: bool = True


PLAIN = Swarm()


@attrs.frozen
class Prefix:
    """The first steps of a trace that reached something rare, without those that changed nothing."""

    steps: tuple[Step, ...]
    opening: tuple[Any, ...]
    rosters: Mapping[str, tuple[Any, ...]]
    changes: bool = False  # the last step changed the state
    known: Mapping[type, tuple[Any, ...]] = attrs.field(factory=dict)  # what its steps answered, by type


@attrs.frozen
class Seen:
    """What a step of a trace has shown."""

    is_accepted: bool
    is_judged: bool  # accepted or rejected, and not in another way
    has_changed: bool  # the state
    what: Any  # hashable: the operation, its outcome, and the rough size of its result
    answer: Any = None  # the plain result
