"""Findings as printed, compared with the pages that are checked in; `UPDATE_PRINTED=1` rewrites them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from gossip import Gossip
from gossip.model import GossipModel

from driftcheck import U64, Contract, Handle, Rejection, operation, schema_of
from driftcheck.contract.schema import Law, Schema
from driftcheck.core.outcome import Crashed, Evidence, Exhausted, Hung
from driftcheck.core.trace import Document, Instance, LawCase, Name, Ref, Step, Trace
from driftcheck.findings import show
from driftcheck.findings.colour import coloured
from driftcheck.findings.finding import Finding
from driftcheck.findings.keep import to_json
from driftcheck.findings.words import width
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.oracle import checks
from driftcheck.oracle.judge import Judge
from driftcheck.oracle.signature import Divergence
from driftcheck.subjects.model import ModelLibrary
from driftcheck.subjects.wire import FULL, Wire
from driftcheck.values.encoding import dumps
from driftcheck_contracts.cbor import CborContract
from driftcheck_contracts.json import Item, JsonContract
from driftcheck_contracts.lru import Entry, Lru
from driftcheck_contracts.lru.model import LruModel

PAGES = Path(__file__).parent / "pages"
CBOR, GOSSIP = schema_of(CborContract), schema_of(Gossip)
JSON, LRU = schema_of(JsonContract), schema_of(Lru)
EMPTY = Item(0, "", 0.0, None, ())


class NoUse(LruModel):
    """Does not take a get for a use."""

    def get(self, key: str) -> bytes:
        return self.peek(key)


class Eager(LruModel):
    """Yields a default where the key is absent, and keeps it."""

    def peek(self, key: str) -> bytes:
        return self.entries.setdefault(key, b"")


class Late(LruModel):
    """Rejects after it has forgotten the oldest key."""

    def get(self, key: str) -> bytes:
        if key not in self.entries:
            self._push_out(len(self.entries) - 1)
        return super().get(key)


class Boundless(LruModel):
    """Never pushes anything out."""

    def _push_out(self, room: int) -> list[Entry]:
        return []


class Long(LruModel):
    """Says that more keys were left than any cache holds."""

    def finish(self, cursor: Handle[Any]) -> int:
        return 5


@attrs.frozen
class Spot:
    """Where a text ends too early."""

    path: str
    offset: U64


class Strict(Contract):
    """Reads texts."""

    cut = Rejection("the text ends too early", retryable=True, detail=Spot)

    @operation(rejects=[cut])
    def read(self, text: str) -> str:
        """Read a text."""


class FromZero(Strict):
    """Counts from 0."""

    def read(self, text: str) -> str:
        raise self.cut(Spot("text", len(text)))


class FromOne(Strict):
    """Counts from 1."""

    def read(self, text: str) -> str:
        raise self.cut(Spot("text", len(text) + 1))


class Aliased(GossipModel):
    """Keeps one map with whom it meets."""

    def meet(self, peer: Any) -> int:
        told = super().meet(peer)
        self.counts = peer.counts
        return told


def _answers(schema: Schema, trace: Trace, models: Mapping[str, type]) -> dict[str, Answer]:
    wire = Wire(schema)
    request = wire.request([wire.trace(trace)], FULL)
    replies = {
        name: ModelLibrary(model).run(memoryview(bytearray(8)), request) for name, model in models.items()
    }
    return {name: Answer(wire.replies(reply, 1)[0], wire) for name, reply in replies.items()}


def _lru(steps: tuple[Step, ...], capacity: int = 2, **models: type) -> Finding:
    return _of_models(LRU, Trace(steps, (capacity,)), models)


def _of_models(schema: Schema, trace: Trace, models: Mapping[str, type]) -> Finding:
    execution = Execution(trace, _answers(schema, trace, models))
    divergence = Judge(schema, Wire(schema)).examine(execution)
    assert divergence is not None
    return Finding(divergence, trace, execution, 3, 3, {})


def _json(
    operation: str, argument: Any, cause: tuple[str, ...] = (), **replies: tuple[list[Any], str]
) -> Finding:
    return _of_replies(JSON, operation, argument, cause, replies)


def _of_replies(
    schema: Schema,
    operation: str,
    argument: Any,
    cause: tuple[str, ...],
    replies: Mapping[str, tuple[list[Any], str]],
) -> Finding:
    wire = Wire(schema)
    trace = Trace((Step(operation, (argument,)),))
    raw = {name: dumps([[[0, None]], [plain, None], None, [text]]) for name, (plain, text) in replies.items()}
    execution = Execution(trace, {name: Answer(data, wire) for name, data in raw.items()})
    divergence = Judge(schema, wire).examine(execution)
    assert divergence is not None
    return Finding(attrs.evolve(divergence, cause=cause), trace, execution, 3, 3, {})


def _item(item: Item) -> list[Any]:
    return [0, [item.id, item.name, item.score, item.note, list(item.tags)]]


def _died(death: Crashed | Hung | Exhausted, check: checks.Check, at: int | None = 1) -> Finding:
    """Return a finding of Go's death; Rust did what it should."""
    trace = Trace((_put("a", b""), _put("b", b""), Step("get", ("a",)))[: 3 if at is not None else 0], (1,))
    answers = _answers(LRU, trace, {"rust": LruModel})
    before = _answers(LRU, trace.with_steps(trace.steps[: at or 0]), {"go": LruModel})["go"]
    execution = Execution(trace, {"go": Answer(before.raw, before.wire, death, at), **answers})
    divergence = Judge(LRU, before.wire).examine(execution)
    assert divergence is not None
    assert divergence.check == check
    return Finding(divergence, trace, execution, 3, 3, {})


