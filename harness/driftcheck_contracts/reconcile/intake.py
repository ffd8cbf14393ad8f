"""Documents, read strictly (R7.2 to R7.4 of docs/reference/reconcile.md)."""

from __future__ import annotations

from typing import Any

from driftcheck_contracts.reconcile import refusals
from driftcheck_contracts.reconcile.messages import DOCUMENT, HEADER, MAGIC, Part
from driftcheck_contracts.reconcile.parts import MAX_COUNTER, Entry, Shared, Vector
from driftcheck_contracts.reconcile.reading import (
    ANY,
    NULL,
    TEXT,
    VALUE,
    Reader,
    check_missing,
    limits,
    reject_as,
)
from driftcheck_contracts.reconcile.records import Where

MAX_MESSAGE = 2**28
MAX_VALUE = 1024
MAX_KEYS = 2**20
MAX_ENTRIES = 256  # under one key
MAX_ORIGINS = 4096
MAX_EXTRAS = 256  # bytes
MAX_LABEL = 32  # bytes
MAX_PHYSICAL = 2**48 - 1  # milliseconds


def neighbours(schema: int) -> tuple[int, int]:
    """Return the lowest and the highest schema that a reader accepts (R10.2)."""
    return max(1, schema - 1), min(3, schema + 1)


def check_schema(reader: int, writer: int) -> None:
    """Check that a reader accepts the schema of a message (R7.2)."""
    lo, hi = neighbours(reader)
    if not lo <= writer <= hi:
        hint = "migrate one of the two step by step"
        raise refusals.too_far(Where("schema", 5, f"schema {lo} to {hi}", f"schema {writer}", hint))


def read_document(data: bytes, schema: int) -> Part:
    """Read a document as a replica at a schema does (R7.4)."""
    _check_header(data, schema)
    return _Document(data).read()


def _check_header(data: bytes, schema: int) -> None:
    """Check that the first eight bytes are a document's (R7.2)."""
    if len(data) < HEADER:
        detail = Where("", 0, f"{HEADER} bytes", f"{len(data)} bytes", "the bytes were cut short")
        raise refusals.malformed(detail)
    if len(data) > MAX_MESSAGE:
        raise refusals.too_large(Where("", 0, f"at most {MAX_MESSAGE}", str(len(data)), "check the limits"))
    if data[:4] != MAGIC:
        hint = "this is not a message of this store"
        raise refusals.malformed(Where("magic", 0, MAGIC.hex(), data[:4].hex(), hint))
    if data[4] != DOCUMENT:
        hint = "another message was expected"
        raise refusals.malformed(Where("kind", 4, str(DOCUMENT), str(data[4]), hint))
    check_schema(schema, data[5])
    flags = int.from_bytes(data[6:8], "big")
    if flags:
        raise refusals.malformed(Where("flags", 6, "0", str(flags), "written by a later version"))


