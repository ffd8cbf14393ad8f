"""
The conversions of a Go adapter, copied from its source: the declarations that a test needs.

The adapter's source remains the only place where a conversion is written. Names of the generated package lose
the package, and names of the SDK become `driftcheckLibrary` and so on, which `go_file` defines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import attrs

from driftcheck.codegen import go_names
from driftcheck.codegen.go_values import BYTES_KEY
from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.export import go_build_tags
from driftcheck.export.errors import NotExportable
from driftcheck.export.go_tokens import Declaration, Token, declarations, imports, tokens
from driftcheck.subjects.discover import NativeSource

SDK = "driftcheck/sdk"
PREFIX = "driftcheck"  # of the names that stand for the SDK's


@attrs.frozen(eq=False)
class GoAdapter:
    """What a test takes over of an adapter."""

    declarations: tuple[Declaration, ...]  # names of the contract without its package
    imports: Mapping[str, str]  # the paths by the name in the source
    subject: str  # the expression that the adapter registers
    files: tuple[Path, ...]  # from which something was copied

    @property
    def used(self) -> frozenset[str]:
        """Return the names that the copied declarations and the expression use."""
        own = Declaration(tokens(self.subject), "var", ())
        return own.used.union(*(d.used for d in self.declarations))

    @property
    def names(self) -> frozenset[str]:
        """Return the names of the package that the copied declarations declare."""
        return frozenset(n for d in self.declarations if not d.receiver for n in d.names)

    @property
    def methods(self) -> frozenset[str]:
        """Return the names of the methods that were copied."""
        return frozenset(n for d in self.declarations if d.receiver for n in d.names)


def contract_names(schema: Schema) -> frozenset[str]:
    """Return the names that the generated package of a contract exports."""
    found = {"Subject", "Contract", BYTES_KEY, "Fault", "NoFault"}
    for type_ in schema.named_types:
        name = go_names.exported(type_.name)
        found.add(name)
        if isinstance(type_, t.Enumeration):
            found |= {name + go_names.exported(member.name) for member in type_.members}
    found |= {f"Fault{go_names.exported(fault.name)}" for fault in schema.faults}
    for rejection in schema.rejections:
        found |= {f"Err{go_names.exported(rejection.name)}", go_names.exported(rejection.name)}
    return frozenset(found)


def read(source: NativeSource, schema: Schema, needed: Collection[str]) -> GoAdapter:
    """Read what a test of some operations needs of an adapter.

    Args:
        needed: the names of the methods of the subject that the test calls, as Go spells them.

    Raises:
        NotExportable: the adapter has a form that cannot be copied.
    """
    return _Reader(source, schema, frozenset(needed)).adapter()


class _Reader:
    def __init__(self, source: NativeSource, schema: Schema, needed: frozenset[str]) -> None:
        self.source = source
        self.schema = schema
        self.needed = needed
        self.contract_names = contract_names(schema)
        self.methods = {go_names.exported(o.name) for o in schema.operations} | {"State"}
        self.subject = ""
        self.imports: dict[str, str] = {}

    def adapter(self) -> GoAdapter:
        by_file = {path: self._declarations(path) for path in self._files()}
        everything = [one for found in by_file.values() for one in found]
        if not self.subject:
            raise NotExportable(
                f"{self.source.dir} has no 'init' that calls driftcheck.Register with the contract"
            )
        declared = {n for one in everything if not one.receiver for n in one.names}
        if clash := declared & self.contract_names:
            name = min(clash)
            raise NotExportable(
                f"the adapter and its contract both have the name {name}; rename the adapter's"
            )
        kept = self._reachable(everything)
        used = frozenset().union(*(one.used for one in kept), Declaration(tokens(self.subject), "", ()).used)
        files = tuple(path for path, found in by_file.items() if any(one in kept for one in found))
        ordered = [one for found in by_file.values() for one in found if one in kept]
        return GoAdapter(
            tuple(ordered),
            {name: path for name, path in self.imports.items() if name in used},
            self.subject,
            files,
        )

    def _files(self) -> list[Path]:
        if not self.source.dir.is_dir():
            raise NotExportable(f"the source of its adapter is not here: {self.source.dir} does not exist")
        experiments = self.source.env.get("GOEXPERIMENT", "").split(",")
        switched_on = {f"goexperiment.{one}" for one in experiments if one and not one.startswith("no")}
        return go_build_tags.files(self.source.dir, {*self.source.features, *switched_on})

    def _declarations(self, path: Path) -> list[Declaration]:
        text = path.read_text()
        named = imports(text)
        if "C" in named.values():
            raise NotExportable(
                f"{path} imports C, and a test file of Go must not; move that code into the library"
            )
        contract = f"/{go_names.package(self.schema.name)}"
        aliases = {}
        for name, where in named.items():
            if where == SDK:
                aliases[name] = PREFIX
            elif where.endswith(contract) and self._is_generated(where):
                aliases[name] = ""
            elif self.imports.setdefault(name, where) != where:
                raise NotExportable(
                    f"{path} imports {where} as {name}, and another file of the adapter imports "
                    f"{self.imports[name]} so; give one of them another name"
                )
        found = []
        for one in declarations(text):
            if one.keyword == "import" or one.names == ("main",):
                continue
            renamed = attrs.evolve(one, tokens=self._without_packages(one.tokens, aliases))
            if one.names == ("init",) and not one.receiver:
                self._register(renamed)
                continue
            found.append(renamed)
        return found

    def _is_generated(self, path: str) -> bool:
        """Say whether an import path is that of the generated package beside the adapter."""
        module = self.source.dir / "go.mod"
        name = next(
            (line.split()[1] for line in module.read_text().splitlines() if line.startswith("module ")), ""
        )
        return path == f"{name}/{go_names.package(self.schema.name)}"

    def _without_packages(self, some: tuple[Token, ...], aliases: Mapping[str, str]) -> tuple[Token, ...]:
        """Replace `contract.Name` by `Name`, and `driftcheck.Library` by `driftcheckLibrary`."""
        out: list[Token] = []
        at = 0
        while at < len(some):
            token = some[at]
            prefix = aliases.get(token.text) if token.kind == "name" else None
            is_behind = bool(out) and out[-1].text == "."
            if prefix is None or is_behind or at + 2 >= len(some) or some[at + 1].text != ".":
                out.append(token)
                at += 1
                continue
            name = some[at + 2].text
            if prefix == "" and name not in self.contract_names:
                out.append(token)  # a variable of that name
                at += 1
                continue
            out.append(Token("name", prefix + name))
            at += 3
        return tuple(out)

    def _register(self, init: Declaration) -> None:
        """Take the expression that is registered; what else `init` does is not exported."""
        words = [token for token in init.tokens if token.kind != "comment"]
        text = "".join(token.text for token in words)
        begin = f"{PREFIX}Register(Contract"
        at = text.find(begin)
        if at < 0:
            return
        rest = text[at + len(begin) :]
        opening = rest.index("(")
        depth, end = 0, opening
        for end in range(opening, len(rest)):
            depth += {"(": 1, ")": -1}.get(rest[end], 0)
            if depth == 0:
                break
        self.subject = rest[opening + 1 : end].strip().rstrip(",")

    def _reachable(self, everything: list[Declaration]) -> list[Declaration]:
        """Return the declarations that the expression needs; of the subject only the needed methods."""
        subjects = self._subject_types(everything)
        names = set(Declaration(tokens(self.subject), "", ()).used)
        selected = set(self.needed)
        kept: list[Declaration] = []
        while True:
            more = [
                one
                for one in everything
                if one not in kept and self._is_needed(one, names, selected, subjects)
            ]
            if not more:
                return kept
            kept += more
            for one in more:
                names |= one.used
                selected |= one.selected

    def _subject_types(self, everything: Iterable[Declaration]) -> set[str]:
        """Return the types that have all methods of a subject."""
        methods: dict[str, set[str]] = {}
        for one in everything:
            if one.receiver:
                methods.setdefault(one.receiver, set()).update(one.names)
        wanted = self.methods - ({"State"} if self.schema.state is None else set())
        return {name for name, has in methods.items() if wanted <= has}

    def _is_needed(self, one: Declaration, names: set[str], selected: set[str], subjects: set[str]) -> bool:
        if not one.receiver:
            return bool({*one.names} & names) or (one.keyword == "var" and one.names == ("_",))
        if one.receiver not in names:
            return False
        (name,) = one.names
        return one.receiver not in subjects or name not in self.methods or name in selected
