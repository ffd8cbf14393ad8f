"""
The native search in a host: answers the frames that make a host draw its traces itself.

docs/reference/wire.md describes them. Loads driftcheck's native library with the first of them. Knows nothing
of what a plan holds.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Native(Protocol):
        """The functions of driftcheck's native library."""

        def plan(self, data: bytes, /) -> bytes:
            """Keep a plan, and return its digest; raises ValueError if it cannot be read."""

        def expand(self, frame: bytes, /) -> bytes:
            """Return the request that an order means.

            Raises:
                KeyError: its plan is not kept.
                ValueError: the order cannot be read, or the plan gives no trace.
            """

        def summary(self, frame: bytes, request: bytes, reply: bytes, /) -> bytes:
            """Return the digests of a reply, and its counts; raises ValueError if it cannot be read."""

        def describe(self, digest: bytes, seed: int, /) -> bytes:
            """Return a seed's trace argument by argument; raises KeyError and ValueError as `expand`."""


MODULE = "driftcheck_native"
_PLAN = b"\x83\x64plan"  # the beginning of ["plan", path, plan]
_EXPAND = b"\x85\x66expand"  # and of ["expand", digest, mode, counts, seeds]


def load(path: str) -> Native:
    """Load the native library.

    Raises:
        ImportError: the dynamic linker cannot load it.
    """
    from importlib.machinery import ExtensionFileLoader, ModuleSpec  # most hosts need none of it

    loader = ExtensionFileLoader(MODULE, path)
    module = loader.create_module(ModuleSpec(MODULE, loader, origin=path))
    loader.exec_module(module)
    native: Native = module
    return native


class Orders:
    """The orders of a parent to draw traces in this process, and the plans that it has sent."""

    def __init__(self) -> None:
        self._native: Native | None = None

    def answer(self, frame: bytes, run: Callable[[bytes], bytes]) -> bytes | None:
        """Return the answer to a frame that is an order, or None for any other frame.

        Args:
            run: runs a request, and returns its reply.

        Raises:
            ValueError: the order cannot be read, or its plan was not sent.
        """
        if frame.startswith(_PLAN):
            path, after = _string(frame, len(_PLAN))
            data, _ = _string(frame, after)
            if self._native is None:
                try:
                    self._native = load(path.decode())
                except ImportError as error:
                    raise ValueError(str(error)) from None
            return self._native.plan(data)
        if frame.startswith(_EXPAND):
            if self._native is None:
                raise ValueError("it got seeds before it got a plan")
            try:
                request = self._native.expand(frame)
            except KeyError as error:
                raise ValueError(str(error)) from None
            return self._native.summary(frame, request, run(request))
        return None


def _string(frame: bytes, at: int) -> tuple[bytes, int]:
    """Return the text or byte string that begins at a place of a frame, and the place after it."""
    short = frame[at] & 31
    width = 0 if short < 24 else 1 << short - 24
    at += 1
    size = int.from_bytes(frame[at : at + width], "big") if width else short
    at += width
    return frame[at : at + size], at + size
