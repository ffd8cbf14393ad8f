"""
Files of asymmetries: reads them, and reports every mistake with its file and line.

The entries of a contract are in a file beside it. A project may have a file of its own, whose entries take
precedence. Knows nothing of what an entry covers.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from driftcheck.contract.schema import Schema
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.files import Absent, Unreadable, read_text
from driftcheck.core.shorten import LONGEST, shorten, shown
from driftcheck.core.suggest import advice
from driftcheck.core.toml_text import parse_toml
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import (
    AT_FEATURE,
    DIFFERS,
    DISAGREEMENT,
    FAULTY,
    RELATION,
    Asymmetries,
    Asymmetry,
    subjects_named,
)
from driftcheck.oracle.predicates import Predicate

FILE = "asymmetries.toml"
FOLDER = "asymmetries"  # under the root of a project, with one file for each contract

REQUIRED = ("shape", "deviates", "reason", "owner", "expires")
PLACES = ("operation", "law", "frame")  # an entry must have one of them
TEXTS = (*PLACES, "reason", "owner", "feature", "issue", "path", "check", "concerns", "at", "says", "where")
ALLOWED = {*REQUIRED, *TEXTS, "features", "versions", "decided"}
ORDINARY = ("accepted", "void")  # and every class of rejection
NOT_FAULTY = ("deterministic", "unchanged", "holds", "undecided")  # of the subjects that are not to blame


@attrs.define(eq=False)
class AsymmetryError(DriftcheckError):
    """A file of asymmetries has a mistake."""

    path: str
    line: int | None
    what: str

    def __str__(self) -> str:
        return f"{self.path}{'' if self.line is None else f', line {self.line}'}: {self.what}"


def project_file(contract: str, root: Path) -> Path:
    """Return the file in which a project keeps its entries for a contract."""
    return root / FOLDER / f"{contract}.toml"


def read_asymmetries(
    paths: Iterable[Path],
    schema: Schema,
    languages: Mapping[str, str],
    *,
    text_of: Callable[[Path], str] | None = None,
) -> Asymmetries:
    """Read files of asymmetries. Entries of later files replace earlier ones; a missing file has none.

    Args:
        paths: the files.
        schema: the contract, whose operations, laws and rejections the entries name.
        languages: of the subjects, by name.
        text_of: returns the content that a file will have; default: its content.

    Raises:
        AsymmetryError: names the file, the line, the entry, what was found and what to do.
    """
    entries: dict[str, Asymmetry] = {}
    for path in paths:
        text = (text_of or _text)(path)
        reader = _Reader(schema, languages)
        for name, table in _tables(path, text).items():
            try:
                entries[name] = reader.entry(name, table)
            except ValueError as error:
                key = error.args[1] if len(error.args) > 1 else ""
                line = _line(text, name, key)
                raise AsymmetryError(str(path), line, f"entry {shown(name)} {error.args[0]}") from None
    return Asymmetries(list(entries.values()), languages)


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except Absent:
        return ""
    except Unreadable as error:
        raise AsymmetryError(str(path), error.line, error.reason) from None


def _tables(path: Path, text: str) -> dict[str, Any]:
    try:
        return parse_toml(text)
    except Unreadable as error:
        twice = re.search(r"Cannot declare \('(.+)',\) twice", error.reason)
        what = (
            f"a second entry is named {shown(twice[1])}; give one of them another name"
            if twice
            else error.reason
        )
        raise AsymmetryError(str(path), error.line, what) from None


def _line(text: str, entry: str, key: str) -> int | None:
    """Return the line of a key of an entry, or the line of the entry."""
    quoted = r"[\"']?" + re.escape(entry) + r"[\"']?"
    found = None
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*\[", line):
            if found is not None:
                return found
            if re.match(rf"\s*\[\s*{quoted}\s*\]", line):
                found = number
        elif found is None and re.match(rf"\s*{quoted}\s*=", line):
            return number  # a value, where a table is expected
        elif found is not None and key and re.match(rf"\s*{re.escape(key)}\s*[=.]", line):
            return number
    return found


class _Reader:
    """Reads entries of one contract; raises ValueError with the mistake, and the key that has it."""

    def __init__(self, schema: Schema, languages: Mapping[str, str]) -> None:
        self.schema = schema
        self.checks = [c.code for c in checks.known_checks(schema.plugin_checks)]
        self.operations = [o.name for o in schema.operations]
        self.laws = [law.name for law in schema.laws]
        self.kinds = [*ORDINARY, *(r.name for r in schema.rejections), *FAULTY, *NOT_FAULTY]
        self.languages = languages
        self.subjects = sorted({*languages, *languages.values()})

    def entry(self, name: str, table: Any) -> Asymmetry:
        if not isinstance(table, dict):
            raise ValueError(f"is {shown(table)}; write a table [{shorten(name, LONGEST)}]")
        self._keys(table)
        for key in TEXTS:
            if key in table and (
                not isinstance(table[key], str) or not (table[key].strip() or key == "path")
            ):
                raise ValueError(f"has {key} = {shown(table[key])}; give text", key)
        self._known("operation", table, self.operations, "the contract has")
        self._known("law", table, self.laws, "the contract has")
        self._known("check", table, self.checks, "the checks are")
        features, is_exact = self._features(table)
        return Asymmetry(
            id=name,
            operation=table.get("operation", ""),
            shape=self._shape(table),
            deviates=self._deviates(table),
            reason=table["reason"],
            owner=table["owner"],
            expires=_date(table, "expires"),
            features=features,
            is_exact=is_exact,
            path=table.get("path"),
            law=table.get("law", ""),
            check=table.get("check", ""),
            frame=table.get("frame", ""),
            concerns=table.get("concerns", ""),
            at=table.get("at"),
            says=table.get("says", ""),
            where=self._where(table),
            versions=_versions(table),
            issue=table.get("issue"),
            decided=_date(table, "decided") if "decided" in table else None,
        )

    def _keys(self, table: Mapping[str, Any]) -> None:
        for key in table:
            if key not in ALLOWED:
                raise ValueError(
                    f"has the field {shown(key)}; {advice(key, sorted(ALLOWED), what='known fields')}", key
                )
        if not any(key in table for key in PLACES):
            raise ValueError("lacks 'operation'; add it, or 'law' or 'frame'")
        for key in REQUIRED:
            if key not in table:
                raise ValueError(f"lacks {key!r}; add it")

    def _known(self, key: str, table: Mapping[str, Any], known: list[str], who: str) -> None:
        if key in table and table[key] not in known:
            raise ValueError(f"has {key} = {shown(table[key])}; {who} {', '.join(known) or 'none'}", key)

    def _features(self, table: Mapping[str, Any]) -> tuple[tuple[str, ...], bool]:
        if "features" not in table:
            return ((table["feature"],) if "feature" in table else ()), False
        features = table["features"]
        if "feature" in table:
            raise ValueError("has both 'feature' and 'features'; give one of the two", "features")
        if not isinstance(features, list) or not all(isinstance(f, str) and f for f in features):
            raise ValueError(f"has features = {shown(features)}; give a list of words", "features")
        return tuple(features), True

    def _where(self, table: Mapping[str, Any]) -> Predicate | None:
        if "where" not in table:
            return None
        if "operation" not in table or "law" in table or "frame" in table:
            raise ValueError(
                "has 'where' without 'operation'; a function sees a step of an operation", "where"
            )
        try:
            return Predicate.named(table["where"], self.schema)
        except ValueError as error:
            raise ValueError(f"has where = {shown(table['where'])}: {error}", "where") from None

    def _deviates(self, table: Mapping[str, Any]) -> tuple[str, ...]:
        given = table["deviates"]
        names = [given] if isinstance(given, str) else given
        if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
            raise ValueError(
                f"has deviates = {shown(given)}; name a subject, a language, or a list", "deviates"
            )
        for name in names:
            if name not in self.subjects:
                raise ValueError(
                    f"has deviates = {shown(name)}; the subjects are {', '.join(self.subjects)}", "deviates"
                )
        deviating = subjects_named(names, self.languages)
        if len(deviating) == len(self.languages) > 1:
            raise ValueError(
                "says that every subject deviates; leave out those that keep the contract",
                "deviates",
            )
        return tuple(names)

    def _shape(self, table: Mapping[str, Any]) -> dict[str, str]:
        shape = table["shape"]
        if not isinstance(shape, dict) or not shape or not all(isinstance(v, str) for v in shape.values()):
            raise ValueError(
                f'has shape = {shown(shape)}; give outcomes by subject, or {{ differs = "path" }}', "shape"
            )
        if DIFFERS in shape:
            if set(shape) - {DIFFERS, DISAGREEMENT, RELATION}:
                raise ValueError("has 'differs' beside outcomes; give one of the two", "shape")
            if shape[DIFFERS] == AT_FEATURE and not {"feature", "features"} & set(table):
                raise ValueError(f"has {AT_FEATURE!r} without a feature; add 'feature'", "shape")
            return dict(shape)
        for subject, kind in shape.items():
            self._outcome(subject, kind)
        kinds = set(shape.values())
        if len(kinds) < 2 and not kinds & set(FAULTY):
            raise ValueError("has a shape in which all subjects agree; remove the entry", "shape")
        return dict(shape)

    def _outcome(self, subject: str, kind: str) -> None:
        if subject not in self.subjects:
            raise ValueError(
                f"has a shape for {shown(subject)}; the subjects are {', '.join(self.subjects)}", "shape"
            )
        if kind == "unsupported":
            raise ValueError(
                f"has the outcome 'unsupported' for {subject!r}, which is never a divergence; "
                "remove the entry",
                "shape",
            )
        if kind not in self.kinds:
            raise ValueError(
                f"has the outcome {shown(kind)}; the outcomes are {', '.join(sorted(self.kinds))}", "shape"
            )


def _date(table: Mapping[str, Any], key: str) -> datetime.date:
    value = table[key]
    if isinstance(value, datetime.datetime):
        return value.date()
    if not isinstance(value, datetime.date):
        raise ValueError(f"has {key} = {shown(value)}; give a date such as 2027-06-30, without quotes", key)
    return value


def _versions(table: Mapping[str, Any]) -> dict[str, SpecifierSet]:
    given = table.get("versions", {})
    if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
        raise ValueError(
            f'has versions = {shown(given)}; give ranges by library, such as {{ serde_json = "<1.1" }}',
            "versions",
        )
    try:
        return {library: SpecifierSet(text) for library, text in given.items()}
    except InvalidSpecifier:
        raise ValueError(
            f"has versions = {shown(given)}, and one of them is not a range; write '<1.1' or '>=1.0,<2'",
            "versions",
        ) from None
