"""
A matrix as one page for a browser: no script, nothing that is loaded from elsewhere, readable on a phone.

The template escapes everything that it is given: a payload may hold a script. What it may link to is decided
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jinja2

from driftcheck.matrix.cells import QUIET, UNSUPPORTED, Cell, Matrix, Row
from driftcheck.matrix.text import MARKS, plural, said_of, share, summary

TEMPLATE = "page.html.jinja"
KINDS = {"accept": "accept", "reject": "reject", "void": "reject", UNSUPPORTED: "unsupported"}
NARROW_REM, WITH_CLASS_REM = 6, 8.5  # of a subject on a phone: three beside each other, or two
COLOURS = 4  # of value classes; beyond them letters alone tell


def render(matrix: Matrix) -> str:
    """Return a matrix as an HTML page."""
    loader = jinja2.PackageLoader("driftcheck.matrix", package_path="")
    page = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    page.filters |= {"kind": kind, "link": link, "said_of": said_of, "folded": folded}
    has_classes = any(cell.rejection for line in matrix.differences for cell in line.cells)
    return page.get_template(TEMPLATE).render(
        matrix=matrix,
        summary=summary(matrix),
        share=share,
        marks=MARKS,
        column=WITH_CLASS_REM if has_classes else NARROW_REM,
    )


def kind(cell: Cell) -> str:
    """Return the class by which a cell is coloured."""
    found = KINDS.get(cell.did, "failed" if cell.did not in QUIET else "")
    if not cell.mark:
        return found
    return f"{found} class-{(ord(cell.mark) - ord('A')) % COLOURS}"


def link(address: Any) -> str:
    """Return an address that may be linked to: of the web, or "" where it is none."""
    return address if str(address).startswith(("https://", "http://")) else ""


def folded(rows: Sequence[Row]) -> list[tuple[str, list[str]]]:
    """Group the rows on which all agree by what they agree on, then those of which nothing was counted."""
    groups: dict[str, list[str]] = {}
    for row in rows:
        if row.agrees:
            did = dict.fromkeys(str(c) for line in row.lines for c in line.cells if c.did != UNSUPPORTED)
            groups.setdefault(f"all {' or '.join(did)}", []).append(row.label)
    for row in rows:
        if row.is_empty:
            groups.setdefault("nothing to break", []).append(row.label)
        elif not row.lines:
            groups.setdefault("all set aside: the subjects part ways unbroken, too", []).append(row.label)
    return [(f"{said}: {plural(len(labels), 'row')}", labels) for said, labels in groups.items()]
