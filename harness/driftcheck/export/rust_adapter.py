"""
The conversions of a Rust adapter, copied from its source: the items that a test needs.

The adapter's source remains the only place where a conversion is written. The test has the adapter at the
root of its crate, so that paths with `crate::` stay true. A file of the adapter that names neither the SDK
nor the generated module is the library under test, and the test refers to it instead of copying it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import attrs

from driftcheck.codegen.rust_names import snake
from driftcheck.contract.schema import Schema
from driftcheck.export import manifests, rust_uses
from driftcheck.export.errors import NotExportable
from driftcheck.export.rust_cfg import resolve
from driftcheck.export.rust_tokens import Item, Token, items, tokens
from driftcheck.subjects.discover import NativeSource

SDK = "driftcheck"
GENERATED = "contract_gen"
SDK_NAMES = frozenset({"Outcome", "Failure", "library", "broken", "unsupported"})
UNSURE = "#![allow(unused_imports)] // a trait may be used without its name\n"
UNSURE_METHOD = "#[allow(dead_code)] // another type may have a method of the same name\n"
INCLUDES = frozenset({"include", "include_str", "include_bytes"})


@attrs.frozen(eq=False)
class Module:
    """A module of the adapter, with the items that are copied."""

    name: str  # "" for the root
    items: tuple[Item | Module | Reference, ...]
    attributes: tuple[Token, ...] = ()  # its inner attributes


@attrs.frozen
class Reference:
    """A module that stays where it is, since it is the library under test."""

    head: str
    path: Path


@attrs.frozen(eq=False)
class RustAdapter:
    """What a test takes over of an adapter."""

    root: Module
    opener: str  # what `contract` gets: a type for a contract with `open`, otherwise a function
    used: frozenset[str]  # names in what was copied
    own: frozenset[str]  # the same without those directly behind the name of another crate
    files: tuple[Path, ...]
    referenced: tuple[Path, ...]
    manifest: dict[str, Any]  # of the adapter's crate


def read(source: NativeSource, schema: Schema, needed: Collection[str]) -> RustAdapter:
    """Read what a test of some operations needs of an adapter.

    Args:
        needed: the names of the methods of the trait that the test calls.

    Raises:
        NotExportable: the adapter has a form that cannot be copied.
    """
    return _Reader(source, schema, frozenset(needed)).adapter()


@attrs.define(eq=False)
class _Reader:
    source: NativeSource
    schema: Schema
    needed: frozenset[str]
    opener: str = ""
    foreign: set[str] = attrs.field(factory=lambda: {"std", "core", "alloc"})  # the names of crates
    files: list[Path] = attrs.field(factory=list)
    referenced: list[Path] = attrs.field(factory=list)

    def adapter(self) -> RustAdapter:
        manifest = self._manifest()
        library = manifest.get("lib", {}).get("path", "src/lib.rs")
        self.foreign |= {name.replace("-", "_") for name in manifest.get("dependencies", {})} - {SDK}
        root = self._module("", self.source.dir / library, self._features(manifest), is_root=True)
        if not self.opener:
            raise NotExportable(f"{self.source.dir} has no driftcheck::extension!(contract...)")
        names = self._reachable(root)
        kept = self._kept(root, names)
        used = frozenset().union(*(item.used for item in _all(kept)))
        own = frozenset().union(*(item.named(self.foreign) for item in _all(kept)))
        return RustAdapter(kept, self.opener, used, own, tuple(self.files), tuple(self.referenced), manifest)

    def _manifest(self) -> dict[str, Any]:
        path = self.source.dir / "Cargo.toml"
        if not path.is_file():
            raise NotExportable(f"the source of its adapter is not here: {path} does not exist")
        return manifests.read_cargo(self.source.dir)

    def _features(self, manifest: dict[str, Any]) -> set[str]:
        """Return the features of the build, with those that they bring."""
        table = manifest.get("features", {})
        found: set[str] = set()
        stack = [*self.source.features, "default"]
        while stack:
            name = stack.pop()
            if name not in found:
                found.add(name)
                stack += [one for one in table.get(name, ()) if one in table]
        return found

    def _module(self, name: str, path: Path, features: set[str], *, is_root: bool = False) -> Module:
        """Read a file, and the files of its modules."""
        if not path.is_file():
            raise NotExportable(f"{path}, a module of its adapter, is not there")
        some = resolve(tokens(path.read_text()), features)
        if clash := INCLUDES & {t.text for t in some if t.kind == "name"}:
            raise NotExportable(
                f"{path} uses {min(clash)}!, and the file that it names is not copied; "
                "move that code into the library"
            )
        self.files.append(path)
        inner, found = items(self._with_own_sdk(some))
        below = path.parent if is_root or path.name == "mod.rs" else path.parent / path.stem
        members: list[Item | Module | Reference] = []
        for item in found:
            if item.keyword == "mod" and item.body is None:
                if item.name == GENERATED:
                    continue
                members.append(self._child(item, path.parent, below, features))
            elif not item.keyword and self._registers(item):
                continue
            else:
                members.append(item)
        return Module(name, tuple(members), inner)

    def _child(self, item: Item, beside: Path, below: Path, features: set[str]) -> Module | Reference:
        words = [token.text for token in item.words]
        if "path" in words:
            path = beside / words[words.index("path") + 2].strip('"')
        else:
            path = below / f"{item.name}.rs"
            path = path if path.is_file() else below / item.name / "mod.rs"
        if path.is_file() and self._is_library(path):
            self.referenced.append(path)
            return Reference(f"mod {item.name};", path)
        return self._module(item.name, path, features)

    def _is_library(self, path: Path) -> bool:
        """Say whether a file knows nothing of driftcheck; the files of its own modules belong to it."""
        names = {token.text for token in tokens(path.read_text()) if token.kind == "name"}
        return not names & {SDK, GENERATED, "crate"}

    def _with_own_sdk(self, some: list[Token]) -> list[Token]:
        """Let paths begin with `crate::driftcheck`, where they would begin with the SDK's crate."""
        out: list[Token] = []
        for number, token in enumerate(some):
            before = next((t.text for t in reversed(out) if not t.is_blank), "")
            after = [t.text for t in some[number + 1 : number + 3]]
            if token.text == SDK and token.kind == "name" and after == [":", ":"] and before != ":":
                out.append(Token("name", "crate"))
                out += [Token("mark", ":"), Token("mark", ":")]
            out.append(token)
        return out

    def _registers(self, item: Item) -> bool:
        """Take what the macro `extension` gets; say whether the item is its call."""
        words = [token.text for token in item.words]
        if "extension" not in words or "!" not in words:
            return False
        inside = "".join(t.text for t in item.tokens)
        inside = inside[inside.index("!") + 1 :].strip().rstrip(";").strip()[1:-1].strip().rstrip(",")
        if inside.startswith("contract::<"):
            self.opener = inside[len("contract::<") : inside.rindex(">")]
        elif inside.startswith("contract("):
            self.opener = inside[len("contract(") : -1].strip().rstrip(",")
        else:
            raise NotExportable(f"its adapter registers {inside!r}, and not a call of 'contract'")
        return True

    # What is copied

    def _reachable(self, root: Module) -> set[str]:
        """Return what the opener and the needed methods use, over all modules: names, and what they call."""
        names = _names(self.opener) | {"Subject"}
        everything = [*_all(root)]
        declared = {item.name for item in everything if item.name}
        while True:
            before = len(names)
            for item in everything:
                if item.keyword == "use":
                    names |= _renamed(item, names)
                elif self._is_needed(item, names, declared):
                    needed = self._trimmed(item, names) if item.keyword == "impl" else item
                    names |= needed.used | needed.called
            if len(names) == before:
                return names

    def _is_needed(self, item: Item, names: set[str], declared: set[str]) -> bool:
        match item.keyword:
            case "use":
                return False
            case "impl":
                head = {token.text for token in item.head if token.kind == "name"}
                return {"Subject", "for"} <= head or (
                    bool(head & declared & names) and head & declared <= names
                )
            case "":
                return True
        return item.name in names or item.name == "_"

    def _trimmed(self, item: Item, names: set[str]) -> Item:
        """Return an item; of an implementation of `Subject`, or of no trait, with the needed methods."""
        words = {token.text for token in item.head if token.kind == "name"}
        body = item.body
        if item.keyword != "impl" or body is None or ("for" in words and "Subject" not in words):
            return item
        operations = {snake(one.name).removeprefix("r#") for one in self.schema.operations} | {"state"}
        _, members = items(body)
        if "for" in words:
            left = [one for one in members if one.name in operations - self.needed and one.keyword != "type"]
        else:
            left = [one for one in members if one.name and f".{one.name}" not in names]
        kept = [one for one in members if one not in left]
        text = "".join(one.text for one in kept)
        is_sure = "for" in words or all(f"self.{one.name}" in names for one in kept)
        if is_sure and not left:
            return item
        if not kept:
            return Item((), "impl")
        begin = next(number for number, token in enumerate(item.head) if not token.is_blank)
        allowed = () if is_sure else tokens(UNSURE_METHOD)
        head = (*item.head[:begin], *allowed, *item.head[begin:])
        return Item((*head, *tokens("{" + text + "\n}\n")), "impl")

    def _kept(self, module: Module, names: set[str]) -> Module:
        """Return a module with the reachable items alone."""
        declared = {item.name for item in _all(module) if item.name}
        members: list[Item | Module | Reference] = []
        for one in module.items:
            match one:
                case Module():
                    inner = self._kept(one, names)
                    if any(isinstance(i, Item) and i.keyword != "use" for i in _all(inner)):
                        members.append(inner)
                case Reference():
                    members.append(one)
                case Item(keyword="use"):
                    members.append(one)
                case Item() if self._is_needed(one, names, declared):
                    members.append(self._trimmed(one, names))
        local = _names(self.opener)
        for one in members:
            if isinstance(one, Item) and one.keyword != "use":
                local |= one.named(self.foreign)
        own = [self._use(i, local) if isinstance(i, Item) and i.keyword == "use" else i for i in members]
        uses = [i for i in own if isinstance(i, Item) and i.keyword == "use"]
        is_sure = all(rust_uses.is_needed(one, local) for one in uses)
        return attrs.evolve(
            module,
            items=tuple(i for i in own if i is not None),
            attributes=(*module.attributes, *(() if is_sure else tokens(UNSURE))),
        )

    def _use(self, item: Item, local: set[str]) -> Item | None:
        """Return a `use` with the names that the items of its module need."""
        words = {token.text for token in item.words}
        return rust_uses.needed(item, local, is_known=bool({GENERATED, SDK} & words))


def _renamed(item: Item, names: Collection[str]) -> set[str]:
    """Return the names that stand before `as` and a name that is used."""
    words = [token.text for token in item.words]
    return {words[n - 1] for n, word in enumerate(words) if word == "as" and words[n + 1] in names}


def _names(text: str) -> set[str]:
    return {token.text for token in tokens(text) if token.kind == "name"}


def _all(module: Module) -> Iterable[Item]:
    for one in module.items:
        if isinstance(one, Module):
            yield from _all(one)
        elif isinstance(one, Item):
            yield one
