"""An honest Go adapter passes on text that is not UTF-8, and `selfcheck` does not blame it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_toys import GO_MOD, Author, Call

TOY = '''
from typing import Annotated
from driftcheck import Contract, ge, le, operation


class Toy(Contract):
    """Reads an escaped byte."""

    @operation
    def unescape(self, number: Annotated[int, ge(0), le(255)]) -> str: ...
    @operation
    def half(self, number: Annotated[int, ge(0), le(9)]) -> Annotated[int, ge(0), le(9)]: ...
'''
ADAPTER = """\
package main

import (
	"fmt"
	"net/url"

	contract "toy/toy"

	driftcheck "driftcheck/sdk"
)

type adapter struct{}

func (adapter) Unescape(number uint64) (string, error) {
	text, err := url.PathUnescape(fmt.Sprintf("%%%02x", number))
	if err != nil {
		return "", driftcheck.Library(err)
	}
	return text, nil
}

func (adapter) Half(number uint64) (uint64, error) { return HALF, nil }

func init() { driftcheck.Register(contract.Contract(adapter{})) }

func main() {}
"""


@pytest.mark.parametrize(
    ("half", "state", "told"),
    [
        (
            "number / 2",
            "ok",
            "returns text that is not UTF-8, which 'driftcheck run' reports as D104; declare",
        ),
        ("number + 1", "unsound", "D104 outside-type in toy, half: "),
    ],
)
def test_text_that_is_not_utf_8_is_told_and_not_held_against_the_adapter(
    driftcheck: Call, author: Author, tmp_path: Path, half: str, state: str, told: str
) -> None:
    """Another promise that the adapter breaks is still found behind it."""
    folder = tmp_path / "go"
    folder.mkdir()
    (folder / "go.mod").write_text(GO_MOD)
    (folder / "adapter.go").write_text(ADAPTER.replace("HALF", half))
    name = author(TOY)
    assert driftcheck("gen", name).code == 0

    said = driftcheck("selfcheck", name, "--json")

    agrees = next(one for one in json.loads(said.out) if one["name"] == "agrees")
    assert agrees["state"] == state
    assert told in agrees["text"]
    assert said.code == (0 if state == "ok" else 2)
