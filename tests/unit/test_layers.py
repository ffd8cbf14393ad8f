"""The layers of the packages, and imports that only go down."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# From the bottom to the top. Each package of `driftcheck` is in one layer, and so is each module that lies
# beside the packages. A package imports from the layers below its own alone, for types alone too.
LAYERS = [
    "core",
    "values codecs",
    "contract",
    "generate subjects",
    "codegen lockstep",
    "build oracle",
    "findings",
    "search compat",
    "plugins starter",
    "campaign doctor export matrix selfcheck testing",
    "driftcheck cli",
    "_driftcheck_pytest _driftcheck_cli",
]
LAYER = {package: number for number, layer in enumerate(LAYERS) for package in layer.split()}

# These meet in a `Protocol` and an entry point, and never in an import.
STRANGERS = {
    "driftcheck": ("driftcheck_bindings", "driftcheck_contracts"),
    "driftcheck_bindings": ("driftcheck", "driftcheck_contracts"),
}

Sources = Mapping[str, str]
Graph = Mapping[str, list[str]]


def test_imports_only_go_down(capsys: pytest.CaptureFixture[str]) -> None:
    """No import goes up or sideways, none closes a cycle of modules or packages, and none is a stranger's."""
    texts = sources()
    with capsys.disabled():
        sys.stdout.write(f"\n{figures(texts)}\n")

    assert faults(texts) == []


def test_every_layer_exists() -> None:
    """Each package that the layers name has modules, and no package is named twice."""
    named = [name for layer in LAYERS for name in layer.split()]

    assert sorted(named) == sorted({package(module) for module in sources()} - {None})


@pytest.mark.parametrize(
    ("module", "line", "told"),
    [
        (
            "driftcheck.core.trace",
            "import driftcheck.search.explore",
            "driftcheck.core.trace imports driftcheck.search.explore, which is in no layer below it",
        ),
        (
            "driftcheck.oracle.judge",
            "def late():\n    from driftcheck.search.session import Session",
            "driftcheck.oracle.judge imports driftcheck.search.session, which is in no layer below it",
        ),
        (
            "driftcheck.lockstep.answer",
            "if TYPE_CHECKING:\n    from driftcheck.oracle.signature import Signature",
            "driftcheck.lockstep.answer imports driftcheck.oracle.signature, which is in no layer below it",
        ),
        (
            "driftcheck.subjects.host",
            "from driftcheck.generate import plan",
            "driftcheck.subjects.host imports driftcheck.generate.plan, which is in no layer below it",
        ),
        (
            "driftcheck.core.errors",
            "from driftcheck import Contract",
            "driftcheck.core.errors imports driftcheck, which is in no layer below it",
        ),
        (
            "driftcheck.contract.words",
            "if True:\n    from driftcheck.contract.read import read_contract",
            "a cycle: driftcheck.contract.annotations, driftcheck.contract.consistency, ",
        ),
        ("driftcheck.core.codec", "from .json import Json", "driftcheck.core.codec imports relatively"),
        ("driftcheck.attic.box", "", "driftcheck.attic.box is in no layer; give its package a place"),
        (
            "driftcheck.lockstep.answer",
            "from driftcheck_bindings.go import load",
            "driftcheck.lockstep.answer imports driftcheck_bindings.go, a stranger",
        ),
        (
            "driftcheck_bindings.go",
            "from driftcheck.core.errors import DriftcheckError",
            "driftcheck_bindings.go imports driftcheck.core.errors, a stranger",
        ),
    ],
)
def test_a_wrong_import_is_noticed(module: str, line: str, told: str) -> None:
    """Each kind of import that is forbidden is reported, wherever in a module it stands."""
    before = sources()

    found = faults({**before, module: f"{before.get(module, '')}\n{line}\n"})

    assert any(fault.startswith(told) for fault in found), found


def sources() -> dict[str, str]:
    """Return the text of each of our modules, by its name."""
    found = {}
    for root in (ROOT / "harness", ROOT / "bindings"):
        for path in root.rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text()
    return found


def figures(texts: Sources) -> str:
    """Return what a reader wants to know of the structure, in one line."""
    graph = by_package(imports_of(texts))
    modules = [*cycles(imports_of(texts, for_types=False))]
    return (
        f"{len(graph)} packages and modules beside them, {sum(map(len, graph.values()))} imports between "
        f"them, {len(LAYERS)} layers, cycles: {len([*cycles(graph)])} of packages, {len(modules)} of modules"
    )


