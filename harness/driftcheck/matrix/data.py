"""
A matrix as JSON data for other programs: all rows, also those in which all subjects agree.
"""

from __future__ import annotations

from typing import Any

import attrs

from driftcheck.matrix.cells import Cell, Line, Matrix, Row


def to_json(matrix: Matrix) -> dict[str, Any]:
    """Return a matrix as JSON data."""
    return {
        "contract": matrix.contract,
        "subjects": {name: matrix.versions.get(name, "") for name in matrix.subjects},
        "traces": matrix.traces,
        "seed": matrix.seed,
        "asymmetries": {
            entry.id: {k: v for k, v in attrs.asdict(entry).items() if k not in ("id", "expires")}
            | {"expires": entry.expires.isoformat()}
            for entry in matrix.asymmetries.values()
        },
        "rows": [_row(matrix, row) for row in matrix.rows],
    }


def _row(matrix: Matrix, row: Row) -> dict[str, Any]:
    return {
        "operation": row.operation,
        "argument": row.argument or None,
        "made": row.made,
        "documents": row.documents,
        "set_aside": row.set_aside,
        "agrees": row.agrees,
        "lines": [_line(matrix, line) for line in row.lines],
    }


def _line(matrix: Matrix, line: Line) -> dict[str, Any]:
    return {
        "documents": line.documents,
        "cells": {name: _cell(cell) for name, cell in zip(matrix.subjects, line.cells, strict=True)},
        "agrees": line.agrees,
        "asymmetries": list(line.asymmetries),
        "is_new": line.is_new,
        "witness": None if line.witness is None else _witness(matrix, line),
    }


def _cell(cell: Cell) -> dict[str, str]:
    return {key: value for key, value in attrs.asdict(cell).items() if value}


def _witness(matrix: Matrix, line: Line) -> dict[str, Any]:
    witness = line.witness
    assert witness is not None
    return {
        "steps": list(witness.steps),
        "answers": dict(zip(matrix.subjects, witness.answers, strict=False)),
        "facts": dict(witness.facts),
        "case": witness.case or None,
        "flaky": witness.flaky or None,
    }
