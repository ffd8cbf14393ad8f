"""The rows of a contract's matrix: lines, shares, witnesses and asymmetries."""

from __future__ import annotations

from pathlib import Path

import pytest
from surveyed_models import Counts

from driftcheck import schema_of
from driftcheck.core.trace import Trace
from driftcheck.findings import keep, words
from driftcheck.findings.case import load
from driftcheck.findings.finding import Finding
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.matrix.cells import RAW, VALUES, WELL_FORMED, Line, Matrix, Row
from driftcheck.matrix.survey import MOST_DEATHS, survey
from driftcheck.oracle.asymmetry_file import read_asymmetries
from driftcheck.oracle.oracle import Oracle
from driftcheck.search.session import Session
from driftcheck.subjects.discover import Subject
from driftcheck_contracts.lru import Lru

Surveyed = tuple[Matrix, Path]

SCHEMA = schema_of(Counts)
MODELS = {"strict": "Strict", "lenient": "Lenient", "odd": "Odd"}
KNOWN = """
[zero-in-front]
operation = "read"
feature = "leading-zero"
shape = { strict = "malformed", lenient = "accepted", odd = "malformed" }
deviates = "lenient"
reason = "it is not said whether a zero may stand in front"
owner = "contracts"
expires = 2999-12-31
"""


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory: pytest.TempPathFactory) -> Surveyed:
    """Return the matrix of three models, and the folder of its cases."""
    root = tmp_path_factory.mktemp("surveyed")
    (root / "asymmetries.toml").write_text(KNOWN)
    known = read_asymmetries([root / "asymmetries.toml"], SCHEMA, dict.fromkeys(MODELS, "python"))

    def kept(finding: Finding, picture: str) -> tuple[str, Finding]:
        saved = keep.save(finding, SCHEMA, root, lambda case: None, picture=picture)
        return str(saved.path), saved.finding

    with _lockstep(MODELS) as lockstep:
        oracle = Oracle(SCHEMA, lockstep, known)
        session = Session(Counts, SCHEMA, None, lockstep, oracle, known, lockstep.start())
        return survey(session, traces=60, seed=0, keep=kept), root


def _lockstep(models: dict[str, str], module: str = "surveyed_models") -> Lockstep:
    here = {"PYTHONPATH": str(Path(__file__).parent)}
    subjects = [Subject(name, "python", "python", f"{module}:{cls}", here) for name, cls in models.items()]
    return Lockstep(SCHEMA, subjects)


def _row(matrix: Matrix, made: str) -> Row:
    return next(row for row in matrix.rows if row.made == made)


def _words(line: Line) -> tuple[str, ...]:
    return tuple(map(str, line.cells))


def _shown(line: Line) -> str:
    assert line.witness is not None
    return "; ".join(line.witness.steps)


def test_a_row_for_each_way_to_make_a_payload(surveyed: Surveyed) -> None:
    """Operations keep their order; each has rows for well-formed payloads, each mutation, and raw bytes."""
    matrix, _ = surveyed

    assert [(row.operation, row.made) for row in matrix.rows] == [
        ("read", WELL_FORMED),
        ("read", "leading-zero"),
        ("read", "sign"),
        ("read", "space"),
        ("read", "nothing"),
        ("read", RAW),
        ("same", VALUES),
    ]


def test_each_picture_is_a_line_with_a_small_witness(surveyed: Surveyed) -> None:
    """The most frequent line of a row comes first, and its witness is small."""
    matrix, _ = surveyed
    lines = _row(matrix, "leading-zero").lines

    shown = {_words(line): _shown(line) for line in lines}
    assert shown == {
        ("reject", "accept A", "accept B"): "read(`010`)",
        ("reject", "accept", "reject"): "read(`050`)",
        ("reject", "accept", "accept"): "read(`00`)",
    }
    assert [line.documents for line in lines] == sorted((line.documents for line in lines), reverse=True)