def faults(texts: Sources) -> list[str]:
    """Say what is wrong with the imports of these modules.

    Within a package two modules may name each other's types: a payload's type has a codec, and a codec
    writes values of a type. Packages may not, and no import that runs may close a cycle.
    """
    graph = imports_of(texts)
    found = [*cycles(by_package(graph)), *cycles(imports_of(texts, for_types=False))]
    return [*misplaced(graph), *(f"a cycle: {', '.join(cycle)}" for cycle in found)]


def imports_of(texts: Sources, *, for_types: bool = True) -> dict[str, list[str]]:
    """Return the modules that each module imports, those for types alone too where `for_types`."""
    return {m: sorted(imports(m, text, texts, for_types=for_types)) for m, text in texts.items()}


def by_package(graph: Graph) -> dict[str, list[str]]:
    """Return the packages that each package imports."""
    found: dict[str, set[str]] = {}
    for module, targets in graph.items():
        here = package(module)
        if here is not None:
            found.setdefault(here, set()).update(p for t in targets if (p := package(t)) and p != here)
    return {here: sorted(there) for here, there in found.items()}


def misplaced(graph: Graph) -> Iterator[str]:
    """Yield the imports that go where they must not."""
    for module, targets in graph.items():
        root = module.partition(".")[0]
        here = package(module)
        if here is not None and here not in LAYER:
            yield f"{module} is in no layer; give its package a place"
        for target in targets:
            there = package(target)
            if target == "relative":
                yield f"{module} imports relatively; write the whole name"
            elif target.partition(".")[0] in STRANGERS.get(root, ()):
                yield f"{module} imports {target}, a stranger"
            elif here is None or there is None or there == here:
                continue
            elif LAYER.get(there, 0) >= LAYER.get(here, 0):
                yield f"{module} imports {target}, which is in no layer below it"


def package(module: str) -> str | None:
    """Return the package of a module of `driftcheck`, or a module that lies beside the packages."""
    parts = module.split(".")
    if parts[0] in ("_driftcheck_pytest", "_driftcheck_cli"):
        return parts[0]
    if parts[0] != "driftcheck":
        return None
    return parts[1] if len(parts) > 1 else "driftcheck"


def cycles(graph: Graph) -> Iterator[list[str]]:
    """Yield the sets of nodes that import each other."""
    reached = {node: reach(node, graph) for node in graph}
    done: set[str] = set()
    for node in sorted(graph):
        if node in reached[node] and node not in done:
            cycle = {other for other in reached[node] if node in reached.get(other, ())}
            done |= cycle
            yield sorted(cycle)


def reach(node: str, graph: Graph) -> set[str]:
    """Return the nodes that a node imports, and what these import."""
    found: set[str] = set()
    stack = list(graph[node])
    while stack:
        target = stack.pop()
        if target not in found:
            found.add(target)
            stack.extend(graph.get(target, ()))
    return found


def imports(module: str, text: str, texts: Sources, *, for_types: bool) -> set[str]:
    """Return the modules of `texts` that a module imports, at its top and in its functions."""
    found = {
        origin if name == "" or f"{origin}.{name}" not in texts else f"{origin}.{name}"
        for origin, name in imported(text, for_types=for_types)
    }
    return {one for one in found if one in texts or one == "relative"} - {module}


@cache  # since each wrong import is tried with all other modules as they are
def imported(text: str, *, for_types: bool) -> frozenset[tuple[str, str]]:
    """Return what the statements of a text import: a module, and a name in it or ""."""
    found: set[tuple[str, str]] = set()
    for node in nodes(ast.parse(text), for_types=for_types):
        match node:
            case ast.Import(names=names):
                found |= {(alias.name, "") for alias in names}
            case ast.ImportFrom(level=level) if level > 0:
                found.add(("relative", ""))
            case ast.ImportFrom(module=str(origin), names=names):
                found |= {(origin, alias.name) for alias in names}
    return frozenset(found)


def nodes(node: ast.AST, *, for_types: bool) -> Iterator[ast.AST]:
    """Yield the nodes of a syntax tree; without what only a type checker reads where not `for_types`."""
    for child in ast.iter_child_nodes(node):
        if not for_types and isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield other
                yield from nodes(other, for_types=False)
            continue
        yield child
        yield from nodes(child, for_types=for_types)
