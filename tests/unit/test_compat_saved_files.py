"""Saved files: cases and asymmetries that fit the old contract but not the new one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from compat_samples import STORE, Edit, argument_of, edited, operation_of, read, without

from driftcheck.compat import compare, rules
from driftcheck.compat.saved_files import SavedFiles

CASE = {
    "driftcheck_case": 1,
    "contract": "store",
    "signature": {"check": "D103", "operation": "put", "shape": {"go": "accepted", "rust": "accepted"}},
    "opening": {"place": [0, 1, 2], "room": [1, 1, 1], "mode": ["OFF", "ON", "OFF"]},
    "steps": [
        {
            "operation": "put",
            "instance": 1,
            "arguments": {"key": "a", "value": {"text": ""}, "share": 0.75, "level": 1},
        }
    ],
}
ENTRIES = """\
[reads-all]
operation = "step"
shape = { go = "accepted", rust = "absent" }

[holds-not]
law = "holds"
shape = { go = "broken" }
"""


def told(edit: Edit, kept: SavedFiles, whom: str) -> list[tuple[str, str]]:
    """Return the path and the reason of each saved file that does not fit."""
    found = compare(read(STORE), read(edited(edit)), kept).breaks
    return [(c.path, c.says) for c in found if c.whom == whom]


def test_a_case_file_that_does_not_fit_is_reported(tmp_path: Path) -> None:
    """The report names the file, with the reason that replay gives."""
    path = tmp_path / "one.json"
    path.write_text(json.dumps(CASE))

    found = told(
        lambda d: argument_of(d, "put", "share")["type"].update(max=0.5), SavedFiles(tmp_path), "cases"
    )

    assert found == [
        (str(path), "step 1 (put): argument 'share' is 0.75, outside 0.0 to 0.5"),
    ]


def test_case_files_that_fit_break_nothing(tmp_path: Path) -> None:
    """If the files are there, only what they contain is reported."""
    (tmp_path / "one.json").write_text(json.dumps(CASE))

    assert (
        told(
            lambda d: argument_of(d, "put", "share")["type"].update(max=0.8),
            SavedFiles(tmp_path),
            "cases",
        )
        == []
    )


def test_case_files_that_did_not_fit_before_are_notes(tmp_path: Path) -> None:
    """The edit does not break a broken file or one of another contract; both are notes."""
    other: dict[str, Any] = {**CASE, "contract": "lru"}
    (tmp_path / "other.json").write_text(json.dumps(other))
    (tmp_path / "broken.json").write_text("{")

    def edit(data: Any) -> None:
        without(data["operations"], "put")

    assert told(edit, SavedFiles(tmp_path), "cases") == []
    noted = compare(read(STORE), read(edited(edit)), SavedFiles(tmp_path)).notes
    broken, other_s = [c for c in noted if c.rule is rules.CASES_PASSED_OVER]
    assert broken.path == str(tmp_path / "broken.json")
    assert broken.says.startswith("it did not fit before either: the file is not JSON: ")
    assert other_s.says == (
        "it did not fit before either: the file belongs to the contract 'lru', not to 'store'; check that it "
        "is in the folder of its contract, and that --contract names its contract"
    )


def test_a_case_file_that_fits_again_is_not_reported(tmp_path: Path) -> None:
    """A case that only the new contract fits is not reported."""
    (tmp_path / "one.json").write_text(json.dumps(CASE))
    older = read(edited(lambda d: without(d["operations"], "put")))

    found = compare(older, read(STORE), SavedFiles(tmp_path))

    assert not [c for c in (*found.breaks, *found.notes) if c.path.endswith(".json")]


def test_an_entry_that_names_something_removed_is_reported(tmp_path: Path) -> None:
    """Entries name operations, laws and rejections."""
    path = tmp_path / "asymmetries.toml"
    path.write_text(ENTRIES)

    def edit(data: Any) -> None:
        without(data["operations"], "step")
        without(data["rejections"], "absent")
        data["laws"].clear()
        operation_of(data, "put")["rejects"].remove("absent")

    found = told(edit, SavedFiles(asymmetries=(path,)), "asymmetries")

    assert found == [
        (str(path), "reads-all names the operation step, which was removed"),
        (str(path), "reads-all names the rejection absent, which was removed"),
        (str(path), "holds-not names the law holds, which was removed"),
    ]


def test_entries_that_name_existing_parts_break_nothing(tmp_path: Path) -> None:
    """Only removed parts are reported, and nothing of a file that cannot be read."""
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(ENTRIES.replace("step", "never"))
    bad.write_text("[")

    kept = SavedFiles(asymmetries=(good, bad))

    assert told(lambda d: without(d["operations"], "step"), kept, "asymmetries") == []
