"""The places of counters: what is instrumented, what a table holds, and how places are ranked and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from driftcheck.build import go_coverage, rust_coverage
from driftcheck.build.elf import Elf, NotElf
from driftcheck.build.rust_source import RustSource
from driftcheck.build.tool import ToolFailed
from driftcheck.cli import suspects as shown
from driftcheck.cli.places import at
from driftcheck.core.files import Unreadable
from driftcheck.lockstep.covered import Covered
from driftcheck.search.reached import FunctionReached, SubjectReached, one_sided, reached
from driftcheck.search.suspects import Run, Suspect, Suspects, ranked
from driftcheck.subjects.coverage import CoverageTable, Place, TraceCoverage, merged, read_traces

ONE, TWO, THREE = Place("a.go", 3, "F"), Place("a.go", 7, "F"), Place("b.go", 1, "G")
TABLE = CoverageTable(5, {1: ONE, 2: TWO, 4: THREE})


def go_package(path: str, module: str | None, *, is_main: bool = False, imports: tuple[str, ...] = ()) -> Any:
    one: dict[str, Any] = {"ImportPath": path, "Dir": f"/src/{path}", "Imports": list(imports)}
    return (
        {**one, "Standard": True} if module is None else {**one, "Module": {"Path": module, "Main": is_main}}
    )


ADAPTER = go_package("me/shop", "me/shop", is_main=True, imports=("encoding/json", "fmt", "driftcheck/sdk"))
SDK = go_package("driftcheck/sdk", "driftcheck/sdk", imports=("fmt",))
STANDARD = [
    go_package("encoding/json", None),
    go_package("encoding/json/jsontext", None),
    go_package("fmt", None),
]


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A table keeps its counters and places, and counters without a place are ignored."""
    TABLE.write(tmp_path / "table")

    assert CoverageTable.read(tmp_path / "table") == TABLE
    assert TABLE.ignored == b"\1\0\0\1\0"
    assert TABLE.reached(b"\x80\0\1\1\0") == {TWO}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"counters": 1, "files": [], "functions": [], "places": [[0, 0, 1, 0]]}']
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    """A file that something else has written is an error of the user, and no traceback."""
    (tmp_path / "table").write_text(text)

    with pytest.raises(Unreadable, match="is not a table of coverage"):
        CoverageTable.read(tmp_path / "table")


def test_answers_about_traces_are_read() -> None:
    """Twelve bytes are one trace, and any other length is no answer."""
    assert read_traces(b"\0\0\1\2pathpath" * 2) == [TraceCoverage(258, b"pathpath")] * 2
    with pytest.raises(ValueError, match="13 bytes are not the coverage of traces"):
        read_traces(bytes(13))


def test_maps_are_merged_bit_by_bit() -> None:
    """The merged map holds each bucket of either map."""
    assert merged([b"\1\0\x80", b"\2\0\x80"]) == b"\3\0\x80"


def test_packages_of_other_modules_are_instrumented() -> None:
    """By default these are the packages that are neither of the adapter, the SDK nor the standard library."""
    library = go_package("them/store/deep", "them/store")

    assert [*go_coverage.chosen([*STANDARD, SDK, library, ADAPTER], ())] == ["them/store/deep"]


def test_the_standard_library_is_instrumented_where_nothing_else_is_used() -> None:
    """An adapter without another module tests what it imports and the SDK does not."""
    packages = [*STANDARD, SDK, ADAPTER]

    assert [*go_coverage.chosen(packages, ())] == ["encoding/json"]
    assert [*go_coverage.chosen(packages, ("encoding/json/...",))] == [
        "encoding/json",
        "encoding/json/jsontext",
    ]
    with pytest.raises(ToolFailed, match="names 'encoding/xml', which the adapter does not use"):
        go_coverage.chosen(packages, ("encoding/xml",))
    with pytest.raises(ToolFailed, match="there is nothing to instrument"):
        go_coverage.chosen([SDK, go_package("me/shop", "me/shop", is_main=True)], ())


