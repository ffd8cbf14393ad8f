"""The house: rooms on floors, and imports that only go down."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# From the ground to the roof. A room is a module or a package; the longest name counts, so that
# `contract.types`, on which codecs stand, lies below the rest of `contract`, which reads codecs.
# Rooms of one floor do not import each other.
FLOORS = [
    "errors units spread trace outcome sides contract.types",
    "hooks",
    "codecs",
    "contract config",
    "values literal registry plan",
    "wire plan_compiler canonical",
    "generations",
    "subjects generate",
    "codegen",
    "build",
    "lockstep",
    "tally oracle",
    "findings session alarms",
    "confirmation compat",
    "run",
    "twins matrix",
    "doctor testing starter selfcheck",
    "cli _driftcheck_pytest driftcheck",
    "_driftcheck_cli",
]
FLOOR = {room: number for number, floor in enumerate(FLOORS) for room in floor.split()}

# What meets in a `Protocol` and an entry point, and never in an import.
STRANGERS = {
    "driftcheck": ("driftcheck_bindings", "driftcheck_contracts"),
    "driftcheck_bindings": ("driftcheck", "driftcheck_contracts"),
}

Sources = Mapping[str, str]


def test_imports_only_go_down() -> None:
    """No module imports from its own floor's other rooms or from above, none in a circle, none a stranger."""
    assert faults(house()) == []


@pytest.mark.parametrize(
    ("module", "line", "told"),
    [
        ("driftcheck.trace", "import driftcheck.run", "driftcheck.trace imports driftcheck.run, which"),
        (
            "driftcheck.oracle.judge",
            "def late():\n    from driftcheck.session import Session",
            "driftcheck.oracle.judge imports driftcheck.session, which is no floor below it",
        ),
        (
            "driftcheck.session",
            "from driftcheck.findings import case",
            "driftcheck.session imports driftcheck.findings.case, which is no floor below it",
        ),
        (
            "driftcheck.errors",
            "from driftcheck import Contract",
            "driftcheck.errors imports driftcheck, which is no floor below it",
        ),
        (
            "driftcheck.contract.words",
            "if True:\n    from driftcheck.contract.read import read_contract",
            "in a circle: driftcheck.contract.annotations, driftcheck.contract.constraints, "
            "driftcheck.contract.generations, driftcheck.contract.read, driftcheck.contract.whole, "
            "driftcheck.contract.words",
        ),
        ("driftcheck.codecs.raw", "from .json import Json", "driftcheck.codecs.raw imports relatively"),
        ("driftcheck.attic", "", "driftcheck.attic is on no floor; give its room a place"),
        (
            "driftcheck.lockstep",
            "from driftcheck_bindings.go import load",
            "driftcheck.lockstep imports driftcheck_bindings.go, a stranger",
        ),
        (
            "driftcheck_bindings.go",
            "from driftcheck.errors import DriftcheckError",
            "driftcheck_bindings.go imports driftcheck.errors, a stranger",
        ),
    ],
)
def test_a_wrong_import_is_noticed(module: str, line: str, told: str) -> None:
    """Each kind of import that must not be is told, wherever in a module it stands."""
    sources = house()

    found = faults({**sources, module: f"{sources.get(module, '')}\n{line}\n"})

    assert any(fault.startswith(told) for fault in found), found


def test_an_import_for_types_alone_is_none() -> None:
    """What stands under TYPE_CHECKING is not imported when the program runs."""
    line = "if TYPE_CHECKING:\n    import driftcheck.run\n"
    sources = house()

    assert faults({**sources, "driftcheck.trace": sources["driftcheck.trace"] + line}) == []


def house() -> dict[str, str]:
    """Return the text of each of our modules, by its name."""
    found = {}
    for root in (ROOT / "harness", ROOT / "bindings"):
        for path in root.rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text()
    return found


def faults(sources: Sources) -> list[str]:
    """Say what is wrong with the imports of a house."""
    graph = {module: sorted(imports(module, text, sources)) for module, text in sources.items()}
    return [*misplaced(graph), *circles(graph)]


def misplaced(graph: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the imports that go where they must not."""
    for module, targets in graph.items():
        package = module.partition(".")[0]
        here = room(module)
        if here is None and package == "driftcheck":
            yield f"{module} is on no floor; give its room a place"
        for target in targets:
            if target == "relative":
                yield f"{module} imports relatively; write the whole name"
            elif target.partition(".")[0] in STRANGERS.get(package, ()):
                yield f"{module} imports {target}, a stranger"
            elif here is not None:
                there = room(target)
                if there is not None and there != here and FLOOR[there] >= FLOOR[here]:
                    yield f"{module} imports {target}, which is no floor below it"


def room(module: str) -> str | None:
    """Return the room of a module."""
    if module in FLOOR:
        return module
    parts = module.split(".")
    if parts[0] != "driftcheck":
        return None
    names = (".".join(parts[1:end]) for end in range(len(parts), 1, -1))
    return next((name for name in names if name in FLOOR), None)


def circles(graph: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the sets of modules that import each other."""
    reached = {module: reach(module, graph) for module in graph}
    told: set[str] = set()
    for module in sorted(graph):
        if module in reached[module] and module not in told:
            circle = {m for m in reached[module] if module in reached.get(m, ())}
            told |= circle
            yield f"in a circle: {', '.join(sorted(circle))}"


def reach(module: str, graph: Mapping[str, list[str]]) -> set[str]:
    """Return the modules that a module imports, and what these import."""
    found: set[str] = set()
    stack = list(graph[module])
    while stack:
        target = stack.pop()
        if target not in found:
            found.add(target)
            stack.extend(graph.get(target, ()))
    return found


def imports(module: str, text: str, sources: Sources) -> set[str]:
    """Return the modules of `sources` that a module imports, in its functions, too."""
    found: set[str] = set()
    for node in running(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names if alias.name in sources}
            case ast.ImportFrom(level=level) if level > 0:
                found.add("relative")
            case ast.ImportFrom(module=str(origin), names=names):
                for alias in names:
                    whole = f"{origin}.{alias.name}"
                    found |= {whole if whole in sources else origin} & {*sources}
    return found - {module}


def running(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a syntax tree's nodes, but for what only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield other
                yield from running(other)
            continue
        yield child
        yield from running(child)
