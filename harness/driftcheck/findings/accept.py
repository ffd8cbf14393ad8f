"""
Accepting a finding: proposes the entry of `asymmetries.toml` that covers its signature and nothing more.

Reads the entry back and checks that it covers the signature, and says what else the entry covers. A proposal
is written when its caller says so. Knows case files and entries; a person decides what to accept, and why.
"""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.toml_document import TOMLDocument

from driftcheck.contract.schema import Schema
from driftcheck.core.disagreement import groups_from_text
from driftcheck.core.errors import CaseError, DriftcheckError
from driftcheck.core.files import Absent, Unreadable, read_text
from driftcheck.core.output_file import replace_file
from driftcheck.findings.case import Case, load
from driftcheck.findings.last_run import last_run
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import (
    COMPARED_BY_PATH,
    DIFFERS,
    DISAGREEMENT,
    FAULTY,
    RELATION,
    Asymmetries,
    Asymmetry,
    ignores_outcomes,
    place_of,
)
from driftcheck.oracle.asymmetry_file import FILE, AsymmetryError, project_file, read_asymmetries
from driftcheck.oracle.signature import Divergence, Signature


@attrs.define(eq=False)
class NotAcceptable(DriftcheckError):
    """A finding cannot be accepted as an asymmetry in this way."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"case file {self.path}: {self.what}"


@attrs.frozen
class Decision:
    """What a person says about a finding that is accepted."""

    reason: str
    owner: str
    expires: datetime.date
    decided: datetime.date
    deviates: tuple[str, ...] = ()  # where the finding itself blames no subject
    issue: str | None = None
    id: str | None = None  # default: made from the signature
    whole_operation: bool = False  # the entry may cover all that the operation shows in this shape
    where: str | None = None  # the name of the author's function that says what the entry covers


@attrs.frozen
class Covered:
    """How many divergences of the last run look as if an entry covered them."""

    count: int
    of: int
    seed: int  # of the last run


@attrs.frozen
class Proposal:
    """An entry that covers a finding, and what else it covers."""

    file: Path
    id: str
    text: str  # of the entry
    whole: str  # text of the file with the entry
    also_covers: tuple[Path, ...]  # other cases that are kept; with a function, those that it may cover
    covered: Covered | None  # None where no last run is known
    asks_author: bool  # a function decides, so that nobody can say before a run what it covers

    def write(self) -> None:
        """Replace the file by its text with the entry."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self.file, self.whole.encode())


def propose(
    case: Case,
    decision: Decision,
    root: Path,
    languages: Mapping[str, str],
    *,
    shown: Divergence | None = None,
) -> Proposal:
    """Return the entry that covers a case's signature; write nothing.

    Args:
        root: of the project. The entry of an installed contract goes into a file of the project.
        languages: of the contract's subjects, by name.
        shown: what a replay of the case has shown; needed with a function of the author, which sees outcomes.

    Raises:
        NotAcceptable: an entry covers it already, no subject is said to deviate, or the signature has no
            operation, law or frame.
        AsymmetryError: the existing file, or the decision, has a mistake.
        ContractError: the author's function misbehaves.
    """
    divergence = as_divergence(case.signature, case.schema) if shown is None else shown
    file = place(case.schema, root)
    files = list(dict.fromkeys((_beside(case.schema), project_file(case.schema.name, root))))
    known = read_asymmetries(files, case.schema, languages)
    covered = known.match(divergence)
    if covered is not None:
        raise NotAcceptable(
            str(case.path), f"the entry {covered.id!r} covers it already; there is nothing to accept"
        )
    name = _free_id(decision.id or case.signature.slug, decision.id is not None, known, case)
    document = _document(file)
    table = _table(case, divergence, decision, languages)
    if document.as_string().strip():
        document.add(tomlkit.nl())
    document.add(name, table)
    text = document.as_string()
    entry = _checked(case, divergence, file, text, name, decision, languages)
    if entry.covers_whole_operation and not decision.whole_operation:
        raise NotAcceptable(
            str(case.path),
            f"no cause, error text or relation of values tells it from other divergences of "
            f"{case.signature.operation!r}, so the entry would cover all of them with this shape; "
            "fix the subject, name a function of the contract with --where, or give --whole-operation",
        )
    return Proposal(
        file,
        name,
        f"[{name}]\n{tomlkit.dumps(table)}".rstrip(),
        text,
        _also_covered(case, entry, languages),
        _covered_inputs(case, entry, languages, root),
        asks_author=entry.where is not None,
    )


