"""A panic of an adapter and a panic of a library, each of a real Go library, told apart in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_toys import GO_MOD, TOY, Author, Call

ADAPTER = """\
package main

import (
	"strings"

	contract "toy/toy"

	driftcheck "driftcheck/sdk"
)

type adapter struct{{ list []int }}

func (a adapter) Ping() (bool, error) {{
	{body}
}}

func init() {{ driftcheck.Register(contract.Contract(adapter{{}})) }}

func main() {{ _ = strings.ToUpper }}
"""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "return a.list[len(a.list)] == 0, nil",
            r"in go, the adapter panicked at adapter\.go:14, in main\.adapter\.Ping",
        ),
        (
            'return strings.Repeat("a", -1-len(a.list)) == "", nil',
            r"in go, the library panicked at strings\.go:\d+, in strings\.Repeat",
        ),
    ],
    ids=["adapter", "library"],
)
def test_the_finding_says_whose_panic_it_is(
    driftcheck: Call, author: Author, tmp_path: Path, body: str, told: str
) -> None:
    """The page of the finding says so, and `explain` says what to do in each case."""
    folder = tmp_path / "go"
    folder.mkdir()
    (folder / "go.mod").write_text(GO_MOD)
    (folder / "adapter.go").write_text(ADAPTER.format(body=body))
    name = author(TOY)
    driftcheck("gen", name)

    said = driftcheck("run", name, "--max-traces", "1")

    assert said.code == 1
    assert re.search(rf"^observed  {told}$", said.out, re.MULTILINE)
