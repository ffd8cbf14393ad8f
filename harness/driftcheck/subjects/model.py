"""
A Python model as a library: does with a model class what the Go and Rust SDKs do with a library.

docs/reference/wire.md is normative. Runs inside a host; knows nothing of processes or of verdicts.
"""

from __future__ import annotations

import importlib
import os
import platform
from functools import lru_cache
from typing import Any

import cbor2

from driftcheck.contract.declare import Contract
from driftcheck.contract.schema import WIRE_PROTOCOL
from driftcheck.core.limits import STATE_BYTES, too_large
from driftcheck.core.payload import Handle
from driftcheck.subjects.dispatch import Dispatch, Operation, Outcome, broken, said, shown
from driftcheck.subjects.wire import ACCEPTED, DIGESTS, FULL, LARGE_STATE, NOT_REACHED, NOTHING_MORE, VOID
from driftcheck.values.encoding import Decode, dumps

ABI = 1
MAX_CORRELATION_ID = 64  # bytes
EXHAUSTED_STATUS = 2  # the exit status of a host after a state that is larger than its limit


class Unreadable(ValueError):
    """A request, or a part of it, does not have the form that the protocol gives it."""


def load(target: str) -> ModelLibrary:
    """Return the model named `module:Class` behind the four calls of a library.

    Raises:
        ImportError: there is no such module.
        AttributeError: the module has no such class.
    """
    module, _, path = target.partition(":")
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return ModelLibrary(found)


class ModelLibrary:
    """A model class behind the four calls of a library."""

    def __init__(self, model: type[Contract]) -> None:
        self._model = Dispatch(model)

    def abi(self) -> int:
        """Return the version of the four calls."""
        return ABI

    def describe(self) -> bytes:
        """Describe contract and interpreter, as a CBOR map."""
        schema = self._model.schema
        description = {
            "abi": ABI,
            "protocol": WIRE_PROTOCOL,
            "contract": schema.name,
            "fingerprint": schema.fingerprint,
            "language": "python",
            "toolchain": f"{platform.python_implementation()} {platform.python_version()}",
            "libraries": {},
            "build": "",
        }
        return dumps(dict(sorted(description.items(), key=lambda pair: dumps(pair[0]))))

    def run(self, note: memoryview, request: bytes) -> bytes:
        """Run a request.

        Args:
            note: eight writable bytes; they always have the current trace and step.
            request: a batch of traces.

        Raises:
            ValueError: the request cannot be read.
        """
        shared = memoryview(note).cast("B").cast("Q")  # one item, so that it is written by one store
        match _loads(request):
            case [protocol, _, _] if protocol != WIRE_PROTOCOL:
                raise Unreadable(f"protocol {protocol!r} is not known here, only {WIRE_PROTOCOL}")
            case [_, int(mode), list(traces)] if DIGESTS <= mode <= FULL:
                pass
            case _:
                raise Unreadable("the request is not [protocol, mode, traces]")
        replies = []
        for index, trace in enumerate(traces):
            try:
                replies.append(_Session(self._model, shared, index, mode).run(trace))
            except ValueError as error:
                raise Unreadable(f"trace {index}: {error}") from None
        shared[0] = NOTHING_MORE << 32 | max(len(traces) - 1, 0)
        return dumps(replies)


