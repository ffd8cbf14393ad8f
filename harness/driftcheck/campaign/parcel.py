"""
Parcels: values of a search on their way to another process, as bytes.

A parcel only refers to the schema and the wire of its contract, which are not sent. Knows pickling and
contracts. Knows nothing of processes.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

from driftcheck.contract.schema import Schema
from driftcheck.subjects.wire import Wire

SCHEMA, WIRE = "schema", "wire"


def pack(value: Any) -> bytes:
    """Return a value as bytes; it may hold the schema and the wire of one contract."""
    stream = io.BytesIO()
    _Packer(stream, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    return stream.getvalue()


def unpack(data: bytes, schema: Schema, wire: Wire) -> Any:
    """Return the value that another process has packed, with our own schema and wire in it."""
    return _Unpacker(io.BytesIO(data), {SCHEMA: schema, WIRE: wire}).load()


class _Packer(pickle.Pickler):
    def persistent_id(self, value: Any) -> str | None:
        match value:
            case Schema():
                return SCHEMA
            case Wire():
                return WIRE
            case _:
                return None


class _Unpacker(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, ours: dict[str, Any]) -> None:
        super().__init__(stream)
        self._ours = ours

    def persistent_load(self, name: str) -> Any:
        return self._ours[name]
