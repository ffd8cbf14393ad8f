"""`driftcheck selfcheck`: one line a trial, and what a stranger can do about it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli_toys import TOY, Author, Call

from driftcheck.search.adapter_check import Acceptance
from driftcheck.selfcheck import TRIALS

TABLE = '''
import itertools
import os
import random
from typing import Annotated

import attrs

from driftcheck import *

Key = Annotated[str, matches_re("[a-z]{{0,3}}")]


@attrs.frozen
class Table:
    cells: dict[Key, Annotated[int, ge(0), le(9)]]


class Toy(Contract):
    """Reads and writes tables."""

    malformed = Rejection("no table", catch_all=True)

    @operation
    def read(self, document: Payload[Table, Json]) -> tuple[Key, ...]: ...
    @operation
    def write(self, table: Table) -> Payload[Table, Json]: ...
    @operation
    def double(self, number: Annotated[int, ge(0), le(9)]) -> Annotated[int, ge(0), le(18)]: ...


seen = set()


class Model(Toy):
    def read(self, document):
        {read}
        if document.value is None:
            raise Toy.malformed()
        return tuple({keys})

    def write(self, table):
        cells = ",".join('"%s":%d' % cell for cell in {order}(table.cells.items()))
        return Payload(('{{"cells":{{%s}}}}' % cells).encode())

    def double(self, number):
        {double}
        return 2 * number

'''
WELL = {"read": "", "keys": "sorted(document.value.cells)", "order": "sorted", "double": ""}
BAD = {
    "not-broken": ({"double": "1 // number"}, "its adapter reports itself as broken: ZeroDivisionError: "),
    "accepts": ({"read": "raise Toy.malformed()"}, "operation 'read' accepted none of "),
    "empty-input": (
        {"read": "document.data or os._exit(3)"},
        "read(``): it dies (exit status 3); fix the adapter, or report the fault if it is the library's",
    ),
    "deterministic": (
        {"double": "return random.randrange(0, 18)"},
        " answered ",
    ),
    "stateless": (
        {"double": "seen.add(number)\n        if number > 5: return len(seen)"},
        "; reset global state in 'open'",
    ),
    "renders-equally": (
        {"order": "shuffled"},
        " when it ran again; both mean the same; write unordered items always in the same order",
    ),
    "agrees": ({"double": "if number == 9: return 19"}, "D104 outside-type in toy, double: "),
}
AT_NIGHT = {"stateless", "agrees"}  # their findings are shrunk, each with many starts of hosts
SHUFFLED = """
turns = itertools.cycle((False, True))
def shuffled(items):
    return sorted(items, reverse=next(turns))
"""


def table(**changed: str) -> str:
    """Return a contract whose model is right but for what is changed."""
    return TABLE.format(**WELL | changed) + SHUFFLED


def tried(driftcheck: Call, name: str, *options: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Return the exit code, and what each trial came to."""
    said = driftcheck("selfcheck", name, "--json", "--traces", "60", "--deadline", "300ms", *options)
    return said.code, {item["name"]: item for item in json.loads(said.out)}


def test_sound_adapters_are_told_in_a_line_each(driftcheck: Call, author: Author) -> None:
    """What was done stands beside each trial, and the exit code is 0."""
    name = author(table())

    said = driftcheck("selfcheck", name, "--traces", "60")

    first, *lines, last = said.out.splitlines()
    assert (said.code, said.err) == (0, "")
    assert first == f"ok       {name}: codecs  30 values and all mutations tried"
    assert [line.split()[:4] for line in lines] == [["ok", f"{name}:", "model:", trial] for trial in TRIALS]
    assert last == "all adapters are sound"


@pytest.mark.parametrize(
    "trial", [pytest.param(one, marks=pytest.mark.nightly if one in AT_NIGHT else ()) for one in BAD]
)
def test_each_fault_fails_its_own_trial(driftcheck: Call, author: Author, trial: str) -> None:
    """One item is unsound, with the call that shows it; the exit code is 2."""
    changed, told = BAD[trial]

    code, items = tried(driftcheck, author(table(**changed)))

    assert code == 2
    assert [name for name, item in items.items() if item["state"] == "unsound"] == [trial]
    assert told in items[trial]["text"]