def crate(name: str, *, source: str | None = "registry", kind: str = "lib") -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "source": source,
        "manifest_path": f"/src/{name}/Cargo.toml",
        "targets": [{"kind": [kind]}],
    }


def node(name: str, *deps: str, built: tuple[str, ...] = ()) -> dict[str, Any]:
    linked = [{"pkg": dep, "dep_kinds": [{"kind": None}]} for dep in deps]
    return {"id": name, "deps": linked + [{"pkg": dep, "dep_kinds": [{"kind": "build"}]} for dep in built]}


METADATA = {
    "packages": [
        crate("shop", source=None),
        crate("driftcheck", source=None),
        crate("store"),
        crate("index"),
        crate("core", source=None),
        crate("derive", kind="proc-macro"),
        crate("cc"),
    ],
    "resolve": {
        "nodes": [
            node("shop", "driftcheck", "store", "derive", built=("cc",)),
            node("driftcheck"),
            node("store", "index", "core"),
            node("index"),
            node("core"),
            node("derive"),
            node("cc"),
        ]
    },
}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [((), ["store", "core"]), (("index",), ["index"]), (("index", "store"), ["store", "index"])],
)
def test_the_crates_that_count(wanted: tuple[str, ...], expected: list[str]) -> None:
    """By default these are the adapter's own dependencies and local crates; never the SDK or macros."""
    found = rust_coverage.roots(METADATA, "shop", wanted)

    assert sorted(found) == sorted(Path("/src", name) for name in expected)


@pytest.mark.parametrize("name", ["absent", "cc", "derive", "driftcheck"])
def test_a_crate_that_cannot_count_is_refused(name: str) -> None:
    """A name in the key coverage that is no linked library is reported."""
    with pytest.raises(ToolFailed, match=f"names '{name}', which the adapter does not use"):
        rust_coverage.roots(METADATA, "shop", (name,))


RUST = """\
impl<K> Cache<K> {
    pub fn get(&mut self, key: &K) -> Option<&K> {
        match self.find(key) {
            Some(node) => node.value(),
            None => None,
        }
    }

    pub(crate) const unsafe fn long(
        &self,
        key: K,
    ) -> bool
    where
        K: Copy,
    {
        // a comment
        self.all().any(|one| {
            one == key
        })
    }
}

#[derive(PartialEq)]
struct Plain;
"""


@pytest.mark.parametrize(
    ("line", "function"),
    [
        (2, "get"),
        (4, "get"),
        (5, "get"),
        (12, "long"),
        (17, "long"),
        (18, "long"),
        (22, "cache"),
        (1, "cache"),
    ],
)
def test_the_function_around_a_line_of_rust(tmp_path: Path, line: int, function: str) -> None:
    """A line belongs to the function around it, also in a closure; elsewhere to its file."""
    path = tmp_path / "cache.rs"
    path.write_text(RUST)

    assert RustSource().function(str(path), line) == function


def test_what_is_no_library_is_refused(tmp_path: Path) -> None:
    """A file that is no ELF library, or is cut short, is refused with the reason."""
    for data in (b"", b"#!/bin/sh\n", b"\x7fELF\x02\x01"):
        (tmp_path / "file").write_bytes(data)
        with pytest.raises(NotElf):
            Elf(tmp_path / "file")


def test_functions_with_the_most_unreached_blocks_come_first(tmp_path: Path) -> None:
    """A function counts its blocks, and those that never ran."""
    TABLE.write(tmp_path / "table")
    covered = Covered(str(tmp_path / "table"), "go")
    covered.map = b"\0\1\0\0\1"

    (subject,) = reached({"go": covered})

    assert subject == SubjectReached(
        "go", (FunctionReached("a.go", "F", (3, 7), (7,)), FunctionReached("b.go", "G", (1,), ()))
    )
    assert (subject.blocks, subject.reached) == (3, 2)
    assert [one.function for one in subject.incomplete] == ["F"]


