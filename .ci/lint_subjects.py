"""
Lints the subjects that ship, each with the tags, features and environment of its own build.

Without these a linter reads one build of an adapter only, and skips the code of the others.
`make check` calls this program after `driftcheck build`, which puts the SDKs where the linters find them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

from driftcheck.contract import lookup
from driftcheck.subjects.discover import NativeSource, subjects


def main(language: str, contracts: list[str]) -> int:
    """Lint all subjects in a language; return 1 if a linter failed, else 0."""
    failed = False
    for name in contracts:
        for source in subjects(lookup.load_named(name)):
            if isinstance(source, NativeSource) and source.language == language:
                sys.stdout.write(f"{name}: {source.name}\n")
                sys.stdout.flush()
                for command in _linters(source):
                    failed |= _fails(command, source)
    return int(failed)


def _linters(source: NativeSource) -> Iterator[list[str]]:
    chosen = ",".join(source.features)
    if source.language == "go":
        yield ["go", "vet", "-tags", chosen, "./..."]
        yield ["staticcheck", "-tags", chosen, "./..."]
    else:
        yield ["cargo", "clippy", "--quiet", "--all-targets", "--features", chosen, "--", "-D", "warnings"]


def _fails(command: list[str], source: NativeSource) -> bool:
    environment = {**os.environ, **source.env}
    return subprocess.run(command, cwd=source.dir, env=environment, check=False).returncode != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
