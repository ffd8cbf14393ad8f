"""
The fenced blocks of the project's documents, and a walk through those that tell a reader what to type.

A block's first line gives its language, and then a setting: `file=PATH` for a file that a reader writes,
`exit=N` for commands that end with that code, `within=NAME` for an excerpt that is compiled in the code of
that name (see `docs/test_snippets.py`). A `diff` block changes files. In a `console` block a line that begins
with `$ ` is a command; the other lines are what it prints, where `...` stands for any lines and `…` for any
characters. `cd` counts up to the end of its block.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[1]
_PAGES = "README.md CHANGELOG.md CONTRIBUTING.md RELEASING.md tests/README.md tests/bench/README.md"
PAGES = (
    *(ROOT / name for name in _PAGES.split()),
    *sorted((ROOT / "docs").rglob("*.md")),
)

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@attrs.frozen
class Block:
    """One fenced block."""

    page: Path
    line: int
    language: str
    settings: Mapping[str, str]
    text: str

    def __str__(self) -> str:
        page = self.page.relative_to(ROOT) if self.page.is_relative_to(ROOT) else self.page
        return f"{page}:{self.line}"


def blocks(page: Path, *languages: str) -> list[Block]:
    """Return the blocks of a page, in order; only those of these languages where some are given."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        language, *settings = match["info"].split() or [""]
        if not languages or language in languages:
            line = text.count("\n", 0, match.start()) + 1
            found.append(Block(page, line, language, dict(s.split("=", 1) for s in settings), match["text"]))
    return found


def walk(page: Path, folder: Path, environment: Mapping[str, str]) -> list[str]:
    """Write the files, apply the diffs and type the commands of a page, in order; return the commands.

    Raises:
        AssertionError: a diff does not apply; a command ends or prints otherwise than the page says.
    """
    typed = []
    for block in blocks(page):
        if "file" in block.settings:
            path = folder / block.settings["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "diff":
            apply(block, folder)
        elif block.language == "console":
            at = ""
            for command, expected in _commands(block.text):
                typed.append(command)
                if command.startswith("cd "):
                    at += f"{command} && "
                else:
                    _type(block, f"{at}{command}", expected, folder, environment)
    return typed


def apply(block: Block, folder: Path) -> None:
    """Change the files of a folder as a diff says; where in a file that is, its context tells."""
    done = subprocess.run(
        ["git", "apply", "--recount"], cwd=folder, input=block.text, text=True, capture_output=True
    )
    assert done.returncode == 0, f"{block} does not apply\n{done.stderr}"


def _commands(text: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def _type(
    block: Block, command: str, expected: list[str], folder: Path, environment: Mapping[str, str]
) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    told = f"{block}: $ {command}\n{done.stdout}"
    assert done.returncode == int(block.settings.get("exit", 0)), f"{told}\nexit code {done.returncode}"
    assert re.fullmatch(_pattern(expected), done.stdout), f"{told}\nis not as the page has it"


def _pattern(expected: list[str]) -> str:
    if not expected:
        return r"(?s:.*)"
    parts = []
    for line in expected:
        parts.append(
            r"(?:[^\n]*\n)*?" if line == "..." else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        )
    return "".join(parts)
