"""
A comparison as text for people and as JSON data for programs.

Owns words and layout. Compares nothing.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import attrs

from driftcheck.compat import Compared
from driftcheck.compat.changes import WHOMS, Change, Witness
from driftcheck.core.shorten import shorten
from driftcheck.values.json_text import in_a_line
from driftcheck.values.literal import LONGEST, quoted
from driftcheck.values.notation import write_bytes

WIDTH = 100


def lines(compared: Compared) -> Iterator[str]:
    """Render a comparison: what breaks, grouped by whom, then notes and the number of compatible changes."""
    count = len(compared.breaks)
    changes = (
        f"{count} change{'s break' if count > 1 else ' breaks'} something" if count else "nothing breaks"
    )
    yield f"{compared.new.name}: {changes}"
    for whom in WHOMS:
        broken = [change for change in compared.breaks if change.whom == whom]
        if broken:
            yield ""
            yield whom
            for change in broken:
                yield from _change(change)
    if compared.notes:
        yield ""
        yield "notes"
        for change in compared.notes:
            yield from _change(change)
    if compared.compatible:
        yield ""
        yield f"compatible changes: {len(compared.compatible)}"


def _change(change: Change) -> Iterator[str]:
    says = f"{change.path}: {change.says}"
    if change.schema_versions:
        several = "s" if len(change.schema_versions) > 1 else ""
        says += f" (schema version{several} {', '.join(map(str, change.schema_versions))})"
    yield from _wrapped(f"  {change.rule.code}  ", says)
    if change.also_at:
        yield from _wrapped("        also at  ", ", ".join(change.also_at))
    if change.witness is not None:
        yield f"        witness  {shown(change.witness)}"


def _wrapped(first: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def shown(witness: Witness) -> str:
    """Return a witness in one line: a document as text or hex digits, another value as in case files."""
    if witness.document is None:
        return shorten(in_a_line(witness.value), LONGEST)
    if "hex" in write_bytes(witness.document, text=str.isprintable):
        digits = witness.document.hex(" ")
        return f"hex {digits if len(digits) <= LONGEST else digits[: LONGEST - 3] + '...'}"
    return quoted(witness.document, is_document=True)


def to_json(compared: Compared) -> dict[str, Any]:
    """Return a comparison as JSON data."""
    return {
        "contract": compared.new.name,
        "old": _side(compared.old.data),
        "new": _side(compared.new.data),
        "breaks": [_json(change) for change in compared.breaks],
        "notes": [_json(change) for change in compared.notes],
        "compatible": [attrs.asdict(change) for change in compared.compatible],
    }


def _side(data: dict[str, Any]) -> dict[str, Any]:
    return {key: data.get(key) for key in ("version", "fingerprint", "digest")}


def _json(change: Change) -> dict[str, Any]:
    found = change.witness
    data: dict[str, Any] = {
        "code": change.rule.code,
        "name": change.rule.name,
        "whom": change.whom,
        "path": change.path,
        "also_at": list(change.also_at),
        "schema_versions": list(change.schema_versions),
        "says": change.says,
        "witness": None,
    }
    if found is not None:
        document = None if found.document is None else write_bytes(found.document, text=str.isprintable)
        data["witness"] = {"value": found.value, "document": document, "refused": found.refused}
    return data
