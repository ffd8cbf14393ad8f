"""The command line, called as a user calls it, and contracts of an author's own."""

from __future__ import annotations

import itertools
import re
import sys
from pathlib import Path

import pytest
from cli_toys import Author, Call, Said

from driftcheck.cli import main

_numbers = itertools.count()


@pytest.fixture
def driftcheck(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Return a caller of the command line."""

    def call(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["driftcheck", *words])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        seed = re.match(r"seed \d+\n", err)
        return Said(int(end.value.code or 0), out, *(err[seed.end() :], seed[0]) if seed else (err,))

    return call


@pytest.fixture
def author(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Author:
    """Return a writer of modules in the working directory; it gives the name of the module's class `Toy`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])

    def write(text: str) -> str:
        module = f"author_{next(_numbers)}"
        (tmp_path / f"{module}.py").write_text(text)
        return f"{module}:Toy"

    return write
