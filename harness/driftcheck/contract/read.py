"""
Reads a contract class into a `Schema`, and reports every mistake in it.

Knows the words of contracts and the data of `schema`. Knows nothing of what is made from them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import attrs

from driftcheck.contract.annotations import split
from driftcheck.contract.consistency import check_consistency
from driftcheck.contract.schema import (
    Across,
    Argument,
    FaultClass,
    Invariant,
    Law,
    Operation,
    RejectionClass,
    Schema,
)
from driftcheck.contract.schema_versions import read_schema_versions
from driftcheck.contract.signatures import Signatures
from driftcheck.contract.words import (
    Fault,
    InvariantMark,
    LawMark,
    Marker,
    OperationMark,
    Rejection,
    distinct,
    flag,
    shared,
)
from driftcheck.core import types as t
from driftcheck.core.errors import ContractError

Word = TypeVar("Word", Rejection, Fault)

MOST_INSTANCES = 16
_ACROSS: Mapping[str, Across] = {"shared": "shared", "distinct": "distinct"}
RESERVED = frozenset({"open", "state", "run", "instances", "contract", "subject", "new", "drop"})


def read_contract(cls: type, name: str, version: int, instances: int, scope: Mapping[str, Any]) -> Schema:
    """Read a contract class.

    Raises:
        ContractError: names the contract, the operation, what was found and what to do.
    """
    return _Reader(cls, name, scope).read(version, instances)


class _Reader:
    def __init__(self, cls: type, name: str, scope: Mapping[str, Any]) -> None:
        self.cls = cls
        self.name = name
        self.signatures = Signatures(cls, name, scope)

    def fail(self, what: str) -> ContractError:
        return ContractError(self.name, what)

    def read(self, version: int, instances: int) -> Schema:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise self.fail(
                "its name must have only lower-case ASCII letters, digits and underscores, and start with a "
                "letter; rename it, or give name="
            )
        if type(version) is not int or version < 1:
            raise self.fail(f"its version is {version!r}; give a whole number, at least 1")
        if type(instances) is not int or not 1 <= instances <= MOST_INSTANCES:
            raise self.fail(f"instances is {instances!r}; give a whole number from 1 to {MOST_INSTANCES}")
        rejections, faults = self.rejections(), self.faults()
        try:
            schema_versions = read_schema_versions(self.cls, rejections)
        except ValueError as error:
            raise self.fail(str(error)) from None
        self.signatures.annotations.schema_versions = (
            schema_versions.numbers if schema_versions is not None else ()
        )
        operations = self.operations(rejections)
        members = vars(self.cls)
        schema = Schema(
            name=self.name,
            cls=self.cls,
            doc=inspect.cleandoc(self.cls.__doc__ or ""),
            version=version,
            opening=self.opening(instances),
            state=self.state(),
            operations=operations,
            rejections=rejections,
            invariants=tuple(
                self.invariant(n, m)
                for n, m in members.items()
                if isinstance(getattr(m, "__driftcheck__", None), InvariantMark)
            ),
            laws=tuple(
                self.law(n, m)
                for n, m in members.items()
                if isinstance(getattr(m, "__driftcheck__", None), LawMark)
            ),
            instances=instances,
            faults=faults,
            schema_versions=schema_versions,
        )
        try:
            check_consistency(schema)
        except ValueError as error:
            raise self.fail(str(error)) from None
        return schema

    def rejections(self) -> tuple[RejectionClass, ...]:
        found = [m for m in vars(self.cls).values() if isinstance(m, Rejection)]
        names = [r.name for r in found]
        for name in names:
            if names.count(name) > 1:
                raise self.fail(f"rejection {name!r} has two names; declare two rejections")
            self.signatures.check_name(name, f"rejection {name!r}")
        if sum(r.catch_all for r in found) > 1:
            raise self.fail(
                "two rejections are catch-all; keep one, since a library's own error can have only one class"
            )
        return tuple(
            RejectionClass(r.name, i, r.doc, r.catch_all, r.retryable, self.detail(r))
            for i, r in enumerate(found)
        )

    def detail(self, rejection: Rejection) -> t.Type | None:
        """Read the type of the value that comes with a rejection."""
        where = f"rejection {rejection.name!r}"
        if type(rejection.retryable) is not bool:
            raise self.fail(f"{where}: retryable is {rejection.retryable!r}; give True or False")
        if rejection.detail is None:
            return None
        if rejection.catch_all:
            raise self.fail(
                f"{where} is catch-all and has a detail, but a library's own errors have none; "
                "remove the detail, or map the errors that have one to another rejection"
            )
        detail = self.signatures.type(rejection.detail, f"{where}: its detail")
        for kind, word in ((t.Handle, "a Handle"), (t.Steps, "Steps"), (t.Payload, "a Payload")):
            if isinstance(t.bare(detail), kind):
                raise self.fail(f"{where}: its detail is {word}; give a plain value, such as a record")
        return detail

    def faults(self) -> tuple[FaultClass, ...]:
        found = [m for m in vars(self.cls).values() if isinstance(m, Fault)]
        names = [f.name for f in found]
        for name in names:
            if names.count(name) > 1:
                raise self.fail(f"fault {name!r} has two names; declare two faults")
            self.signatures.check_name(name, f"fault {name!r}")
        return tuple(FaultClass(f.name, i, f.doc) for i, f in enumerate(found))

    def operations(self, rejections: tuple[RejectionClass, ...]) -> tuple[Operation, ...]:
        found: list[Operation] = []
        catch_all = tuple(r.name for r in rejections if r.catch_all)
        for name, member in vars(self.cls).items():
            mark = getattr(member, "__driftcheck__", None)
            if isinstance(mark, OperationMark):
                where = f"operation {name!r}"
                if name in RESERVED or name.startswith("_"):
                    raise self.fail(
                        f"{where}: the name is reserved; choose another "
                        "('open' and 'state' take no decorator)"
                    )
                self.signatures.check_name(name, where)
                if type(mark.weight) is not int or not 1 <= mark.weight <= 1000:
                    raise self.fail(f"{where}: weight is {mark.weight!r}; give a whole number from 1 to 1000")
                hints = self.signatures.hints(member, where)
                found.append(
                    Operation(
                        name=name,
                        index=len(found),
                        arguments=self.signatures.arguments(member, hints, where),
                        result=self.signatures.result(hints, where),
                        rejects=self.rejects(mark, where) + catch_all,
                        query=mark.query,
                        idempotent=mark.idempotent,
                        changes_peer=mark.changes_peer,
                        faults=self.declared_faults(mark, where),
                        history=mark.history,
                        neutral=mark.neutral,
                        weight=mark.weight,
                        doc=inspect.cleandoc(member.__doc__ or ""),
                    )
                )
            elif (
                inspect.isfunction(member)
                and mark is None
                and name not in ("open", "state")
                and not name.startswith("_")
            ):
                raise self.fail(
                    f"method {name!r} has no decorator; add @operation, @query, @invariant or @law, "
                    "or start its name with an underscore"
                )
        if not found:
            raise self.fail("it has no operations; mark at least one method with @operation")
        return tuple(found)

    def rejects(self, mark: OperationMark, where: str) -> tuple[str, ...]:
        found = self.own_words(mark.rejects, Rejection, "rejects", "rejects with a class", where)
        return tuple(r.name for r in found if not r.catch_all)

    def declared_faults(self, mark: OperationMark, where: str) -> tuple[str, ...]:
        found = self.own_words(mark.faults, Fault, "faults", "has a fault", where)
        names = [f.name for f in found]
        for name in names:
            if names.count(name) > 1:
                raise self.fail(f"{where}: fault {name!r} is named twice; name it once")
        return tuple(names)

    def own_words(self, given: Any, kind: type[Word], key: str, what: str, where: str) -> tuple[Word, ...]:
        """Check a list of rejections or faults, which the contract class must declare."""
        if not isinstance(given, list | tuple):
            raise self.fail(f"{where}: {key} is {given!r}; give a list, as {key}=[...]")
        for one in given:
            if not isinstance(one, kind):
                raise self.fail(
                    f"{where}: {key} has {one!r}, which is not a {kind.__name__}; name one that the "
                    "contract declares"
                )
            if vars(self.cls).get(one.name) is not one:
                raise self.fail(
                    f"{where}: {what} that the contract does not declare; "
                    "make it an attribute of the contract class"
                )
        return tuple(given)

    def opening(self, instances: int) -> tuple[Argument, ...]:
        member = vars(self.cls).get("open")
        if member is None:
            return ()
        hints = self.signatures.hints(member, "'open'")
        if hints.get("return", type(None)) is not type(None):
            raise self.fail("'open' returns a value; annotate it '-> None', since what it makes is the state")
        marks: dict[str, list[Marker]] = {}
        for name, hint in hints.items():
            hints[name], marks[name] = split(hint, (shared, distinct, flag))
        opening = tuple(
            self.opened(a, marks[a.name], instances)
            for a in self.signatures.arguments(member, hints, "'open'")
        )
        for argument in opening:
            if isinstance(argument.type, t.Peer):
                raise self.fail(
                    f"'open': argument {argument.name!r} is a Peer, but no other instance is open yet; "
                    "move it to an operation"
                )
            if isinstance(argument.type, t.Handle | t.Steps):
                kind = "a Handle" if isinstance(argument.type, t.Handle) else "Steps"
                raise self.fail(
                    f"'open': argument {argument.name!r} is {kind}, but no step has run yet; "
                    "move it to an operation"
                )
        return opening

    def opened(self, argument: Argument, marks: Sequence[Marker], instances: int) -> Argument:
        """Return an argument of 'open' with the properties that its markers set."""
        where = f"'open': argument {argument.name!r}"
        across = [m.name for m in marks if m is not flag]
        if len(across) > 1:
            raise self.fail(f"{where} has both shared and distinct; keep one")
        if flag in marks and not isinstance(t.bare(argument.type), t.Enumeration | t.Bool):
            raise self.fail(f"{where} is a flag, but its type has many values; make it an enum or a bool")
        how = _ACROSS[across[0]] if across else "each"
        if flag in marks and how == "distinct":
            raise self.fail(
                f"{where} is both flag and distinct; keep one, since driftcheck changes a flag between runs"
            )
        type_ = t.Named(argument.type, instances) if how == "distinct" else argument.type
        return attrs.evolve(argument, type=type_, across=how, flag=flag in marks)

    def state(self) -> t.Type | None:
        member = vars(self.cls).get("state")
        if member is None:
            return None
        hints = self.signatures.hints(member, "'state'")
        if self.signatures.arguments(member, hints, "'state'"):
            raise self.fail("'state' takes arguments; remove them, since it must return the whole state")
        state = self.signatures.result(hints, "'state'")
        if state is None:
            raise self.fail(
                "'state' returns None; return what must be equal in all subjects, or remove 'state'"
            )
        if isinstance(state, t.Handle):
            raise self.fail(
                "'state' returns a Handle, which is never compared; return what must be equal in all subjects"
            )
        return state

    def invariant(self, name: str, function: Any) -> Invariant:
        where = f"invariant {name!r}"
        arguments = inspect.signature(function).parameters
        if len(arguments) != 2:
            raise self.fail(f"{where} takes ({', '.join(arguments)}); give it 'self' and 'state'")
        return Invariant(name, function, inspect.cleandoc(function.__doc__ or ""))

    def law(self, name: str, function: Any) -> Law:
        where = f"law {name!r}"
        hints = self.signatures.hints(function, where)
        mark: LawMark = function.__driftcheck__
        return Law(
            name=name,
            arguments=self.signatures.arguments(function, hints, where),
            body=function,
            fresh=mark.fresh,
            doc=inspect.cleandoc(function.__doc__ or ""),
        )