def _put(key: str, value: bytes) -> Step:
    return Step("put", (key, value))


GOROUTINE = """\
goroutine 17 [running]:
main.(*cache).Put(0xc000012345, {0xc00001, 0x1}, {0x0, 0x0, 0x0})
\t/src/adapter.go:31 +0x1f
driftcheck/sdk.(*session).step(0xc0000b6000, 0x1)
\t/src/sdk/session.go:88 +0x2a5
"""
STDERR = (
    "a line that the subject printed\n" * 5
    + "fatal error: concurrent map writes\n\n"
    + GOROUTINE
    + "exit status 2\n"
)


def _law() -> Finding:
    law = Law("put_then_get", LRU.operation("put").arguments, lambda *_: True)
    schema = attrs.evolve(LRU, laws=(law,))
    trace = Trace((_put("b", b""),), (1,))
    calls = trace.with_steps((*trace.steps, _put("a", b"x"), Step("get", ("a",))))
    execution = Execution(calls, {"rust": _answers(LRU, calls, {"rust": LruModel})["rust"]})
    shape = (("go", "holds"), ("rust", "broken"))
    divergence = Divergence(
        checks.LAW, None, "", shape, subject="put_then_get", blamed=("rust",), detail="does not hold"
    )
    finding = Finding(divergence, LawCase(trace, "put_then_get", ("a", b"x")), execution, 3, 3, {})
    SCHEMAS[id(finding)] = schema
    return finding


SCHEMAS: dict[int, Schema] = {}  # of findings whose contract is made for them


def _exchange() -> Finding:
    wrote = b'{"id":0,"name":"","score":0,"note":null,"tags":null}'
    made = _json("encode", EMPTY, go=([0, wrote], ""), rust=([1, 0, None], ""))
    divergence = Divergence(
        checks.EXCHANGE,
        0,
        "encode",
        (("go", "accepted"), ("rust", "malformed")),
        subject="go>rust",
        detail="the reader of go gives accepted, the reader of rust gives malformed",
    )
    return attrs.evolve(made, divergence=divergence)


def _pairs(text: str) -> bytes:
    return f'{{"id":0,"name":"","score":0,"note":null,"tags":[]{text}}}'.encode()


