"""
The main function of a host: it loads one subject, and answers requests until the stream ends.

Owns the frames, the limits and the order of events at the start.
Knows the CBOR of its own frames only. Knows nothing of contracts, and nothing of what a loader does.
"""

from __future__ import annotations

import mmap
import os
import resource

from driftcheck_bindings._libc_abi import ffi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from driftcheck_bindings.library import Library

ABI = 1
_PR_SET_PDEATHSIG = 1
_SIGKILL = 9  # here, because the import of the module signal takes 5 ms
_READ_AT_ONCE = 1 << 16


def main(arguments: list[str]) -> None:
    """Run as a host, and end the process. Only an exception of the subject leaves this function.

    Args:
        arguments: the descriptor of the stream, the descriptor of the note, the process id of the parent,
            the memory limit in bytes, the loader as `module:callable`, and the target for the loader.
    """
    stream, note, parent, memory_bytes = map(int, arguments[:4])
    die_with(parent)
    confine(memory_bytes)
    frames = Frames(stream)
    try:
        library = load(*arguments[4:])
        description = library.describe()
    except BaseException as error:
        frames.write(pair("failed", text(error_text(error))))
        os._exit(0)
    frames.write(pair("ready", description))
    serve(frames, memoryview(mmap.mmap(note, 8)), library)
    os._exit(0)  # at once, without waiting for threads of the subject


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when the parent ends, even if the subject never returns."""
    ffi.dlopen(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # the parent ended before the call
        os._exit(0)


def confine(memory_bytes: int) -> None:
    """Limit private memory to what this process has now plus `memory_bytes`, and write no core file."""
    with open("/proc/self/statm") as statm:
        data_pages = int(statm.read().split()[5])
    # Not RLIMIT_AS: Go reserves far more addresses than it uses, so it would not load.
    limit = data_pages * mmap.PAGESIZE + memory_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def load(loader: str, target: str) -> Library:
    """Load a library through the loader named `module:callable`, and check its ABI version.

    Raises:
        ImportError: the library has another ABI version. The loader may raise other exceptions.
    """
    module, _, name = loader.partition(":")
    library: Library = getattr(__import__(module, fromlist=[name]), name)(target)
    if (abi := library.abi()) != ABI:
        raise ImportError(f"its ABI version is {abi}, and the host needs {ABI}")
    return library


def serve(frames: Frames, note: memoryview, library: Library) -> None:
    """Answer each request with one frame, until the stream ends."""
    while (request := frames.read()) is not None:
        note[:] = bytes(8)
        try:
            answer = pair("reply", byte_string(library.run(note, request)))
        except ValueError as error:
            answer = pair("error", text(str(error)))
        frames.write(answer)


class Frames:
    """Frames on a descriptor. A frame is a length of four bytes, big-endian, and that many bytes."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read(self) -> bytes | None:
        """Return the next frame, or None if the stream has ended."""
        # The parent sends one frame and waits for the answer, so no part of a second frame can follow.
        data = os.read(self._descriptor, _READ_AT_ONCE)
        while len(data) < 4:
            if not (more := os.read(self._descriptor, _READ_AT_ONCE)):
                return None
            data += more
        missing = 4 + int.from_bytes(data[:4], "big") - len(data)
        if missing == 0:
            return data[4:]
        parts = [data[4:]]
        while missing > 0:
            if not (more := os.read(self._descriptor, missing)):
                return None
            parts.append(more)
            missing -= len(more)
        return b"".join(parts)

    def write(self, frame: bytes) -> None:
        """Send a whole frame. End the process if the parent no longer reads."""
        data = memoryview(len(frame).to_bytes(4, "big") + frame)
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except (BrokenPipeError, ConnectionResetError):
            os._exit(0)


def error_text(error: BaseException) -> str:
    """Return the name and the text of an error, or its name alone if it has no text."""
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def pair(word: str, item: bytes) -> bytes:
    """Return the CBOR array of a word and an encoded item."""
    return b"\x82" + text(word) + item


def text(value: str) -> bytes:
    """Return a CBOR text string."""
    data = value.encode(errors="replace")
    return _head(3, len(data)) + data


def byte_string(data: bytes) -> bytes:
    """Return a CBOR byte string."""
    return _head(2, len(data)) + data


def _head(major: int, length: int) -> bytes:
    if length < 24:
        return bytes([major << 5 | length])
    size = (length.bit_length() - 1).bit_length()  # in bits, as a power of two
    code = max(size - 3, 0)  # 24 for one byte, 25 for two, 26 for four
    return bytes([major << 5 | 24 + code]) + length.to_bytes(1 << code, "big")
