"""Looks at contracts: whether each can be imported, and whether its subjects can be run."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path

from driftcheck import codegen
from driftcheck.build import StaleLibrary, build
from driftcheck.contract import lookup
from driftcheck.contract.declare import schema_of
from driftcheck.contract.schema import Schema
from driftcheck.core.errors import DriftcheckError
from driftcheck.doctor.item import Item
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle.asymmetry_file import FILE, read_asymmetries
from driftcheck.plugins.registry import Registry
from driftcheck.search.session import asymmetry_files
from driftcheck.subjects.discover import SubjectSource, subjects
from driftcheck.subjects.host import Limits

SHOWN = 4  # libraries of a subject; a Rust subject easily has ten


def examine(names: Sequence[str], limits: Limits, plugins: Registry) -> tuple[list[Item], set[str]]:
    """Look at contracts; return also the languages in which a library must be built before a run.

    Args:
        names: of contracts, or "module:Class".
        limits: of the hosts that load the libraries.
        plugins: extend the contracts.
    """
    items: list[Item] = []
    languages: set[str] = set()
    for name in names:
        try:
            contract = lookup.load_named(name)
            schema = plugins.extended(schema_of(contract))
            items.append(Item(name, "ok", f"version {schema.version}, fingerprint {schema.fingerprint}"))
            sources = subjects(contract)
        except DriftcheckError as error:
            items.append(Item(name, "broken", str(error)))
            continue
        items.append(_code(name, schema, sources))
        for source in sources:
            items.append(_library(name, schema, source, limits))
            if items[-1].state == "stale":
                languages.add(source.language)
        items += _asymmetries(name, contract, schema, sources)
    return items, languages


def _code(name: str, schema: Schema, sources: Sequence[SubjectSource]) -> Item:
    where = f"{name}: generated code"
    try:
        texts = codegen.generate_all(schema, sources)
        stale = codegen.check(texts)
    except DriftcheckError as error:
        return Item(where, "broken", str(error))
    if not stale:
        return Item(where, "ok", "up to date" if texts else "no sources here, so none is needed")
    shown = ", ".join(map(str, stale))
    is_there = any(path.exists() for path in stale)
    what = f"{shown} does not match the contract; run 'driftcheck gen {name}'"
    return Item(where, "broken" if is_there else "missing", what)


def _library(name: str, schema: Schema, source: SubjectSource, limits: Limits) -> Item:
    where = f"{name}: {source.name}"
    try:
        subject = build(source, schema, no_build=True)
        with Lockstep(schema, [subject], limits) as lockstep:
            description = lockstep.start()[source.name]
    except StaleLibrary as error:
        return Item(where, "stale", f"{error.why}; the next run builds it, or 'driftcheck build {name}'")
    except DriftcheckError as error:
        return Item(where, "broken", str(error))
    linked = description.get("libraries")
    libraries = [f"{k} {v}" for k, v in sorted(linked.items())] if isinstance(linked, dict) else []
    more = [f"{len(libraries) - SHOWN} more"] if len(libraries) > SHOWN else []
    return Item(where, "ok", ", ".join([str(description["toolchain"]), *libraries[:SHOWN], *more]))


def _asymmetries(
    name: str, contract: type, schema: Schema, sources: Sequence[SubjectSource]
) -> Iterator[Item]:
    paths = asymmetry_files(contract, Path.cwd())
    if not any(path.exists() for path in paths):
        return
    where = f"{name}: {FILE}"
    try:
        known = read_asymmetries(paths, schema, {s.name: s.language for s in sources})
    except DriftcheckError as error:
        yield Item(where, "broken", str(error))
        return
    expired = known.expired(datetime.datetime.now(datetime.UTC).date())
    if expired:
        shown = ", ".join(f"{e.id} ({e.expires}, {e.owner})" for e in expired)
        yield Item(where, "broken", f"expired: {shown}; renew the entry or remove it")
    else:
        yield Item(where, "ok", f"{len(known.entries)} asymmetries")
