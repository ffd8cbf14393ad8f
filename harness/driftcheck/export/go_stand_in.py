"""
What stands in for the generated package and the SDK in an exported Go test: their types, errors and helpers.

Only what the test and the conversions of the adapter use is written.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from driftcheck.codegen import go_names
from driftcheck.codegen.go_values import BYTES_KEY, definitions, go_type
from driftcheck.contract.schema import Argument, Schema
from driftcheck.core import types as t
from driftcheck.export.demand import (
    CHILD_S,
    Demand,
)
from driftcheck.export.errors import NotExportable
from driftcheck.export.go_adapter import PREFIX, GoAdapter, contract_names
from driftcheck.export.go_helpers import HELPERS, SDK_NAMES, answer_of, rejections
from driftcheck.export.go_literals import GoLiterals, named
from driftcheck.export.go_one_form import GoOneForm


@attrs.define(eq=False)
class GoStandIn:
    """The declarations of one test.

    Args:
        helpers: the helpers that the test uses; gets those that these need.
        imports: the packages that the test uses; gets those of the helpers.
    """

    demand: Demand
    adapter: GoAdapter
    literals: GoLiterals
    one_form: GoOneForm
    helpers: set[str]
    imports: set[str]

    @property
    def schema(self) -> Schema:
        """Return the contract."""
        return self.demand.schema

    def parts(self) -> list[str]:
        """Return the declarations.

        Raises:
            NotExportable: the adapter uses a name of the SDK for which there is nothing.
        """
        used = self.adapter.used | self.literals.types
        used |= {name for type_ in self.one_form.types for name in self._inside(type_)}
        parts: list[list[str]] = []
        needed = self._contract_names(used & contract_names(self.schema))
        if "answerOf" in self.helpers:
            self.helpers |= {"acceptedWith", "rejectedWith", "rejection"}
        if self.helpers & {"acceptedWith", "rejectedWith"}:
            self.helpers.add("shown")
        sdk = {name.removeprefix(PREFIX) for name in self.adapter.used if name.startswith(PREFIX)}
        if unknown := sdk - {*SDK_NAMES}:
            raise NotExportable(
                f"its adapter uses driftcheck.{min(unknown)}, which an exported test does not have"
            )
        rejected = rejections(self.schema, needed, self.one_form)
        in_one_form = [*self.one_form.functions()]
        if in_one_form:
            self.helpers.add("shown")
            self.imports |= self.one_form.imports
        if rejected:
            self.helpers.add("rejection")
        for name in sorted(sdk):
            parts.append([SDK_NAMES[name].text])
            self.imports |= SDK_NAMES[name].imports
        if "answerOf" in self.helpers:
            parts.insert(0, [answer_of(self.schema, sdk)])
            self.imports.add("errors")
        for name in [*HELPERS]:
            if name in self.helpers | self.literals.helpers:
                parts.append([HELPERS[name].text.replace("SECONDS", str(CHILD_S))])
                self.imports |= HELPERS[name].imports
        self.imports |= self.literals.imports
        parts += [[one] for one in in_one_form]
        parts.append(["// The types and errors of the contract."])
        parts += [[one] for one in self._types(needed)]
        parts += [[one] for one in rejected]
        return ["\n".join(part) + "\n" for part in parts]

    def _contract_names(self, used: set[str] | frozenset[str]) -> set[str]:
        """Return the names that are used, with the types that these need."""
        by_name = {go_names.exported(type_.name): type_ for type_ in self.schema.named_types}
        members = {
            go_names.exported(type_.name) + go_names.exported(m.name): go_names.exported(type_.name)
            for type_ in self.schema.named_types
            if isinstance(type_, t.Enumeration)
            for m in type_.members
        }
        found: set[str] = set()
        stack = [*used]
        if "Subject" in used:
            stack += [n for one in self._subject_types() for n in self._inside(one)]
        while stack:
            name = stack.pop()
            if name in found:
                continue
            found.add(name)
            if name in members:
                stack.append(members[name])
            if name in by_name:
                type_ = by_name[name]
                stack += [n for inner in t.children(type_) for n in self._inside(inner)]
                stack += [
                    go_names.exported(u.name)
                    for u in by_name.values()
                    if isinstance(u, t.Union) and type_ in u.alternatives
                ]
            for rejection in self.schema.rejections:
                own = go_names.exported(rejection.name)
                if name in (own, f"Err{own}") and rejection.detail is not None:
                    stack += self._inside(rejection.detail)
            if name.startswith("Fault") or name == "NoFault":
                found.add("Fault")
        return found

    def _inside(self, type_: t.Type) -> list[str]:
        bare = t.bare(type_)
        found = [go_names.exported(one.name) for one in named(bare)]
        if self._has_bytes_keys(bare):
            found.append(BYTES_KEY)
        return found

    def _has_bytes_keys(self, type_: t.Type) -> bool:
        bare = t.bare(type_)
        if isinstance(bare, t.Payload):
            return False
        own = isinstance(bare, t.Mapping) and isinstance(t.bare(bare.key), t.Bytes)
        return own or any(map(self._has_bytes_keys, t.children(bare)))

    def _subject_types(self) -> Iterator[t.Type]:
        for operation in self.schema.operations:
            if operation.name in self.demand.operations:
                yield from (a.type for a in operation.arguments)
                if operation.result is not None:
                    yield operation.result
        if self.demand.looks_at_states and self.schema.state is not None:
            yield self.schema.state

    def _types(self, needed: set[str]) -> Iterator[str]:
        for type_ in self.schema.named_types:
            name = go_names.exported(type_.name)
            if name not in needed:
                continue
            if isinstance(type_, t.Union):
                yield f"// {name} is a union of the contract.\ntype {name} interface{{ is{name}() }}\n"
                for one in type_.alternatives:
                    yield f"func ({go_names.exported(one.name)}) is{name}() {{}}\n"
                continue
            doc = type_.doc if isinstance(type_, t.Record) else ""
            yield "\n".join(definitions(type_, doc or f"{name} is a type of the contract."))
        if BYTES_KEY in needed:
            yield f"// {BYTES_KEY} holds the bytes of a map's key.\ntype {BYTES_KEY} string"
        if "Fault" in needed:
            listed = "\n".join(f"Fault{go_names.exported(f.name)}" for f in self.schema.faults)
            yield "// Fault is what goes wrong in a step.\ntype Fault int"
            yield f"const (\nNoFault Fault = iota\n{listed}\n)"
        if "Subject" in needed:
            yield self._interface()

    def _interface(self) -> str:
        handles = ", ".join(go_names.exported(h) for h in self.schema.handles)
        parameters = f"[{handles} any]" if handles else ""
        instance = f"[{handles}]" if handles else ""

        def type_of(argument: Argument) -> str:
            return f"Subject{instance}" if isinstance(argument.type, t.Peer) else go_type(argument.type)

        lines = [
            "// Subject is what the test calls of the adapter.",
            f"type Subject{parameters} interface {{",
        ]
        if self.demand.looks_at_states and self.schema.state is not None:
            lines.append(f"State() {go_type(self.schema.state)}")
        for operation in self.schema.operations:
            if operation.name not in self.demand.operations:
                continue
            arguments = [f"{go_names.parameter(a.name)} {type_of(a)}" for a in operation.arguments]
            arguments += ["fault Fault"] if operation.faults else []
            result = "error" if operation.result is None else f"({go_type(operation.result)}, error)"
            lines.append(f"{go_names.exported(operation.name)}({', '.join(arguments)}) {result}")
        return "\n".join([*lines, "}"])
