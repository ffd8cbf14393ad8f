"""
The state machine that a contract with JSON payloads is measured against: two stores in one process.

A program, run in a process of its own, which prints one line of JSON. Knows nothing of driftcheck.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from shelf import Shelf

STEPS = 50
LONGEST = 4_096  # characters; Hypothesis refuses much longer texts
OTHERS = 40  # bytes of the other fields, on average
NAMES = 4
FRAME = len(b'{"id": 0, "name": "", "score": 0.0, "note": null, "tags": []}')  # bytes beside the name


def documents(sizes: Sequence[int]) -> st.SearchStrategy[bytes]:
    """Return documents of these sizes, half of them broken."""
    item = {
        "id": st.integers(-(2**63), 2**63 - 1),
        "score": st.floats(allow_nan=False, allow_infinity=False),
        "note": st.none() | st.text(max_size=16),
        "tags": st.lists(st.text(max_size=8), max_size=2),
    }

    def of_size(size: int) -> st.SearchStrategy[dict[str, Any]]:
        length = min(LONGEST, max(0, size - FRAME - OTHERS))
        return st.fixed_dictionaries({**item, "name": st.text("abc xyz", min_size=length, max_size=length)})

    def broken(data: bytes, at: int, how: int) -> bytes:
        at %= len(data)
        return (data[:at], data[at:], data[:at] + b"\xff" + data[at:], data[:at] + data[at + 1 :])[how]

    well = (
        st.sampled_from(list(sizes))
        .flatmap(of_size)
        .map(lambda one: json.dumps(one, ensure_ascii=False).encode(errors="replace"))
    )
    return well | st.builds(broken, well, st.integers(0, 2**16), st.integers(0, 3))


def machine(sizes: Sequence[int], seen: list[int], drawn: list[int]) -> type[RuleBasedStateMachine]:
    """Return the state machine; `seen` counts the steps of each run, `drawn` gets the sizes of documents."""

    numbers = st.integers(0, NAMES - 1)

    class Shelves(RuleBasedStateMachine):
        @initialize(names=st.lists(st.text(max_size=8), min_size=NAMES, max_size=NAMES))
        def open(self, names: list[str]) -> None:
            self.names = names
            self.first, self.second = Shelf(), Shelf()
            seen.append(0)

        @rule(number=numbers, document=documents(sizes))
        def put(self, number: int, document: bytes) -> None:
            seen[-1] += 1
            drawn.append(len(document))
            answers = []
            for shelf in (self.first, self.second):
                try:
                    answers.append(shelf.put(self.names[number], document))
                except ValueError:
                    answers.append(None)
            assert answers[0] == answers[1]

        # A search draws more documents than one operation in four, so the machine has more such rules, too.
        @rule(number=numbers, document=documents(sizes))
        def put_again(self, number: int, document: bytes) -> None:
            self.put(number, document)

        @rule(number=numbers, document=documents(sizes))
        def put_once_more(self, number: int, document: bytes) -> None:
            self.put(number, document)

        @rule(number=numbers, document=documents(sizes))
        def put_at_last(self, number: int, document: bytes) -> None:
            self.put(number, document)

        @rule(number=numbers)
        def get(self, number: int) -> None:
            seen[-1] += 1
            assert self.first.get(self.names[number]) == self.second.get(self.names[number])

        @rule(number=numbers)
        def remove(self, number: int) -> None:
            seen[-1] += 1
            assert self.first.remove(self.names[number]) == self.second.remove(self.names[number])

        @rule()
        def count(self) -> None:
            seen[-1] += 1
            assert self.first.count() == self.second.count()

        @invariant()
        def states_are_equal(self) -> None:
            assert self.first.documents == self.second.documents

    return Shelves


def run(number: int, examples: int, sizes: Sequence[int]) -> dict[str, Any]:
    """Run the state machine; say how much processor time and how many steps it took, and the sizes."""
    seen: list[int] = []
    drawn: list[int] = []
    profile = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    once = settings(profile, max_examples=1)
    run_state_machine_as_test(machine(sizes, [], []), settings=once)  # what it loads does not count
    started = time.process_time()
    run_state_machine_as_test(seed(number)(machine(sizes, seen, drawn)), settings=profile)
    return {"seconds": time.process_time() - started, "steps": sum(seen), "sizes": drawn}


if __name__ == "__main__":
    result = run(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))
    sys.stdout.write(json.dumps(result) + "\n")
