"""
Loads a Go library through the C functions of driftcheck.h.

Knows C, and nothing of CBOR.
"""

from __future__ import annotations

from driftcheck_bindings._driftcheck_abi import ffi

TYPE_CHECKING = False  # the import of typing would take a third of the time in which a host starts
if TYPE_CHECKING:
    from typing import Any


class GoLibrary:
    """A library that `go build -buildmode=c-shared` has built.

    Args:
        path: the path of the shared object.

    Raises:
        OSError: the dynamic linker cannot load the library.
        AttributeError: the library lacks one of the four functions.
    """

    def __init__(self, path: str) -> None:
        self._library = library = ffi.dlopen(path)  # kept, because cffi closes it when nothing refers to it
        # Looked up now, so that a missing function is an error before a trace runs. Each lookup of cffi
        # also takes a lock.
        self._abi = library.driftcheck_abi
        self._describe = library.driftcheck_describe
        self._run = library.driftcheck_run
        self._free = library.driftcheck_free
        try:
            self._coverage = library.driftcheck_coverage
        except ffi.error:  # the library is not built for coverage
            self._coverage = None
        self._out: Any = ffi.new("uint8_t **")
        self._out_len: Any = ffi.new("size_t *")

    def abi(self) -> int:
        """Return the version of the C functions. With another version, the host calls none of them."""
        version: int = self._abi()
        return version

    def describe(self) -> bytes:
        """Return the description of contract and library, a CBOR map."""
        return self._message(self._describe(self._out, self._out_len))

    def run(self, note: memoryview, request: bytes) -> bytes:
        """Run a request and return its reply."""
        with ffi.from_buffer("uint64_t[]", note) as shared, ffi.from_buffer("uint8_t[]", request) as data:
            return self._message(self._run(shared, data, len(request), self._out, self._out_len))

    def coverage(self, request: bytes) -> bytes:
        """Answer a question about coverage."""
        if self._coverage is None:
            raise ValueError("this library is not built for coverage")
        with ffi.from_buffer("uint8_t[]", request) as data:
            return self._message(self._coverage(data, len(request), self._out, self._out_len))

    def _message(self, status: int) -> bytes:
        """Copy the message in `out`, and return its memory to the library."""
        try:
            message: bytes = ffi.buffer(self._out[0], self._out_len[0])[:]
        finally:
            self._free(self._out[0])
        if status != 0:
            raise ValueError(message.decode(errors="replace"))
        return message


def load(target: str) -> GoLibrary:
    """Load the Go library at this path."""
    return GoLibrary(target)