FINDINGS: dict[str, Callable[[], Finding]] = {
    "accept-reject": lambda: _json(
        "decode",
        Document(b'{"id":0,"id":1,"name":"","score":0,"note":null,"tags":[]}'),
        ("duplicate-field",),
        go=(_item(attrs.evolve(EMPTY, id=1)), ""),
        rust=([1, 0, None], "duplicate field `id` at line 1 column 12"),
    ),
    "odd-bytes": lambda: _json(
        "decode",
        Document(b'\xef\xbb\xbf{"id":0,"name":"\xff\x00e\xcc\x81 \xe6\xbc\xa2\\u0041"}'),
        ("byte-order-mark", "invalid-utf8"),
        go=([1, 0, None], "invalid character 'ï' looking for beginning of value"),
        rust=(_item(attrs.evolve(EMPTY, name="\ufffd\x00e\u0301 漢A")), ""),
    ),
    "binary-document": lambda: _of_replies(
        CBOR,
        "decode",
        Document(
            bytes.fromhex("a9626964016564656c7461206576616c7565fb3ff80000000000006464617461fb7ff8") + bytes(6)
        ),
        ("duplicate-field",),
        {
            "go": ([1, 0, None], "cbor: duplicate map key"),
            "rust": ([0, [1, 0, 1.5, False, "", b"", None, None, [], {}, 0]], ""),
        },
    ),
    "long-document": lambda: _json(
        "decode",
        Document(_pairs(',"x":' + "[" * 300 + "]" * 300)),
        ("nested-past-128",),
        go=(_item(EMPTY), ""),
        rust=([1, 0, None], "recursion limit exceeded at line 1 column 182"),
    ),
    "tiny-document": lambda: _json(
        "decode",
        Document(b"null"),
        ("null-document",),
        go=(_item(EMPTY), ""),
        rust=([1, 0, None], "invalid type: null, expected struct Item at line 1 column 4"),
    ),
    "value": lambda: _json(
        "decode",
        Document(b'{"id":0,"name":"","score":-0,"NOTE":"","tags":[]}'),
        ("wrong-case-optional",),
        go=(_item(attrs.evolve(EMPTY, note="", score=-0.0)), ""),
        rust=(_item(attrs.evolve(EMPTY, score=-0.0)), ""),
    ),
    "detail": lambda: _of_models(
        schema_of(Strict), Trace((Step("read", ("é",)),)), {"go": FromOne, "rust": FromZero}
    ),
    "other-instance-changed": lambda: _of_models(
        GOSSIP,
        Trace(
            (Step("add", (1,)), Step("meet", (Instance(1),)), Step("pull", (Instance(2),))),
            (*(Name("place", i, i) for i in range(3)), 9, 0, 0, 0),
            {"place": (0, 1, 2)},
        ),
        {"go": GossipModel, "rust": Aliased},
    ),
    "unmapped": lambda: _json(
        "encode", EMPTY, go=([2, "json: unsupported type: main.wireItem"], ""), rust=([0, b"{}"], "")
    ),
    "panic": lambda: _json(
        "encode",
        EMPTY,
        go=([0, b"{}"], ""),
        rust=([3, "called `Option::unwrap()` on a `None` value (src/lib.rs:41:9)"], ""),
    ),
    "exchange": _exchange,
    "post-state": lambda: _lru(
        (_put("a", b""), _put("b", b"\x00\xff"), Step("get", ("a",))), go=NoUse, rust=LruModel
    ),
    "odd-one-out": lambda: _lru(
        (_put("a", b""), _put("b", b""), Step("get", ("a",))), go=LruModel, rust=NoUse, model=LruModel
    ),
    "outcomes-of-three": lambda: _lru(
        (_put("a", b"x"), Step("remove", ("a",)), Step("peek", ("a",)), Step("walk")),
        go=LruModel,
        rust=Eager,
        model=LruModel,
    ),
    "rejected-changed-state": lambda: _lru((_put("a", b""), Step("get", ("b",))), go=LruModel, rust=Late),
    "query-changed-state": lambda: _lru((Step("peek", ("a",)),), go=Eager, rust=Eager),
    "invariant": lambda: _lru(
        tuple(_put(key, b"") for key in "abcde"), 4, go=LruModel, rust=Boundless, model=LruModel
    ),
    "outside-type": lambda: _lru(
        (_put("a", b""), Step("walk"), Step("advance", (Ref(1),)), Step("finish", (Ref(1),))),
        go=Long,
        rust=LruModel,
    ),
    "law": _law,
    "crash": lambda: _died(
        Crashed(
            Evidence(
                "signal 6 (SIGABRT)",
                "main.(*cache).Put",
                STDERR,
                signal=6,
                peak_bytes=34 << 20,
            )
        ),
        checks.CRASH,
    ),
    "crash-on-opening": lambda: _died(Crashed(Evidence("exit status 3", exit_status=3)), checks.CRASH, None),
    "hang": lambda: _died(Hung(Evidence("no progress for 1.0 s", stacks=GOROUTINE * 4)), checks.HANG),
    "memory": lambda: _died(
        Exhausted(Evidence("past its memory limit: runtime: out of memory", peak_bytes=544 << 20)),
        checks.MEMORY,
    ),
    "flaky": lambda: attrs.evolve(
        _lru((_put("a", b""), _put("b", b""), Step("get", ("a",))), go=NoUse, rust=LruModel), confirmed=1
    ),
    "flaky-batch": lambda: attrs.evolve(
        _died(Crashed(Evidence("signal 11 (SIGSEGV)", signal=11)), checks.CRASH),
        confirmed=0,
        batch=(Trace((), (1,)),) * 32,
    ),
    "same-bug": lambda: attrs.evolve(FINDINGS["accept-reject"](), belongs_to=FINDINGS["value"]().signature),
}


