"""
The installed contracts, found by entry point; driftcheck's own contracts are found in the same way.

A name from a file goes to `load_installed`, so that no file can choose a module to import. Only a name
that the user typed goes to `load_named`. Knows entry points and the `Contract` class. Knows nothing of
subjects.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from driftcheck.contract.declare import Contract, schema_of
from driftcheck.core.author_code import Misbehaviour, call
from driftcheck.core.errors import ContractError, UnknownContract

GROUP = "driftcheck.contracts"

_PLACE = re.compile(r"(\w+(?:\.\w+)*):(\w+)")


def installed() -> dict[str, EntryPoint]:
    """Return the entry points of contracts by name, in alphabetical order."""
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda p: p.name)}


def replay_option(contract: type) -> str:
    """Return the option that `driftcheck replay` needs to find a contract that is not installed, or ""."""
    place = address(contract)
    return f"--contract {place} " if ":" in place else ""


def address(contract: type) -> str:
    """Return how the command line names a contract: by its name if it is installed, else `module:Class`."""
    name = schema_of(contract).name
    place = f"{contract.__module__}:{contract.__qualname__}"
    point = installed().get(name)
    return name if point is not None and point.value == place else place


def load_named(name: str) -> type[Contract]:
    """Import a contract class that the user named, on the command line or in code.

    Args:
        name: of an installed contract, or "module:Class" of one that has no entry point. The module may be in
            the working directory.

    Raises:
        UnknownContract, ContractError: as `load_installed`.
    """
    if ":" not in name or name in installed():
        return load_installed(name)
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    return _find(name, name)


def load_installed(name: str) -> type[Contract]:
    """Import the class of an installed contract; a name from a file imports nothing else.

    Raises:
        UnknownContract: no installed contract has that name.
        ContractError: its entry point names no contract or one of another name, or two packages use the name.
    """
    known = installed()
    if name not in known:
        raise UnknownContract(name, tuple(known))
    _check_one(name)
    found = _find(name, known[name].value)
    found_name = found.__driftcheck_schema__.name
    if found_name != name:
        raise ContractError(
            name,
            f"its entry point leads to the contract {found_name!r}; add name={name!r} to the class, "
            "or rename the entry point in pyproject.toml and install the package again",
        )
    return found


def _check_one(name: str) -> None:
    """Refuse a name that two packages give to two contracts."""
    points = {p.value: p for p in entry_points(group=GROUP) if p.name == name}
    if len(points) > 1:
        places = [
            f"{value} (of {p.dist.name if p.dist else 'an unknown package'})" for value, p in points.items()
        ]
        raise ContractError(
            name,
            f"two contracts have this name: {' and '.join(sorted(places))}; "
            "rename one of them, or uninstall its package",
        )


def _find(name: str, place: str) -> type[Contract]:
    """Return the contract class at "module:Class"."""
    parts = _PLACE.fullmatch(place)
    if parts is None:
        raise ContractError(name, f"{place!r} does not name a class; write {_as_a_place(place)!r}")
    found = getattr(import_module(name, parts[1]), parts[2], None)
    if found is None:
        raise ContractError(name, f"the module {parts[1]!r} has no {parts[2]!r}; correct {place!r}")
    if not (isinstance(found, type) and issubclass(found, Contract) and found is not Contract):
        raise ContractError(
            name,
            f"{place!r} is not a contract; name a subclass of driftcheck.Contract there, "
            "and install the package again if you change its entry point",
        )
    if found.__driftcheck_model__:
        contract = found.__driftcheck_schema__.cls
        raise ContractError(name, f"{place!r} is a model; name its contract, {contract.__qualname__}")
    return found


def import_module(name: str, module: str) -> Any:
    """Import a module of the contract of this name.

    Raises:
        ContractError: there is no such module, or its code raises, does not end or takes too much memory.
    """

    def fails(misbehaviour: Misbehaviour) -> ContractError:
        return ContractError(
            name, misbehaviour.sentence(f"its module {module!r} cannot be imported: it", "fix the module")
        )

    try:
        return call(importlib.import_module, module, fails=fails, passing=(ModuleNotFoundError,))
    except ModuleNotFoundError as error:
        message = f"its module {module!r} cannot be imported: {error}; {_how_to_find(name, module, error)}"
        raise ContractError(name, message) from None


def _how_to_find(name: str, module: str, error: ModuleNotFoundError) -> str:
    """Say what to do about a module that does not exist, or that imports one that does not exist."""
    is_own = error.name is not None and f"{module}.".startswith(f"{error.name}.")
    if ":" not in name or not is_own:
        return "install it"
    if module.endswith(".py"):
        return f"write {_as_a_place(name)!r}"
    return f"run the command in the folder that contains it (this is {os.getcwd()}), or install it"


def _as_a_place(text: str) -> str:
    """Return the likely "module:Class" for a path, or for a module without a class."""
    path, _, cls = text.rpartition(":") if ":" in text else (text, "", "")
    module = path.removeprefix("./").removesuffix(".py").replace("/", ".")
    place = f"{module}:{cls or 'Class'}"
    return place if _PLACE.fullmatch(place) else "module:Class"
