"""Contracts, and pairs of models in which one bug, or one kind of bug, shows in very many ways."""

from __future__ import annotations

from typing import Annotated

from driftcheck import U64, Contract, Json, Payload, Rejection, max_len, query

Word = Annotated[str, max_len(12)]


class Keys(Contract):
    """Returns maps whose keys are any text."""

    @query
    def count(self, words: Annotated[tuple[Word, ...], max_len(4)]) -> dict[str, U64]: ...
    @query
    def nest(self, word: Word) -> dict[str, tuple[dict[str, U64], ...]]: ...


class KeysGo(Keys):
    """Counts each word once."""

    def count(self, words: tuple[str, ...]) -> dict[str, int]:
        return dict.fromkeys((form for word in words for form in _forms(word)), 1)

    def nest(self, word: str) -> dict[str, tuple[dict[str, int], ...]]:
        return {form: ({form: 1},) for form in _forms(word)}


class KeysRust(KeysGo):
    """Counts 41 where the words are not empty."""

    def count(self, words: tuple[str, ...]) -> dict[str, int]:
        return {form: 41 if any(words) else 1 for form in super().count(words)}

    def nest(self, word: str) -> dict[str, tuple[dict[str, int], ...]]:
        return {form: ({form: 41 if word else 1},) for form in _forms(word)}


def _forms(word: str) -> tuple[str, ...]:
    """Return keys that could be taken for a part of a path."""
    return f"[{word}", f"{word}]", f"a][b{word}", f"[]{word}[[", f'"{word}".length', f"{word}\\"


class Ten(Contract):
    """Has ten operations with one cause."""

    malformed = Rejection("no text", catch_all=True)

    @query
    def read0(self, text: Payload[str, Json]) -> str: ...
    @query
    def read1(self, text: Payload[str, Json]) -> str: ...
    @query
    def read2(self, text: Payload[str, Json]) -> str: ...
    @query
    def read3(self, text: Payload[str, Json]) -> str: ...
    @query
    def read4(self, text: Payload[str, Json]) -> str: ...
    @query
    def read5(self, text: Payload[str, Json]) -> str: ...
    @query
    def read6(self, text: Payload[str, Json]) -> str: ...
    @query
    def read7(self, text: Payload[str, Json]) -> str: ...
    @query
    def read8(self, text: Payload[str, Json]) -> str: ...
    @query
    def read9(self, text: Payload[str, Json]) -> str: ...


class TenGo(Ten):
    """Takes everything for nothing."""

    def read0(self, text: Payload[str, Json]) -> str:
        return ""

    read1 = read2 = read3 = read4 = read5 = read6 = read7 = read8 = read9 = read0


class TenRust(Ten):
    """Refuses a byte order mark."""

    def read0(self, text: Payload[str, Json]) -> str:
        if text.data.startswith(b"\xef\xbb\xbf"):
            raise self.malformed()
        return ""

    read1 = read2 = read3 = read4 = read5 = read6 = read7 = read8 = read9 = read0
