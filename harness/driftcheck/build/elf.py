"""
Reads an ELF library: its sections, its symbols, and the addresses in it.

Knows only the 64-bit little-endian form, which x86-64 and arm64 use. Knows nothing of what a section means.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import attrs

_HEADER = struct.Struct("<IIQQQQIIQQ")  # of a section: name, type, flags, address, offset, size, ...
_SYMBOL = struct.Struct("<IBBHQQ")  # name, info, other, section, value, size
_RELOCATION = struct.Struct("<QQq")  # address, kind and symbol, addend
_MAGIC = b"\x7fELF\x02\x01"
_NO_BITS = 8  # the type of a section that takes no room in the file


class NotElf(ValueError):
    """A file is not such a library; the text follows the name of the file in a sentence."""


@attrs.frozen
class Section:
    """One section."""

    kind: int
    address: int
    offset: int  # in the file
    size: int  # bytes


@attrs.frozen
class Symbol:
    """One symbol of the full symbol table."""

    name: str
    address: int
    size: int  # bytes


class Elf:
    """A library, read whole.

    Raises:
        NotElf: it is not a 64-bit little-endian ELF file.
    """

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        if not self._data.startswith(_MAGIC):
            raise NotElf("is not a 64-bit little-endian ELF library")
        try:
            self.sections = self._sections()
        except (struct.error, IndexError):
            raise NotElf("has no readable table of sections") from None

    def section(self, name: str) -> Section | None:
        """Return a section by its name, or None."""
        return self.sections.get(name)

    def content(self, section: Section) -> bytes:
        """Return the bytes of a section as they are in the file; none of one that is zero at the start."""
        if section.kind == _NO_BITS:
            return b""
        return self._data[section.offset : section.offset + section.size]

    def at(self, address: int, size: int) -> bytes:
        """Return the bytes at an address of the loaded library; none if they are not in the file."""
        for section in self.sections.values():
            start = address - section.address
            if section.kind != _NO_BITS and section.address and 0 <= start < section.size:
                return self._data[section.offset + start : section.offset + start + size]
        return b""

    def symbols(self) -> Iterator[Symbol]:
        """Yield all symbols; none of a library that was stripped."""
        table, names = self.section(".symtab"), self.section(".strtab")
        if table is None or names is None:
            return
        texts = self.content(names)
        for name, _, _, _, value, size in _SYMBOL.iter_unpack(self.content(table)):
            end = texts.find(b"\0", name)
            yield Symbol(texts[name:end].decode(errors="replace"), value, size)

    def addresses(self, section: Section) -> list[int]:
        """Return the 8-byte words of a section, with the addresses that the loader will put there."""
        words = [word for (word,) in struct.iter_unpack("<Q", self.content(section))]
        relocations = self.section(".rela.dyn")
        if relocations is not None:
            for address, _, addend in _RELOCATION.iter_unpack(self.content(relocations)):
                number, rest = divmod(address - section.address, 8)
                if rest == 0 and 0 <= number < len(words):
                    words[number] = addend
        return words

    def _sections(self) -> dict[str, Section]:
        (at,) = struct.unpack_from("<Q", self._data, 0x28)
        count, of_names = struct.unpack_from("<HH", self._data, 0x3C)
        headers = [_HEADER.unpack_from(self._data, at + number * _HEADER.size) for number in range(count)]
        start = headers[of_names][4]
        found = {}
        for name, kind, _, address, offset, size, *_ in headers:
            end = self._data.find(b"\0", start + name)
            found[self._data[start + name : end].decode(errors="replace")] = Section(
                kind, address, offset, size
            )
        return found
