"""
A matrix as one page for a browser, without scripts and without files from elsewhere, and readable on a phone.

The template escapes all text, since a payload may contain a script. This module decides which links are
allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jinja2

from driftcheck.core.units import plural
from driftcheck.core.visible import visible
from driftcheck.matrix.cells import QUIET, UNSUPPORTED, Cell, Matrix, Row
from driftcheck.matrix.text import MARKS, said_of, share, summary

TEMPLATE = "page.html.jinja"
KINDS = {"accept": "accept", "reject": "reject", "void": "reject", UNSUPPORTED: "unsupported"}
NARROW_REM, WITH_CLASS_REM = 6, 8.5  # width of a subject on a phone, so that three or two fit side by side
COLOURS = 4  # of value classes; more classes have only letters


def render(matrix: Matrix) -> str:
    """Return a matrix as an HTML page."""
    loader = jinja2.PackageLoader("driftcheck.matrix", package_path="")
    page = jinja2.Environment(
        loader=loader,
        autoescape=True,
        finalize=finalized,  # called for what the template inserts, and not for the template's own text
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    page.filters |= {"kind": kind, "link": link, "said_of": said_of, "folded": folded}
    has_classes = any(cell.rejection for line in matrix.divergences for cell in line.cells)
    return page.get_template(TEMPLATE).render(
        matrix=matrix,
        summary=summary(matrix),
        share=share,
        marks=MARKS,
        column=WITH_CLASS_REM if has_classes else NARROW_REM,
    )


def finalized(value: Any) -> Any:
    """Return a value as the template inserts it, with what is unsafe to show escaped."""
    return value if isinstance(value, jinja2.Undefined) else visible(str(value))


def kind(cell: Cell) -> str:
    """Return the CSS class of a cell."""
    found = KINDS.get(cell.did, "failed" if cell.did not in QUIET else "")
    if not cell.mark:
        return found
    return f"{found} class-{(ord(cell.mark) - ord('A')) % COLOURS}"


def link(address: Any) -> str:
    """Return an address that the page may link to, or "" where it is not a web address."""
    return address if str(address).startswith(("https://", "http://")) else ""


def folded(rows: Sequence[Row]) -> list[tuple[str, list[str]]]:
    """Group the rows in which all agree by what the subjects did, then the rows without documents."""
    groups: dict[str, list[str]] = {}
    for row in rows:
        if row.agrees:
            did = dict.fromkeys(str(c) for line in row.lines for c in line.cells if c.did != UNSUPPORTED)
            groups.setdefault(f"all {' or '.join(did)}", []).append(row.label)
    for row in rows:
        if row.is_empty:
            groups.setdefault("without effect", []).append(row.label)
        elif not row.lines:
            groups.setdefault("all set aside: the subjects also differ without the mutation", []).append(
                row.label
            )
    return [(f"{said}: {plural(len(labels), 'row')}", labels) for said, labels in groups.items()]
