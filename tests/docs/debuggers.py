"""
Sessions of a debugger that a page shows, typed into the real one.

A debugger runs on a terminal of its own and gets the commands of a page, one at each prompt. Another process
waits until Enter is pressed, which is when the debugger lets it go on.
"""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
from blocks import ROOT, blocks

DEADLINE_S = 120


@attrs.frozen
class Command:
    """A command at the prompt of a debugger, and what the page prints below it."""

    text: str
    printed: tuple[str, ...]


def shown(page: Path, prompt: str) -> list[Command]:
    """Return the commands of a page at a prompt; the blocks of a page are one session."""
    found: list[Command] = []
    for block in blocks(page, "text"):
        if f"{prompt} " not in block.text:
            continue
        for line in block.text.splitlines():
            if line.startswith(f"{prompt} "):
                found.append(Command(line.removeprefix(f"{prompt} "), ()))
            elif found and not line.startswith("$ "):
                found[-1] = attrs.evolve(found[-1], printed=(*found[-1].printed, line))
    return found


@attrs.define
class Session:
    """A debugger that waits for commands."""

    prompt: str
    process: subprocess.Popen[bytes]
    terminal: int

    @classmethod
    def start(
        cls, prompt: str, words: Sequence[str], environment: Mapping[str, str], folder: Path = ROOT
    ) -> Session:
        """Start a debugger in a folder, and wait for its first prompt."""
        terminal, theirs = pty.openpty()
        process = subprocess.Popen(
            words,
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
        )
        os.close(theirs)
        session = cls(prompt, process, terminal)
        session.read()
        return session

    def type(self, text: str) -> None:
        """Type one line."""
        os.write(self.terminal, f"{text}\n".encode())

    def read(self) -> str:
        """Return what the debugger says up to its next prompt."""
        said, end = "", time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            if not select.select([self.terminal], [], [], 1)[0]:
                continue
            try:
                said += os.read(self.terminal, 65536).decode(errors="replace").replace("\r", "")
            except OSError:  # it has ended
                return said
            if re.search(rf"{re.escape(self.prompt)} $", said):
                return said
        raise AssertionError(f"no prompt after {DEADLINE_S} s:\n{said}")

    def close(self) -> None:
        """End the debugger."""
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)


def missing(printed: Sequence[str], said: str) -> str:
    """Return the first line of a page that a debugger did not print, in this order; "" if it printed all.

    A debugger breaks lines as wide as its terminal, so white space does not count. Addresses differ.
    """
    rest = _compared(said)
    for line in printed:
        pattern = ".*?".join(re.escape(_compared(part)) for part in line.split("…"))
        match = re.search(pattern, rest)
        if match is None:
            return line
        rest = rest[match.end() :]
    return ""


def _compared(text: str) -> str:
    return re.sub(r"0x[0-9a-f]+", "0x", re.sub(r"\s+", "", text))


def found(name: str) -> str | None:
    """Return the path of a debugger, if it is installed."""
    return shutil.which(name) or shutil.which(name, path=str(Path.home() / "go" / "bin"))