def _page(name: str) -> str:
    finding = FINDINGS[name]()
    contract = finding.execution.answers[next(iter(finding.execution.answers))].wire.schema
    schema = SCHEMAS.get(id(finding), contract)
    path = f"cases/{schema.name}/{finding.signature.slug}-{finding.signature.digest}.json"
    return show.render(finding, schema, path=path) + "\n"


@pytest.mark.parametrize("name", FINDINGS)
def test_a_finding_is_printed_as_checked_in(name: str) -> None:
    """A finding reads as its page says, and fits 100 columns."""
    page = _page(name)
    kept = PAGES / f"{name}.txt"
    if os.environ.get("UPDATE_PRINTED"):
        kept.write_text(page, encoding="utf-8")

    assert page == kept.read_text(encoding="utf-8")
    assert max(width(line) for line in page.splitlines() if not line.startswith(("case ", "replay "))) <= 100


def test_a_case_in_a_line_begins_with_how_it_was_opened() -> None:
    """The opening arguments decide what the steps do; a contract without them has no such call."""
    one = Trace((_put("a", b""), Step("get", ("a",))), (1,))

    assert show.in_a_line(LRU, one) == 'open(1); put("a", b""); get("a")'
    assert not show.in_a_line(JSON, Trace(())).startswith("open")


def test_what_comes_with_a_rejection_stands_in_the_case() -> None:
    """A case tells the detail of each side, field by field."""
    finding = FINDINGS["detail"]()

    (step,) = to_json(finding, schema_of(Strict))["steps"]

    assert step["outcomes"] == {
        "go": {"rejected": "cut", "detail": {"path": "text", "offset": 2}},
        "rust": {"rejected": "cut", "detail": {"path": "text", "offset": 1}},
    }


def test_each_page_belongs_to_a_finding() -> None:
    """No page is left over."""
    assert {page.stem for page in PAGES.glob("*.txt")} == set(FINDINGS)


def test_colours_mark_the_title_the_outcomes_and_the_first_difference() -> None:
    """With colours the same text is printed, in escapes that end in their line."""
    finding = FINDINGS["accept-reject"]()

    plain = show.render(finding, JSON)
    lines = coloured(plain).split("\n")

    assert re.sub(r"\x1b\[\d+m", "", "\n".join(lines)) == plain
    assert lines[0].startswith("\x1b[1mD101")
    assert [line[:11] for line in lines[1:] if "->" in line] == ["\x1b[1m\x1b[31m->"]
    assert all(line.count("\x1b[0m") >= 1 for line in lines if "\x1b" in line)