class _Session:
    """One trace: a fresh model for each instance, the handles that its steps made, and the answers."""

    def __init__(self, model: Dispatch, note: memoryview, index: int, mode: int) -> None:
        self.model = model
        self.note = note
        self.index = index
        self.mode = mode
        self.subjects: list[Any] = []  # one for each instance; empty after one did not open or was lost
        self.rest = VOID  # the outcome of steps without subjects
        self.handles: dict[int, tuple[str, int, Handle[Any]]] = {}  # kind and instance, by step
        self.is_large = False
        self.states: list[Any] = []

    def run(self, data: bytes) -> bytes:
        arguments, steps = self._read(data)
        self._say(0)
        opened = self._open(arguments)
        answers: list[Any] = []
        for number, step in enumerate(steps):
            answers += self._step(number, step, is_last=number == len(steps) - 1)
        states = None if self.model.state is None or self.mode == DIGESTS else self.states
        texts = [""] * len(steps) if self.mode == FULL else None  # a model has no library with error texts
        return dumps([opened, answers, states, texts])

    def _read(self, data: bytes) -> tuple[list[list[Any]], list[Any]]:
        count = self.model.schema.instances
        match _loads(data):
            case [str(correlation), list(headers), list(openings), list(steps)] if (
                headers == [[1, []]] * count and len(openings) == count
            ):
                if len(correlation.encode()) > MAX_CORRELATION_ID:
                    raise Unreadable(f"the correlation id is longer than {MAX_CORRELATION_ID} bytes")
                return [_decode(self.model.opening, one, "open") for one in openings], steps
        raise Unreadable("it is not [correlation id, instances, opening arguments, steps]")

    def _open(self, openings: list[list[Any]]) -> list[Outcome]:
        opened: list[Outcome] = []
        states: list[bytes] = []
        for arguments in openings:
            outcome, state = self._open_one(arguments)
            opened.append(outcome)
            states += [] if state is None else [state]
            if outcome[0] != ACCEPTED:
                self.subjects = []
                opened += [[NOT_REACHED]] * (len(openings) - len(opened))
                break
        self.states.append(states if self.subjects and self.model.state is not None else None)
        return opened

    def _open_one(self, arguments: list[Any]) -> tuple[Outcome, bytes | None]:
        def call() -> None:
            subject: Any = self.model.make()
            if hasattr(subject, "open"):
                subject.open(*arguments)
            self.subjects.append(subject)

        outcome, _ = self.model.outcome(call, None)
        if outcome[0] != ACCEPTED or self.model.state is None:
            return outcome, None
        try:
            return outcome, self._encode_state(self.subjects[-1])
        except Exception as error:
            return _bad_state(error), None

    def _step(self, number: int, step: Any, *, is_last: bool) -> tuple[Outcome, bytes | None]:
        if not self.subjects:
            self.states.append(None)
            return [self.rest], None
        call = self._read_step(number, step)
        self._say(number + 1)
        outcome = self._call(number, *call)
        try:
            digest = self._digest(is_last)
        except Exception as error:
            # The state is unknown from here on, as after a panic.
            self.subjects, self.rest = [], NOT_REACHED
            self.states.append(None)
            return _bad_state(error), None
        return outcome, digest

    def _read_step(self, number: int, step: Any) -> tuple[Operation, int, list[Any], dict[str, Any]]:
        """Return the operation of a step, its instance, its arguments, and its fault by name."""
        model = self.model
        match step:
            case [int(index), int(instance), fault, list(plain)] if (
                0 <= index < len(model.operations)
                and 0 <= instance < len(self.subjects)
                and (fault is None or (type(fault) is int and 0 <= fault < len(model.faults)))
            ):
                operation = model.operations[index]
            case _:
                raise Unreadable(f"step {number}: it is not [operation, instance, fault, arguments]")
        where = f"step {number}: operation {operation.name!r}"
        arguments = _decode(operation.arguments, plain, where)
        if operation.peer is not None:
            peer = arguments[operation.peer]
            if peer == instance or peer >= len(self.subjects):
                raise Unreadable(f"{where}: instance {peer} is not a peer of instance {instance}")
            arguments[operation.peer] = self.subjects[peer]
        under = {"fault": None if fault is None else model.faults[fault]} if operation.takes_fault else {}
        return operation, instance, arguments, under

    def _call(
        self, number: int, operation: Operation, instance: int, arguments: list[Any], under: dict[str, Any]
    ) -> Outcome:
        taken = [arguments[i] for i, _ in operation.handles]
        if len(set(taken)) < len(taken):  # a handle is lent to one argument at a time
            return [VOID]
        for (i, kind), made_by in zip(operation.handles, taken, strict=True):
            name, owner, handle = self.handles.get(made_by, ("", -1, None))
            if name != kind.name or owner != instance:
                return [VOID]
            arguments[i] = handle
        for (_, kind), made_by in zip(operation.handles, taken, strict=True):
            if kind.closing:  # also if the call fails
                del self.handles[made_by]
        body = getattr(self.subjects[instance], operation.name)
        outcome, value = self.model.outcome(lambda: body(*arguments, **under), operation.encode)
        if operation.makes is not None and outcome[0] == ACCEPTED:
            if not isinstance(value, Handle):
                return broken(f"{operation.name!r} returns {shown(value)}, which is not a Handle")
            self.handles[number] = (operation.makes, instance, value)
        return outcome

    def _digest(self, is_last: bool) -> bytes | None:
        if self.model.state is None or (self.is_large and not is_last and self.mode == DIGESTS):
            self.states.append(None)
            return None
        states = [self._encode_state(subject) for subject in self.subjects]
        self.is_large = self.is_large or any(len(data) > LARGE_STATE for data in states)
        self.states.append(states)
        return b"".join(_known_digest(d) if len(d) <= LARGE_STATE else fnv1a(d) for d in states)

    def _encode_state(self, subject: Any) -> bytes:
        assert self.model.state is not None
        data = dumps(self.model.state(subject.state()))
        if len(data) > STATE_BYTES:
            message = too_large("a state", len(data), STATE_BYTES)
            os.write(2, f"driftcheck: exhausted: {message}\n".encode())
            os._exit(EXHAUSTED_STATUS)
        return data

    def _say(self, doing: int) -> None:
        self.note[0] = doing << 32 | self.index


def _bad_state(error: Exception) -> Outcome:
    return broken(f"its state cannot be encoded: {said(error)}")


def fnv1a(data: bytes) -> bytes:
    """Digest bytes by FNV-1a, 64 bit, big-endian."""
    digest = 0xCBF29CE484222325
    for byte in data:
        digest = ((digest ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return digest.to_bytes(8, "big")


_known_digest = lru_cache(maxsize=4096)(fnv1a)  # most steps do not change the state


def _loads(data: Any) -> Any:
    if not isinstance(data, bytes):
        raise Unreadable("it is not a byte string")
    try:
        return cbor2.loads(data)
    except Exception as error:
        raise Unreadable(f"it is not CBOR: {error}") from None


def _decode(decoders: tuple[Decode, ...], plain: list[Any], where: str) -> list[Any]:
    if len(plain) != len(decoders):
        raise Unreadable(f"{where}: it has {len(plain)} arguments, not {len(decoders)}")
    try:
        return [decode(value) for decode, value in zip(decoders, plain, strict=True)]
    except ValueError as error:
        raise Unreadable(f"{where}: {error}") from None
