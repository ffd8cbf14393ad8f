"""
Values of an author's classes, whose validators and converters are code of the author.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from driftcheck.core.author_code import Misbehaviour, call, contract_at_work
from driftcheck.core.errors import ContractError


def made(cls: type, fields: Mapping[str, Any]) -> Any:
    """Return a value with these fields, by the names of the class's own arguments.

    Raises:
        ContractError: the class refuses values that its annotations allow.
    """
    return call(partial(cls, **fields), fails=partial(_misbehaved, cls))


def _misbehaved(cls: type, misbehaviour: Misbehaviour) -> ContractError:
    advice = "it must take every value that its annotations and validators allow"
    who = f"the class {cls.__module__}.{cls.__qualname__}"
    return ContractError(contract_at_work(), misbehaviour.sentence(who, advice))