def _covered_inputs(case: Case, entry: Asymmetry, languages: Mapping[str, str], root: Path) -> Covered | None:
    """Count the divergences of the last run that look as if the entry covered them.

    The run did not look for the cause of each. So one that has the features of the entry counts, though it
    may need others; and one that looks different may be covered once it is shrunk. What the subjects say, and
    what a function of the author decides, is taken for granted.
    """
    run = last_run(case.schema.name, root)
    if run is None:
        return None
    alone = Asymmetries((attrs.evolve(entry, where=None),), languages)
    count = 0
    for kind, times in run.times.items():
        signature = attrs.evolve(kind.signature, cause=entry.features, reason=entry.says)
        if signature.check == checks.POST_STATE.code:  # one look at a trace does not show how states differ
            own = case.signature
            signature = attrs.evolve(signature, path=own.path, relation=own.relation)
        divergence = as_divergence(signature, case.schema)
        if kind.features >= set(entry.features) and alone.match(divergence) is not None:
            count += times
    return Covered(count, run.total, run.seed)


def _also_covered(case: Case, entry: Asymmetry, languages: Mapping[str, str]) -> tuple[Path, ...]:
    """List the other cases of the contract, beside this one, that the entry covers."""
    alone = Asymmetries((attrs.evolve(entry, where=None),), languages)
    found = []
    for path in sorted(case.path.parent.glob("*.json")):
        if path.resolve() == case.path.resolve():
            continue
        try:
            other = load(path, lambda name: case.schema)
        except CaseError:
            continue  # of another contract, or edited by hand
        if alone.match(as_divergence(other.signature, case.schema)) is not None:
            found.append(path)
    return tuple(found)


def place(schema: Schema, root: Path) -> Path:
    """Return the file for entries of a contract: beside its source if this lies in the project."""
    beside = _beside(schema)
    is_installed = "site-packages" in beside.parts or not beside.is_relative_to(root.resolve())
    return project_file(schema.name, root) if is_installed else beside


def _beside(schema: Schema) -> Path:
    return Path(inspect.getfile(schema.cls)).resolve().parent / FILE


def as_divergence(signature: Signature, schema: Schema) -> Divergence:
    """Return a divergence that has the signature."""
    check = checks.check(signature.check, schema.plugin_checks)
    groups = groups_from_text(signature.disagreement)
    if not groups and check in COMPARED_BY_PATH:
        groups = tuple((name,) for name, _ in signature.shape)  # two subjects, which differ
    faulty = [name for name, kind in signature.shape if kind in FAULTY]
    return Divergence(
        check,
        None,
        signature.operation,
        signature.shape,
        path=signature.path,
        relation=signature.relation,
        reason=signature.reason,
        cause=signature.cause,
        frame=signature.frame,
        subject=signature.subject,
        blamed=tuple(faulty),
        groups=groups,
    )


def _free_id(wanted: str, is_given: bool, known: Asymmetries, case: Case) -> str:
    taken = {entry.id for entry in known.entries}
    if is_given and wanted in taken:
        raise NotAcceptable(str(case.path), f"an entry is named {wanted!r} already; give another --id")
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _document(file: Path) -> TOMLDocument:
    try:
        return tomlkit.parse(read_text(file))
    except Absent:
        return tomlkit.document()
    except (Unreadable, TOMLKitError) as error:
        raise AsymmetryError(str(file), None, f"cannot be changed: {error}") from None


