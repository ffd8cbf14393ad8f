"""What a model must have to stand beside its contract's other subjects."""

from __future__ import annotations

import inspect

from driftcheck.contract.schema import Schema
from driftcheck.core.errors import ContractError


def check_model(model: type, schema: Schema) -> None:
    """Check that a model has a body for all that its contract declares, with the same arguments.

    Raises:
        ContractError: names what the model lacks.
    """
    wanted = [o.name for o in schema.operations]
    wanted += ["open"] if schema.opening else []
    wanted += ["state"] if schema.state is not None else []
    lacking = [n for n in wanted if getattr(model, n, None) is getattr(schema.cls, n)]
    if lacking:
        raise ContractError(
            schema.name, f"the model {model.__name__} lacks {', '.join(lacking)}; give each a body"
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
                f"the contract says ({', '.join(declared)}); give both the same arguments",
            ) from None
