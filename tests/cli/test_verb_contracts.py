"""`driftcheck contracts`: the list, the page, the export."""

from __future__ import annotations

import json

from cli_toys import TOY, Author, Call


def test_the_list_has_each_installed_contract_with_operations_and_subjects(driftcheck: Call) -> None:
    """Without a name the contracts that are installed are listed."""
    said = driftcheck("contracts")

    assert said.code == 0
    assert "lru: A bounded map that forgets what was used longest ago." in said.out
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
    assert "subjects     none: no subject is there" in said.out


def test_an_unknown_contract_is_a_mistake(driftcheck: Call) -> None:
    """A name that no contract has is told in one sentence, with those that are known."""
    said = driftcheck("contracts", "lur")

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(
        "driftcheck: no contract is named 'lur'; known are cbor, json, lru, reconcile, semver, "
    )
    assert said.err.count("\n") == 1


def test_a_module_that_fails_is_a_mistake_with_its_place(driftcheck: Call, author: Author) -> None:
    """What an author's module raises is told with file and line, without a traceback."""
    name = author("limit = {}\nlimit['size']\n")
    module = name.partition(":")[0]

    said = driftcheck("contracts", name)

    assert said.code == 2
    assert f"its module {module!r} cannot be imported: KeyError: 'size'; see " in said.err
    assert said.err.endswith(f"{module}.py, line 2\n")


def test_what_is_no_contract_is_refused_by_name(driftcheck: Call, author: Author) -> None:
    """A place must hold a contract class: nothing, another thing and a model are told apart."""
    for text, told in (
        ("", "has no 'Toy'"),
        ("Toy = 3", "is no contract; name a subclass of driftcheck.Contract"),
        ("from driftcheck_contracts.lru.model import LruModel as Toy", "is a model; name its contract, Lru"),
    ):
        said = driftcheck("contracts", author(text))

        assert said.code == 2
        assert told in said.err


def test_codecs_are_listed_with_their_mutations(driftcheck: Call) -> None:
    """Each codec of a contract's payloads is told of with its class and what each mutation does."""
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
