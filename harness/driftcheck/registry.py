"""
The contracts that are installed, by entry point: ours are known in no other way than anyone's.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from driftcheck.contract.declare import Contract
from driftcheck.errors import ContractError, UnknownContract

GROUP = "driftcheck.contracts"


def installed() -> dict[str, EntryPoint]:
    """Return the entry points of contracts by name, in alphabetical order."""
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda p: p.name)}


def load(name: str) -> type[Contract]:
    """Import a contract class.

    Args:
        name: of an installed contract, or "module:Class" of one that has no entry point.

    Raises:
        UnknownContract: none has that name.
        ContractError: its entry point leads to no contract, or to one of another name.
    """
    known = installed()
    point = known.get(name)
    if point is None:
        if ":" not in name:
            raise UnknownContract(name, tuple(known))
        point = EntryPoint(name, name, GROUP)
    try:
        found = point.load()
    except ModuleNotFoundError as error:
        raise ContractError(name, f"its entry point {point.value!r} names no module: {error}") from None
    except AttributeError as error:
        raise ContractError(name, f"its entry point {point.value!r} leads nowhere: {error}") from None
    if not (isinstance(found, type) and issubclass(found, Contract) and found is not Contract):
        raise ContractError(name, f"its entry point {point.value!r} is no contract class")
    found_name = found.__driftcheck_schema__.name
    if found_name != name and ":" not in name:
        raise ContractError(
            name, f"its entry point leads to the contract {found_name!r}; give both the same name"
        )
    return found
