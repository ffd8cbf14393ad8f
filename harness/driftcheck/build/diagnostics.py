"""
What a compiler said, in the order in which the author of an adapter needs it.

Knows the form of rustc's and of Go's diagnostics. Changes none of their words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

GENERATED = "contract_gen"  # in the name of generated files, whose warnings the author cannot fix
_STEPS = "Compiling|Updating|Locking|Downloading|Downloaded|Adding|Blocking|Finished"
_NOISE = re.compile(rf"\s*({_STEPS})\b|[^\x00-\x7f]")  # maturin begins its lines with a picture


def rust_errors(output: str) -> str:
    """Return the errors of Cargo and rustc without warnings and progress, those in generated code last.

    Output without an error is returned unchanged.
    """
    found: list[list[str]] = []
    is_error = False
    for block in re.split(r"\n{2,}", output):
        lines = [line for line in block.splitlines() if not _NOISE.match(line)]
        if not lines:
            continue
        if lines[0].startswith(("error", "warning")):
            is_error = lines[0].startswith("error")
            if is_error:
                found.append(lines)
        elif is_error:
            found[-1] += ["", *lines]  # such as the causes of an error
    return _generated_last(found, "\n\n") if found else output


def go_errors(output: str) -> str:
    """Return what the Go tool said, lines on generated code last."""
    return _generated_last([[line] for line in output.splitlines()], "\n")


def _generated_last(blocks: Iterable[list[str]], joint: str) -> str:
    """Join diagnostics; the place of one is in its first two lines."""
    ordered = sorted(blocks, key=lambda lines: GENERATED in "".join(lines[:2]))
    return joint.join("\n".join(lines) for lines in ordered)
