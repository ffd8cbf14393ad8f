"""
What a test file writes to have a contract tested. The pytest plugin turns it into items.

Imports nothing of pytest, so that `import driftcheck` does not wait for it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import attrs


@attrs.frozen(eq=False)
class ContractTest:
    """A contract that pytest tests, and the arguments for it; made by `test`."""

    contract: type
    arguments: Mapping[str, object]  # by name of the plugin's option
    line: int  # in the test file, counted from 1


def test(
    contract: type,
    *,
    traces: int | None = None,
    max_time: str | None = None,
    max_steps: int | None = None,
    subjects: Sequence[str] = (),
    deadline: str | None = None,
    memory: str | None = None,
) -> ContractTest:
    """Let pytest test a contract: write `test_lru = driftcheck.test(Lru)` in a test file.

    pytest then collects one item for each shard, law, subject and saved case. An option on the command line
    overrides an argument, and an argument overrides an ini key.

    Args:
        contract: the contract class.
        traces: number of traces, which the shards share; 1,000 by default.
        max_time: time after which each item ends, such as "30s"; no limit by default.
        max_steps: largest number of steps of a trace, from 1 to 10,000; 50 by default.
        subjects: names of the subjects to use; all by default.
        deadline: time limit of a step, such as "300ms"; a subject that takes longer hangs; 1 s by default.
        memory: memory of one host, such as "512MiB", which is the default.

    Returns:
        a marker from which pytest makes the items; it is not a test function.
    """
    given = {
        "traces": traces,
        "max_time": max_time,
        "max_steps": max_steps,
        "subject": list(subjects) or None,
        "deadline": deadline,
        "memory": memory,
    }
    arguments = {name: value for name, value in given.items() if value is not None}
    return ContractTest(contract, arguments, sys._getframe(1).f_lineno)


test.__test__ = False  # type: ignore[attr-defined] # pytest would collect the function itself
