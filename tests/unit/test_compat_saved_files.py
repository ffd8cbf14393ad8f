"""What was kept, tried: case files and known differences that fit the old contract and not the new one."""

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
    """Return path and reason of what was kept and does not fit."""
    found = compare(read(STORE), read(edited(edit)), kept).breaks
    return [(c.path, c.says) for c in found if c.whom == whom]


def test_a_case_file_that_does_not_fit_is_told(tmp_path: Path) -> None:
    """It is named, with the reason that replay would give."""
    path = tmp_path / "one.json"
    path.write_text(json.dumps(CASE))

    found = told(
        lambda d: argument_of(d, "put", "share")["type"].update(max=0.5), SavedFiles(tmp_path), "cases"
    )

    assert found == [
        (str(path), "step 1 (put): argument 'share' is 0.75, outside 0.0 to 0.5"),
    ]


def test_case_files_that_fit_break_nothing(tmp_path: Path) -> None:
    """Where the files are there, what no file has is not told."""
    (tmp_path / "one.json").write_text(json.dumps(CASE))

    assert (
        told(
            lambda d: argument_of(d, "put", "share")["type"].update(max=0.8),
            SavedFiles(tmp_path),
            "cases",
        )
        == []
    )


def test_case_files_that_did_not_fit_before_are_no_news(tmp_path: Path) -> None:
    """A broken file, and one of another contract, are not what the edit breaks; that is noted."""
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
        "it did not fit before either: the file is of the contract 'lru'; move it to the folder of that "
        "contract"
    )


def test_a_case_file_that_fits_by_now_is_no_news(tmp_path: Path) -> None:
    """It was kept since the old contract."""
    (tmp_path / "one.json").write_text(json.dumps(CASE))
    older = read(edited(lambda d: without(d["operations"], "put")))

    found = compare(older, read(STORE), SavedFiles(tmp_path))

    assert not [c for c in (*found.breaks, *found.notes) if c.path.endswith(".json")]


def test_an_entry_that_names_what_is_gone_is_told(tmp_path: Path) -> None:
    """Operations, laws and rejections are what entries name."""
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


def test_entries_that_name_what_is_there_break_nothing(tmp_path: Path) -> None:
    """Only what was there and is gone is told, and nothing of a file that cannot be read."""
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(ENTRIES.replace("step", "never"))
    bad.write_text("[")

    kept = SavedFiles(asymmetries=(good, bad))

    assert told(lambda d: without(d["operations"], "step"), kept, "asymmetries") == []
