"""A file that the user names for output is checked first, appears whole, and replaces only a file."""

from __future__ import annotations

import errno
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from driftcheck.core.output_file import OutputError, open_output, replace_file

TEXT = "what was found\n" * 20_000  # more than a pipe holds


def names(folder: Path) -> list[str]:
    """Return the names of what is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_a_missing_file_and_its_folders_appear(tmp_path: Path) -> None:
    """Nothing else is left in the folder."""
    file = open_output(tmp_path / "deep" / "er" / "run.xml")
    assert names(tmp_path / "deep" / "er") == []

    file.write(TEXT)

    assert (tmp_path / "deep" / "er" / "run.xml").read_text() == TEXT
    assert names(tmp_path / "deep" / "er") == ["run.xml"]
    assert file.can_be_replaced


def test_a_file_is_replaced_whole_and_keeps_its_permissions(tmp_path: Path) -> None:
    """Who has it open goes on to read the old text."""
    path = tmp_path / "run.xml"
    path.write_text("before")
    path.chmod(0o640)
    with path.open() as before:
        open_output(path).write(TEXT)

        assert before.read() == "before"
    assert path.read_text() == TEXT
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_stays_and_its_target_is_written(tmp_path: Path, is_there: bool) -> None:
    """The text goes where the link leads, whether or not something is there."""
    target, link = tmp_path / "target.xml", tmp_path / "link.xml"
    link.symlink_to("target.xml")
    if is_there:
        target.write_text("before")

    open_output(link).write(TEXT)

    assert link.is_symlink()
    assert target.read_text() == TEXT


def test_a_pipe_is_written_through(tmp_path: Path) -> None:
    """Its reader gets all, and the pipe stays a pipe."""
    path, got = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: got.append(path.read_text()))
    reader.start()
    while True:
        try:
            file = open_output(path)
            break
        except OutputError:
            continue  # the reader has not opened it yet

    file.write(TEXT)

    os.close(file._descriptor or -1)
    reader.join()
    assert got == [TEXT]
    assert path.is_fifo()
    assert not file.can_be_replaced


def test_a_pipe_without_a_reader_is_refused(tmp_path: Path) -> None:
    """Nobody waits for a reader at the end of a run."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(
        OutputError, match=r"pipe: it cannot be written: nobody reads from it; name another file"
    ):
        open_output(tmp_path / "pipe")


def test_a_reader_that_goes_is_told(tmp_path: Path) -> None:
    """The text is lost, and the message says so."""
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    file = open_output(tmp_path / "pipe")
    os.close(reading)

    with pytest.raises(OutputError, match="Broken pipe"):
        file.write(TEXT)


def test_a_character_device_is_written_through() -> None:
    """A terminal shows the text and stays a terminal."""
    outer, inner = os.openpty()
    path = Path(os.ttyname(inner))

    open_output(path).write("found\n")

    assert os.read(outer, 100) == b"found\r\n"
    assert path.is_char_device()


def test_null_swallows_and_full_refuses() -> None:
    """Both stay devices; what a full one does not take is reported."""
    open_output(Path("/dev/null")).write(TEXT)
    with pytest.raises(OutputError, match="No space left on device"):
        open_output(Path("/dev/full")).write(TEXT)

    assert Path("/dev/null").is_char_device()
    assert Path("/dev/full").is_char_device()


def test_a_socket_gets_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that listens there reads it."""
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        listening.listen()
        file = open_output(Path("socket"))
        connection, _ = listening.accept()

        file.write("found\n")

        assert connection.recv(100) == b"found\n"
        connection.close()
    os.close(file._descriptor or -1)


def test_a_descriptor_of_this_process_is_used_as_it_is(tmp_path: Path) -> None:
    """What it has written before stays, although it leads to a regular file."""
    with (tmp_path / "all.txt").open("w") as all_:
        all_.write("before\n")
        all_.flush()

        open_output(Path(f"/dev/fd/{all_.fileno()}")).write("found\n")

        all_.write("after\n")
    assert (tmp_path / "all.txt").read_text() == "before\nfound\nafter\n"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".", "it is a folder"),
        ("file/run.xml", "Not a directory"),
        ("x" * 300, "File name too long"),
        ("loop", "Too many levels of symbolic links"),
        ("/proc/run.xml", ""),
        ("a\0b", "embedded null byte"),
    ],
)
def test_a_place_that_takes_no_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, reason: str
) -> None:
    """It is refused when it is opened, and nothing is left there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(OutputError, match=f"it cannot be written: .*{reason}"):
        open_output(Path(name))

    assert names(tmp_path) == ["file", "loop"]


def test_a_protected_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder would let it be replaced, but its owner does not want that."""
    (tmp_path / "run.xml").write_text("before")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everything

    with pytest.raises(OutputError, match="it is protected against writing"):
        open_output(tmp_path / "run.xml")


def test_a_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written through, it would lose what is on it."""
    real = Path.stat

    def as_disk(self: Path, **words: bool) -> os.stat_result:
        found = real(self, **words)
        return os.stat_result((stat.S_IFBLK | 0o660, *found[1:])) if self.name == "disk" else found

    (tmp_path / "disk").write_text("")
    monkeypatch.setattr(Path, "stat", as_disk)

    with pytest.raises(OutputError, match="it is a disk"):
        open_output(tmp_path / "disk")


def test_a_link_beside_the_file_is_not_followed(tmp_path: Path) -> None:
    """Somebody else may have put one where the temporary file goes, such as in /tmp."""
    (tmp_path / "precious").write_text("precious")
    (tmp_path / ".run.xml.tmp").symlink_to("precious")

    file = open_output(tmp_path / "run.xml")
    assert names(tmp_path) == ["precious"]
    (tmp_path / ".run.xml.tmp").symlink_to("precious")

    file.write(TEXT)

    assert (tmp_path / "precious").read_text() == "precious"
    assert names(tmp_path) == ["precious", "run.xml"]


def test_an_error_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is reported for the file that was to be written, and nothing is left of it."""

    def is_full(descriptor: int, data: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", is_full)
    with pytest.raises(OSError, match="No space left") as caught:
        replace_file(tmp_path / "out", b"text")

    assert caught.value.filename == str(tmp_path / "out")
    assert not [*tmp_path.iterdir()]
