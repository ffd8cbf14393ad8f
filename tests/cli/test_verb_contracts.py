"""`driftcheck contracts`: the list, the page, the export."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from cli_toys import TOY, Author, Call


def test_the_list_has_each_installed_contract_with_operations_and_subjects(driftcheck: Call) -> None:
    """Without a name the contracts that are installed are listed."""
    said = driftcheck("contracts")

    assert said.code == 0
    assert "lru: A bounded map that evicts the least recently used entry." in said.out
    assert "  operations  put, get, peek, remove, resize, walk, advance, finish" in said.out
    assert "  subjects    go, rust, model" in said.out


def test_the_list_is_json_on_demand(driftcheck: Call) -> None:
    """The list has the same four facts of each contract as JSON."""
    found = {one["name"]: one for one in json.loads(driftcheck("contracts", "--json").out)}

    assert found["json"] == {
        "name": "json",
        "doc": "Reads and writes JSON documents: an Item, an Order, and any value.",
        "operations": ["decode", "encode", "decode_order", "encode_order", "rewrite"],
        "subjects": ["go", "go-v2", "serde", "serde-float", "sonic"],
    }


def test_the_page_of_a_contract_says_all_of_it(driftcheck: Call) -> None:
    """With a name one contract is shown in full."""
    said = driftcheck("contracts", "lru")

    assert said.code == 0
    for line in (
        "open         (capacity: int 1..4)",
        "state        tuple[Entry, ...]",
        "  put(key: str of 1 to 8 (one of 4 a trace), value: bytes of at most 16) -> Entry | None",
        "      rejects with absent",
        "      changes nothing",
        "  advance(cursor: handle of Cursor) -> Entry | None",
        "  finish(cursor: closes handle of Cursor) -> int 0..4",
        "      value: bytes",
    ):
        assert line in said.out.splitlines()


def test_a_contract_without_an_entry_point_or_adapter_is_shown(driftcheck: Call, author: Author) -> None:
    """An author sees the contract of a module in the working directory before there is an adapter."""
    said = driftcheck("contracts", author(TOY))

    assert said.code == 0
    assert "  ping() -> bool\n      Answer.\n" in said.out
    assert "subjects     none: no subject is declared" in said.out


def test_an_unknown_contract_is_a_mistake(driftcheck: Call) -> None:
    """A name that no contract has is reported in one sentence, with those that are known."""
    said = driftcheck("contracts", "lur")

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("driftcheck: no contract is named 'lur'; the contracts are ")
    assert said.err.endswith("; did you mean 'lru'?\n")
    assert said.err.count("\n") == 1


def test_a_module_that_fails_is_a_mistake_with_its_place(driftcheck: Call, author: Author) -> None:
    """What an author's module raises is reported with file and line, without a traceback."""
    name = author("limit = {}\nlimit['size']\n")
    module = name.partition(":")[0]

    said = driftcheck("contracts", name)

    assert said.code == 2
    assert f"its module {module!r} cannot be imported: it raised KeyError: 'size'; see " in said.err
    assert said.err.endswith(f"{module}.py, line 2; fix the module\n")


def test_what_is_no_contract_is_refused_by_name(driftcheck: Call, author: Author) -> None:
    """A place must hold a contract class: nothing, another thing and a model are told apart."""
    for text, told in (
        ("", "has no 'Toy'"),
        ("Toy = 3", "is not a contract; name a subclass of driftcheck.Contract"),
        ("from driftcheck_contracts.lru.model import LruModel as Toy", "is a model; name its contract, Lru"),
    ):
        said = driftcheck("contracts", author(text))

        assert said.code == 2
        assert told in said.err


@pytest.mark.parametrize(
    ("word", "told"),
    [
        (
            "not_there:Toy",
            "No module named 'not_there'; run the command in the folder that contains it (this is FOLDER), "
            "or ",
        ),
        ("not_there.py:Toy", "write 'not_there:Toy'\n"),
        ("./sub/not_there.py:Toy", "does not name a class; write 'sub.not_there:Toy'\n"),
        ("-:Toy", "does not name a class; write 'module:Class'\n"),
    ],
)
def test_what_cannot_be_imported_is_told_with_what_to_write(
    driftcheck: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, told: str
) -> None:
    """A module may stand in the working directory, and is named as Python names it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])

    said = driftcheck("contracts", "--", word)

    assert said.code == 2
    assert told.replace("FOLDER", str(tmp_path)) in said.err
    assert said.err.count("\n") == 1


def test_what_a_module_imports_and_is_not_there_is_to_be_installed(driftcheck: Call, author: Author) -> None:
    """The contract's own folder has nothing to do with it."""
    said = driftcheck("contracts", author("import never_installed\n"))

    assert said.err.endswith("cannot be imported: No module named 'never_installed'; install it\n")


CHOICES = """
import enum
from typing import Annotated
from driftcheck import *

class Size(enum.Enum):
    SMALL = 1

class Toy(Contract):
    @operation
    def ping(
        self,
        a: Annotated[bytes, in_([b"k0", b"\\xff"])],
        b: Annotated[str, in_(["x", "y, z"])],
        c: Annotated[Size, in_([Size.SMALL])],
        d: Annotated[int, in_([1, 3])],
    ) -> None: ...
"""


def test_what_a_value_is_drawn_from_is_shown_as_in_findings(driftcheck: Call, author: Author) -> None:
    """Bytes and text between quotes, members of an enumeration by name."""
    said = driftcheck("contracts", author(CHOICES))

    assert (
        r'ping(a: one of b"k0", b"\xff", b: one of "x", "y, z", c: one of SMALL, d: one of 1, 3)' in said.out
    )


def test_codecs_are_listed_with_their_mutations(driftcheck: Call) -> None:
    """Each codec of a contract's payloads is listed with its class and what each mutation does."""
    said = driftcheck("contracts", "json", "--codecs")

    assert said.code == 0
    first, second, *rest = said.out.splitlines()
    assert first == "json: The JSON document of a value, by the names of its fields."
    assert second == "  class  driftcheck.codecs.json:Json"
    assert "  null-field: Write null for a field that is not optional" in rest


def test_a_contract_without_payloads_has_no_codec(driftcheck: Call) -> None:
    """Of a contract that takes no payload nothing is listed."""
    said = driftcheck("contracts", "lru", "--codecs", "--json")

    assert (said.code, json.loads(said.out)) == (0, [])