def test_namesakes_have_one_name_in_files_of_one_name() -> None:
    """A function that ran is set beside its namesake that never ran, and beside no other function."""
    go = SubjectReached("go", (FunctionReached("/go/merge_sort.go", "*List.mergeAll", (1, 2), (2,)),))
    rust = SubjectReached(
        "rust",
        (
            FunctionReached("/rs/other.rs", "merge_all", (9,), (9,)),
            FunctionReached("/rs/mergesort.rs", "merge_all", (5,), (5,)),
        ),
    )

    (found,) = one_sided([go, rust])

    assert (found.subject, found.other, found.namesake.lines) == ("go", "rust", (5,))


def test_what_fewer_agreeing_cases_reach_is_more_suspect() -> None:
    """Blocks rank by how few agreeing cases reach them, one for each function; one that all reach is none."""
    everywhere = Place("c.go", 2, "H")
    case = {ONE: 1, TWO: 1, THREE: 1, everywhere: 1}
    others = [
        Run(True, {"go": {everywhere: 1, THREE: 1}}),
        Run(True, {"go": {everywhere: 1, TWO: 1, THREE: 1}}),
        Run(True, {"go": {everywhere: 1}}),
        Run(False, {"go": {everywhere: 1, ONE: 1}}),
    ]

    assert ranked(case, others, "go") == (Suspect(ONE, 0), Suspect(THREE, 2))


def test_how_often_a_block_runs_counts() -> None:
    """A block that all cases run is suspect if only the diverging one runs it often."""
    others = [Run(True, {"go": {ONE: 1, THREE: 2}}), Run(True, {"go": {ONE: 2, THREE: 2}})]

    assert ranked({ONE: 4, THREE: 2}, others, "go") == (Suspect(ONE, 0),)


def test_suspects_are_shown_with_their_counts() -> None:
    """Each subject has its places, or the reason why it has none."""
    found = Suspects({"go": (Suspect(ONE, 1), Suspect(THREE, 2)), "rust": ()}, agreeing=9, diverging=3)

    assert shown.render(found).splitlines() == [
        "suspects  blocks that the case reached, and how many of 9 agreeing variations reached them",
        "  go    a.go:3 F  1 of 9",
        "        b.go:1 G  2 of 9",
        "  rust  none: each agreeing variation reached all that the case reached",
    ]
    assert shown.to_json(found)["places"]["go"][0] == {
        "file": "a.go",
        "line": 3,
        "function": "F",
        "agreeing": 1,
    }
    assert "no variation of the case agrees" in shown.render(Suspects({}, agreeing=0, diverging=3))


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("/home/me/.cargo/registry/src/index.crates.io-19/lru-0.19.0/src/lib.rs", "lru-0.19.0/src/lib.rs:7"),
        ("/home/me/go/pkg/mod/github.com/a/b@v1/c.go", "github.com/a/b@v1/c.go:7"),
        ("/usr/local/go/src/encoding/json/decode.go", "encoding/json/decode.go:7"),
        (str(Path.cwd() / "src" / "a.go"), "src/a.go:7"),
        ("/elsewhere/a.go", "/elsewhere/a.go:7"),
    ],
)
def test_places_are_short(file: str, expected: str) -> None:
    """A path loses what stands before the library's own folder, or before the working directory."""
    assert at(file, 7) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("/rustc/1/library/alloc/src/vec/mod.rs", 3), ("/src/store/src/map.rs", 9)], 9),
        ([("/src/other/src/lib.rs", 3), ("/src/store/src/map.rs", 9)], None),
        ([("/src/shop/src/lib.rs", 3), ("/src/store/src/map.rs", 9)], None),
        ([("/src/store/src/../src/map.rs", 4), ("/src/shop/src/lib.rs", 3)], 4),
        ([("/src/store-more/src/lib.rs", 4)], None),
        ([("/rustc/1/library/core/src/ops.rs", 3)], None),
        ([("/src/store/src/map.rs", 0)], None),
    ],
)
def test_a_block_is_where_the_innermost_line_outside_the_standard_library_is(
    lines: list[tuple[str, int]], expected: int | None
) -> None:
    """Code that was inlined counts for the crate whose line it is, and not for the one that it is in."""
    place = rust_coverage._place(lines, ["/src/store/"], RustSource())

    assert (None if place is None else place.line) == expected
