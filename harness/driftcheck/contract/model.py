"""
Checks of a model: it implements what its contract declares, with the same arguments.

Knows a class and the data of `schema`. Calls nothing of the model.
"""

from __future__ import annotations

import inspect

from driftcheck.contract.schema import Schema
from driftcheck.core.errors import ContractError


def check_model(model: type, schema: Schema) -> None:
    """Check that a model has a method for all that its contract declares, with the same arguments.

    Raises:
        ContractError: names what the model does not implement.
    """
    wanted = [o.name for o in schema.operations]
    wanted += ["open"] if schema.opening else []
    wanted += ["state"] if schema.state is not None else []
    lacking = [n for n in wanted if getattr(model, n, None) is getattr(schema.cls, n)]
    if lacking:
        raise ContractError(
            schema.name,
            f"the model {model.__name__} does not implement {', '.join(lacking)}; add a method for each",
        )
    under = {o.name for o in schema.operations if o.faults}
    for name in wanted:
        declared = list(inspect.signature(getattr(schema.cls, name)).parameters)[1:]
        declared += ["fault"] if name in under else []
        found = inspect.signature(getattr(model, name))
        try:
            found.bind(model, *declared)
        except TypeError:
            raise ContractError(
                schema.name,
                f"the model {model.__name__}: {name!r} takes ({', '.join([*found.parameters][1:])}), "
                f"but the contract declares ({', '.join(declared)}); give both the same arguments",
            ) from None
