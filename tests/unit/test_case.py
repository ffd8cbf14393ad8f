"""Case files: what is written is read back, and one file holds one signature."""

from __future__ import annotations

import json
import math
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from case_files import LAW, REMOVED, ROSTER, STEPS, TYPES, edited, loaded
from generation_contracts import EVERY, LRU, READS, Colour, Leaf, Tree
from gossip import Gossip
from hypothesis import given, settings

from driftcheck import schema_of
from driftcheck.contract.schema import Law, Schema
from driftcheck.core import types as t
from driftcheck.core.trace import Document, LawCase, Name, Step, Trace
from driftcheck.findings import keep
from driftcheck.findings.case import load
from driftcheck.findings.finding import Finding
from driftcheck.generate.strategy import law_cases, traces
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle import checks
from driftcheck.oracle.signature import Divergence
from driftcheck.subjects.wire import Wire
from driftcheck.values import notation
from driftcheck.values.json_text import lay_out, parse

SHAPE = (("go", "accepted"), ("rust", "accepted"))


def _finding(case: Trace | LawCase, path: str = "value", confirmed: int = 3, **more: Any) -> Finding:
    divergence = Divergence(checks.VALUE, 0, "get", SHAPE, path)
    trace = case.trace if isinstance(case, LawCase) else case
    return Finding(divergence, case, Execution(trace, {}), confirmed, 3, {}, **more)


def _canonical(case: Any) -> str:
    """Return a case as text; a name that its roster has twice is written by its first place."""
    trace = case.trace if isinstance(case, LawCase) else case

    def first(value: Any) -> Any:
        if isinstance(value, Name):
            names = trace.rosters[value.roster]
            return attrs.evolve(value, index=next(i for i, n in enumerate(names) if n == value.value))
        if isinstance(value, tuple):
            return tuple(map(first, value))
        if isinstance(value, Step | Trace | LawCase):
            fields = (a.name for a in attrs.fields(type(value)) if a.name != "rosters")
            return attrs.evolve(value, **{name: first(getattr(value, name)) for name in fields})
        return value

    return repr(first(case))


def _there_and_back(schema: Schema, case: Trace | LawCase, folder: Path) -> Any:
    path = folder / "case.json"
    path.write_text(lay_out(keep.to_json(_finding(case), schema)), encoding="utf-8")
    return load(path, lambda name: schema).case


@pytest.mark.parametrize("schema", [LRU, EVERY, READS, schema_of(Gossip)], ids=lambda schema: schema.name)
def test_a_trace_is_read_as_it_was_written(schema: Schema, tmp_path: Path) -> None:
    """This holds for every type, handles, names in play and documents."""

    @settings(max_examples=60, deadline=None, database=None)
    @given(traces(schema, max_steps=8))
    def check(trace: Trace) -> None:
        back = _there_and_back(schema, trace, tmp_path)

        assert _canonical(back) == _canonical(trace)
        assert Wire(schema).trace(back) == Wire(schema).trace(trace)

    check()


@pytest.mark.parametrize("law", LRU.laws, ids=lambda law: law.name)
def test_a_law_case_is_read_as_it_was_written(law: Law, tmp_path: Path) -> None:
    """This holds for all arguments of a law, also for generated steps."""

    @settings(max_examples=40, deadline=None, database=None)
    @given(law_cases(LRU, law))
    def check(case: LawCase) -> None:
        assert _canonical(_there_and_back(LRU, case, tmp_path)) == _canonical(case)

    check()


PAIRS = t.Mapping(t.Int(0, 9), t.Bool())
TREE = EVERY.operation("nested").arguments[1].type
TREE_OR_LEAF = EVERY.operation("nested").arguments[0].type


@pytest.mark.parametrize(
    ("type_", "value", "written"),
    [
        (t.Int(0, 2**64 - 1), 2**64 - 1, 18446744073709551615),
        (t.Int(-(2**63), 0), -(2**63), -9223372036854775808),
        (t.Float(), -0.0, -0.0),
        (t.Float(), 5e-324, 5e-324),
        (t.Float(), math.inf, "inf"),
        (t.Float(), -math.inf, "-inf"),
        (t.Text(), "\u202e\x00", "\u202e\x00"),
        (t.Bytes(), b"", {"text": ""}),
        (t.Bytes(), b"abc", {"text": "abc"}),
        (t.Bytes(), b"a\x00", {"hex": "61 00"}),
        (t.Bytes(), b"\xff", {"hex": "ff"}),
        (t.Optional(t.Bool()), None, None),
        (t.Sequence(t.Int(0, 3)), (1, 2), [1, 2]),
        (PAIRS, {1: True, 2: False}, [[1, True], [2, False]]),
        (t.Mapping(t.Text(), PAIRS), {"a": {}}, {"a": []}),
        (t.Mapping(t.Bytes(), t.Bool()), {b"\x00": True}, [[{"hex": "00"}, True]]),
        (t.Mapping(t.Bool(), t.Bool()), {True: False}, [[True, False]]),
        (TREE, Tree((Leaf("a", 0.0),), Colour.RED), {"leaves": [{"name": "a", "at": 0.0}], "colour": "RED"}),
        (TREE_OR_LEAF, Leaf("a", 1.0), {"Leaf": {"name": "a", "at": 1.0}}),
    ],
    ids=repr,
)
def test_values_are_written_for_people(type_: t.Type, value: Any, written: Any) -> None:
    """A value of each type has one form, which is read back as the same value."""
    data = notation.write(type_, value)
    back = notation.read(type_, parse(lay_out(data)))

    assert repr(data) == repr(written)
    assert repr(back) == repr(value)


