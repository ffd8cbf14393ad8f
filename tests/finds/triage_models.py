"""Contracts, and pairs of models that diverge a lot, each in a way that triage must tell."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Annotated, Any

from driftcheck import U64, Contract, Json, Payload, Rejection, ge, le, matches_re, max_len, operation, query
from driftcheck.codecs import Codec, Draw, Type, mutation, text_features, text_mutations

Few = Annotated[U64, le(20)]
Word = Annotated[str, max_len(6)]
Plain = Annotated[str, matches_re("[a-z]{0,4}")]


class Limiter(Contract):
    """A token bucket that is asked for tokens."""

    def open(self, size: Few) -> None: ...
    def state(self) -> U64: ...
    @operation
    def allow(self, count: Few) -> float: ...


class LimiterGo(Limiter):
    """Gives what is left, as a share of the size."""

    def open(self, size: int) -> None:
        self.size, self.left = size + 1, size + 1

    def state(self) -> int:
        return self.left

    def allow(self, count: int) -> float:
        taken = min(count, self.left)
        self.left -= taken
        return self.left / self.size


def is_rounding(operation: str, arguments: Mapping[str, Any], outcomes: Mapping[str, Any]) -> bool:
    """Say whether two shares are the same but for their last digits."""
    one, other = (outcome.value for outcome in outcomes.values())
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


class LimiterRounding(LimiterGo):
    """Rounds otherwise."""

    def allow(self, count: int) -> float:
        return math.nextafter(super().allow(count), 2.0)


class LimiterRust(LimiterGo):
    """Rounds otherwise, and gives seven tokens too many if fewer are left than are asked for."""

    def allow(self, count: int) -> float:
        short = count > self.left + 7
        share = super().allow(count)
        return share + 7 if short else math.nextafter(share, 2.0)


class Signs(Contract):
    """Says whether a number is positive."""

    @query
    def is_positive(self, number: Annotated[int, ge(-50), le(50)]) -> bool: ...


class SignsGo(Signs):
    """Takes zero for positive."""

    def is_positive(self, number: int) -> bool:
        return number >= 0


class SignsRust(Signs):
    """Takes what is far below zero for positive."""

    def is_positive(self, number: int) -> bool:
        return number > 0 or number < -40


class SignsModel(Signs):
    """Is right."""

    def is_positive(self, number: int) -> bool:
        return number > 0


class SignsShared(Signs):
    """Has the fault that both engines share."""

    def is_positive(self, number: int) -> bool:
        return number >= 0


class Loud(Contract):
    """Has an operation that differs at each call, and one that may end the process."""

    def state(self) -> U64: ...
    @operation
    def loud(self) -> U64: ...
    @operation
    def add(self, number: Few) -> None: ...


class LoudGo(Loud):
    """Counts from 0."""

    def open(self) -> None:
        self.calls = self.total = 0

    def state(self) -> int:
        return self.total

    def loud(self) -> int:
        self.calls += 1
        return 0

    def add(self, number: int) -> None:
        self.total += number


class LoudRust(LoudGo):
    """Answers otherwise, and dies after a loud call."""

    def loud(self) -> int:
        super().loud()
        return 1

    def add(self, number: int) -> None:
        super().add(number)
        if self.calls and number == 7:
            os.abort()


class Hushed(Contract):
    """Has an operation that differs at each call, and one that differs after many calls."""

    def state(self) -> U64: ...
    @operation
    def loud(self) -> U64: ...
    @operation
    def add(self, number: Few) -> U64: ...


class HushedGo(Hushed):
    """Adds up."""

    def open(self) -> None:
        self.total = 0

    def state(self) -> int:
        return self.total

    def loud(self) -> int:
        return 0

    def add(self, number: int) -> int:
        self.total += number
        return 0


class HushedRust(HushedGo):
    """Answers otherwise, and says so where the total is large."""

    def loud(self) -> int:
        return 1

    def add(self, number: int) -> int:
        super().add(number)
        return int(self.total > 250)


class Flood(Contract):
    """Has five operations with one cause, and a map with odd keys."""

    malformed = Rejection("no text", catch_all=True)

    @query
    def keys(self, word: Word) -> dict[str, U64]: ...
    @operation
    def read0(self, text: Payload[str, Json]) -> None: ...
    @operation
    def read1(self, text: Payload[str, Json]) -> None: ...
    @operation
    def read2(self, text: Payload[str, Json]) -> None: ...
    @operation
    def read3(self, text: Payload[str, Json]) -> None: ...
    @operation
    def read4(self, text: Payload[str, Json]) -> None: ...


class FloodGo(Flood):
    """Takes everything."""

    def keys(self, word: str) -> dict[str, int]:
        return {f"a]{word}[b": 0}

    def read0(self, text: Payload[str, Json]) -> None:
        pass

    read1 = read2 = read3 = read4 = read0


class FloodRust(FloodGo):
    """Refuses a byte order mark."""

    def keys(self, word: str) -> dict[str, int]:
        return {f"a]{word}[b": 7 if word else 0}

    def read0(self, text: Payload[str, Json]) -> None:
        if text.data.startswith(b"\xef\xbb\xbf"):
            raise self.malformed()

    read1 = read2 = read3 = read4 = read0


class Written(Codec[str]):
    """Text as it is."""

    mutations = text_mutations

    def encode(self, value: str) -> bytes:
        return value.encode()

    def features(self, data: bytes) -> set[str]:
        return text_features(data) - {"empty"}


class Lengths(Contract):
    """Counts the characters of a text, and looks for a word in a list."""

    @query
    def length(self, text: Payload[Plain, Written]) -> U64: ...
    @query
    def is_found(self, word: Word, excluded: bool) -> bool: ...


class LengthsGo(Lengths):
    """Counts characters, and finds no word."""

    def length(self, text: Payload[str, Written]) -> int:
        return len(text.data.decode(errors="replace"))

    def is_found(self, word: str, excluded: bool) -> bool:
        return excluded


class LengthsRust(LengthsGo):
    """Counts one more where any character is not ASCII, and finds each word with such a character."""

    def length(self, text: Payload[str, Written]) -> int:
        return super().length(text) + (not text.data.isascii())

    def is_found(self, word: str, excluded: bool) -> bool:
        return excluded == word.isascii()


@mutation
def bang(data: bytes, draw: Draw, type_: Type) -> bytes:
    """Put an exclamation mark at the end."""
    return data + b"!"


@mutation
def question(data: bytes, draw: Draw, type_: Type) -> bytes:
    """Put a question mark at the end."""
    return data + b"?"


class Marked(Codec[str]):
    """Text as it is, without features."""

    mutations = (bang, question)

    def encode(self, value: str) -> bytes:
        return value.encode()


class Marks(Contract):
    """Counts the characters of a text."""

    @query
    def count(self, text: Payload[Plain, Marked]) -> U64: ...


class MarksGo(Marks):
    """Counts characters."""

    def count(self, text: Payload[str, Marked]) -> int:
        return 7 + len(text.data)


class MarksRust(MarksGo):
    """Counts one more for an exclamation mark, and 100 more for a question mark."""

    def count(self, text: Payload[str, Marked]) -> int:
        return super().count(text) + (b"!" in text.data) + 100 * (b"?" in text.data)
