"""The public surface: users import from three modules alone, and these load nothing that nobody named."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from blocks import ROOT, blocks

PUBLIC = ("driftcheck", "driftcheck.codecs", "driftcheck.plugins")
PAGES = [
    ROOT / "README.md",
    *sorted({*(ROOT / "docs").rglob("*.md")} - {ROOT / "docs" / "explanation" / "architecture.md"}),
]
TEMPLATES = sorted((ROOT / "harness" / "driftcheck" / "starter" / "template").glob("*.py.jinja"))
CONTRACTS = sorted((ROOT / "harness" / "driftcheck_contracts").rglob("*.py"))


def sources() -> Iterator[tuple[str, str]]:
    """Yield each piece of Python that users read or copy, with the place where it stands."""
    for page in PAGES:
        yield from ((str(block), block.text) for block in blocks(page, "python"))
    for template in TEMPLATES:
        yield template.name, re.sub(r"\{\{ (\w+) \}\}", r"\1", template.read_text())
    for module in CONTRACTS:
        yield str(module.relative_to(ROOT)), module.read_text()


def names_in(text: str) -> Iterator[str]:
    """Yield the full name of all that a piece of Python takes from driftcheck."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names if is_ours(alias.name))
            case ast.ImportFrom(module=str(module), names=names) if is_ours(module):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Attribute() if is_ours(whole := ast.unparse(node)):
                yield whole


def is_ours(name: str) -> bool:
    """Tell whether a dotted name begins with our package."""
    return re.fullmatch(r"driftcheck(\.\w+)*", name) is not None


def is_public(name: str) -> bool:
    """Tell whether a full name is a public module, or a name that one of them exports."""
    module, _, last = name.rpartition(".")
    return name in PUBLIC or (module in PUBLIC and last in importlib.import_module(module).__all__)


def test_users_import_from_the_public_modules_alone() -> None:
    """Docs, templates and shipped contracts take only names that a public module exports."""
    taken = [(place, name) for place, text in sources() for name in names_in(text)]
    private = [f"{place}: {name}" for place, name in taken if not is_public(name)]

    assert {"driftcheck.Contract", "driftcheck.codecs.Codec", "driftcheck.plugins.hookimpl"} <= {
        name for _, name in taken
    }
    assert private == []


def test_prose_names_public_names_alone() -> None:
    """A dotted Python name in the text of a page is exported."""
    found = [
        (page.name, name)
        for page in PAGES
        for name in re.findall(
            r"`(driftcheck(?:\.[a-z]\w*)+)", re.sub(r"(?s)```.*?```", "", page.read_text())
        )
    ]

    assert ("pytest.md", "driftcheck.test") in found
    assert [(page, name) for page, name in found if not is_public(name)] == []


@pytest.mark.parametrize(
    "text",
    [
        "from driftcheck.core.mutation import mutation",
        "from driftcheck import Codec",
        "import driftcheck.codecs.json",
        "import driftcheck\n\ndriftcheck.core.trace",
    ],
)
def test_a_private_name_is_noticed(text: str) -> None:
    """A module of ours that is not public, or a name that a public module does not export, is private."""
    assert not all(map(is_public, names_in(text)))


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_exported_is_there(name: str) -> None:
    """Each exported name can be imported; none is listed twice."""
    module = importlib.import_module(name)

    assert len(set(module.__all__)) == len(module.__all__)
    assert [one for one in module.__all__ if getattr(module, one, None) is None] == []


@pytest.mark.parametrize(
    ("module", "loaded"),
    [
        ("driftcheck", set()),
        ("driftcheck.codecs", set()),
        ("driftcheck_contracts.lru", set()),
        ("driftcheck_contracts.json", {"driftcheck.codecs.json"}),
        ("driftcheck_contracts.time", {"driftcheck.codecs.rfc3339"}),
    ],
)
def test_an_import_loads_no_codec_that_is_not_named(module: str, loaded: set[str]) -> None:
    """Neither driftcheck nor a contract loads Hypothesis, or a codec that the contract does not name."""
    formats = ("cbor", "json", "number", "rfc3339", "semver")
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    modules = set(done.stdout.split())
    assert "hypothesis" not in modules
    assert {f"driftcheck.codecs.{name}" for name in formats} & modules == loaded