def test_what_also_differs_without_the_mutation_is_set_aside(surveyed: Surveyed) -> None:
    """Where the subjects differ on a number without its mutation, the mutation's row does not count it."""
    matrix, _ = surveyed
    row = _row(matrix, "leading-zero")

    assert row.set_aside
    assert row.documents + row.set_aside == 60
    (differing,) = _row(matrix, WELL_FORMED).differing
    assert _words(differing) == ("accept A", "accept A", "accept B")
    assert _shown(differing) == "read(`90`)"


def test_an_asymmetry_is_named_and_another_divergence_is_new(surveyed: Surveyed) -> None:
    """An entry is named in the lines that it covers, and in no other line."""
    matrix, _ = surveyed
    lines = [line for row in matrix.rows for line in row.differing]

    assert {_shown(line) for line in lines if line.asymmetries == ("zero-in-front",)} == {"read(`050`)"}
    assert all(line.is_new for line in lines if not line.asymmetries)
    assert matrix.asymmetries["zero-in-front"].owner == "contracts"
    assert matrix.has_news


def test_rows_on_which_all_agree(surveyed: Surveyed) -> None:
    """All subjects may agree to reject; a mutation without effect has an empty row."""
    matrix, _ = surveyed

    assert _row(matrix, "space").agrees
    assert _row(matrix, RAW).documents == 60
    assert _row(matrix, "nothing").is_empty
    assert _row(matrix, VALUES).agrees


def test_a_row_of_deaths_ends_early(surveyed: Surveyed) -> None:
    """A subject that dies has a witness, and does not die sixty times."""
    matrix, _ = surveyed
    row = _row(matrix, "sign")

    (line,) = row.lines
    assert _words(line) == ("reject", "reject", "crash")
    assert _shown(line) == "read(`+0`)"
    assert row.documents == MOST_DEATHS


def test_each_witness_is_a_case_of_its_own(surveyed: Surveyed) -> None:
    """The file of a line has that line's witness, also where two lines have one signature."""
    matrix, root = surveyed
    witnesses = [line.witness for row in matrix.rows for line in row.differing]

    assert {str(path) for path in root.glob("cases/counts/*.json")} == {w.case for w in witnesses if w}
    for witness in filter(None, witnesses):
        case = load(Path(witness.case), lambda name: SCHEMA)
        assert isinstance(case.case, Trace)
        assert tuple(words.step(SCHEMA, step) for step in case.case.steps) == witness.steps
    assert len({load(Path(w.case), lambda name: SCHEMA).signature for w in witnesses if w}) < len(witnesses)


def test_one_seed_gives_one_matrix() -> None:
    """The same seed gives the same matrix; another seed gives other shares."""
    models = {"strict": "Strict", "lenient": "Lenient"}

    def made(seed: int) -> Matrix:
        with _lockstep(models) as lockstep:
            oracle = Oracle(SCHEMA, lockstep)
            session = Session(Counts, SCHEMA, None, lockstep, oracle, oracle.asymmetries, {})
            return survey(session, traces=20, seed=seed, keep=lambda finding, picture: ("", finding))

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_a_contract_with_state_has_a_row_for_each_operation() -> None:
    """Steps of whole traces are counted, until the states differ after a step."""
    schema = schema_of(Lru)
    here = {"PYTHONPATH": str(Path(__file__).parent)}
    right = Subject("right", "python", "python", "driftcheck_contracts.lru.model:LruModel", here)
    wrong = Subject("wrong", "python", "python", "replayed_models:NoUse", here)
    with Lockstep(schema, [right, wrong]) as lockstep:
        oracle = Oracle(schema, lockstep)
        session = Session(Lru, schema, None, lockstep, oracle, oracle.asymmetries, {})
        matrix = survey(session, traces=50, seed=0, keep=lambda finding, picture: ("", finding))

    assert [row.operation for row in matrix.rows] == [o.name for o in schema.operations]
    (line,) = [line for row in matrix.rows for line in row.differing]
    assert _words(line) == ("accept A", "accept B")
    assert line.witness is not None
    assert [step.partition("(")[0] for step in line.witness.steps] == ["put", "put", "get"]
    assert all(row.documents >= 50 for row in matrix.rows)