@pytest.mark.parametrize(
    "bits", ["7ff8000000000000", "7ff8000000000001", "fff8000000000000", "fff80000deadbeef"]
)
def test_the_bits_of_a_nan_are_kept(bits: str) -> None:
    """A NaN keeps its sign and payload."""
    (value,) = struct.unpack(">d", bytes.fromhex(bits))

    data = notation.write(t.Float(), value)

    assert data == ("nan" if bits == "7ff8000000000000" else {"bits": bits})
    assert struct.pack(">d", notation.read(t.Float(), data)).hex() == bits


def test_a_file_has_no_invisible_character() -> None:
    """Invisible characters are escaped, all others are not."""
    assert lay_out({"a": "ä漢\u200b\u202e\u00a0\x7f"}) == '{\n  "a": "ä漢\\u200b\\u202e\\u00a0\\u007f"\n}'


def test_a_document_with_edited_bytes_has_no_value(tmp_path: Path) -> None:
    """A person who edits a well-formed document makes it differ from the encoding of its value."""
    document = _read_documents()[0]
    text = lay_out(keep.to_json(_finding(Trace((Step("decode", (document,)),))), READS))
    path = tmp_path / "case.json"

    path.write_text(text)
    kept = load(path, lambda name: READS).case.steps[0].arguments[0]  # type: ignore[union-attr] # a trace
    path.write_text(text.replace('{\\"id\\":0', '{\\"id\\":7'))
    edited = load(path, lambda name: READS).case.steps[0].arguments[0]  # type: ignore[union-attr] # a trace

    assert kept == document
    assert kept.is_well_formed
    assert edited == Document(document.data.replace(b'"id":0', b'"id":7'))


def _read_documents() -> list[Document]:
    type_ = READS.operation("decode").arguments[0].type
    assert isinstance(type_, t.Payload)
    value = notation.read(type_.inner, {"id": 0, "name": "", "score": 0, "note": None, "tags": []})
    return [Document(type_.codec.encode_typed(value, type_.inner), value)]


def test_names_that_are_not_in_play_are_sent_as_they_are(tmp_path: Path) -> None:
    """A person may write a name that is not in the roster."""
    text = edited(STEPS, ("steps", 0, "arguments", "key"), "new")

    case = loaded(tmp_path / "case.json", text)

    assert case.trace.steps[0].arguments[0] == "new"
    assert case.trace.rosters == {ROSTER: ("a", "b")}


@pytest.mark.parametrize("key", ["fingerprint", "check", "says", "confirmed", "names", "environment"])
def test_keys_for_information_may_be_missing(key: str, tmp_path: Path) -> None:
    """A case needs only a contract, a signature and steps."""
    case = loaded(tmp_path / "case.json", edited(STEPS, (key,), REMOVED))

    assert len(case.trace.steps) == 3


def test_a_case_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Some editors write one."""
    case = loaded(tmp_path / "case.json", "\ufeff" + json.dumps(LAW))

    assert isinstance(case.case, LawCase)


def test_an_argument_may_be_of_any_type(tmp_path: Path) -> None:
    """A file that a person wrote can hold a value of every type."""
    case = loaded(tmp_path / "case.json", json.dumps(TYPES))

    assert case.trace.opening == ("a", 2**64 - 1)
    assert case.trace.steps[3].arguments[0] == Leaf("a", 0.0)


def _save(finding: Finding, root: Path, *, still: bool = True) -> Path:
    """Keep a finding and return the path; an existing case still shows its signature, or not."""
    return keep.save(finding, LRU, root, lambda case: finding if still else None).path


def test_a_batch_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A death that did not recur alone keeps the traces that its host had run."""
    one, two = Trace((Step("walk"),), (1,)), Trace((), (2,))

    path = _save(_finding(one, batch=(one, two)), tmp_path)

    assert load(path, lambda name: LRU).batch == (one, two)


def _walks(count: int) -> Trace:
    return Trace((Step("walk"),) * count, (1,))


def _steps_in(path: Path) -> int:
    return len(load(path, lambda name: LRU).trace.steps)


def test_a_case_is_named_by_its_signature(tmp_path: Path) -> None:
    """A file lies under the contract, named by check, operation and signature."""
    finding = _finding(_walks(1))

    path = _save(finding, tmp_path)

    assert path == tmp_path / "cases" / "lru" / f"value-get-{finding.signature.digest}.json"


