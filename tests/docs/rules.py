"""
Where each rule of the reconciliation contract is kept, as the comments of both engines and of the model say.

A declaration cites a rule by its number: in the comment above it in Go, in `///` in Rust, in a docstring in
Python, where a method of the model without one has that of the contract. `R5.2 to R5.5` cites four rules;
`section 4` is what that section says before its rules. Comments of modules and within bodies cite nothing.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs
from blocks import ROOT

from driftcheck_contracts.reconcile.model import ReconcileModel

TEXT = ROOT / "docs" / "reference" / "reconcile.md"
PAGE = ROOT / "docs" / "reference" / "reconcile-rules.md"
GO = ROOT / "go_shim" / "reconcile"
RUST = ROOT / "rust_shim" / "reconcile" / "src"
MODEL = ROOT / "harness" / "driftcheck_contracts" / "reconcile"
NOT_THE_MODEL = {
    "__init__",
    "documents",
    "ghost",
    "recomputed",
    "records",
    "refusals",
}  # laws, words
ARGUMENTS = "section 4"

_ALL = ("Go", "Rust", "model")
_NO_LOG = {"model": "no log: no step of the contract reads one"}
KEPT_NOWHERE: Mapping[str, Mapping[str, str]] = {
    "R1.9": dict.fromkeys(_ALL, "a term: what R1.7 and R1.8 leave out"),
    "R7.9": dict.fromkeys(_ALL, "a limit of what is promised"),
    "R8.4": _NO_LOG,
    "R8.5": _NO_LOG,
    "R8.6": _NO_LOG,
    "R9.11": dict.fromkeys(_ALL, "what R9.5 to R9.8 come to"),
    "R10.5": _NO_LOG,
    "R11.1": {"model": "the contract declares the classes"},
    "R11.2": {"model": "the contract declares the detail"},
}

_TOP = """\
# Where each rule is kept

This page leads from each rule of [the reconciliation contract](reconcile.md)
to the declarations that keep it, in both engines and in the model.
The comments of these declarations cite the rules.
A test checks that each rule has its places, and that this page is current;
`UPDATE_PRINTED=1 pytest tests/docs/test_rules.py` rewrites it.

| rule | Go | Rust | model |
|---|---|---|---|"""
_BETWEEN = """
## Invariants

Rules keep each invariant; section 12 of [the contract](reconcile.md) says what checks it.

