"""
Coverage of a Go library: which packages are instrumented, and where the blocks of their functions are.

Knows the form that Go's compiler and linker give to counters (internal/coverage/defs.go of Go 1.20 to 1.26).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from driftcheck.build.elf import Elf, NotElf
from driftcheck.build.tool import ToolFailed
from driftcheck.subjects.coverage import CoverageTable, Place

TAG = "driftcheck_coverage"
FIELDS = "ImportPath,Dir,Standard,Module,Imports"  # of `go list`
FLAGS = ("-cover", "-covermode=count")

_SDK = "driftcheck/sdk"
_WORD = 4  # bytes of a counter
_HEADER_WORDS = 3  # before the counters of a function: their number, the package, the function
_META_HEADER = struct.Struct("<IIII16s4xII")  # length, name, path, module, hash, files, functions
_SYMBOL = re.compile(r"(?P<package>.*\.goCover_[0-9a-f]+)_(?:M|_(?P<function>\d+))")
_FIRST, _END = "runtime.covctrs", "runtime.ecovctrs"


def chosen(packages: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> dict[str, Path]:
    """Return the packages to instrument, with their folders.

    Args:
        packages: the adapter with all that it depends on, as `go list -deps` prints them.
        wanted: import paths, or patterns that end in "/..."; by default all packages of other modules than
            the adapter and the SDK. If there are none, the packages of the standard library that the
            adapter imports and the SDK does not.

    Raises:
        ToolFailed: there is nothing to instrument, or something wanted is not used.
    """
    folders = {one["ImportPath"]: Path(one["Dir"]) for one in packages if one["ImportPath"] != "unsafe"}
    names = [*_wanted(folders, wanted)] if wanted else [*_by_default(packages)]
    if not names:
        raise ToolFailed(
            "there is nothing to instrument: the adapter uses no other module; name the packages under test "
            "in subjects.toml, as in coverage = ['encoding/json']"
        )
    return {name: folders[name] for name in names}


def table(library: Path, packages: Mapping[str, Path]) -> CoverageTable:
    """Return the places of a library's counters.

    Raises:
        ToolFailed: the library has no counters that can be read.
    """
    try:
        elf = Elf(library)
    except NotElf as error:
        raise ToolFailed(f"{library} {error}") from None
    bounds, metas, counters = {}, {}, []
    for symbol in elf.symbols():
        if symbol.name in (_FIRST, _END):
            bounds[symbol.name] = symbol.address
        elif found := _SYMBOL.fullmatch(symbol.name):
            if found["function"] is None:
                metas[found["package"]] = elf.at(symbol.address, symbol.size)
            else:
                counters.append((found["package"], int(found["function"]), symbol.address))
    if len(bounds) < 2 or not counters:
        raise ToolFailed(f"{library} has no counters of Go: the linker removed them, or it was stripped")
    functions = {package: [*_functions(meta, packages)] for package, meta in metas.items()}
    places = {}
    for package, function, address in counters:
        start = (address - bounds[_FIRST]) // _WORD + _HEADER_WORDS
        for number, place in enumerate(functions[package][function]):
            places[start + number] = place
    return CoverageTable((bounds[_END] - bounds[_FIRST]) // _WORD, places)


def _wanted(folders: Mapping[str, Path], wanted: Sequence[str]) -> Iterator[str]:
    for pattern in wanted:
        stem = pattern.removesuffix("/...")
        found = [
            name for name in folders if name == stem or (stem != pattern and name.startswith(f"{stem}/"))
        ]
        if not found:
            raise ToolFailed(
                f"the key coverage in subjects.toml names {pattern!r}, which the adapter does not use; name "
                "packages from 'go list -deps .'"
            )
        yield from found


def _by_default(packages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    own: list[Mapping[str, Any]] = []
    of_sdk: list[Mapping[str, Any]] = []
    others: list[Mapping[str, Any]] = []
    for one in packages:
        module = one.get("Module")
        if module is None:
            continue
        kind = own if module.get("Main") else of_sdk if module["Path"] == _SDK else others
        kind.append(one)
    if others:
        yield from (one["ImportPath"] for one in others)
        return
    standard = {one["ImportPath"] for one in packages if one.get("Standard")}
    imported = {name for one in own for name in one.get("Imports", ())}
    yield from sorted((imported & standard) - {name for one in of_sdk for name in one.get("Imports", ())})


def _functions(meta: bytes, packages: Mapping[str, Path]) -> Iterator[list[Place]]:
    """Yield the places of the blocks of each function, from the meta-data of a package."""
    _, _, path_index, _, _, _, count = _META_HEADER.unpack_from(meta)
    at = _META_HEADER.size
    offsets = struct.unpack_from(f"<{count}I", meta, at)
    texts = _texts(meta, at + 4 * count)
    folder = packages.get(texts[path_index], Path(texts[path_index]))
    for offset in offsets:
        numbers = _numbers(meta, offset)
        units, name, file = next(numbers), texts[next(numbers)], texts[next(numbers)]
        where = str(folder / Path(file).name)
        places = []
        for _ in range(units):
            line, *_ = (next(numbers) for _ in range(5))  # with its column, the end, and the statements
            places.append(Place(where, line, name))
        yield places


def _texts(data: bytes, at: int) -> list[str]:
    texts = []
    count, at = _number(data, at)
    for _ in range(count):
        size, at = _number(data, at)
        texts.append(data[at : at + size].decode(errors="replace"))
        at += size
    return texts


def _numbers(data: bytes, at: int) -> Iterator[int]:
    while True:
        number, at = _number(data, at)
        yield number


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Read a number in ULEB128; return it and where the next one begins."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
