"""`driftcheck compat`: what breaks whom, in words and as JSON, and what can be wrong with exports."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cli_toys import Author, Call

from driftcheck import schema_of
from driftcheck.contract import lookup
from driftcheck.contract.export import export

Export = Callable[..., str]


@pytest.fixture
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    """Return a writer of an edited export into the working directory; it gives the file's name."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, edit: Callable[[Any], Any] = lambda data: None, contract: str = "json") -> str:
        data = json.loads(json.dumps(export(schema_of(lookup.load_named(contract)))))
        edit(data)
        (tmp_path / name).write_text(json.dumps(data))
        return name

    return write


def required(data: Any) -> None:
    """Make a field of a document required."""
    note = data["types"]["Item"]["fields"][3]
    note["type"] = note["type"]["of"]


def test_what_breaks_is_told_with_a_witness(driftcheck: Call, exported: Export) -> None:
    """The exit code is 1, and a document is shown that was written before and is refused now."""
    said = driftcheck("compat", exported("old.json"), exported("new.json", required))

    assert said.code == 1
    assert (
        "new readers of old documents\n"
        "  C204  decode.document.Item.note: null is refused\n"
        '        witness  `{"id":0,"name":"","score":0,"note":null,"tags":[]}`\n'
    ) in said.out


def test_nothing_breaks(driftcheck: Call, exported: Export) -> None:
    """The exit code is 0 where a change is compatible; it is counted."""
    new = exported("new.json", lambda data: data.update(doc="Another."))

    said = driftcheck("compat", exported("old.json"), new)

    assert (said.code, said.out) == (0, "json: nothing breaks\n\ncompatible changes: 1\n")


def test_the_comparison_is_json_on_demand(driftcheck: Call, exported: Export) -> None:
    """Programs read breaks, notes and compatible changes."""
    said = driftcheck("compat", exported("old.json"), exported("new.json", required), "--json")

    told = json.loads(said.out)
    assert said.code == 1
    assert list(told) == ["contract", "old", "new", "breaks", "notes", "compatible"]
    (first,) = [one for one in told["breaks"] if one["whom"] == "new readers of old documents"]
    assert first == {
        "code": "C204",
        "name": "null-refused",
        "whom": "new readers of old documents",
        "path": "decode.document.Item.note",
        "also_at": [],
        "schema_versions": [],
        "says": "null is refused",
        "witness": {
            "value": {"id": 0, "name": "", "score": 0.0, "note": None, "tags": []},
            "document": {"text": '{"id":0,"name":"","score":0,"note":null,"tags":[]}'},
            "refused": "note is null, but text is expected",
        },
    }


def test_one_export_is_read_from_standard_input(
    driftcheck: Call, exported: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CI pipes today's export into the comparison."""
    old = exported("old.json")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(Path(old).read_bytes())))

    assert driftcheck("compat", old, "-").code == 0


def test_a_document_that_is_no_text_is_shown_in_hex(driftcheck: Call, exported: Export) -> None:
    """A witness of CBOR can be pasted into other tools."""
    old, new = exported("old.json", contract="cbor"), exported("new.json", without_name, contract="cbor")

    said = driftcheck("compat", old, new)

    assert said.code == 1
    assert "        witness  hex aa 62 69 64 00 " in said.out


def without_name(data: Any) -> None:
    """Drop a field of a record that CBOR documents hold."""
    fields = data["types"]["Reading"]["fields"]
    fields[:] = [one for one in fields if one["name"] != "name"]


def test_a_document_of_an_author_s_codec_is_shown(driftcheck: Call, exported: Export) -> None:
    """The codec of an installed contract, which wants the author's own classes, writes the witness."""
    old = exported("old.json", contract="reconcile")
    new = exported("new.json", fewer_epochs, contract="reconcile")

    said = driftcheck("compat", old, new)

    assert said.code == 1
    assert (
        "  C205  import_.document.Document.epoch: numbers above 0 are refused "
        "(schema versions 1, 2, 3)\n"
        "        witness  hex 44 43 52 31 "  # DCR1
    ) in said.out


OWN = """
import attrs
from typing import Annotated
from driftcheck import Contract, Payload, le, ge, operation
from driftcheck.codecs import Codec

@attrs.frozen
class Size:
    n: Annotated[int, ge(0), le(9)]

    def text(self):
        return f"<{self.n}>"

class SizeText(Codec[Size]):
    def encode(self, value):
        return value.text().encode()

class Toy(Contract):
    @operation
    def read(self, document: Payload[Size, SizeText]) -> bool: ...
"""


def test_a_contract_without_an_entry_point_can_be_named(
    driftcheck: Call, author: Author, tmp_path: Path
) -> None:
    """Its codec writes the witness; without it the value is shown."""
    place = author(OWN)
    old = driftcheck("contracts", place, "--json").out
    (tmp_path / "old.json").write_text(old)
    (tmp_path / "new.json").write_text(old.replace('"max": 9', '"max": 8'))

    said = driftcheck("compat", "old.json", "new.json", "--contract", place)

    assert "witness  `<9>`\n" in said.out
    assert 'witness  {"n": 9}\n' in driftcheck("compat", "old.json", "new.json").out


