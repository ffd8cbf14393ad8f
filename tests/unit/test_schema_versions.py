"""Schema versions of documents: their fields, their readers, and the mistakes of authors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import attrs
import cbor2
import pytest
from schema_version_models import Home, Profile, Profiles

from driftcheck import (
    U64,
    Cbor,
    Contract,
    DeterministicCbor,
    Json,
    Payload,
    Peer,
    Rejection,
    SchemaVersions,
    backward,
    neighbours,
    operation,
    schema_of,
    schema_version,
    since,
    until,
)
from driftcheck.cli.contract_page import page
from driftcheck.codecs import Codec
from driftcheck.codecs.json.document import Document as JsonDocument
from driftcheck.contract.export import export
from driftcheck.core import types as t
from driftcheck.core.errors import ContractError
from driftcheck.core.trace import Document, Instance, Step, Trace
from driftcheck.findings import words
from driftcheck.generate.codec_check import check_value
from driftcheck.generate.schema_versions import at_its_schema_version
from driftcheck.generate.shrink import shrink
from driftcheck.generate.strategy import traces
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.oracle import Oracle
from driftcheck.oracle.readings import readings_of
from driftcheck.oracle.schema_version_rules import SchemaVersionRules
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.session import Session
from driftcheck.search.statistics import RunStatistics
from driftcheck.search.unexercised import not_exercised
from driftcheck.subjects.discover import Subject

PROFILES = schema_of(Profiles)
PROFILE = t.bare(PROFILES.operation("take").arguments[0].type).inner
WHOLE = Profile(3, "n", "m", "p", (Home("s", "c"),))
FIELDS = {
    1: {"schema": 1, "name": "n", "phone": "p", "homes": [{"street": "s"}]},
    2: {"schema": 2, "name": "n", "phone": "p", "homes": [{"street": "s", "country": "c"}]},
    3: {"schema": 3, "name": "n", "mail": "m", "homes": [{"street": "s", "country": "c"}]},
}


def _of(schema: int) -> Profile:
    return at_its_schema_version(attrs.evolve(WHOLE, schema=schema), PROFILE)


def _document(schema: int) -> Document:
    return Document(Json().encode_typed(_of(schema), PROFILE), _of(schema))


@contextmanager
def _oracle(**models: str) -> Iterator[Oracle]:
    here = {"PYTHONPATH": str(Path(__file__).parent)}
    subjects = [
        Subject(name, "python", "python", f"schema_version_models:{one}", here)
        for name, one in models.items()
    ]
    with Lockstep(PROFILES, subjects) as lockstep:
        yield Oracle(PROFILES, lockstep)


@pytest.mark.parametrize("schema", [1, 2, 3])
@pytest.mark.parametrize(
    ("codec", "read"), [(Json(), json.loads), (Cbor(), cbor2.loads), (DeterministicCbor(), cbor2.loads)]
)
def test_a_document_has_the_fields_of_its_schema_version(codec: Codec[Any], read: Any, schema: int) -> None:
    """A field of another schema version is not written, not missed, and read as None."""
    value = _of(schema)

    data = codec.encode_typed(value, PROFILE)

    assert read(data) == FIELDS[schema]
    assert codec.value_typed(data, PROFILE) == value
    check_value(codec, PROFILE, value)


def test_a_field_of_another_schema_version_is_odd() -> None:
    """It is an unknown field."""
    told = json.dumps({**FIELDS[1], "mail": "m"}, separators=(",", ":")).encode()

    assert Json().features_typed(told, PROFILE) == {"unknown-field"}
    assert Json().features_typed(told.replace(b'"schema":1', b'"schema":4'), PROFILE) >= {"newer-version"}


def test_the_field_that_tells_the_schema_version_is_broken_as_a_version_is() -> None:
    """The name of the field does not matter."""
    (site,) = (s for s in JsonDocument.of(_document(1).data, PROFILE).sites if s.is_version)

    assert site.path == "schema"


@pytest.mark.parametrize(
    ("model", "reader", "writer", "check"),
    [
        ("Lenient", 3, 1, checks.UNREADABLE_TAKEN),
        ("Vague", 1, 3, checks.UNREADABLE_TAKEN),
        ("Stubborn", 1, 2, checks.READABLE_REFUSED),
    ],
)
@pytest.mark.parametrize("migrated", [False, True])
def test_who_misreads_a_schema_version_is_blamed(
    model: str, reader: int, writer: int, check: checks.Check, migrated: bool
) -> None:
    """The table decides which subject is wrong, also after an instance has moved."""
    steps = [Step("migrate", (reader,))] if migrated else []
    steps.append(Step("take", (_document(writer),)))
    with _oracle(go="Right", rust=model) as oracle:
        verdict = oracle.explore(Trace(tuple(steps), (2 if migrated else reader, 1)), sampled=False)

    found = verdict.divergence
    assert found is not None
    assert (found.check, found.step, found.blamed) == (check, len(steps) - 1, ("rust",))
    assert f"a reader of schema version {reader} " in found.detail
    assert f"what a writer of schema version {writer} wrote" in found.detail


def test_a_number_that_is_no_schema_version_is_reported_as_such() -> None:
    """No writer has that schema version."""
    document = Document(b'{"schema":7,"name":"n"}', None, ("other-number",))
    answer: Any = SimpleNamespace(reply=SimpleNamespace(outcomes=[[0, 7]]))

    found = SchemaVersionRules(PROFILES).broken(
        Trace((Step("take", (document,)),), (2, 1)), PROFILES.operation("take"), 0, {"go": answer}, {}
    )

    assert found is not None
    assert found.detail == (
        "a reader of schema version 2 must refuse a document of schema version 7, "
        "which is none of 1, 2, 3, with 'too_far', and did not"
    )


def test_a_peer_of_another_schema_is_read_by_the_same_table() -> None:
    """The table decides, not the bytes between the two."""
    with _oracle(go="Stubborn") as oracle:
        verdict = oracle.explore(Trace((Step("pull", (Instance(1),)),), (2, 3)), sampled=False)

    assert verdict.divergence is not None
    assert verdict.divergence.check == checks.READABLE_REFUSED


@pytest.mark.parametrize(("model", "check"), [("Lenient", "D801"), ("Stubborn", "D802"), ("Vague", "D801")])
def test_it_is_found_in_a_run_of_one_side_and_shrunk_to_one_step(model: str, check: str) -> None:
    """Each operation has one signature, also if the document has other features."""
    with _oracle(go=model) as oracle:
        lockstep = oracle.lockstep
        session = Session(Profiles, PROFILES, None, lockstep, oracle, oracle.asymmetries, lockstep.start())
        found = explore(session, Budget(max_traces=60), seed=0, max_steps=10, laws=False).findings

    assert {one.signature.check for one in found} == {check}
    assert len(found) == len({one.signature.operation for one in found})
    for one in found:
        assert isinstance(one.case, Trace)
        assert len(one.case.steps) == 1, [words.step(PROFILES, step) for step in one.case.steps]


class Pulls(Contract, instances=2):
    """Reads its peers, and nothing else."""

    too_far = Rejection("a schema that is no neighbour")
    schema = SchemaVersions(1, 2, 3, reads=neighbours, otherwise=too_far)

    def open(self, schema: Annotated[int, schema_version]) -> None: ...
    @operation(rejects=[too_far])
    def pull(self, peer: Peer) -> None: ...
    @operation
    def migrate(self, to: Annotated[int, schema_version]) -> None: ...


def test_a_finding_is_opened_at_its_schema_where_a_step_moved_it_there() -> None:
    """The finding opens at the schema version, so the step that moved there is removed."""
    schema = schema_of(Pulls)
    steps = (Step("pull", (Instance(1),)), Step("migrate", (3,)), Step("pull", (Instance(1),)))

    def judge(trace: Trace) -> str | None:
        met = readings_of(schema).of(trace, [[0, None]] * len(trace.steps))
        return "misread" if any((one.reader, one.writer) == (3, 1) for one in met) else None

    found = shrink(traces(schema), Trace(steps, (1, 1)), judge, "misread")

    assert found.case == Trace((Step("pull", (Instance(1),)),), (3, 1))


def test_each_pair_of_schemas_is_counted_and_missed() -> None:
    """A run says which readers never read the documents of which writers."""
    with _oracle(go="Right") as oracle:
        execution = oracle.lockstep.run(
            Trace((Step("take", (_document(2),)), Step("pull", (Instance(1),))), (1, 3))
        )
        statistics = RunStatistics()
        statistics.count(PROFILES, execution.trace, execution.answers["go"])

    assert dict(statistics.readings) == {(1, 2): 1, (1, 3): 1}
    missing = [str(one) for one in not_exercised(PROFILES, statistics).items]
    assert "schema 2 reading what 1 wrote: never seen" in missing
    assert "schema 1 reading what 2 wrote: never seen" not in missing


def test_schema_versions_stand_in_the_export_and_on_the_page() -> None:
    """The export and the page list the schema versions."""
    data = export(PROFILES)

    assert data["schema"] == {
        "name": "schema",
        "schema_versions": [1, 2, 3],
        "reads": [[1, 1], [1, 2], [2, 1], [2, 2], [2, 3], [3, 2], [3, 3]],
        "otherwise": "too_far",
    }
    fields = {f["name"]: f for f in data["types"]["Profile"]["fields"]}
    assert fields["schema"]["schema_version"] is True
    assert (fields["mail"]["since"], fields["phone"]["until"]) == (3, 3)
    shown = page(data, "none")
    assert "schema       1 reads 1 2, and rejects others with too_far\n" in shown
    assert "mail: str of at most 4 | None, since 3\n" in shown


def test_backward_readers_take_what_is_older() -> None:
    """They accept nothing newer."""
    assert [backward(2, writer) for writer in (1, 2, 3)] == [True, True, False]


def _contract(
    schema_versions: Any, value: type, opening: Any = Annotated[int, schema_version], **more: Any
) -> None:
    def open_(self: Any, schema: Any) -> None: ...
    def take(self: Any, document: Any) -> None: ...
    def state(self: Any) -> bool:
        return True

    open_.__annotations__ = {"schema": opening, "return": None}
    take.__annotations__ = {"document": Payload[value, Json], "return": None}
    state.__annotations__ = {"return": bool}
    refused = Rejection("no")
    body = {"no": refused, "open": open_, "state": state, **more}
    if schema_versions is not None:
        body["schema"] = schema_versions(refused)
    body["take"] = operation(rejects=more.get("rejects", [refused]))(take)
    body.pop("rejects", None)
    type(Contract)("Refused", (Contract,), body)


def _record(**fields: Any) -> type:
    made = attrs.make_class(
        "Made", {name: attrs.field(type=type_) for name, type_ in fields.items()}, frozen=True
    )
    made.__annotations__ = fields
    return made


SOUND = _record(schema=Annotated[int, schema_version], a=bool)


def _table(*numbers: Any, reads: Any = neighbours, otherwise: Any = None) -> Any:
    return lambda refused: SchemaVersions(*numbers, reads=reads, otherwise=otherwise or refused)


@pytest.mark.parametrize(
    ("table", "value", "told"),
    [
        (_table(1), SOUND, "(1,) has fewer than 2 numbers; list every schema version that is in use"),
        (_table(2, 1), SOUND, "(2, 1) are not in ascending order; sort them, and list each once"),
        (_table(1, "2"), SOUND, "(1, '2') are not all whole numbers of 0 or more"),
        (_table(1, 2, reads=lambda r, w: r / 0), SOUND, "reads(1, 1) raised ZeroDivisionError"),
        (_table(1, 2, reads=lambda r, w: 1), SOUND, "reads(1, 1) is 1; return True or False"),
        (_table(1, 2, reads=lambda r, w: r < w), SOUND, "1 does not read its own documents"),
        (_table(1, 2, otherwise="no"), SOUND, "otherwise is 'no', which is not a rejection of the contract"),
        (None, SOUND, "is marked schema_version, but the contract declares no schema versions"),
        (_table(1, 2), _record(a=Annotated[bool | None, since(2)]), "no field for the schema version"),
        (
            _table(1, 2),
            _record(schema=Annotated[int, schema_version], a=Annotated[bool | None, since(3)]),
            "has since(3), which is not a schema version of the contract; the contract has 1, 2",
        ),
        (
            _table(1, 2),
            _record(schema=Annotated[int, schema_version], a=Annotated[bool, since(2)]),
            "but it cannot be None; make it T | None, since other schema versions read it as None",
        ),
        (
            _table(1, 2, 3),
            _record(schema=Annotated[int, schema_version], a=Annotated[bool | None, since(3), until(2)]),
            "is since(3) and until(2), so no document has it",
        ),
        (
            _table(1, 2),
            _record(schema=Annotated[int, schema_version], a=Annotated[bool, since(2)] | None),
            "whose field 'a' has since(2) on one alternative only; put it around the whole, Annotated[bool "
            "| None, since(2)]",
        ),
        (
            _table(1, 2),
            _record(schema=Annotated[int, schema_version], a=tuple[Annotated[bool, until(2)], ...]),
            "has until(2) inside its type, but only a whole field can be added or removed: write "
            "Annotated[T | None, ",
        ),
        (
            _table(1, 2),
            _record(schema=Annotated[int, schema_version], a=Annotated[bool | None, since(1)]),
            "has since(1), which is the first schema version; every document has such a field",
        ),
        (
            _table(1, 2),
            _record(schema=Annotated[int, schema_version], a=Annotated[bool | None, until(1)]),
            "has until(1), which is the first schema version; no document has such a field, so remove it",
        ),
        (
            _table(1, 2),
            _record(schema=Annotated[int, schema_version], a=Annotated[bool | None, since]),
            "whose field 'a' has since without a schema version; write since(2)",
        ),
        (
            _table(1, 2),
            _record(schema=Annotated[int, schema_version] | None),
            "is marked schema_version inside another type; mark a whole argument or field, as in",
        ),
        (
            _table(1, 2),
            _record(schema=int),
            "use I64 or U64, or give ge and lt, or write Annotated[int, schema_version] if it is one",
        ),
        (_table([1, 2]), SOUND, "[1, 2] is a list; give the numbers one by one"),
        (_table(1, 2, reads=[1]), SOUND, "reads is [1], which cannot be called; give neighbours, backward"),
        (lambda refused: SchemaVersions(1, 2), SOUND, "otherwise is missing; name the rejection"),
        (lambda refused: SchemaVersions(1, 2, otherwise=refused), SOUND, "reads is missing; give neighbours"),
        (
            _table(1, 2),
            _record(schema=Annotated[str, schema_version]),
            "is str and marked schema_version; write Annotated[int, schema_version]",
        ),
        (
            _table(1, 2),
            _record(schema=Annotated[int, schema_version], other=Annotated[int, schema_version]),
            "is marked schema_version at schema, other; mark one field",
        ),
    ],
)
def test_a_mistake_of_the_author_is_reported(table: Any, value: type, told: str) -> None:
    """The error says what was found and what to do."""
    with pytest.raises(ContractError) as raised:
        _contract(table, value)

    assert told in str(raised.value)


def test_readers_must_be_able_to_refuse() -> None:
    """And 'open' must take the schema version of the instance."""
    with pytest.raises(ContractError, match="no operation rejects with 'no'"):
        _contract(_table(1, 2), SOUND, rejects=[])
    with pytest.raises(ContractError, match="it takes none; add schema: Annotated"):
        _contract(_table(1, 2), SOUND, opening=bool)
    with pytest.raises(ContractError, match="schema has no mark; write schema: Annotated"):
        _contract(_table(1, 2), SOUND, opening=U64)