@pytest.mark.parametrize(("first", "second", "kept"), [(3, 2, 2), (2, 3, 2), (2, 2, 2)])
def test_the_shorter_trace_is_kept(first: int, second: int, kept: int, tmp_path: Path) -> None:
    """Of two cases of one signature the shorter stays."""
    _save(_finding(_walks(first)), tmp_path)
    path = _save(_finding(_walks(second)), tmp_path)

    assert _steps_in(path) == kept
    assert len(list(path.parent.iterdir())) == 1


def test_a_flaky_case_does_not_replace_a_confirmed_one(tmp_path: Path) -> None:
    """Not even if its trace is shorter."""
    _save(_finding(_walks(3)), tmp_path)
    path = _save(_finding(_walks(1), confirmed=1), tmp_path)

    assert _steps_in(path) == 3


@pytest.mark.parametrize(("still", "kept"), [(True, 1), (False, 3)])
def test_a_longer_case_replaces_one_that_is_fixed(still: bool, kept: int, tmp_path: Path) -> None:
    """A case that no longer shows its signature is replaced, even if it is shorter."""
    _save(_finding(_walks(1)), tmp_path)
    path = _save(_finding(_walks(3)), tmp_path, still=still)

    assert _steps_in(path) == kept


def test_what_is_returned_is_what_the_file_holds(tmp_path: Path) -> None:
    """Where an existing case stays, people read that case, and not the one that was found now."""
    short, long = _finding(_walks(1)), _finding(_walks(3))
    keep.save(short, LRU, tmp_path, lambda case: None)

    saved = keep.save(long, LRU, tmp_path, lambda case: short)

    assert saved.finding is short
    assert _steps_in(saved.path) == 1


def test_a_case_of_this_run_stays_even_if_it_is_longer(tmp_path: Path) -> None:
    """Another process of the run has printed it; a case that it does not show gets a file beside it."""
    since_ns, long, short = time.time_ns() - 10**9, _finding(_walks(3)), _finding(_walks(1))
    first = keep.save(long, LRU, tmp_path, lambda case: None, since_ns=since_ns)

    second = keep.save(short, LRU, tmp_path, lambda case: long, since_ns=since_ns)
    third = keep.save(short, LRU, tmp_path, lambda case: None, since_ns=since_ns)
    later = keep.save(short, LRU, tmp_path, lambda case: None, since_ns=time.time_ns() + 10**9)

    assert (second.path, second.finding) == (first.path, long)
    assert third.path.name == f"{first.path.stem}-2.json"
    assert (later.path, later.finding) == (first.path, short)
    assert _steps_in(first.path) == 1


def test_another_finding_is_never_overwritten(tmp_path: Path) -> None:
    """A file of that name with another signature, or with a mistake, stays; the case gets another file."""
    path = _save(_finding(_walks(3)), tmp_path)
    other = path.read_text().replace('"path": "value"', '"path": "other"')
    path.write_text(other)

    beside = _save(_finding(_walks(1)), tmp_path)
    beside.write_text("{")
    third = _save(_finding(_walks(1)), tmp_path)

    assert path.read_text() == other
    assert beside.read_text() == "{"
    assert [p.name for p in (beside, third)] == [f"{path.stem}-2.json", f"{path.stem}-3.json"]


def test_a_case_that_no_longer_fits_is_replaced(tmp_path: Path) -> None:
    """A file of the same signature that no longer fits the contract is replaced, even by a longer trace."""
    path = _save(_finding(_walks(1)), tmp_path)
    path.write_text(path.read_text().replace('"walk"', '"stroll"'))

    _save(_finding(_walks(3)), tmp_path)

    assert _steps_in(path) == 3


SAVER = """
import sys, attrs
from pathlib import Path
sys.path[:0] = {path!r}
import test_case as own
length = 0
print("ready", flush=True)
while True:
    length += 1
    for name in "abcdefgh":
        own._save(own._finding(own._walks(400 - length), path=name), Path({root!r}))
"""


def test_a_killed_process_leaves_whole_files(tmp_path: Path) -> None:
    """Each case is complete, and the next save removes half-written files."""
    code = SAVER.format(path=sys.path, root=str(tmp_path))
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            while not list(tmp_path.glob("cases/lru/*.json")):
                pass
            process.send_signal(signal.SIGKILL)
        for path in tmp_path.glob("cases/lru/*.json"):
            assert _steps_in(path) > 0

    _save(_finding(_walks(1)), tmp_path)

    assert not list(tmp_path.glob("cases/lru/.*"))


def test_outcomes_and_environment_are_not_read(tmp_path: Path) -> None:
    """Keys for information may hold anything."""
    odd: Mapping[str, Any] = {"go": [[1]], "rust": None}

    case = loaded(tmp_path / "case.json", edited(STEPS, ("steps", 2, "outcomes"), odd))

    assert len(case.trace.steps) == 3
