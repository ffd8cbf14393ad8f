"""
The state machine that driftcheck is measured against: both caches in one process, as is done today.

Written as Hypothesis' documentation advises: bundles for keys and walks, a rule for each operation, an
invariant for the state. A program, run in a process of its own, which prints one line of JSON.
Knows nothing of driftcheck.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Any

import cffi
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

DECLARATIONS = """
typedef struct {
    uint8_t there;
    uint8_t key_len;
    uint8_t value_len;
    char key[32];
    uint8_t value[16];
} cache_entry;
uintptr_t cache_open(uint64_t capacity);
void cache_drop(uintptr_t cache);
uint64_t cache_state(uintptr_t cache, cache_entry *out);
void cache_put(uintptr_t cache, char *key, int key_len, char *value, int value_len, cache_entry *out);
void cache_get(uintptr_t cache, char *key, int key_len, cache_entry *out);
void cache_peek(uintptr_t cache, char *key, int key_len, cache_entry *out);
int cache_remove(uintptr_t cache, char *key, int key_len);
uint64_t cache_resize(uintptr_t cache, uint64_t capacity);
uintptr_t cache_walk(uintptr_t cache);
void cache_advance(uintptr_t cache, uintptr_t walk, cache_entry *out);
uint64_t cache_finish(uintptr_t cache, uintptr_t walk);
"""
ffi = cffi.FFI()
ffi.cdef(DECLARATIONS)

capacities = st.integers(min_value=1, max_value=4)
STEPS = 50


class GoCache:
    """hashicorp/golang-lru, through C functions."""

    def __init__(self, library: Any, capacity: int) -> None:
        self._library = library
        self._cache = library.cache_open(capacity)
        self._out = ffi.new("cache_entry[4]")

    def close(self) -> None:
        self._library.cache_drop(self._cache)

    def state(self) -> list[tuple[str, bytes]]:
        count = self._library.cache_state(self._cache, self._out)
        return [_entry(self._out[i]) for i in range(count)]

    def put(self, key: str, value: bytes) -> tuple[str, bytes] | None:
        data = key.encode()
        self._library.cache_put(self._cache, data, len(data), value, len(value), self._out)
        return _entry(self._out[0]) if self._out[0].there else None

    def get(self, key: str) -> bytes | None:
        data = key.encode()
        self._library.cache_get(self._cache, data, len(data), self._out)
        return _entry(self._out[0])[1] if self._out[0].there else None

    def peek(self, key: str) -> bytes | None:
        data = key.encode()
        self._library.cache_peek(self._cache, data, len(data), self._out)
        return _entry(self._out[0])[1] if self._out[0].there else None

    def remove(self, key: str) -> bool:
        data = key.encode()
        return bool(self._library.cache_remove(self._cache, data, len(data)))

    def resize(self, capacity: int) -> int:
        return int(self._library.cache_resize(self._cache, capacity))

    def walk(self) -> int:
        return int(self._library.cache_walk(self._cache))

    def advance(self, walk: int) -> tuple[str, bytes] | None:
        self._library.cache_advance(self._cache, walk, self._out)
        return _entry(self._out[0]) if self._out[0].there else None

    def finish(self, walk: int) -> int:
        return int(self._library.cache_finish(self._cache, walk))


def _entry(found: Any) -> tuple[str, bytes]:
    key = ffi.buffer(found.key, found.key_len)[:].decode()
    return key, ffi.buffer(found.value, found.value_len)[:]


def machine(go_path: str, rust_path: str, seen: list[list[str]]) -> type[RuleBasedStateMachine]:
    """Return the state machine over two libraries; `seen` gets the operations of each run."""
    go_library = ffi.dlopen(go_path)
    loader = ExtensionFileLoader("cache", rust_path)
    spec = spec_from_loader("cache", loader)
    assert spec is not None
    rust_library = module_from_spec(spec)
    loader.exec_module(rust_library)

    class Caches(RuleBasedStateMachine):
        keys = Bundle("keys")
        walks = Bundle("walks")

        @initialize(capacity=capacities)
        def open(self, capacity: int) -> None:
            self.steps: list[str] = []
            seen.append(self.steps)
            self.go = GoCache(go_library, capacity)
            self.rust = rust_library.Cache(capacity)

        @rule(target=keys, key=st.text(min_size=1, max_size=8))
        def name(self, key: str) -> str:
            self.steps.append("name")
            return key

        @rule(key=keys, value=st.binary(max_size=16))
        def put(self, key: str, value: bytes) -> None:
            self.steps.append(f"put {value!r}")
            assert self.go.put(key, value) == self.rust.put(key, value)

        @rule(key=keys)
        def get(self, key: str) -> None:
            self.steps.append("get")
            assert self.go.get(key) == self.rust.get(key)

        @rule(key=keys)
        def peek(self, key: str) -> None:
            self.steps.append("peek")
            assert self.go.peek(key) == self.rust.peek(key)

        @rule(key=keys)
        def remove(self, key: str) -> None:
            self.steps.append("remove")
            assert self.go.remove(key) == self.rust.remove(key)

        @rule(capacity=capacities)
        def resize(self, capacity: int) -> None:
            self.steps.append("resize")
            assert self.go.resize(capacity) == self.rust.resize(capacity)

        @rule(target=walks)
        def walk(self) -> tuple[int, Any]:
            self.steps.append("walk")
            return self.go.walk(), self.rust.walk()

        @rule(walk=walks)
        def advance(self, walk: tuple[int, Any]) -> None:
            self.steps.append("advance")
            assert self.go.advance(walk[0]) == self.rust.advance(walk[1])

        @rule(walk=consumes(walks))
        def finish(self, walk: tuple[int, Any]) -> None:
            self.steps.append("finish")
            assert self.go.finish(walk[0]) == self.rust.finish(walk[1])

        @invariant()
        def states_are_equal(self) -> None:
            assert self.go.state() == self.rust.state()

        def teardown(self) -> None:
            self.go.close()

    return Caches


def run(go_path: str, rust_path: str, number: int, examples: int) -> dict[str, Any]:
    """Run the state machine; say how long it took, how many steps, and what it found."""
    seen: list[list[str]] = []
    found = False
    caches = seed(number)(machine(go_path, rust_path, seen))
    profile = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),  # to explain would triple the time
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    started = time.perf_counter()
    try:
        run_state_machine_as_test(caches, settings=profile)
    except AssertionError:
        found = True
    return {
        "seconds": time.perf_counter() - started,
        "runs": len(seen),
        "steps": sum(map(len, seen)),
        "found": found,
        "last": [step for step in seen[-1] if step != "name"],
    }


if __name__ == "__main__":
    paths, numbers = sys.argv[1:3], map(int, sys.argv[3:5])
    result = run(*paths, *numbers)
    sys.stdout.write(json.dumps(result) + "\n")
