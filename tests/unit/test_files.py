"""Files that somebody names: regular ones within a limit are read, and others are refused at once."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from driftcheck.core.environment import read_environment
from driftcheck.core.files import Absent, Unreadable, files_below, names_in, read_file, read_stream, read_text
from driftcheck.core.toml_text import DEEPEST, parse_toml


def _link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (Path.mkdir, "is not a regular file"),
        (os.mkfifo, "is not a regular file"),
        (_link("/dev/zero"), "is not a regular file"),
        (_link("/dev/null"), "is not a regular file"),
        (_link("file"), "cannot be read: Too many levels of symbolic links"),
        (lambda path: path.write_bytes(b"12345"), "is larger than 4 bytes, the limit"),
        (_sparse, "is larger than 4 bytes, the limit"),
    ],
    ids=["folder", "pipe", "endless", "nothing", "loop", "large", "terabyte"],
)
def test_what_is_no_file_is_refused(make: Callable[[Path], None], says: str, tmp_path: Path) -> None:
    """The reason continues the name of the file, and nothing is waited for."""
    path = tmp_path / "file"
    make(path)

    with pytest.raises(Unreadable, match=says):
        read_file(path, 4)


@pytest.mark.parametrize("name", ["none", "none/none"])
def test_an_absent_file_can_be_told(name: str, tmp_path: Path) -> None:
    """Callers have a default for it."""
    with pytest.raises(Absent, match="cannot be read: No such file or directory"):
        read_file(tmp_path / name)


def test_a_path_with_a_nul_is_refused(tmp_path: Path) -> None:
    """Python raises another error for it than for other paths that do not exist."""
    with pytest.raises(Unreadable, match="embedded null byte"):
        read_file(tmp_path / "a\0b")


def test_a_file_of_the_limit_is_read(tmp_path: Path) -> None:
    """The limit itself is allowed; a byte order mark is no text."""
    path = tmp_path / "file"
    path.write_bytes(b"\xef\xbb\xbfa")

    assert read_text(path, 4) == "a"
    assert read_stream(io.BytesIO(b"1234"), 4) == b"1234"


def test_no_more_of_a_stream_is_read_than_the_limit() -> None:
    """Standard input may be endless."""
    with open("/dev/zero", "rb") as endless, pytest.raises(Unreadable, match="is larger than 4 MiB"):
        read_stream(endless, 4 << 20)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """The byte is named."""
    path = tmp_path / "file"
    path.write_bytes(b"ab\xff")

    with pytest.raises(Unreadable, match=r"is not UTF-8 text \(at byte 2\)"):
        read_text(path)


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ("a = 1\n[", "is not TOML: ", 2),
        (f"a = {'[' * 100_000}", "has tables or lists nested more than 20 deep", None),
        (f"a = {'[' * 30}{']' * 30}", "has tables or lists nested more than 20 deep", None),
        (f"a = {'9' * 5_000}", "contains a whole number of more than 1024 bits", None),
        (f"a = 0x{'f' * 5_000}", "contains a whole number of more than 1024 bits", None),
        (f"b = 1\n{'a.' * 100_000}a = 1", "contains a key of more than 20 parts", 2),
        (f"[{chr(34)}a{chr(34)}{' . b' * 100_000}]", "contains a key of more than 20 parts", 1),
    ],
)
def test_hostile_toml_is_refused(text: str, says: str, line: int | None) -> None:
    """What ends in a traceback, or takes minutes, elsewhere."""
    with pytest.raises(Unreadable, match=says) as refused:
        parse_toml(text)

    assert refused.value.line == line


def test_toml_within_the_limits_is_read() -> None:
    """No file of settings comes near them."""
    key = ".".join("a" * DEEPEST)

    assert parse_toml(f"x = {'[' * 18}{']' * 18}\n")["x"]
    assert parse_toml(f"{key} = 1")["a"]
    assert parse_toml("a = 'https://a.b/c.d.e?f=g.h.i.j.k'") == {"a": "https://a.b/c.d.e?f=g.h.i.j.k"}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (3, "is 3; give a table of strings"),
        ({"A": 1}, "is {'A': 1}; give a table of strings"),
        ({"A=B": "x"}, "names a variable 'A=B'; give a name without '=' and NUL"),
        ({"": "x"}, "names a variable ''"),
        ({"A\0": "x"}, r"names a variable 'A\\x00'"),
        ({"A": "\0"}, "gives 'A' a value with a NUL"),
        ({"A": "x" * 70_000}, "is longer than 64 KiB"),
    ],
)
def test_variables_that_no_process_can_have_are_refused(table: object, says: str) -> None:
    """The reason continues the name of the table."""
    with pytest.raises(ValueError, match=says):
        read_environment(table)


def test_a_message_shows_the_beginning_of_a_long_value() -> None:
    """A file may hold a value of any length."""
    with pytest.raises(ValueError, match="give a table of strings") as refused:
        read_environment("x" * 1_000_000)

    assert len(str(refused.value)) < 100


def test_a_file_that_would_have_to_be_waited_for_is_refused() -> None:
    """A read that would block returns nothing, as that of /proc/kmsg does after its last line."""

    class Waiting(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, _: object) -> None:
            return None

    with pytest.raises(Unreadable, match="cannot be read without waiting for it"):
        read_stream(io.BufferedReader(Waiting()))


def test_a_folder_that_is_missing_holds_nothing(tmp_path: Path) -> None:
    """Other errors are raised."""
    (tmp_path / "b").touch()
    (tmp_path / "a").touch()
    (tmp_path / "loop").symlink_to("loop")

    (tmp_path / "link").symlink_to("nothing")

    assert names_in(tmp_path / "none") == []
    assert names_in(tmp_path) == ["a", "b", "link", "loop"]
    for name, says in (("a", "Not a directory"), ("link", "No such file"), ("loop", "symbolic links")):
        with pytest.raises(OSError, match=says):
            names_in(tmp_path / name)


def test_regular_files_are_listed_below_a_folder(tmp_path: Path) -> None:
    """Other files are left out, and a folder that cannot be read is an error."""
    (tmp_path / "b" / "c").mkdir(parents=True)
    for name in ("b/c/1.json", "b/2.json", "a.json", "a.txt"):
        (tmp_path / name).touch()
    os.mkfifo(tmp_path / "fifo.json")

    found = [path.relative_to(tmp_path).as_posix() for path in files_below(tmp_path, ".json")]
    assert found == ["a.json", "b/2.json", "b/c/1.json"]
    assert len(files_below(tmp_path)) == 4
    with pytest.raises(NotADirectoryError):
        files_below(tmp_path / "a.json")
