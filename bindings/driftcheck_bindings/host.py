"""
The main function of what driftcheck starts: a tool, or a host, which loads a subject and answers requests.

Each is the child of a supervisor. Owns the frames, the limits and the order of events at the start.
Knows the CBOR of its own frames only. Knows nothing of contracts, and nothing of what a loader does.
"""

from __future__ import annotations

import mmap
import os
import resource

from driftcheck_bindings import coverage, supervisor
from driftcheck_bindings.native_search import Orders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from driftcheck_bindings.library import Library

ABI = 1
_NOTE = slice(0, 8)  # the parts of the memory that is shared with the parent
_PID = slice(8, 12)
_STATUS = slice(12, 16)
_SHARED = 16
_STREAM = 1000  # the descriptor of the stream; high, so that a subject rarely closes it by mistake
_READ_AT_ONCE = 1 << 16
_TEXT = 4096  # characters


def main(arguments: list[str]) -> None:
    """Run as what the first argument says, "host" or "tool", and end the process.

    Only an exception of the subject leaves this function.
    """
    {"host": host, "tool": tool}[arguments[0]](arguments[1:])


def host(arguments: list[str]) -> None:
    """Run as a host.

    Args:
        arguments: the descriptors of the stream, of the shared memory and of the order to end, the process id
            of the parent, the memory limit in bytes, the loader as `module:callable`, and the target for the
            loader.
    """
    stream, memory, order, parent, memory_bytes = map(int, arguments[:5])
    shared = mmap.mmap(memory, _SHARED)
    os.close(memory)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    child = supervisor.fork()
    if child:
        os.close(stream)
        status = supervisor.watch(child, parent, order, ends_leftovers=True)
        shared[_STATUS] = (status + 1).to_bytes(4, "little")  # 0 says that the supervisor was killed
        os._exit(0)
    shared[_PID] = os.getpid().to_bytes(4, "little")
    os.close(order)
    confine(memory_bytes)
    frames = Frames(out_of_reach(stream))
    try:
        library = load(*arguments[5:])
        description = library.describe()
    except BaseException as error:
        frames.write(pair("failed", text(error_text(error))))
        os._exit(0)
    frames.write(pair("ready", description))
    serve(frames, memoryview(shared)[_NOTE], library)
    os._exit(0)  # at once, without waiting for threads of the subject


def tool(arguments: list[str]) -> None:
    """Run a command, and end it and all that it has started when the parent ends.

    Args:
        arguments: the process id of the parent, and the command.
    """
    import signal

    limit = resource.getrlimit(resource.RLIMIT_DATA)[1]  # the soft one is that of an author's code
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    child = supervisor.fork()
    if child:
        # A tool may leave a server for later builds behind, so only the end of the parent ends it.
        status = supervisor.watch(child, int(arguments[0]), ends_leftovers=False)
        code = os.waitstatus_to_exitcode(status)
        os._exit(code if code >= 0 else 128 - code)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and a command would, too
        signal.signal(ignored, signal.SIG_DFL)
    os.execvp(arguments[1], arguments[1:])


def out_of_reach(stream: int) -> int:
    """Move the stream to a high descriptor that programs of the subject do not inherit, and return it."""
    try:
        os.dup2(stream, _STREAM, inheritable=False)
    except OSError:  # the limit for open files is lower
        os.set_inheritable(stream, False)
        return stream
    os.close(stream)
    return _STREAM


def confine(memory_bytes: int) -> None:
    """Limit private memory to what this process has now plus `memory_bytes`."""
    with open("/proc/self/statm") as statm:
        data_pages = int(statm.read().split()[5])
    # Not RLIMIT_AS: Go reserves far more addresses than it uses, so it would not load.
    limit = data_pages * mmap.PAGESIZE + memory_bytes
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if hard != resource.RLIM_INFINITY:  # somebody has set a lower limit, which only root may raise
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


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
    """Answer each request or order with one frame, until the stream ends."""
    orders = Orders()
    while (request := frames.read()) is not None:
        note[:] = bytes(8)
        try:
            answer = pair("reply", byte_string(answered(library, note, request, orders)))
        except ValueError as error:
            answer = pair("error", text(str(error)))
        frames.write(answer)


def answered(library: Library, note: memoryview, request: bytes, orders: Orders) -> bytes:
    """Return the answer to a batch of traces, to an order to draw some, or to a question about coverage."""
    if coverage.asks(request):
        return coverage.answer(library, request)
    told = orders.answer(request, lambda drawn: library.run(note, drawn))
    return library.run(note, request) if told is None else told


class Frames:
    """Frames on a descriptor. A frame is a length of four bytes, big-endian, and that many bytes."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read(self) -> bytes | None:
        """Return the next frame, or None if the stream has ended."""
        # The parent sends one frame and waits for the answer, so no part of a second frame can follow.
        data = self._received(_READ_AT_ONCE)
        while len(data) < 4:
            if not (more := self._received(_READ_AT_ONCE)):
                return None
            data += more
        missing = 4 + int.from_bytes(data[:4], "big") - len(data)
        if missing == 0:
            return data[4:]
        parts = [data[4:]]
        while missing > 0:
            if not (more := self._received(missing)):
                return None
            parts.append(more)
            missing -= len(more)
        return b"".join(parts)

    def write(self, frame: bytes) -> None:
        """Send a whole frame. End the process if the parent no longer reads."""
        data = memoryview(len(frame).to_bytes(4, "big") + frame)
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                self._wait_again()
            except (BrokenPipeError, ConnectionResetError):
                os._exit(0)
            except OSError as error:
                self._end(error)

    def _received(self, most: int) -> bytes:
        while True:
            try:
                return os.read(self._descriptor, most)
            except BlockingIOError:
                self._wait_again()
            except OSError as error:
                self._end(error)

    def _wait_again(self) -> None:
        """Undo what the subject did to the stream, so that a read or a write waits."""
        os.set_blocking(self._descriptor, True)

    def _end(self, error: OSError) -> NoReturn:
        """End the process after the subject has closed or changed the stream."""
        try:  # noqa: SIM105 # contextlib takes as long to import as all else here
            os.write(2, f"driftcheck: lost the stream: {error.strerror}\n".encode())
        except OSError:  # the subject has closed this, too
            pass
        os._exit(1)


def error_text(error: BaseException) -> str:
    """Return the name and the text of an error, or only its name if it has no text."""
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def pair(word: str, item: bytes) -> bytes:
    """Return the CBOR array of a word and an encoded item."""
    return b"\x82" + text(word) + item


def text(value: str) -> bytes:
    """Return a CBOR text string; a text that is longer than the parent keeps loses its end."""
    data = value[:_TEXT].encode(errors="replace")
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