@pytest.mark.nightly
def test_payloads_that_a_subject_rejects_are_counted(driftcheck: Call, author: Author) -> None:
    """A subject may reject some, such as those that its state does not allow. The trial passes."""
    reads = "if document.value is None or sum(document.value.cells.values()) % 2: raise Toy.malformed()"
    _, items = tried(driftcheck, author(table(read=reads)))

    accepted, payloads = map(int, re.findall(r"\d+", items["accepts"]["text"]))
    assert items["accepts"]["state"] == "ok"
    assert 0 < accepted < payloads


def test_a_subject_that_accepts_few_payloads_is_a_warning(driftcheck: Call, author: Author) -> None:
    """The line says how few, what that means for a search, and what to do; the exit code stays 0."""
    reads = "if document.value is None or document.value.cells.get('') != 1: raise Toy.malformed()"

    text = table(read=reads).replace("Payload[Table, Json]: ...", "bytes: ...")  # no round trip
    name = author(text.replace("return Payload((", "return ((", 1))
    said = driftcheck("selfcheck", name, "--traces", "60", "--deadline", "300ms")

    assert said.code == 0
    (warning,) = [line for line in said.out.splitlines() if line.startswith("warning")]
    assert re.search(
        r"accepts .*operation 'read' accepted only \d+ of \d+ well-formed payloads; "
        "a search would compare rejections in most steps, and rarely values; "
        "narrow the types of the contract to what the subject accepts, ",
        warning,
    )
    assert said.out.endswith("all adapters are sound, with 1 warning\n")


def test_a_subject_that_accepts_a_quarter_of_the_payloads_is_no_warning() -> None:
    """One payload fewer is a warning; four payloads are too few to judge."""
    assert not Acceptance("go", "read", payloads=20, accepted=5).is_low
    assert Acceptance("go", "read", payloads=20, accepted=4).is_low
    assert not Acceptance("go", "read", payloads=4, accepted=0).is_low


def test_an_order_that_a_dict_has_not_is_told(driftcheck: Call, author: Author) -> None:
    """A subject that answers an equal document otherwise, with items added in another order, is reported."""
    code, items = tried(driftcheck, author(table(keys="document.value.cells")))

    assert code == 2
    assert [name for name, item in items.items() if item["state"] == "unsound"] == ["renders-equally"]
    assert ", and for an equal value, read(" in items["renders-equally"]["text"]


def test_a_library_that_cannot_be_loaded_is_told(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """A subject that does not start is reported in the loader's own words, and nothing else is tried."""
    (tmp_path / "_built").mkdir()
    (tmp_path / "_built" / "go.so").write_text("not a library")

    code, items = tried(driftcheck, author(TOY))

    assert code == 2
    assert "go.so cannot be loaded: " in items["starts"]["text"]
    assert {item["state"] for name, item in items.items() if name not in ("codecs", "starts")} == {"untried"}


def test_a_codec_at_fault_keeps_subjects_from_being_tried(driftcheck: Call, author: Author) -> None:
    """Documents that the codec cannot write would show nothing."""
    odd = "class Odd(Json):\n    def encode_typed(self, value, type_):\n        return str(value)\n\n\n"
    text = table().replace("class Toy", f"{odd}class Toy", 1).replace("[Table, Json])", "[Table, Odd])")

    code, items = tried(driftcheck, author(text))

    assert code == 2
    assert [*items] == ["codecs"]
    assert items["codecs"]["text"].startswith("codec 'odd': 'encode' returned ")


def test_a_subject_that_is_not_there_is_one_sentence(driftcheck: Call, author: Author) -> None:
    """A wrong `--subject` names those that there are."""
    said = driftcheck("selfcheck", author(table()), "--subject", "go")

    assert (said.code, said.out) == (2, "")
    assert said.err == "driftcheck: contract 'toy': no subject is named 'go'; the subjects are model\n"
