"""Functions of an author that say what an entry covers: which are found, and what they may do wrong."""

from __future__ import annotations

from os.path import commonpath
from pathlib import Path
from typing import Any

import pytest

from driftcheck import U64, Contract, operation, schema_of
from driftcheck.core.errors import ContractError
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetry_file import AsymmetryError, read_asymmetries
from driftcheck.oracle.signature import Divergence, Observed

LANGUAGES = {"go": "go", "rust": "rust"}
ENTRY = """
[known]
operation = "count"
shape = {{ differs = "" }}
deviates = "go"
where = {where}
reason = "so"
owner = "me"
expires = 2999-12-31
"""


class Counts(Contract):
    @operation
    def count(self, number: U64) -> U64: ...


def is_large(operation: str, arguments: Any, outcomes: Any) -> bool:
    return bool(operation == "count" and arguments["number"] > 5 and set(outcomes) == {"go", "rust"})


def raises(operation: str, arguments: Any, outcomes: Any) -> bool:
    raise KeyError(operation)


def returns_one(operation: str, arguments: Any, outcomes: Any) -> Any:
    return 1


def takes_nothing() -> bool:
    return True


not_a_function = 3


def entries(folder: Path, where: str) -> Any:
    file = folder / "asymmetries.toml"
    file.write_text(ENTRY.format(where=where))
    return read_asymmetries([file], schema_of(Counts), LANGUAGES)


def divergence(number: int | None) -> Divergence:
    seen = None if number is None else Observed("count", {"number": number}, {"go": 1, "rust": 2})
    shape = (("go", "accepted"), ("rust", "accepted"))
    return Divergence(checks.VALUE, 0, "count", shape, groups=(("go",), ("rust",)), observed=seen)


def test_a_function_says_what_its_entry_covers(tmp_path: Path) -> None:
    """What nobody has observed, no function covers."""
    known = entries(tmp_path, '"is_large"')

    assert known.match(divergence(6)) is not None
    assert known.match(divergence(5)) is None
    assert known.match(divergence(None)) is None
    assert not known.entries[0].covers_whole_operation
    assert known.ask_about("count")
    assert not known.ask_about("other")


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (
            '"is_larg"',
            "'is_larg' is not a function that the contract's module 'test_predicates' defines; did you mean",
        ),
        ('"commonpath"', "is not a function that the contract's module"),  # imported, so not its own
        ('"not_a_function"', "is not a function that"),
        ('"Counts"', "is not a function that"),
        ('"os.path.commonpath"', "is not a function that"),
        ('"test_predicates:is_large"', "is not a function that"),
        ("3", "has where = 3; give text"),
    ],
)
def test_a_file_names_only_functions_of_the_module(where: str, told: str, tmp_path: Path) -> None:
    """No file reaches other code; the message names the file and the line."""
    assert commonpath(["a"]) == "a"  # it is there, and not found

    with pytest.raises(AsymmetryError) as raised:
        entries(tmp_path, where)

    assert told in str(raised.value)
    assert "asymmetries.toml, line 6: entry 'known' has where = " in str(raised.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("raises", "function 'raises', which asymmetries name, raised KeyError: 'count'; see "),
        ("returns_one", "function 'returns_one', which asymmetries name, returned 1; see "),
        ("takes_nothing", "function 'takes_nothing', which asymmetries name, raised TypeError: "),
    ],
)
def test_a_function_that_misbehaves_is_a_mistake(name: str, told: str, tmp_path: Path) -> None:
    """driftcheck reports it in a sentence with its place, as other code of an author is."""
    with pytest.raises(ContractError) as raised:
        entries(tmp_path, f'"{name}"').match(divergence(1))

    assert told in str(raised.value)
    assert str(raised.value).endswith("it must return True or False for any step of the operation")


def test_a_function_needs_an_operation(tmp_path: Path) -> None:
    """A law or a frame has no step that it could see."""
    file = tmp_path / "asymmetries.toml"
    text = ENTRY.format(where='"is_large"').replace('operation = "count"', 'frame = "main.run"')
    file.write_text(text)

    with pytest.raises(AsymmetryError, match="'where' without 'operation'"):
        read_asymmetries([file], schema_of(Counts), LANGUAGES)
