"""The contracts: whether each can be imported, and whether its subjects are fit to be run."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

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
from driftcheck.subjects.discover import NativeSource, SubjectSource, subjects
from driftcheck.subjects.host import Limits

SHOWN = 4  # libraries of a subject; a Rust one is soon linked with ten


def examine(names: Sequence[str], limits: Limits, plugins: Registry) -> tuple[list[Item], set[str]]:
    """Look at contracts; return also the languages that their subjects are built from.

    Args:
        names: of contracts, or "module:Class".
        plugins: what extends the contracts.
        limits: of the hosts that are started to see whether they load.
    """
    items: list[Item] = []
    languages: set[str] = set()
    for name in names:
        try:
            contract = lookup.load(name)
            schema = plugins.extended(schema_of(contract))
            items.append(Item(name, "ok", f"version {schema.version}, fingerprint {schema.fingerprint}"))
            sources = subjects(contract)
        except DriftcheckError as error:
            items.append(Item(name, "broken", str(error)))
            continue
        languages |= {s.language for s in sources if isinstance(s, NativeSource) and not s.prebuilt.exists()}
        items.append(_code(name, schema, sources))
        items += [_library(name, schema, source, limits) for source in sources]
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
    return Item(
        where, _lack(is_there), f"{shown} is not what the contract gives; run 'driftcheck gen {name}'"
    )


def _library(name: str, schema: Schema, source: SubjectSource, limits: Limits) -> Item:
    where = f"{name}: {source.name}"
    try:
        subject = build(source, schema, no_build=True)
        with Lockstep(schema, [subject], limits) as lockstep:
            told = lockstep.start()[source.name]
    except StaleLibrary as error:
        is_there = "has not been built" not in error.why
        text = f"{error.why}; a run builds it, and so does 'driftcheck build {name}'"
        return Item(where, _lack(is_there), text, is_needed=False)
    except DriftcheckError as error:
        return Item(where, "broken", str(error))
    linked = told.get("libraries")
    libraries = [f"{k} {v}" for k, v in sorted(linked.items())] if isinstance(linked, dict) else []
    more = [f"{len(libraries) - SHOWN} more"] if len(libraries) > SHOWN else []
    return Item(where, "ok", ", ".join([str(told["toolchain"]), *libraries[:SHOWN], *more]))


def _lack(is_there: bool) -> Literal["missing", "broken"]:
    return "broken" if is_there else "missing"


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
        yield Item(where, "broken", f"expired: {shown}; mend the difference, or give it a later date")
    else:
        yield Item(where, "ok", f"{len(known.entries)} known differences")
