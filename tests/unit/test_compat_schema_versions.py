"""Schema versions compared: what was shipped stays as it was; a new field begins with a new version."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Annotated, Any

import attrs
import pytest
from compat_samples import Data, compared, edited, field_of, without

from driftcheck import (
    Contract,
    Json,
    Payload,
    Rejection,
    SchemaVersions,
    ge,
    le,
    max_len,
    neighbours,
    operation,
    schema_of,
    schema_version,
    since,
    until,
)
from driftcheck.contract.export import export

NEW, OLD = "new readers of old documents", "old readers of new documents"

TEXT = {"kind": "text", "max_len": 8}


@attrs.frozen
class Note:
    """What is kept."""

    schema: Annotated[int, schema_version]
    text: Annotated[str, max_len(8)]
    label: Annotated[str | None, max_len(8), since(2)]
    mood: Annotated[str | None, max_len(8), until(2)]


class Notes(Contract):
    """Reads and writes notes."""

    too_far = Rejection("a schema that is not read")
    other = Rejection("another")
    schema = SchemaVersions(1, 2, reads=neighbours, otherwise=too_far)

    def open(self, schema: Annotated[int, schema_version]) -> None: ...
    def state(self) -> Annotated[int, ge(0), le(9)]: ...
    @operation(rejects=[too_far, other])
    def load(self, document: Payload[Note, Json]) -> None: ...
    @operation
    def save(self) -> Payload[Note, Json]: ...


NOTES = export(schema_of(Notes))


def third(data: Data) -> None:
    """Add a schema version that its neighbour reads."""
    data["schema"]["schema_versions"].append(3)
    data["schema"]["reads"] += [[2, 3], [3, 2], [3, 3]]
    for type_ in (data["open"][0]["type"], field_of(data, "Note", "schema")["type"]):
        type_.update(max=3, one_of=[1, 2, 3])


def added(**keys: Any) -> Callable[[Data], None]:
    """Return an edit that adds a field, after the third schema version has come."""

    def edit(data: Data) -> None:
        third(data)
        field = {"name": "due", "type": {"kind": "optional", "of": TEXT}, **keys}
        data["types"]["Note"]["fields"].append(field)

    return edit


def of(name: str, **keys: Any) -> Callable[[Data], None]:
    """Return an edit of a field."""
    return lambda data: field_of(data, "Note", name).update(keys)


def without_first(data: Data) -> None:
    """Drop the first schema version."""
    data["schema"].update(schema_versions=[2], reads=[[2, 2]])


EDITS: dict[str, tuple[Callable[[Data], None], list[tuple[str, str, str, tuple[int, ...]]]]] = {
    "a new schema version": (third, []),
    "a new field since a new schema version": (added(since=3), []),
    "an old field until a new schema version": (lambda d: (third(d), of("text", until=3)(d))[0], []),
    "a new field of all schema versions": (
        added(),
        [("C202", NEW, "load.document.Note.due", (1, 2)), ("C203", OLD, "save.result.Note.due", (1, 2))],
    ),
    "a new field of a schema version that is there": (
        added(since=2),
        [("C202", NEW, "load.document.Note.due", (2,)), ("C203", OLD, "save.result.Note.due", (2,))],
    ),
    "a field that is gone from all schema versions": (
        lambda d: without(d["types"]["Note"]["fields"], "text"),
        [("C203", NEW, "load.document.Note.text", (1, 2)), ("C202", OLD, "save.result.Note.text", (1, 2))],
    ),
    "a field that is older than it was": (
        of("label", since=None),
        [("C202", NEW, "load.document.Note.label", (1,)), ("C203", OLD, "save.result.Note.label", (1,))],
    ),
    "a field that stays longer than it did": (
        of("mood", until=None),
        [("C202", NEW, "load.document.Note.mood", (2,)), ("C203", OLD, "save.result.Note.mood", (2,))],
    ),
    "a field narrowed": (
        of("label", type=TEXT),
        [("C204", NEW, "load.document.Note.label", (2,))],
    ),
    "a schema version removed": (without_first, [("C301", NEW, "schema", (1,))]),
    "a pair that is not read any more": (
        lambda d: d["schema"]["reads"].remove([2, 1]),
        [("C302", NEW, "schema", (1,))],
    ),
    "a pair that is read now": (lambda d: d["schema"]["reads"].append([2, 9]), []),
    "another class": (
        lambda d: d["schema"].update(otherwise="other"),
        [("C303", "old callers", "schema", ())],
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_of_schema_versions_breaks_whom_it_breaks(name: str) -> None:
    """Each edit gives the breaks of its row, with the schema versions whose documents it is about."""
    edit, expected = EDITS[name]

    found = compared(NOTES, edited(edit, NOTES)).breaks

    assert [(c.rule.code, c.whom, c.path, c.schema_versions) for c in found] == expected


def test_a_moved_field_says_so() -> None:
    """Where a field comes with another schema version than it did, that is told."""
    found = compared(NOTES, edited(of("label", since=1), NOTES)).breaks[0]

    assert found.says == "a record without the field 'label' is refused; it was since 2 and is since 1"


def test_the_witness_is_a_document_of_its_schema_version() -> None:
    """The document has the fields of its schema version, and says of which it is."""
    found = compared(NOTES, edited(of("label", since=1), NOTES)).breaks

    documents = [c.witness.document for c in found if c.witness is not None]
    assert documents == [
        b'{"schema":1,"text":"","mood":null}',
        b'{"schema":1,"text":"","label":null,"mood":null}',
    ]


def test_a_document_of_a_removed_schema_version_is_shown() -> None:
    """What has no reader any more is a document that was written before."""
    (found,) = compared(NOTES, edited(without_first, NOTES)).breaks

    assert found.witness is not None
    assert found.witness.document == b'{"schema":1,"text":"","mood":null}'


def test_a_new_schema_version_that_nobody_older_reads_is_a_note() -> None:
    """It breaks nothing until somebody writes it, and then all that have not migrated."""

    def edit(data: Data) -> None:
        third(data)
        data["schema"]["reads"].remove([2, 3])

    found = compared(NOTES, edited(edit, NOTES))

    assert found.breaks == ()
    assert [c.rule.code for c in found.notes] == ["C504"]


def test_documents_without_schema_versions_are_taken_for_the_first() -> None:
    """Where schema versions are introduced, old documents must be such as the first schema version has."""
    before = copy.deepcopy(NOTES)
    before["schema"] = None
    before["types"]["Note"]["fields"] = [{"name": "text", "type": TEXT}]
    after = edited(lambda d: without(d["types"]["Note"]["fields"], "mood"), NOTES)

    found = compared(before, after).breaks

    assert [(c.rule.code, c.whom, c.path) for c in found] == [
        ("C202", NEW, "load.document.Note.schema"),
        ("C203", OLD, "save.result.Note.schema"),
    ]


def test_a_value_gets_the_fields_of_a_new_schema_version() -> None:
    """Beside documents a field that comes with a new schema version breaks nobody, and any other does."""
    result = {"kind": "named", "name": "Note"}
    before = edited(lambda d: d["operations"][0].update(result=result), NOTES)

    new, present, every = (
        compared(before, edited(added(**keys), before)) for keys in ({"since": 3}, {"since": 2}, {})
    )

    assert new.breaks == ()
    for found in (present, every):
        assert ("C203", "load.result.Note.due") in [(c.rule.code, c.path) for c in found.breaks]


def test_an_export_compared_with_itself_breaks_nothing() -> None:
    """With schema versions, too."""
    found = compared(NOTES, copy.deepcopy(NOTES))

    assert (found.breaks, found.notes, found.compatible) == ((), (), ())
