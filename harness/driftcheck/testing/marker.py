"""
What a test file says: this contract is to be tested. The pytest plugin makes items of it.

Imports nothing of pytest, so that `import driftcheck` does not wait for it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import attrs


@attrs.frozen(eq=False)
class ContractTest:
    """A contract that pytest is to test, and how; made by `test`."""

    contract: type
    arguments: Mapping[str, object]  # by the names of the plugin's options
    line: int  # of the test file, from 1


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
    """Let pytest test a contract: `test_lru = driftcheck.test(Lru)` in a test file.

    It becomes an item for each shard, law, subject and saved case. An option on the command line goes before
    an argument, and an argument before an ini key.

    Args:
        traces: how many, shared by the shards; 1,000 by default.
        max_time: ends each item, such as "30s"; there is none by default.
        max_steps: of a trace; 50 by default.
        subjects: names of the subjects to take; all by default.
        deadline: for one step, such as "300ms"; beyond it the subject hangs.
        memory: for one host, such as "512MiB".
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


test.__test__ = False  # type: ignore[attr-defined] # pytest would take the function itself for a test
