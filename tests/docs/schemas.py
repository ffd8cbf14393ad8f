"""
Documents of each schema by each writer, given to each reader: the matrix of the reconciliation contract, run.

The model stands beside the two engines as a third language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from blocks import ROOT

from driftcheck.core.outcome import Accepted, Outcome, Rejected
from driftcheck.core.payload import Payload
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.lockstep.answer import Answer
from driftcheck.search.session import Session
from driftcheck_contracts.reconcile.documents import Document as Meant
from driftcheck_contracts.reconcile.documents import DocumentBytes, Write
from driftcheck_contracts.reconcile.intake import read_document
from driftcheck_contracts.reconcile.records import Algorithm

PAGE = ROOT / "docs" / "reference" / "reconcile-schemas.md"
SCHEMAS = (1, 2, 3)
LANGUAGES = ("go", "rust", "model")
READ = "reads, keeps, gives back"

_TOP = """\
# Who reads whose documents

A replica reads documents of its own schema and of the neighbouring ones, and refuses all others with a class
(R10.2 of [the reconciliation contract](reconcile.md#10-schemas-and-migrations)).
In this table each reader gets the document of each writer, in every pair of languages.
The model counts as a language.
The document holds puts, a counter, a tombstone, labels, and fields that no schema knows yet.
`UPDATE_PRINTED=1 pytest tests/docs/test_schemas.py` rewrites this page.

- **reads, keeps, gives back**: the reader imports the document and then has the writer's state digest.
  It exports, at its own schema, a document with the same entries, also with unknown fields and labels.
  If the writer imports that document, nothing changes.
- *class*, `path`: every reader rejects the document in this way, and its state stays as it was.
"""

# By another member at schema 3, in what a writer was handed: fields of a later writer, and a label.
_HANDED = (
    Write(b"m0", 2, 0, 1, 900, 0, 7, "label", True),
    Write(b"k1", 2, 0, 2, 901, 0, None, None, True),
)


@attrs.frozen
class Cell:
    """The result of one document: every reader's answer."""

    writer: str
    wrote: int
    reader: str
    reads: int
    answer: str


def cells(session: Session) -> Iterator[Cell]:
    """Let each writer write, and each reader read."""
    for wrote in SCHEMAS:
        documents = _written(session, wrote)
        for data in set(documents.values()):
            for reads in SCHEMAS:
                answers = _read(session, data, wrote, reads)
                for writer in (name for name, other in documents.items() if other == data):
                    for reader, answer in answers.items():
                        yield Cell(writer, wrote, reader, reads, answer)


def _trace(schemas: tuple[int, int], *steps: Step) -> Trace:
    """Return a trace of the members a and b at these schemas; c is not asked."""
    return Trace(steps, (0, 1, 2, *schemas, 1, *[Algorithm.OFF] * 3))


def _writing(schema: int) -> tuple[Step, ...]:
    """Return the steps of the writer."""
    handed = DocumentBytes().encode(Meant(schema, 2, 0, _HANDED, 0))
    return (
        Step("import_", (Document(handed), 1_000)),
        Step("put_number", (b"k0", 1, None if schema == 1 else "own", 1_001)),
        Step("increase", (b"c0", 5, 1_002)),
        Step("put_number", (b"k2", 2, None, 1_003)),
        Step("delete", (b"k2", 1_004)),
    )


def _written(session: Session, schema: int) -> Mapping[str, bytes]:
    """Return the document that each subject writes at a schema."""
    trace = _trace((schema, 1), *_writing(schema), Step("export"))
    execution = session.lockstep.run(trace)
    exports = {name: _accepted(session, a, trace, -1) for name, a in execution.answers.items()}
    return {name: payload.data for name, payload in exports.items() if isinstance(payload, Payload)}


def _read(session: Session, data: bytes, wrote: int, reads: int) -> Mapping[str, str]:
    """Say what each subject, as b at one schema, makes of a's document, and a of what b exports then."""
    head = (Step("digest", (), 1), Step("import_", (Document(data), 2_000), 1), Step("digest", (), 1))
    trace = _trace((wrote, reads), *head, Step("export", (), 1))
    execution = session.lockstep.run(trace)
    return {
        name: _judged(session, name, trace, answer, data, wrote, reads)
        for name, answer in execution.answers.items()
    }


def _judged(
    session: Session, name: str, trace: Trace, answer: Answer, data: bytes, wrote: int, reads: int
) -> str:
    before, after = (_accepted(session, answer, trace, n) for n in (0, 2))
    match _outcome(session, answer, trace, 1):
        case Rejected(rejection=rejection, detail=detail):
            return f"*{rejection}*, `{detail.path}`" if before == after else "rejected, and changed"
        case Accepted():
            pass
        case other:
            return repr(other)
    exported = _accepted(session, answer, trace, 3).data
    sent, kept = read_document(data, wrote), read_document(exported, reads)
    if after.state != sent.digest:
        return "reads another state"
    if (kept.shared, kept.digest) != (sent.shared, sent.digest):
        return "loses something"
    back = _trace((wrote, reads), *_writing(wrote), Step("import_", (Document(exported), 2_000)))
    again = session.lockstep.run(back).answers[name]
    return "changes the writer" if _accepted(session, again, back, -1).changed else READ


def _outcome(session: Session, answer: Answer, trace: Trace, number: int) -> Outcome:
    operation = session.schema.operation(trace.steps[number].operation)
    outcome = answer.outcome(operation, number % len(trace.steps))
    assert not isinstance(outcome, Exception), outcome
    return outcome


def _accepted(session: Session, answer: Answer, trace: Trace, number: int) -> Any:
    outcome = _outcome(session, answer, trace, number)
    assert isinstance(outcome, Accepted), outcome
    return outcome.value


def page(found: list[Cell]) -> str:
    """Write the page: a row for each writer, a column for each reader."""
    readers = [f"{language} at {schema}" for schema in SCHEMAS for language in LANGUAGES]
    rows = []
    for wrote in SCHEMAS:
        for writer in LANGUAGES:
            by_reader = {
                f"{c.reader} at {c.reads}": c.answer for c in found if (c.writer, c.wrote) == (writer, wrote)
            }
            rows.append([f"**{writer} at {wrote}**", *(by_reader[reader] for reader in readers)])
    lines = [["written by", *readers], ["---"] * (len(readers) + 1), *rows]
    return "\n".join([_TOP, *(f"| {' | '.join(line)} |" for line in lines), ""])
