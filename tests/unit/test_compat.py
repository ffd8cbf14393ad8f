"""Comparisons of exports: each edit of a contract is reported once, with whom it breaks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from compat_samples import (
    AT_HAND,
    STORE,
    Colour,
    Data,
    Edit,
    Item,
    Left,
    argument_of,
    compared,
    edited,
    field_of,
    operation_of,
    read,
    without,
)

from driftcheck import schema_of
from driftcheck.codecs.json import Json
from driftcheck.compat import text
from driftcheck.compat.exported import read_export
from driftcheck.compat.rebuild import AtHand
from driftcheck.compat.rules import RULES
from driftcheck.contract import lookup
from driftcheck.contract.export import export

CALLERS, ADAPTERS = "old callers", "old adapters"
NEW, OLD = "new readers of old documents", "old readers of new documents"
CASES = "cases"
SUBJECTS = ("bag", "deadly", "everything", "faulty", "gossip", "tiny", "unruly")


def changed(where: Any, **keys: Any) -> Edit:
    """Return an edit that sets keys of the part that `where` finds."""
    return lambda data: where(data).update(keys)


def field(name: str, /, **keys: Any) -> Edit:
    """Return an edit of the type of a field of Item."""
    return changed(lambda data: field_of(data, "Item", name)["type"], **keys)


def argument(of: str, name: str, /, **keys: Any) -> Edit:
    """Return an edit of the type of an argument."""
    return changed(lambda data: argument_of(data, of, name)["type"], **keys)


def operation(name: str, /, **keys: Any) -> Edit:
    """Return an edit of an operation."""
    return changed(lambda data: operation_of(data, name), **keys)


def rejection(name: str, /, **keys: Any) -> Edit:
    """Return an edit of a rejection."""
    return changed(lambda data: next(r for r in data["rejections"] if r["name"] == name), **keys)


TEXT = {"kind": "text", "max_len": 8}
EXTRA = {"name": "extra", "type": TEXT}

# What is edited, and the (code, whom, path) of what breaks, without cases.
EDITS: dict[str, tuple[Edit, list[tuple[str, str, str]]]] = {
    "operation removed": (
        lambda d: without(d["operations"], "step"),
        [("C101", CALLERS, "step"), ("C402", "asymmetries", "step")],
    ),
    "argument added": (
        lambda d: operation_of(d, "step")["arguments"].append(EXTRA),
        [("C102", CALLERS, "step.extra")],
    ),
    "argument of open added": (lambda d: d["open"].append(EXTRA), [("C102", CALLERS, "open.extra")]),
    "argument removed": (
        lambda d: without(operation_of(d, "put")["arguments"], "share"),
        [("C103", CALLERS, "put.share")],
    ),
    "argument renamed": (changed(lambda d: argument_of(d, "put", "share"), name="part"), []),
    "arguments reordered": (
        lambda d: operation_of(d, "put")["arguments"].reverse(),
        [("C104", CALLERS, "put")],
    ),
    "result removed": (operation("read", result=None), [("C105", CALLERS, "read.result")]),
    "result added": (operation("put", result={"kind": "bool"}), [("C105", CALLERS, "put.result")]),
    "state removed": (lambda d: d.update(state=None), [("C105", CALLERS, "state")]),
    "rejection added": (operation("step", rejects=["malformed", "absent"]), [("C106", CALLERS, "step")]),
    "rejection removed": (operation("put", rejects=["malformed"]), [("C107", ADAPTERS, "put")]),
    "not retryable": (rejection("absent", retryable=False), [("C108", CALLERS, "absent")]),
    "not catch-all": (rejection("malformed", catch_all=False), [("C108", CALLERS, "malformed")]),
    "detail removed": (rejection("full", detail=None), [("C108", CALLERS, "full.detail")]),
    "detail added": (rejection("absent", detail=TEXT), [("C108", CALLERS, "absent.detail")]),
    "detail widened": (
        lambda d: field_of(d, "Why", "place")["type"].update(max_len=10),
        [("C206", CALLERS, "full.detail.Why.place")],
    ),
    "fault added": (operation("step", faults=["lost"]), [("C109", ADAPTERS, "step")]),
    "fault removed": (operation("read", faults=[]), [("C109", CALLERS, "read")]),
    "no query": (operation("write", query=False), [("C110", CALLERS, "write")]),
    "not idempotent": (operation("read", idempotent=False), [("C110", CALLERS, "read")]),
    "a query, which can be repeated": (operation("read", query=True, idempotent=False), []),
    "changes peer": (operation("walk", changes_peer=True), [("C110", CALLERS, "walk")]),
    "no flag": (lambda d: argument_of(d, "open", "mode").pop("flag"), [("C110", CALLERS, "open.mode")]),
    "argument retyped": (argument("step", "cursor", name="Other"), [("C201", CALLERS, "step.cursor")]),
    "argument narrowed": (argument("put", "share", max=0.5), [("C205", CALLERS, "put.share")]),
    "argument widened": (argument("put", "share", max=2.0), []),
    "bytes narrowed": (argument("put", "value", min_len=1), [("C206", CALLERS, "put.value")]),
    "pattern narrowed": (argument("put", "key", pattern="[ab]+"), [("C207", CALLERS, "put.key")]),
    "pattern widened": (argument("put", "key", pattern="[a-d]+"), []),
    "choice narrowed": (argument("put", "level", one_of=[1]), [("C210", CALLERS, "put.level")]),
    "choice widened": (argument("put", "level", one_of=[1, 2, 3, 4]), []),
    "result widened": (
        lambda d: operation_of(d, "read")["result"].update(max=10),
        [("C205", CALLERS, "read.result")],
    ),
    "result narrowed": (lambda d: operation_of(d, "read")["result"].update(max=8), []),
    "field retyped": (
        changed(lambda d: field_of(d, "Item", "id"), type=TEXT),
        [
            ("C201", NEW, "read.document.Item.id"),
            ("C201", OLD, "write.result.Item.id"),
            ("C201", CALLERS, "state[].id"),
        ],
    ),
    "number that may be a fraction": (
        changed(lambda d: field_of(d, "Item", "id"), type={"kind": "float"}),
        [("C201", OLD, "write.result.Item.id"), ("C201", CALLERS, "state[].id")],
    ),
    "field added": (
        lambda d: d["types"]["Item"]["fields"].append(EXTRA),
        [
            ("C202", NEW, "read.document.Item.extra"),
            ("C203", OLD, "write.result.Item.extra"),
            ("C203", CALLERS, "state[].extra"),
        ],
    ),
    "field removed": (
        lambda d: without(d["types"]["Item"]["fields"], "note"),
        [
            ("C203", NEW, "read.document.Item.note"),
            ("C202", OLD, "write.result.Item.note"),
            ("C202", CALLERS, "state[].note"),
        ],
    ),
    "field made required": (
        changed(lambda d: field_of(d, "Item", "note"), type=TEXT),
        [("C204", NEW, "read.document.Item.note")],
    ),
    "field made optional": (
        changed(lambda d: field_of(d, "Item", "name"), type={"kind": "optional", "of": TEXT}),
        [
            ("C204", OLD, "write.result.Item.name"),
            ("C206", OLD, "write.result.Item.name"),
            ("C204", CALLERS, "state[].name"),
            ("C206", CALLERS, "state[].name"),
        ],
    ),
    "number narrowed": (field("id", min=0), [("C205", NEW, "read.document.Item.id")]),
    "number widened": (
        field("id", max=101),
        [("C205", OLD, "write.result.Item.id"), ("C205", CALLERS, "state[].id")],
    ),
    "text narrowed": (field("name", max_len=7), [("C206", NEW, "read.document.Item.name")]),
    "text with a pattern": (field("name", pattern="[0-9]+"), [("C207", NEW, "read.document.Item.name")]),
    "items narrowed": (field("tags", max_len=2), [("C206", NEW, "read.document.Item.tags")]),
    "items widened": (
        field("tags", max_len=None),
        [("C206", OLD, "write.result.Item.tags"), ("C206", CALLERS, "state[].tags")],
    ),
    "item narrowed": (
        lambda d: field_of(d, "Item", "tags")["type"]["of"].update(max_len=3),
        [("C206", NEW, "read.document.Item.tags[]")],
    ),
    "key retyped": (
        field("sizes", key={"kind": "int", "min": 0, "max": 9}),
        [
            ("C201", NEW, "read.document.Item.sizes[key]"),
            ("C201", OLD, "write.result.Item.sizes[key]"),
            ("C201", CALLERS, "state[].sizes[key]"),
        ],
    ),
    "member removed": (
        lambda d: d["types"]["Colour"]["members"].remove("RED"),
        [("C208", NEW, "read.document.Item.colour")],
    ),
    "member added": (
        lambda d: d["types"]["Colour"]["members"].append("PINK"),
        [("C208", OLD, "write.result.Item.colour"), ("C208", CALLERS, "state[].colour")],
    ),
    "members reordered": (lambda d: d["types"]["Colour"]["members"].reverse(), []),
    "alternative removed": (
        lambda d: d["types"]["LeftOrRight"]["alternatives"].remove("Left"),
        [("C209", NEW, "read.document.Item.side")],
    ),
    "codec of what is read": (argument("read", "document", codec="cbor"), [("C211", NEW, "read.document")]),
    "codec of what is written": (
        lambda d: operation_of(d, "write")["result"].update(codec="cbor"),
        [("C211", OLD, "write.result")],
    ),
    "law removed": (lambda d: d["laws"].clear(), []),
    "documented again": (lambda d: d.update(doc="Another.", version=2), []),
    "operation added": (
        lambda d: d["operations"].append({**operation_of(d, "step"), "name": "leap"}),
        [],
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_breaks_whom_it_breaks(name: str) -> None:
    """Each edit gives exactly the breaks of its row; an edit that only widens an argument gives none."""
    edit, expected = EDITS[name]

    found = compared(STORE, edited(edit))

    told = [(c.rule.code, c.whom, c.path) for c in found.breaks if c.whom != CASES]
    assert sorted(told) == sorted(expected)
    assert found.breaks or found.notes or found.compatible  # whatever differs is reported


KEPT: dict[str, tuple[Edit, list[str]]] = {
    "operation removed": (EDITS["operation removed"][0], ["step"]),
    "argument renamed": (EDITS["argument renamed"][0], ["put"]),
    "argument added": (EDITS["argument added"][0], ["step"]),
    "argument narrowed": (EDITS["argument narrowed"][0], ["put.share"]),
    "argument widened": (EDITS["argument widened"][0], []),
    "fault removed": (EDITS["fault removed"][0], ["read"]),
    "other names": (argument("put", "key", names=4), ["names 'text 1..4 [a-c]+ x3'"]),
    "fewer instances": (lambda d: d.update(instances=2), ["instances"]),
    "shared": (changed(lambda d: argument_of(d, "open", "room"), across="shared"), ["open.room"]),
    "document narrowed": (EDITS["field made required"][0], []),
    "result narrowed": (EDITS["result narrowed"][0], []),
}


@pytest.mark.parametrize("name", KEPT)
def test_cases_that_do_not_fit_are_reported(name: str) -> None:
    """A change of what case files name breaks them; the bytes of a document always fit."""
    edit, expected = KEPT[name]

    found = compared(STORE, edited(edit)).breaks

    assert [c.path for c in found if c.whom == CASES] == expected


NOTES: dict[str, tuple[Edit, list[tuple[str, str]]]] = {
    "fingerprint": (lambda d: d.update(fingerprint="0" * 16), [("C501", "fingerprint")]),
    "members reordered": (EDITS["members reordered"][0], [("C502", "Colour")]),
    "fields reordered": (lambda d: d["types"]["Why"]["fields"].append(EXTRA), []),
    "law removed": (EDITS["law removed"][0], [("C503", "holds")]),
    "law changed": (lambda d: d["laws"][0].update(code="f" * 16), [("C503", "holds")]),
    "invariant changed": (lambda d: d["invariants"][0].update(code="f" * 16), [("C503", "small")]),
    "a query now": (operation("step", query=True), [("C503", "step")]),
    "a flag now": (changed(lambda d: argument_of(d, "open", "room"), flag=True), [("C503", "open.room")]),
    "a number that may be a fraction": (
        changed(lambda d: field_of(d, "Item", "id"), type={"kind": "float"}),
        [("C505", "read.document.Item.id")],
    ),
    "pattern that is another text": (argument("put", "key", pattern="[abc]+"), [("C505", "put.key")]),
}


@pytest.mark.parametrize("name", NOTES)
def test_notes_break_nothing_by_themselves(name: str) -> None:
    """Notes are reported separately from what breaks."""
    edit, expected = NOTES[name]

    found = compared(STORE, edited(edit)).notes

    assert [(c.rule.code, c.path) for c in found] == expected


def test_a_removed_operation_may_have_been_renamed() -> None:
    """The report names a new operation with the arguments and the result of the removed one."""
    (found, *_) = compared(STORE, edited(operation("step", name="go_on"))).breaks

    assert found.says == "it was removed; was it renamed to go_on?"


def test_one_field_is_reported_once() -> None:
    """A field of a record that is used at several places is one break, with all places."""
    after = edited(lambda d: field_of(d, "Left", "n")["type"].update(max=10))
    after = edited(lambda d: operation_of(d, "step").update(result={"kind": "named", "name": "Left"}), after)
    before = edited(lambda d: operation_of(d, "step").update(result={"kind": "named", "name": "Left"}))

    found = [c for c in compared(before, after).breaks if c.whom == CALLERS]

    assert [(c.path, c.also_at) for c in found] == [("state[].side.Left.n", ("step.result.Left.n",))]


def test_a_witness_is_a_document_in_its_codec() -> None:
    """The document is the smallest, the old reader accepts it, and the new one says why it refuses it."""
    found = compared(STORE, edited(EDITS["field made required"][0])).breaks

    (witness,) = [c.witness for c in found]
    assert witness is not None
    assert witness.document is not None
    assert json.loads(witness.document) == {
        "id": 0,
        "name": "0",
        "note": None,
        "colour": "RED",
        "tags": [],
        "sizes": {},
        "side": {"Left": {"n": 0}},
    }
    assert witness.refused == "note is null, but text is expected"


def test_a_witness_without_its_codec_is_a_value() -> None:
    """If the codec is not available, the witness is the value in the notation of case files."""
    old = edited(argument("read", "document", codec="own"))
    new = edited(EDITS["field made required"][0], old)

    (found,) = [c.witness for c in compared(old, new).breaks]

    assert found is not None
    assert found.document is None
    assert found.value["note"] is None


def test_a_fraction_is_shown_where_an_integer_is_wanted() -> None:
    """JSON writes 0.0 as 0, so a document with 0.0 would show nothing."""
    after = edited(changed(lambda d: field_of(d, "Item", "id"), type={"kind": "float"}))

    (found,) = [c.witness for c in compared(STORE, after).breaks if c.whom == OLD]

    assert found is not None
    assert found.document is not None
    assert found.document.startswith(b'{"id":0.5,')


def test_an_author_s_class_is_taken_where_it_fits() -> None:
    """An author's codec receives the author's classes if they have the same fields or members."""
    at_hand = AtHand(AT_HAND.codecs, {"Item": Item, "Why": Left, "Colour": Colour, "Mode": Colour})

    types = {type_.name: type_ for type_ in read_export("x.json", STORE, at_hand).schema.named_types}

    own = {name: getattr(types[name], "cls", None) in (Item, Left, Colour) for name in at_hand.classes}
    assert own == {"Item": True, "Why": False, "Colour": True, "Mode": False}


def test_the_codec_agrees_with_a_witness() -> None:
    """The bytes of a witness are a value of the old type and not of the new one."""
    old, new = read(STORE), read(edited(lambda d: without(d["types"]["Item"]["fields"], "note")))
    before, after = (e.schema.operation("read").arguments[0].type.inner for e in (old, new))  # type: ignore[union-attr] # a payload

    found = next(c for c in compared(STORE, new.data).breaks if c.whom == NEW)

    assert found.witness is not None
    assert found.witness.document is not None
    assert Json().value_typed(found.witness.document, before).note is None
    with pytest.raises(ValueError, match="not in the form that the codec writes"):
        Json().value_typed(found.witness.document, after)


@pytest.mark.parametrize("name", sorted(lookup.installed()))
def test_a_shipped_contract_breaks_nothing_of_itself(name: str) -> None:
    """A contract compared with itself has no changes."""
    data = export(schema_of(lookup.load_named(name)))

    found = compared(data, json.loads(json.dumps(data)))

    assert (found.breaks, found.notes, found.compatible) == ((), (), ())


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_contract_of_the_tests_breaks_nothing_of_itself(name: str) -> None:
    """So do contracts with every type."""
    data = export(schema_of(lookup.load_named(f"{name}:{name.title()}")))

    found = compared(data, json.loads(json.dumps(data)))

    assert (found.breaks, found.notes, found.compatible) == ((), (), ())


def test_a_field_of_the_json_contract_made_required_is_caught() -> None:
    """Old documents with null are refused, and the report shows one."""
    before = export(schema_of(lookup.load_named("json")))
    after: Data = json.loads(json.dumps(before))
    note = field_of(after, "Item", "note")
    note["type"] = note["type"]["of"]

    found = {c.path: c for c in compared(before, after).breaks}

    change = found["decode.document.Item.note"]
    assert (change.rule.code, change.whom) == ("C204", NEW)
    assert change.witness is not None
    assert change.witness.document == b'{"id":0,"name":"","score":0,"note":null,"tags":[]}'


def test_a_narrowed_schema_of_the_reconcile_contract_is_caught() -> None:
    """A schema version that replicas were opened with is removed."""
    before = export(schema_of(lookup.load_named("reconcile")))
    after: Data = json.loads(json.dumps(before))
    without(after["types"]["Where"]["fields"], "hint")
    after["instances"] = 2

    found = [(c.rule.code, c.whom, c.path) for c in compared(before, after).breaks]

    assert found == [
        ("C202", CALLERS, "malformed.detail.Where.hint"),
        ("C111", CASES, "instances"),
    ]


def test_a_comparison_is_printed_by_whom_it_breaks() -> None:
    """The text names whom, what, why and the witness; compatible changes are counted."""

    def edit(data: Data) -> None:
        EDITS["field made required"][0](data)
        EDITS["argument widened"][0](data)
        data["fingerprint"] = "0" * 16

    shown = "\n".join(text.lines(compared(STORE, edited(edit))))

    assert shown == (
        "store: 1 change breaks something\n"
        "\n"
        "new readers of old documents\n"
        "  C204  read.document.Item.note: null is refused\n"
        '        witness  `{"id":0,"name":"0","note":null,"colour":"RED","tags":[],"sizes":{},'
        '"side":{"Left":{"n":0}}}`\n'
        "\n"
        "notes\n"
        f"  C501  fingerprint: the wire fingerprint was {STORE['fingerprint']} and is {'0' * 16}\n"
        "\n"
        "compatible changes: 1"
    )


def test_a_code_is_of_one_rule() -> None:
    """No two rules share a code or a name."""
    assert len({r.code for r in RULES}) == len({r.name for r in RULES}) == len(RULES)
