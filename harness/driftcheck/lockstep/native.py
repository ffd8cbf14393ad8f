"""
The native library in this process, and the frames that make a host draw traces by itself.

docs/reference/wire.md is normative. Knows nothing of how a plan was made, or of what a trace means.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import attrs

from driftcheck.subjects.supervised import entry_point
from driftcheck.values.encoding import dumps, head

_SEED = 8  # bytes


class _Library(Protocol):
    def plan(self, data: bytes, /) -> bytes: ...

    def describe(self, digest: bytes, seed: int, /) -> bytes: ...


@attrs.frozen(eq=False)
class SweepPlan:
    """A plan that hosts and this process can keep."""

    digest: bytes
    frame: bytes = attrs.field(repr=False)  # that sends it to a host
    max_steps: int
    _library: _Library = attrs.field(repr=False)

    def describe(self, seed: int) -> bytes:
        """Return a seed's trace argument by argument.

        Raises:
            ValueError: the plan gives no trace.
        """
        return self._library.describe(self.digest, seed)

    def order(self, trace_seeds: Sequence[int], mode: int, *, counts: bool) -> bytes:
        """Return the frame that makes a host run the traces of seeds.

        Args:
            counts: the host also counts the outcomes.
        """
        numbers = b"".join(seed.to_bytes(_SEED, "big") for seed in trace_seeds)
        return head(4, 5) + b"".join(map(dumps, ("expand", self.digest, mode, counts, numbers)))


class NativeSearch:
    """The native library, loaded from a file.

    Raises:
        ImportError: it cannot be loaded.
    """

    def __init__(self, path: Path) -> None:
        module, _, name = entry_point("driftcheck.native", "load").partition(":")
        load: Any = getattr(__import__(module, fromlist=[name]), name)
        self._path = path
        self._library: _Library = load(str(path))

    def plan(self, data: bytes, max_steps: int) -> SweepPlan:
        """Take a plan.

        Raises:
            ValueError: it cannot be read.
        """
        digest = self._library.plan(data)
        frame = head(4, 3) + b"".join(map(dumps, ("plan", str(self._path), data)))
        return SweepPlan(digest, frame, max_steps, self._library)
