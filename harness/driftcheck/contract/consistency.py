"""
Checks of a whole contract: parts that need each other, and parts that contradict each other.

Knows the data of `schema`. Knows nothing of the class that it was read from.
Every mistake is a ValueError whose text continues "contract 'x': ...".
"""

from __future__ import annotations

from driftcheck.contract.schema import Operation, Schema
from driftcheck.contract.schema_versions import check_schema_versions
from driftcheck.core import types as t


def check_consistency(schema: Schema) -> None:
    """Check what no single part of a contract shows.

    Raises:
        ValueError: says which parts do not fit together, and what to do.
    """
    if "open" in vars(schema.cls) and not schema.opening and schema.state is None and not schema.handles:
        raise ValueError("it has 'open' but neither state nor handles; remove 'open'")
    _check_instances(schema)
    check_schema_versions(schema)
    returned = {o.result.name for o in schema.operations if isinstance(o.result, t.Handle)}
    for operation in schema.operations:
        _check_operation(operation, returned)
    _check_all_used(schema)
    _check_go_names(schema)
    if schema.invariants and schema.state is None:
        raise ValueError(
            f"invariant {schema.invariants[0].name!r} needs 'state', which the contract does not declare; "
            "declare it, or remove the invariant"
        )


def _check_operation(operation: Operation, returned: set[str]) -> None:
    """Check one operation; `returned` has the names of the handles that operations return."""
    for argument in operation.arguments:
        where = f"operation {operation.name!r}: argument {argument.name!r}"
        if isinstance(argument.type, t.Handle) and argument.type.name not in returned:
            raise ValueError(
                f"{where} is a handle of {argument.type.name}, which no operation returns; "
                f"declare an operation that returns Handle[{argument.type.name}]"
            )
        if isinstance(argument.type, t.Steps):
            raise ValueError(f"{where} is Steps; only a law can take Steps")
    if operation.changes_peer and not any(isinstance(a.type, t.Peer) for a in operation.arguments):
        raise ValueError(
            f"operation {operation.name!r} has changes_peer but takes no Peer; remove changes_peer, "
            "or add an argument that is a Peer"
        )
    if operation.neutral and isinstance(operation.result, t.Handle):
        raise ValueError(
            f"operation {operation.name!r} is neutral but returns a handle; remove neutral, since later "
            "steps need the handle"
        )
    if operation.faults and any(a.name == "fault" for a in operation.arguments):
        raise ValueError(
            f"operation {operation.name!r} has faults and an argument 'fault'; rename the argument, since "
            "driftcheck passes the name of the fault as 'fault'"
        )


def _check_all_used(schema: Schema) -> None:
    """Check that each fault and each rejection belongs to an operation."""
    faults = {name for o in schema.operations for name in o.faults}
    for fault in schema.faults:
        if fault.name not in faults:
            raise ValueError(
                f"fault {fault.name!r} is used by no operation; name it in 'faults=[...]' or remove it"
            )
    rejections = {name for o in schema.operations for name in o.rejects}
    for rejection in schema.rejections:
        if rejection.name not in rejections:
            raise ValueError(
                f"rejection {rejection.name!r} is used by no operation; "
                "name it in 'rejects=[...]' or remove it"
            )


def _check_go_names(schema: Schema) -> None:
    """Check that no two operations get the same name in Go, which has no underscores."""
    seen: dict[str, str] = {}
    for name in [o.name for o in schema.operations]:
        key = name.replace("_", "").lower()
        if key in seen:
            raise ValueError(
                f"operations {seen[key]!r} and {name!r} would have the same name in Go; rename one of them"
            )
        seen[key] = name


def _check_instances(schema: Schema) -> None:
    """Check what has a meaning only if a trace has several instances."""
    for argument in schema.opening:
        where = f"'open': argument {argument.name!r} is {argument.across}"
        if argument.across != "each" and schema.instances == 1:
            raise ValueError(
                f"{where}, but a trace has one instance; "
                f"remove {argument.across}, or give the class instances=2 or more"
            )
        if argument.across == "distinct" and t.cardinality(t.bare(argument.type)) < schema.instances:
            raise ValueError(
                f"{where}, but its type has fewer values than there are instances ({schema.instances}); "
                "widen its type"
            )
    for operation in schema.operations:
        peers = [a.name for a in operation.arguments if isinstance(a.type, t.Peer)]
        if len(peers) > 1:
            raise ValueError(
                f"operation {operation.name!r} takes the peers {' and '.join(peers)}; "
                "keep one, since a step has one peer"
            )
        if peers and schema.instances == 1:
            raise ValueError(
                f"operation {operation.name!r}: argument {peers[0]!r} is a Peer, but a trace has one "
                "instance; give the class instances=2 or more"
            )
    if schema.instances > 1 and schema.state is None and not schema.opening and not schema.handles:
        raise ValueError(
            "it has several instances, but neither 'open' nor state nor handles to distinguish them; "
            "remove instances"
        )
    for law in schema.laws:
        for argument in law.arguments:
            if isinstance(argument.type, t.Peer):
                raise ValueError(
                    f"law {law.name!r}: argument {argument.name!r} is a Peer; use self.instances"
                )