| invariant | | rules |
|---|---|---|"""

_RULE = re.compile(r"^- \*\*(R\d+\.\d+)\*\* ?(?:\*([^*]+?)\.?\*)?", re.MULTILINE)
_LAST_SECTION = re.compile(r"^## 12\. .*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_INVARIANT = re.compile(r"^\| (I\d[^|]*?) \| ([^|]+?) \| ([^|]+?) \|", re.MULTILINE)
_CITED = re.compile(rf"R(\d+)\.(\d+)(?: to R(\d+)\.(\d+))?|{ARGUMENTS}")
_GO = re.compile(r"(?:func (?:\(\w+ \*?(?P<of>\w+)[^)]*\) )?|type |const |var |\t)(?P<name>\w+)")
_RUST = re.compile(r"(?:pub(?:\([a-z]+\))? )?(?:(?:const|fn|struct|enum|trait|type|static) )*(?P<name>\w+)")
_BLOCK = re.compile(
    r"(?:impl(?:<.*?>)? (?:\w+(?:<.*?>)? for )?|(?:pub(?:\([a-z]+\))? )?enum )(?P<of>\w+).*\{$"
)


@attrs.frozen
class Place:
    """A declaration, and the rules that it keeps."""

    path: Path
    line: int
    name: str
    keeps: list[str]

    @property
    def link(self) -> str:
        """Return a link from the page to the line."""
        there = self.path.relative_to(PAGE.parents[2])
        return f"[`{self.path.name}:{self.line}`](../../{there}#L{self.line}) `{self.name}`"


def rules() -> dict[str, str]:
    """Return the rules of the text in order, each with its name, which may be empty."""
    found: dict[str, str] = {}
    for number, name in _RULE.findall(TEXT.read_text(encoding="utf-8")):
        if number == "R4.1":
            found[ARGUMENTS] = "Bounds of arguments"
        found[number] = name
    return found


def invariants() -> list[tuple[str, str, str]]:
    """Return the invariants of the text: ids, what they say, the rules that keep them."""
    (section,) = _LAST_SECTION.findall(TEXT.read_text(encoding="utf-8"))
    return _INVARIANT.findall(section)


def cited(text: str) -> list[str]:
    """Return the rules that a text cites, ranges spelt out."""
    found: list[str] = []
    for match in _CITED.finditer(text):
        section, first, last_section, last = match.groups()
        if section is None:
            found.append(match[0])
            continue
        assert last_section in (None, section), f"a range leaves its section: {match[0]}"
        found += [f"R{section}.{n}" for n in range(int(first), int(last or first) + 1)]
    return found


def places() -> dict[str, list[Place]]:
    """Return the declarations of each side that cite a rule."""
    return {
        "Go": _of(_in_go, (path for path in GO.glob("*.go") if not path.stem.endswith("_test"))),
        "Rust": _of(_in_rust, (path for path in RUST.rglob("*.rs") if path.stem != "tests")),
        "model": _of(_in_python, (path for path in MODEL.glob("*.py") if path.stem not in NOT_THE_MODEL)),
    }


def page() -> str:
    """Return the page of all rules and places."""
    found = places()
    lines = [_TOP]
    for rule, name in rules().items():
        cells = [f'<a id="{_anchor(rule)}"></a>{rule}{f" *{name}*" if name else ""}']
        for side, kept in found.items():
            here = [place.link for place in kept if rule in place.keeps]
            cells.append("<br>".join(here) or KEPT_NOWHERE.get(rule, {}).get(side, ""))
        lines.append(f"| {' | '.join(cells)} |")
    lines.append(_BETWEEN)
    for ids, says, kept_by in invariants():
        links = ", ".join(f"[{rule}](#{_anchor(rule)})" for rule in cited(kept_by))
        lines.append(f"| {ids} | {says} | {links} |")
    return "\n".join(lines) + "\n"


def _anchor(rule: str) -> str:
    return rule.lower().replace(".", "-").replace(" ", "-")


def _of(find: Callable[[Path], Iterator[tuple[int, str, str]]], paths: Iterator[Path]) -> list[Place]:
    declared = ((path, *one) for path in sorted(paths) for one in find(path))
    return [Place(path, line, name, cited(says)) for path, line, name, says in declared if cited(says)]


def _in_go(path: Path) -> Iterator[tuple[int, str, str]]:
    comment = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("//"):
            comment += line.removeprefix("//")
        elif line not in ("const (", "var ("):  # what is said of a group is said of its first name
            if comment and (found := _GO.match(line)):
                yield number, f"{found['of']}.{found['name']}" if found["of"] else found["name"], comment
            comment = ""


def _in_rust(path: Path) -> Iterator[tuple[int, str, str]]:
    comment, of, in_attribute = "", "", False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        bare = line.strip()
        if bare == "#[cfg(test)]":
            return
        if in_attribute or bare.startswith("#["):
            in_attribute = not bare.endswith("]")
        elif bare.startswith("///"):
            comment += bare.removeprefix("///")
        else:
            if comment and (found := _RUST.match(bare)):
                yield number, f"{of}::{found['name']}" if of else found["name"], comment
            comment = ""
            if found := _BLOCK.match(line):
                of = found["of"]
            elif line == "}":
                of = ""


def _in_python(path: Path) -> Iterator[tuple[int, str, str]]:
    def below(node: ast.AST, of: str) -> Iterator[tuple[int, str, str]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                says = ast.get_docstring(child)
                if of == f"{ReconcileModel.__name__}.":
                    says = says or inspect.getdoc(getattr(ReconcileModel, child.name))
                yield child.lineno, of + child.name, says or ""
                yield from below(child, f"{of}{child.name}.")

    return below(ast.parse(path.read_text(encoding="utf-8")), "")
