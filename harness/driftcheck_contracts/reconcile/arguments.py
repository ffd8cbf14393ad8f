"""The bounds of arguments (section 4 of docs/reference/reconcile.md), which are checked before all else."""

from __future__ import annotations

from driftcheck_contracts.reconcile import refusals
from driftcheck_contracts.reconcile.intake import MAX_LABEL, MAX_PHYSICAL, MAX_VALUE
from driftcheck_contracts.reconcile.reading import limits, reject_as
from driftcheck_contracts.reconcile.records import Where


def check_range(name: str, number: int, lo: int, hi: int) -> None:
    """Check that a number is from lo to hi (section 4)."""
    if not lo <= number <= hi:
        raise refusals.malformed(Where(name, 0, f"{lo} to {hi}", str(number), "check the limits"))


def check_length(name: str, length: int, lo: int, hi: int) -> None:
    """Check that a length, in bytes, is from lo to hi (section 4)."""
    if not lo <= length <= hi:
        reject_as("limit", name, 0, expected=limits(lo, hi), got=str(length))


def check_now(now: int) -> None:
    """Check that a time is one (R3.2)."""
    check_range("now", now, 0, MAX_PHYSICAL)


def check_key(key: bytes) -> None:
    """Check that a key is one (R1.5)."""
    check_length("key", len(key), 1, 64)


def check_label(label: str | None) -> None:
    """Check that a label is one (R1.6)."""
    check_length("label", len((label or "").encode()), 0, MAX_LABEL)


def check_size(value: bytes) -> None:
    """Check that a value is not too long to be read (R4.1)."""
    if len(value) > MAX_VALUE:
        raise refusals.too_large(Where("value", 0, limits(0, MAX_VALUE), str(len(value)), "check the limits"))
