"""
What only a whole contract shows: words that need each other, or that say one thing twice.

Every mistake is a ValueError whose text continues "contract 'x': ...".
"""

from __future__ import annotations

from driftcheck.contract.schema import Schema
from driftcheck.contract.schema_versions import check_schema_versions
from driftcheck.core import types as t


def check_whole(schema: Schema) -> None:
    """Check what only the whole contract shows."""
    if "open" in vars(schema.cls) and not schema.opening and schema.state is None and not schema.handles:
        raise ValueError("it has 'open' but neither state nor handles; leave 'open' out")
    _check_instances(schema)
    check_schema_versions(schema)
    made = {o.result.name for o in schema.operations if isinstance(o.result, t.Handle)}
    for operation in schema.operations:
        for argument in operation.arguments:
            where = f"operation {operation.name!r}: argument {argument.name!r}"
            if isinstance(argument.type, t.Handle) and argument.type.name not in made:
                raise ValueError(
                    f"{where} is a handle of {argument.type.name}, which no operation returns; "
                    f"declare one that returns Handle[{argument.type.name}]"
                )
            if isinstance(argument.type, t.Steps):
                raise ValueError(f"{where} is Steps; only a law takes a run of steps")
        if operation.changes_peer and not any(isinstance(a.type, t.Peer) for a in operation.arguments):
            raise ValueError(
                f"operation {operation.name!r} has changes_peer and takes no Peer; remove the one, "
                "or add the other"
            )
        if operation.neutral and isinstance(operation.result, t.Handle):
            raise ValueError(
                f"operation {operation.name!r} is neutral and makes a handle, which later steps would "
                "miss; drop the word"
            )
        if operation.faults and any(a.name == "fault" for a in operation.arguments):
            raise ValueError(
                f"operation {operation.name!r} meets faults and has an argument 'fault', which is the "
                "name of what goes wrong; rename the argument"
            )
    met = {name for o in schema.operations for name in o.faults}
    for fault in schema.faults:
        if fault.name not in met:
            raise ValueError(
                f"fault {fault.name!r} is met by no operation; name it in 'faults=[...]' or remove it"
            )
    used = {name for o in schema.operations for name in o.rejects}
    for rejection in schema.rejections:
        if rejection.name not in used:
            raise ValueError(
                f"rejection {rejection.name!r} is raised by no operation; "
                "name it in 'rejects=[...]' or remove it"
            )
    seen: dict[str, str] = {}
    for name in [o.name for o in schema.operations]:
        key = name.replace("_", "").lower()
        if key in seen:
            raise ValueError(
                f"operations {seen[key]!r} and {name!r} would have one name in Go; rename one of them"
            )
        seen[key] = name
    if schema.invariants and schema.state is None:
        raise ValueError(f"invariant {schema.invariants[0].name!r} needs 'state', which the contract has not")


def _check_instances(schema: Schema) -> None:
    """Check what has a meaning among several instances alone."""
    for argument in schema.opening:
        if argument.across != "each" and schema.instances == 1:
            raise ValueError(
                f"'open': argument {argument.name!r} is {argument.across}, and a trace has one instance; "
                "remove the word, or give the class instances=2 or more"
            )
        if argument.across == "distinct" and t.cardinality(t.bare(argument.type)) < schema.instances:
            raise ValueError(
                f"'open': argument {argument.name!r} is distinct and has fewer values than there are "
                f"instances, {schema.instances}; widen its type"
            )
    for operation in schema.operations:
        peers = [a.name for a in operation.arguments if isinstance(a.type, t.Peer)]
        if len(peers) > 1:
            raise ValueError(
                f"operation {operation.name!r} takes the peers {' and '.join(peers)}; a step has one peer"
            )
        if peers and schema.instances == 1:
            raise ValueError(
                f"operation {operation.name!r}: argument {peers[0]!r} is a Peer, and a trace has one "
                "instance; give the class instances=2 or more"
            )
    if schema.instances > 1 and schema.state is None and not schema.opening and not schema.handles:
        raise ValueError(
            "it has several instances, but neither 'open' nor state nor handles to tell them apart; "
            "leave instances out"
        )
    for law in schema.laws:
        for argument in law.arguments:
            if isinstance(argument.type, t.Peer):
                raise ValueError(
                    f"law {law.name!r}: argument {argument.name!r} is a Peer; use self.instances"
                )
