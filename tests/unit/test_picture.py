"""Pictures: which subjects did the same with a step, and whether later steps still count."""

from __future__ import annotations

from typing import Any

import pytest

from driftcheck import schema_of
from driftcheck.core.outcome import Crashed, Evidence
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.matrix.cells import Cell, agree
from driftcheck.matrix.picture import beyond, ends_there, picture
from driftcheck.oracle.judge import Judge
from driftcheck.subjects.wire import Wire
from driftcheck.values.encoding import dumps
from driftcheck_contracts.json import JsonContract
from driftcheck_contracts.lru import Lru

JSON, LRU = schema_of(JsonContract), schema_of(Lru)
DECODE = Trace((Step("decode", (Document(b"{}"),)),))
ENCODE = Trace((Step("encode", ()),))
GET = Trace((Step("get", ("a",)),), (1,))
REJECT = [1, 0, None]


def _item(score: float = 0.0) -> list[Any]:
    return [0, [0, "", score, None, []]]


def _run(
    trace: Trace, *plain: list[Any], digests: tuple[bytes | None, ...] = (), schema: Any = JSON
) -> Execution:
    digests = digests or (None,) * len(plain)
    replies = [dumps([[[0, None]], [one, d], None, None]) for one, d in zip(plain, digests, strict=True)]
    return Execution(trace, {f"s{n}": Answer(reply, Wire(schema)) for n, reply in enumerate(replies)})


def _words(execution: Execution, schema: Any = JSON) -> list[str]:
    return [str(cell) for cell in picture(schema, execution, 0)]


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ([_item(), _item()], ["accept", "accept"]),
        ([_item(), REJECT], ["accept", "reject"]),
        ([_item(1.0), _item(2.0)], ["accept A", "accept B"]),
        ([_item(1.0), REJECT, _item(2.0), _item(1.0)], ["accept A", "reject", "accept B", "accept A"]),
        ([_item(0.0), _item(-0.0)], ["accept A", "accept B"]),
        ([_item(), [2, "odd"], [3, "oh"], [4]], ["accept", "unmapped", "panic", "unsupported"]),
        ([_item(), [0, [0, "", "text", None, []]]], ["accept", "outside its type"]),
    ],
)
def test_subjects_with_equal_values_share_a_letter(plain: list[list[Any]], shown: list[str]) -> None:
    """Letters stand only where subjects that did the same have different values."""
    assert _words(_run(DECODE, *plain)) == shown


def test_documents_of_one_meaning_are_equal() -> None:
    """Documents are compared by their meaning, as the oracle does."""
    one, other = b'{"score":1}', b'{ "score": 1.0 }'

    assert _words(_run(ENCODE, [0, one], [0, other])) == ["accept", "accept"]
    assert _words(_run(ENCODE, [0, one], [0, b'{"score":2}'])) == ["accept A", "accept B"]


def test_states_have_letters_too() -> None:
    """Subjects with equal answers and different states are not alike."""
    execution = _run(GET, [0, b""], [0, b""], digests=(b"the one.", b"another."), schema=LRU)

    assert _words(execution, LRU) == ["accept A", "accept B"]
    assert ends_there(execution, 0, picture(LRU, execution, 0))


def test_a_step_that_leaves_all_alike_ends_nothing() -> None:
    """Steps after a divergence with equal states still count; after a death they do not."""
    rejected = _run(GET, [0, b""], REJECT, digests=(b"the one.", b"the one."), schema=LRU)
    dead = Answer(dumps([[[0, None]], [], None, None]), Wire(LRU), Crashed(Evidence("signal 11")), 0)
    died = Execution(GET, {**rejected.answers, "s2": dead})

    assert not ends_there(rejected, 0, picture(LRU, rejected, 0))
    assert ends_there(died, 0, picture(LRU, died, 0))
    assert _words(died, LRU) == ["accept", "reject", "crash"]


@pytest.mark.parametrize(
    ("cells", "agrees"),
    [
        ((Cell("accept"), Cell("accept")), True),
        ((Cell("accept"), Cell("unsupported")), True),
        ((Cell("reject", "absent"), Cell("reject", "full")), False),
        ((Cell("accept", mark="A"), Cell("accept", mark="B")), False),
        ((Cell("panic"), Cell("panic")), False),
    ],
)
def test_when_subjects_agree(cells: tuple[Cell, ...], agrees: bool) -> None:
    """Subjects agree when all that support a step do the same, unless all panic."""
    assert agree(cells) == agrees


@pytest.mark.parametrize(
    ("plain", "is_told"),
    [
        ([_item(), REJECT, _item()], True),
        ([_item(1.0), _item(2.0), _item(1.0)], True),
        ([_item(1.0), REJECT, _item(2.0)], False),
        ([_item(), [3, "oh"], REJECT], False),
    ],
)
def test_what_a_signature_tells_of_a_picture(plain: list[list[Any]], is_told: bool) -> None:
    """A signature does not tell which values the others accepted, or which subjects did not die."""
    execution = _run(DECODE, *plain)
    divergence = Judge(JSON, Wire(JSON)).examine(execution)
    assert divergence is not None

    assert (beyond(divergence, list(execution.answers), picture(JSON, execution, 0)) == "") == is_told