def test_another_contract_than_that_of_the_exports_is_a_mistake(
    driftcheck: Call, exported: Export, author: Author
) -> None:
    """Its codecs and asymmetries would not be theirs."""
    place = author(OWN)

    said = driftcheck("compat", exported("old.json"), "old.json", "--contract", place)

    assert said.code == 2
    assert f"{place} is the contract 'toy', and old.json is of 'json'" in said.err


def fewer_epochs(data: Any) -> None:
    """Narrow a field of what documents are drawn from."""
    (field,) = [one for one in data["types"]["Document"]["fields"] if one["name"] == "epoch"]
    field["type"]["max"] = 0


def test_kept_cases_are_tried(driftcheck: Call, exported: Export, tmp_path: Path) -> None:
    """Files under cases/ are read by both contracts; the one that fits no more is named."""
    case = {
        "driftcheck_case": 1,
        "contract": "json",
        "signature": {"check": "D103", "operation": "encode", "shape": {}},
        "steps": [
            {
                "operation": "encode",
                "arguments": {"item": {"id": 0, "name": "", "score": 0.0, "note": None, "tags": []}},
            }
        ],
    }
    (tmp_path / "cases" / "json").mkdir(parents=True)
    (tmp_path / "cases" / "json" / "one.json").write_text(json.dumps(case))
    (tmp_path / "cases" / "json" / "two.json").write_text(json.dumps({**case, "contract": "lru"}))

    said = driftcheck("compat", exported("old.json"), exported("new.json", required))

    assert (
        "cases\n"
        "  C401  cases/json/one.json: step 1 (encode): argument 'item' at note is null, but text is "
        "expected\n"
    ) in said.out
    assert "  C506  cases/json/two.json: it did not fit before either: " in said.out


def test_known_differences_of_the_project_are_tried(
    driftcheck: Call, exported: Export, tmp_path: Path
) -> None:
    """Entries that name an operation which is gone are named."""
    (tmp_path / "asymmetries").mkdir()
    (tmp_path / "asymmetries" / "json.toml").write_text('[ours]\noperation = "rewrite"\n')
    new = exported("new.json", lambda data: data["operations"].pop())

    said = driftcheck("compat", exported("old.json"), new)

    assert "  C402  asymmetries/json.toml: ours names the operation rewrite, which was removed\n" in said.out


def edited(**keys: Any) -> Callable[[Any], None]:
    """Return an edit of the export's own keys."""
    return lambda data: data.update(keys)


