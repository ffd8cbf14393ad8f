"""
Coverage of a Rust library: how rustc instruments it, and where its blocks are.

rustc adds the counters of LLVM's SanitizerCoverage to every crate but the SDK and PyO3, also to the adapter:
it compiles generic code of a library there. Afterwards the source line of a block decides whether the block
belongs to the code under test. Knows the form of the sections in the library.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from driftcheck.build import tool
from driftcheck.build.elf import Elf, NotElf
from driftcheck.build.rust_source import RustSource
from driftcheck.subjects.coverage import CoverageTable, Place

FEATURE = "driftcheck/coverage"  # of the SDK
PROFILE = "instrumented"  # of Cargo, like the profile release
ENVIRONMENT = {
    "CARGO_PROFILE_INSTRUMENTED_INHERITS": "release",
    "CARGO_PROFILE_INSTRUMENTED_DEBUG": "line-tables-only",
    "CARGO_PROFILE_INSTRUMENTED_OPT_LEVEL": "1",
    "CARGO_PROFILE_INSTRUMENTED_STRIP": "none",
    "CARGO_PROFILE_INSTRUMENTED_LTO": "off",
    "CARGO_PROFILE_INSTRUMENTED_CODEGEN_UNITS": "1",
}

_SDK = "driftcheck"
# Cargo passes --target to what it compiles for the library, and not to build scripts and macros.
_WRAPPER = """\
#!/bin/sh
case " $* " in
*" --crate-name driftcheck "*|*" --crate-name pyo3"*) exec "$@" ;;
*" --target "*) exec "$@" -Cpasses=sancov-module \\
  -Cllvm-args=-sanitizer-coverage-level=3 \\
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \\
  -Cllvm-args=-sanitizer-coverage-pc-table ;;
esac
exec "$@"
"""
_COUNTERS, _BLOCKS = "__sancov_cntrs", "__sancov_pcs"  # sections
ADVICE = "install binutils, which gcc needs too"
_ADDRESS = re.compile("0x[0-9a-f]{16}")
_LINE = re.compile(r"(?P<file>.*):(?P<line>\d+)(?: \(discriminator \d+\))?")
_STANDARD = ("/rustc/", "/rustlib/src/rust/library/")  # in the paths of the standard library


def write_wrapper(folder: Path) -> Path:
    """Write the program that Cargo calls instead of rustc, and return its path."""
    path = folder / "instrument"
    path.write_text(_WRAPPER)
    path.chmod(0o755)
    return path


def roots(metadata: Mapping[str, Any], adapter: str, wanted: Sequence[str]) -> list[Path]:
    """Return the folders of the crates whose code counts.

    Args:
        metadata: what `cargo metadata` prints of the adapter and all that it depends on.
        adapter: the adapter's id in it.
        wanted: names of crates; by default the crates that the adapter names, and local crates among all that
            they depend on. The SDK and macros never count.

    Raises:
        ToolFailed: there is no such crate, or something wanted is not used.
    """
    packages = {one["id"]: one for one in metadata["packages"] if one["name"] != _SDK}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    used = [packages[name] for name in _used(nodes, adapter) if name in packages]
    libraries = [one for one in used if not any("proc-macro" in target["kind"] for target in one["targets"])]
    if wanted:
        names = {one["name"] for one in libraries}
        for name in wanted:
            if name not in names:
                raise tool.ToolFailed(
                    f"the key coverage in subjects.toml names {name!r}, which the adapter does not use; name "
                    "crates from 'cargo tree'"
                )
        chosen = [one for one in libraries if one["name"] in wanted]
    else:
        named = {dep["pkg"] for dep in nodes[adapter]["deps"]}
        chosen = [one for one in libraries if one["id"] in named or one["source"] is None]
    if not chosen:
        raise tool.ToolFailed("there is nothing to instrument: the adapter depends on no other crate")
    return [Path(one["manifest_path"]).parent for one in chosen]


def table(library: Path, roots: Sequence[Path], scratch: Path) -> CoverageTable:
    """Return the places of a library's counters.

    Args:
        library: its path.
        roots: the folders of the crates whose code counts.
        scratch: a folder for a temporary file.

    Raises:
        ToolFailed: the library has no counters, or addr2line is missing.
    """
    try:
        elf = Elf(library)
    except NotElf as error:
        raise tool.ToolFailed(f"{library} {error}") from None
    counters, blocks = elf.section(_COUNTERS), elf.section(_BLOCKS)
    if counters is None or blocks is None:
        raise tool.ToolFailed(f"{library} has no counters of rustc; this toolchain cannot instrument code")
    addresses = elf.addresses(blocks)[::2]  # each is followed by flags
    prefixes = [f"{root}{os.path.sep}" for root in roots]
    places = {}
    source = RustSource()
    for number, lines in enumerate(_lines(library, addresses, scratch)):
        place = _place(lines, prefixes, source)
        if place is not None:
            places[number] = place
    if not places:
        raise tool.ToolFailed(f"{library} contains no code of {', '.join(map(str, roots))}")
    return CoverageTable(counters.size, places)


def _used(nodes: Mapping[str, Any], adapter: str) -> Iterator[str]:
    """Yield what a package depends on when it runs, without itself."""
    seen, waiting = {adapter}, [adapter]
    while waiting:
        for dep in nodes[waiting.pop()]["deps"]:
            is_linked = any(kind["kind"] is None for kind in dep["dep_kinds"])
            if is_linked and dep["pkg"] not in seen:
                seen.add(dep["pkg"])
                waiting.append(dep["pkg"])
                yield dep["pkg"]


def find_addr2line() -> str:
    """Return the path of the program that names the places of blocks; raises ToolFailed if there is none."""
    return tool.find("addr2line", beside=Path("/usr/bin"), advice=ADVICE)


def _lines(library: Path, addresses: Iterable[int], scratch: Path) -> Iterator[list[tuple[str, int]]]:
    """Yield the file and line of each address, and those of the calls into which it was inlined."""
    addr2line = find_addr2line()
    arguments = scratch / "addresses"  # more than a command line takes
    arguments.write_text("\n".join(map(hex, addresses)))
    command = [addr2line, "-a", "-i", "-e", str(library), f"@{arguments}"]
    found: list[tuple[str, int]] | None = None
    for text in tool.run(command, cwd=scratch, env={"LC_ALL": "C"}).splitlines():
        if _ADDRESS.fullmatch(text):
            if found is not None:
                yield found
            found = []
        elif found is not None and (where := _LINE.fullmatch(text)):
            found.append((where["file"], int(where["line"])))
    if found is not None:
        yield found


def _place(lines: Iterable[tuple[str, int]], prefixes: Sequence[str], source: RustSource) -> Place | None:
    """Return the innermost place outside the standard library, if it is of the code that counts."""
    for file, line in lines:
        if any(part in file for part in _STANDARD):
            continue
        path = os.path.normpath(file)
        if line and path.startswith(tuple(prefixes)):
            return Place(path, line, source.function(path, line))
        return None
    return None
