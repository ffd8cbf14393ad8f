"""The reference contract's engines and model agree, each engine with itself, and on bytes that are kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from driftcheck import schema_of
from driftcheck.oracle.checks import CHECKS
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.self_consistency import examine_self_consistency
from driftcheck.search.session import open_session
from driftcheck.search.unexercised import not_exercised
from driftcheck_contracts.reconcile import Algorithm, Reconcile
from driftcheck_contracts.reconcile.digests import state_digest
from driftcheck_contracts.reconcile.ghost import Act, Ghost, Move
from driftcheck_contracts.reconcile.intake import read_document
from driftcheck_contracts.reconcile.messages import write_document
from driftcheck_contracts.reconcile.model import ReconcileModel

ROOT = Path(__file__).parents[2]
GO = ROOT / "go_shim" / "reconcile" / "testdata" / "golden" / "scenario.txt"
RUST = ROOT / "rust_shim" / "reconcile" / "testdata" / "golden"
SEED = 0
ALL = pytest.param(20_000, marks=pytest.mark.nightly)


@pytest.mark.parametrize(
    ("count", "subjects"),
    [
        (40, ("go", "rust", "model")),
        pytest.param(3_000, ("go", "rust", "model"), marks=pytest.mark.nightly),
        pytest.param(20_000, ("go", "rust"), marks=pytest.mark.nightly),  # a fifth of the time for each
    ],
)
def test_both_engines_agree(count: int, subjects: tuple[str, ...]) -> None:
    """No divergence, laws decided, and in a long run nothing that the contract promises is left out."""
    with open_session(Reconcile, only=subjects) as session:
        explored = explore(session, Budget(max_traces=count), seed=SEED)

    statistics = explored.statistics
    assert [f.signature for f in explored.findings] == []
    assert all(statistics.outcomes[operation.name, "accepted"] for operation in session.schema.operations)
    assert all(statistics.laws[law.name] for law in session.schema.laws)
    assert all(statistics.invariants[one.name] for one in session.schema.invariants)
    assert {"D205", "D206", "D301", "D302"} <= statistics.variations.keys()
    if count > 40:
        assert not_exercised(session.schema, statistics).items == ()


@pytest.mark.parametrize("subject", ["go", "rust"])
@pytest.mark.parametrize("count", [100, ALL])
def test_each_engine_agrees_with_itself(subject: str, count: int) -> None:
    """In two hosts of one engine each trace gives the same."""
    with open_session(Reconcile, only=(subject,)) as session:
        assert examine_self_consistency(session, seed=SEED, max_traces=count) is None


def _of_go() -> dict[str, str]:
    lines = [line for line in GO.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split(" ", 1) for line in lines)


def _of_rust(name: str) -> str:
    lines = (RUST / f"{name}.txt").read_text().splitlines()
    return "".join(re.sub(r"\s", "", line) for line in lines if not line.startswith("#"))


@pytest.mark.parametrize(
    ("go", "rust"),
    [
        *((f"document_schema_{n}", f"document-{n}") for n in (1, 2, 3)),
        ("state_digest", "digest"),
        ("log_of_steps", "log"),
        ("log_of_all", "log-migrated"),
    ],
)
def test_the_bytes_that_each_engine_keeps_are_the_same(go: str, rust: str) -> None:
    """One scenario, told in words, which each engine's own tests hold to these bytes."""
    assert _of_go()[go] == _of_rust(rust)


@pytest.mark.parametrize("schema", [1, 2, 3])
def test_the_model_reads_and_writes_these_bytes(schema: int) -> None:
    """A document that the engines keep is read, has their digest, and is written as it was."""
    document = bytes.fromhex(_of_go()[f"document_schema_{schema}"])

    part = read_document(document, schema)

    assert state_digest(part.shared).hex() == _of_go()["state_digest"]
    assert write_document(part, schema) == document


def test_the_model_takes_keys_in_the_order_of_their_bytes() -> None:
    """A shorter key goes first in a document, and a check takes it where its bytes put it (R5.3, R7.5)."""
    replica = ReconcileModel()
    replica.open(0, 1, Algorithm.OFF)
    replica.put_number(b"k0", 0, None, 0)
    replica.fill(1, 0)
    document = replica.export().data

    part = read_document(document, 1)

    assert document.index(b"k0") < document.index(b"f00")
    assert [*part.shared.entries] == [b"f00", b"k0"]


def test_the_ghost_log_misses_what_is_lost_and_sees_what_comes_back() -> None:
    """I6, I7: the law that is held to it can fail."""
    ghost, replicas = Ghost(b"m0"), [ReconcileModel() for _ in range(3)]
    for place, replica in enumerate(replicas):
        replica.open(place, 1, Algorithm.OFF)
    put = (b"a" + bytes(4), 1)
    tombstone = (b"bb" + bytes(4), 1)

    ghost.do(Move(Act.PUT, place=0, ahead=1, now=0), replicas)
    ghost.do(Move(Act.PULL, place=1, ahead=2, now=0), replicas)
    ghost.do(Move(Act.DELETE, place=1, ahead=1, now=0), replicas)

    assert ghost.explains(0, [put])
    assert not ghost.explains(0, [])
    assert ghost.explains(1, [tombstone])
    assert ghost.explains(1, [])
    assert not ghost.explains(1, [put])


def test_what_may_be_tried_again_is_what_the_text_says() -> None:
    """The contract's rejections are classes of R11.1, and retryable where these are."""
    text = (ROOT / "docs" / "reference" / "reconcile.md").read_text()
    classes = dict(re.findall(r"^\| \d+ \| `(\w+)` \| (yes|no) \|$", text, re.MULTILINE))

    told = {r.name: "yes" if r.retryable else "no" for r in schema_of(Reconcile).rejections}

    assert len(classes) == 18
    assert told.items() <= classes.items()


def test_each_invariant_has_its_checks_and_each_check_its_invariant() -> None:
    """The table of invariants names what there is, and each law says for which invariants it stands."""
    text = (ROOT / "docs" / "reference" / "reconcile.md").read_text()
    rows = re.findall(r"^\| (I\d[^|]*) \| [^|]+ \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    schema = schema_of(Reconcile)
    stands_for: dict[str, set[str]] = {}
    for ids, checks in rows:
        for name in re.findall(r"`(\w+)`", checks):
            stands_for.setdefault(name, set()).update(ids.split(", "))
    own = {one.name: one.doc for one in (*schema.laws, *schema.invariants)}

    assert len(rows) == 17
    assert all(re.search(r"`\w+`|D\d", checks) for _, checks in rows)
    assert {code for _, checks in rows for code in re.findall(r"D\d+", checks)} <= {c.code for c in CHECKS}
    assert stands_for.keys() - own.keys() <= {operation.name for operation in schema.operations}
    assert {name: set(doc.split(":")[0].split(", ")) for name, doc in own.items()} == {
        name: ids for name, ids in stands_for.items() if name in own
    }
