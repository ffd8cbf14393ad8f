"""The contract csv: Go's encoding/csv beside the crate csv."""

from __future__ import annotations

import csv
import io
import re
from typing import Annotated

from driftcheck import Contract, Payload, Rejection, matches_re, max_len, min_len, operation
from driftcheck.codecs import Codec, Draw, Type, mutation, text_features, text_mutations

Field = Annotated[str, matches_re(r'[a-z0-9 ,"\n]{0,3}')]
Record = Annotated[tuple[Field, ...], min_len(2), max_len(2)]
Table = Annotated[tuple[Record, ...], min_len(1), max_len(3)]


@mutation
def stray_quote(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put a quote somewhere into the text."""
    at = draw.integer(0, len(data))
    return data[:at] + b'"' + data[at:]


@mutation
def crlf(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """End lines as on Windows."""
    return data.replace(b"\n", b"\r\n")


@mutation
def lone_cr(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """End lines as on old Macs."""
    return data.replace(b"\n", b"\r")


@mutation
def extra_field(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write a field more in the first record."""
    return b"x," + data


class CsvText(Codec[tuple[tuple[str, ...], ...]]):
    """Records of two fields, separated by commas."""

    mutations = (*text_mutations, stray_quote, crlf, lone_cr, extra_field)

    def encode(self, value: tuple[tuple[str, ...], ...]) -> bytes:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(value)
        return text.getvalue().encode()

    def features(self, data: bytes) -> set[str]:
        found = text_features(data) - {"leading-space", "trailing-space"}  # a field may begin with a space
        if data.count(b'"') % 2:
            found.add("stray-quote")
        if b"\r\n" in data:
            found.add("crlf")
        if re.search(rb"\r(?!\n)", data):
            found.add("lone-cr")
        return found


class Csv(Contract):
    """Reads and writes comma-separated values, RFC 4180."""

    malformed = Rejection("no table", catch_all=True)

    @operation
    def read(self, document: Payload[Table, CsvText]) -> tuple[tuple[str, ...], ...]:
        """Read all records. The crate is told that there are no headers."""

    @operation
    def read_default(self, document: Payload[Table, CsvText]) -> tuple[tuple[str, ...], ...]:
        """Read all records, by the defaults of each library."""

    @operation
    def write(self, record: Annotated[tuple[Annotated[str, max_len(4)], ...], min_len(1), max_len(3)]) -> str:
        """Write one record."""