class _Document:
    """The reader of one body; `around` is given in numbers, since the layout is fixed."""

    def __init__(self, data: bytes) -> None:
        self.reader = Reader(data, HEADER)
        self.schema = data[5]

    def read(self) -> Part:
        reader, found = self.reader, dict[int, Any]()
        start = reader.at
        count = reader.head("", 0, ("map",)).number
        for field in reader.fields("", 0, count, lambda field: field <= 6):
            match field:
                case 0:
                    found[0] = reader.byte_string("/0", 1, 1, 16)
                case 1:
                    found[1] = reader.uint("/1", 1, 0, 2**32 - 1)
                case 2:
                    found[2] = reader.byte_string("/2", 1, 8, 8)
                case 3 | 4:
                    found[field] = self._vector(f"/{field}")
                case 5:
                    found[5] = self._entries()
                case _:
                    found[6] = reader.byte_string("/6", 1, 32, 32)
        check_missing("", start, range(7), found)
        reader.end()
        return Part(found[0], found[1], found[2], Shared(found[5], found[3], found[4]), found[6])

    def _vector(self, path: str) -> Vector:
        """Read a vector (R7.3)."""
        reader, vector = self.reader, dict[bytes, int]()
        count = reader.head(path, 1, ("map",), limit=(0, MAX_ORIGINS)).number
        for origin, _ in reader.keys(path, count, lambda: reader.byte_string(path, 2, 5, 20)):
            vector[origin] = reader.uint(f"{path}/{origin.hex()}", 2, 1, MAX_COUNTER)
        return vector

    def _entries(self) -> dict[bytes, tuple[Entry, ...]]:
        reader, entries = self.reader, dict[bytes, tuple[Entry, ...]]()
        count = reader.head("/5", 1, ("map",), limit=(0, MAX_KEYS)).number
        for key, _ in reader.keys("/5", count, lambda: reader.byte_string("/5", 2, 1, 64)):
            path = f"/5/{key.hex()}"
            length = reader.head(path, 2, ("array",), limit=(1, MAX_ENTRIES)).number
            entries[key] = self._entries_of(path, length)
        return {key: entries[key] for key in sorted(entries)}  # they came in the order of their encodings

    def _entries_of(self, path: str, count: int) -> tuple[Entry, ...]:
        """Read the entries of a key, which ascend by their dots (R2.6)."""
        entries: list[Entry] = []
        for i in range(count):
            start = self.reader.at
            entry = self._entry(f"{path}/{i}")
            if entries and entry.dot == entries[-1].dot:
                reject_as("duplicate", f"{path}/{i}", start)
            if entries and entry.dot < entries[-1].dot:
                reject_as("order", f"{path}/{i}", start)
            entries.append(entry)
        return tuple(entries)

    def _entry(self, path: str) -> Entry:
        """Read an entry in the layout of the message's schema (R7.4), and ask for its extras' size (R2.7)."""
        reader, found, extras = self.reader, dict[int, Any](), dict[int, bytes]()
        start = reader.at

        def may_stand(field: int) -> bool:
            if field in (4, 6) and found.get(3) == 1:  # of a tombstone
                return field == 4 and self.schema == 1
            return field in self._known or 16 <= field <= 63

        count = reader.head(path, 3, ("map",), limit=(0, 64)).number
        for field in reader.fields(path, 3, count, may_stand):
            if field < 16:
                found[field] = self._field(field, f"{path}/{field}", is_tombstone=found.get(3) == 1)
            else:
                at = reader.at
                reader.item(f"{path}/{field}", 4, ANY)
                extras[field] = reader.data[at : reader.at]
        needs_value = self.schema == 1 or found.get(3) != 1
        check_missing(path, start, self._known - {6} - (set() if needs_value else {4}), found)
        size = sum(map(len, extras.values()))
        if size > MAX_EXTRAS:
            reject_as("limit", path, start, expected=limits(0, MAX_EXTRAS), got=str(size))
        if self.schema == 3:
            found[2] = found[7].to_bytes(6, "big") + found[8].to_bytes(2, "big")
        return Entry(found[0], found[1], found[2], found.get(4), found[5], found.get(6), (*extras.items(),))

    @property
    def _known(self) -> set[int]:
        return {0, 1, 3, 4, 5, 6, 7, 8} if self.schema == 3 else {0, 1, 2, 3, 4, 5, 6}

    def _field(self, field: int, path: str, *, is_tombstone: bool) -> Any:
        reader = self.reader
        match field:
            case 0:
                return reader.byte_string(path, 4, 5, 20)
            case 1:
                return reader.uint(path, 4, 1, MAX_COUNTER)
            case 2:
                return reader.byte_string(path, 4, 8, 8)
            case 3:
                return reader.uint(path, 4, 0, 1)
            case 4 if is_tombstone:
                reader.head(path, 4, (NULL,))
                return None
            case 4:
                return self._value(path)
            case 5:
                return reader.uint(path, 4, 1, 3)
            case 6:
                return reader.head(path, 4, (TEXT,), limit=(0, MAX_LABEL)).content.decode()
            case 7:
                return reader.uint(path, 4, 0, MAX_PHYSICAL)
            case _:
                return reader.uint(path, 4, 0, 2**16 - 1)

    def _value(self, path: str) -> bytes:
        """Read a put's value, and ask for its length once it is whole (R2.7)."""
        start = self.reader.at
        self.reader.item(path, 4, VALUE)
        value = self.reader.data[start : self.reader.at]
        if len(value) > MAX_VALUE:
            reject_as("limit", path, start, expected=limits(0, MAX_VALUE), got=str(len(value)))
        return value


def check_value(data: bytes) -> None:
    """Check that an operation's argument is one value (R2.2, R2.7)."""
    reader = Reader(data, max_depth=12)
    reader.item("", 0, VALUE)
    reader.end()