def _table(
    case: Case, divergence: Divergence, decision: Decision, languages: Mapping[str, str]
) -> dict[str, Any]:
    signature = case.signature
    table = tomlkit.table()
    if divergence.check == checks.LAW:
        table["law"] = signature.subject
    elif signature.frame:
        table["frame"] = signature.frame
    elif signature.operation:
        table["operation"] = signature.operation
    else:
        raise NotAcceptable(
            str(case.path),
            "no entry can cover its signature, which has no operation, law or frame; fix the subject",
        )
    table["check"] = signature.check
    if signature.cause and not signature.frame:
        table["features"] = list(signature.cause)
    if signature.subject and divergence.check != checks.LAW:
        table["concerns"] = signature.subject
    is_wide = decision.whole_operation or decision.where is not None
    if signature.reason and not is_wide:
        table["says"] = signature.reason
    if decision.where is not None:
        table["where"] = decision.where
    table["shape"] = _shape(divergence, is_wide=is_wide)
    if DIFFERS not in table["shape"] and signature.path:
        table["at"] = place_of(divergence)
    deviates = _deviating(case, divergence, decision, languages)
    table["deviates"] = deviates[0] if len(deviates) == 1 else list(deviates)
    table["reason"] = decision.reason
    if decision.issue:
        table["issue"] = decision.issue
    table["owner"] = decision.owner
    table["decided"] = decision.decided
    table["expires"] = decision.expires
    return table


def _shape(divergence: Divergence, *, is_wide: bool) -> dict[str, str]:
    shape = tomlkit.inline_table()
    if divergence.check not in COMPARED_BY_PATH and not ignores_outcomes(divergence.check):
        shape.update(dict(divergence.shape))
        return shape
    shape[DIFFERS] = place_of(divergence)
    if divergence.signature.disagreement:
        shape[DISAGREEMENT] = divergence.signature.disagreement
    if divergence.relation and not divergence.cause and not is_wide:
        shape[RELATION] = divergence.relation
    return shape


def _deviating(
    case: Case, divergence: Divergence, decision: Decision, languages: Mapping[str, str]
) -> Sequence[str]:
    """Return the subjects that deviate: as decided, or those that the finding blames."""
    if decision.deviates:
        return decision.deviates
    alone = [group[0] for group in divergence.disagreement if len(group) == 1]
    deviating: Sequence[str] = divergence.blamed
    if divergence.check == checks.ROUND_TRIP:
        deviating = (divergence.subject.split(">")[0],)
    elif (
        not deviating and len(divergence.shape) > 2 and len(divergence.disagreement) == 2 and len(alone) == 1
    ):
        deviating = alone
    if not deviating:
        raise NotAcceptable(
            str(case.path),
            f"it does not say which subject deviates; add --deviates with one of {', '.join(languages)}",
        )
    return deviating


def _checked(
    case: Case,
    divergence: Divergence,
    file: Path,
    text: str,
    name: str,
    decision: Decision,
    languages: Mapping[str, str],
) -> Asymmetry:
    """Return the new entry as it is read; the text of its file must cover the finding."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotAcceptable(
            str(case.path),
            "the entry would contain a lone surrogate, which TOML does not allow; correct the signature",
        ) from None
    entries = read_asymmetries([file], case.schema, languages, text_of=lambda path: text)
    entry = next(entry for entry in entries.entries if entry.id == name)
    if (
        entry.where is not None
        and divergence.observed is not None
        and not entry.where.holds(divergence.observed)
    ):
        raise NotAcceptable(
            str(case.path),
            f"the function {decision.where!r} returns False for its diverging step; correct the function",
        )
    if entries.match(divergence) is None:
        raise NotAcceptable(
            str(case.path),
            "an entry with this --deviates does not cover the case; name a subject that differs from the "
            "others",
        )
    return entry
