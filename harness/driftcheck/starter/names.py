"""
Names of new contracts: which are valid, and what to use instead.

A contract's name becomes a module and a class in Python, a package in Go and a crate in Rust.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection

import attrs

from driftcheck.codegen import go_names, rust_names
from driftcheck.core.errors import DriftcheckError

_FORM = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_TAKEN = frozenset({"bindings", "contracts"})  # as driftcheck_bindings and driftcheck_contracts
_IN_THE_CONTRACT = frozenset(
    {"Address", "Annotated", "Contract", "Rejection"}
)  # names in the module of the contract
_NO_GO_PACKAGE = frozenset({"main", "vendor"})


@attrs.define(eq=False)
class BadName(DriftcheckError):
    """A name is not valid for a new contract."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name!r} is not a valid name of a contract: {self.why}"


def check_name(name: str, installed: Collection[str]) -> None:
    """Check the name of a new contract.

    Args:
        installed: the names of the installed contracts.

    Raises:
        BadName: the name is not valid; says why, and what to do.
    """
    if not _FORM.fullmatch(name):
        other = _like(name)
        advice = f"such as {other!r}" if other else "such as 'price_list'"
        raise BadName(name, f"use lower-case letters, digits and single underscores, {advice}")
    if name in installed:
        raise BadName(
            name, "a contract of that name is installed; choose another name, or uninstall that contract"
        )
    if language := _language_of(name):
        raise BadName(name, f"it is a reserved word of {language}; choose another, such as 'my_{name}'")
    if name in _TAKEN or class_name(name) in _IN_THE_CONTRACT:
        raise BadName(name, f"driftcheck uses it itself; choose another, such as 'my_{name}'")


def class_name(name: str) -> str:
    """Return the name of the contract's class: price_list becomes PriceList."""
    return "".join(word.capitalize() for word in name.split("_"))


def _language_of(name: str) -> str | None:
    if keyword.iskeyword(name) or keyword.iskeyword(class_name(name)):
        return "Python"
    package = go_names.package(name)
    if package in go_names.KEYWORDS or package in _NO_GO_PACKAGE:
        return "Go"
    return None if rust_names.snake(name) == name else "Rust"


def _like(name: str) -> str:
    """Return a similar name that is valid, or "" if there is none."""
    words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+", name)
    other = "_".join(words).lower().lstrip("0123456789_")
    return other if name.isascii() and _FORM.fullmatch(other) else ""