HOW = "write one with 'driftcheck contracts NAME --json'"
MISTAKES = {
    "not JSON": ("{", "export new.json: it is not JSON: expecting property name enclosed in double quotes"),
    "empty": ("", "export new.json: it is empty; fetch it again"),
    "another file": ("{}", f"export new.json: it is an empty object, not an export of a contract; {HOW}"),
    "a number": ("1", f"export new.json: it is 1, not an export of a contract; {HOW}"),
    "the list": ("[]", f"export new.json: it is a list of contracts; give the export of one contract: {HOW}"),
    "a newer format": (
        edited(format=2),
        "export new.json: it has format 2, but this driftcheck reads 1; upgrade driftcheck",
    ),
    "no format": (
        edited(format="1"),
        f"export new.json: it has the text '1' as 'format', but 1 is expected; {HOW}",
    ),
    "another contract": (
        edited(contract="lru"),
        "export new.json: it is of the contract 'lru', but old.json is of 'json'; "
        "give two exports of one contract",
    ),
    "a name of the contract that is none": (
        edited(contract={}),
        f"export new.json: it has an empty object as 'contract', but text is expected; {HOW}",
    ),
    "a name that no contract can have": (
        edited(contract="evil:X"),
        "export new.json: it cannot be read: the text 'evil:X' cannot be the name of a contract; was it "
        f"edited? {HOW}",
    ),
    "no operations": (
        lambda data: data.pop("operations"),
        f"export new.json: it lacks 'operations', so it is not an export of a contract; {HOW}",
    ),
    "an unknown kind": (
        lambda data: data["operations"][0]["result"].update(kind="tree"),
        "export new.json: it cannot be read: the type {'kind': 'tree', 'name': 'Item'} has a kind that "
        f"this driftcheck does not know; was it edited? {HOW}",
    ),
    "an unknown type": (
        lambda data: data["operations"][0]["result"].update(name="Never"),
        f"export new.json: its 'Never' is missing; was it edited? {HOW}",
    ),
    "a type in a circle": (
        lambda data: data["types"]["Item"]["fields"][0]["type"].update(kind="named", name="Item"),
        "export new.json: it cannot be read: the type 'Item' contains itself, which is not "
        f"possible; was it edited? {HOW}",
    ),
    "a broken pattern": (
        lambda data: data["types"]["Item"]["fields"][1]["type"].update(pattern="("),
        "export new.json: it cannot be read: '(' is not a pattern: missing ), unterminated subpattern at "
        f"position 0; was it edited? {HOW}",
    ),
    "an operation that is none": (
        edited(operations=[1]),
        "export new.json: it cannot be read: operations[0] is 1, but an object is expected; was it edited? "
        f"{HOW}",
    ),
    "a name that is none": (
        lambda data: data["operations"][0].update(name=3),
        "export new.json: it cannot be read: operations[0].name is 3, but text is expected; was it edited? "
        f"{HOW}",
    ),
    "bounds without numbers": (
        lambda data: data["types"]["Item"]["fields"][0]["type"].update(min=1, max=0),
        f"export new.json: it cannot be read: the bounds 1 and 0 leave no value; was it edited? {HOW}",
    ),
    "types that are none": (
        edited(types=3),
        "export new.json: it cannot be read: types is 3, but an object",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_sentence(driftcheck: Call, exported: Export, tmp_path: Path, name: str) -> None:
    """What cannot be compared ends with exit code 2, and says which file, what was found and what to do."""
    wrong, told = MISTAKES[name]
    if isinstance(wrong, str):
        (tmp_path / "new.json").write_text(wrong)
    else:
        exported("new.json", wrong)

    said = driftcheck("compat", exported("old.json"), "new.json")

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"driftcheck: {told}")
    assert said.err.count("\n") == 1


def test_a_missing_file_is_a_mistake(driftcheck: Call, exported: Export) -> None:
    """The message names the file and the command that writes one; a contract's name is recognised."""
    said = driftcheck("compat", exported("old.json"), "never.json")
    named = driftcheck("compat", "old.json", "json")

    assert (said.code, named.code) == (2, 2)
    assert said.err == (
        "driftcheck: export never.json: there is no such file; "
        "'driftcheck contracts NAME --json > never.json' writes the export of the contract as it is now\n"
    )
    assert named.err == (
        "driftcheck: export json: it is the name of a contract, not a file; "
        "'driftcheck contracts json --json > FILE' writes the export of the contract as it is now\n"
    )


def test_exports_in_the_wrong_order_are_noticed(driftcheck: Call, exported: Export) -> None:
    """By their versions, or where the old one is what the contract says today."""
    older = exported("older.json", lambda data: data.update(version=1, digest="0" * 16))
    now, newer = exported("now.json"), exported("newer.json", lambda data: data.update(version=2))

    assert "C507" not in driftcheck("compat", older, now).out
    assert "C507" not in driftcheck("compat", now, now).out
    said = driftcheck("compat", now, older)
    assert (
        "  C507  order: now.json is the contract as it is installed here, but older.json is not; were they\n"
        "        swapped? Give the older one first\n"
    ) in said.out
    assert said.code == 0
    assert "newer.json has version 2, but now.json has 1; were" in driftcheck("compat", newer, now).out


def test_bytes_that_are_no_text_are_a_mistake(driftcheck: Call, exported: Export, tmp_path: Path) -> None:
    """The byte is named."""
    (tmp_path / "new.json").write_bytes(b'{"\xff')

    said = driftcheck("compat", exported("old.json"), "new.json")

    assert (said.code, said.err) == (
        2,
        "driftcheck: export new.json: it is not UTF-8 text (at byte 2); save it as UTF-8\n",
    )


def test_two_standard_inputs_are_a_mistake(driftcheck: Call) -> None:
    """There is one."""
    said = driftcheck("compat", "-", "-")

    assert said.code == 2
    assert "OLD and NEW are both -, but there is one standard input; give a file for one of them" in said.err


def test_a_rule_is_explained(driftcheck: Call) -> None:
    """A code of a comparison is explained like that of a check, and so is its name."""
    said = driftcheck("explain", "C204")

    assert said.out.startswith("C204 null-refused: null is written where the reader needs a value\n")
    assert driftcheck("explain", "null-refused").out == said.out


def test_several_codes_are_explained_at_once(driftcheck: Call) -> None:
    """They are explained in the order of the question; an unknown one leaves no half of an answer."""
    alone = [driftcheck("explain", code).out for code in ("C204", "D101")]

    assert driftcheck("explain", "C204", "D101").out == "\n".join(alone)
    said = json.loads(driftcheck("explain", "C204", "D101", "--json").out)
    assert [one["code"] for one in said] == ["C204", "D101"]
    unknown = driftcheck("explain", "C204", "D999")
    assert (unknown.code, unknown.out) == (2, "")


def test_rules_are_listed_with_the_checks(driftcheck: Call) -> None:
    """Without a code all are listed; an unknown one is reported with both."""
    assert "\nC101  operation-removed " in driftcheck("explain").out
    assert "C505" in driftcheck("explain", "C999").err
