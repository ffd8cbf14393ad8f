"""When a library is stale: what counts as a change of what it was built from."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from driftcheck.build import depfile as depfile_module
from driftcheck.build.depfile import Depfile, Inputs

SETTINGS = {"features": ["a"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two sources, and a library."""
    (tmp_path / "one.go").write_text("one")
    (tmp_path / "two.go").write_text("two")
    (tmp_path / ".lib.so").write_text("lib")
    return tmp_path


def record(folder: Path) -> Depfile:
    """Record a build that read the folder, and a file that may appear in it, and was written to disk."""
    inputs = Inputs(frozenset({folder / "sub" / "go.sum"}), frozenset({folder}))
    path = folder / ".depfile.json"
    Depfile.from_build(folder / ".lib.so", inputs, SETTINGS, time.time_ns()).write(path)
    depfile = Depfile.read(path)
    assert depfile is not None
    return depfile


def stale(depfile: Depfile, folder: Path) -> str | None:
    """Return why the library of the folder is stale."""
    return depfile.stale(folder / ".lib.so", SETTINGS)


def test_fresh(folder: Path) -> None:
    """Nothing is stale where nothing changed, nor where only time stamps did."""
    depfile = record(folder)

    os.utime(folder / "one.go", (1, 1))

    assert stale(depfile, folder) is None


def test_content(folder: Path) -> None:
    """Other content of the same length is a change, and is named."""
    depfile = record(folder)

    (folder / "one.go").write_text("eno")

    assert stale(depfile, folder) == f"{folder / 'one.go'} changed since the last build"


def test_new_file(folder: Path) -> None:
    """A new source in a folder is a change."""
    depfile = record(folder)

    (folder / "three.go").write_text("")

    assert stale(depfile, folder) == f"{folder / 'three.go'} was added or removed since the last build"


def test_removed_file(folder: Path) -> None:
    """A source that went is a change."""
    depfile = record(folder)

    (folder / "two.go").unlink()

    assert stale(depfile, folder) == f"{folder / 'two.go'} was added or removed since the last build"


def test_absent_file_appears(folder: Path) -> None:
    """A file that was looked for and absent is a change when it appears."""
    depfile = record(folder)

    (folder / "sub").mkdir()
    (folder / "sub" / "go.sum").write_text("")

    assert stale(depfile, folder) == f"{folder / 'sub' / 'go.sum'} changed since the last build"


def test_tests_and_hidden_files(folder: Path) -> None:
    """Go's tests and hidden files are no sources of a library."""
    depfile = record(folder)

    (folder / "one_test.go").write_text("")
    (folder / ".swap").write_text("")

    assert stale(depfile, folder) is None


def test_settings(folder: Path) -> None:
    """Other settings make another library."""
    depfile = record(folder)

    assert (
        depfile.stale(folder / ".lib.so", {"features": []})
        == "its features are [], but it was built with ['a']"
    )


def test_changed_during_the_build(folder: Path) -> None:
    """A file that was written after the compiler began is stale at once."""
    started_ns = time.time_ns() - 10**9

    inputs = Inputs(frozenset(), frozenset({folder}))
    depfile = Depfile.from_build(folder / ".lib.so", inputs, SETTINGS, started_ns)

    assert stale(depfile, folder) == f"{folder / 'one.go'} changed since the last build"


@pytest.mark.parametrize("damage", [b"bil", b"li", b"", b"lib\0"])
def test_damaged_library(folder: Path, damage: bytes) -> None:
    """A library that somebody changed is stale, also where its length stays."""
    depfile = record(folder)

    (folder / ".lib.so").write_bytes(damage)

    assert stale(depfile, folder) == f"{folder / '.lib.so'} was changed since the last build made it"


def test_copied_library(folder: Path) -> None:
    """A copy has another time, and the same content."""
    depfile = record(folder)

    os.utime(folder / ".lib.so", (1, 1))

    assert stale(depfile, folder) is None


def test_content_is_read_only_where_the_file_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library has many megabytes, and each run asks for it."""
    depfile = record(folder)
    read: list[str] = []
    monkeypatch.setattr(
        "driftcheck.build.depfile._digest",
        lambda path, _digest=depfile_module._digest: read.append(path.name) or _digest(path),
    )

    assert stale(depfile, folder) is None
    assert ".lib.so" not in read


GOOD = {"format": 1, "settings": {}, "files": {}, "folders": {}, "library": "", "size": 0, "mtime_ns": 0}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"format": 0}', '{"format": 1}', "[" * 100_000]
    + [
        json.dumps({**GOOD, key: wrong})
        for key, wrong in [
            ("settings", []),
            ("files", [1]),
            ("files", {"a": 1}),
            ("folders", {"a": [[]]}),
            ("folders", {"a": 1}),
            ("more", 1),
        ]
    ],
)
def test_unreadable(tmp_path: Path, text: str) -> None:
    """A depfile that is broken, or of another format, counts as none."""
    path = tmp_path / "lib.json"
    path.write_text(text)

    assert Depfile.read(path) is None
