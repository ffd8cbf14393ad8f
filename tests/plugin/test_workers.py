"""xdist: shards on all workers, and what is left of one that was killed."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from inner import RunPytest, failures, items, saved


def test_each_worker_has_a_shard(run_pytest: RunPytest) -> None:
    """All workers are busy, on different inputs, with all the traces between them."""
    result = run_pytest("-n", "2", "-v")
    workers = dict(re.findall(r"^\[(gw\d)\] .* PASSED .*\[(shard-\d)\]", result.stdout.str(), re.MULTILINE))

    result.assert_outcomes(passed=4)
    assert sorted(workers) == ["gw0", "gw1"]
    result.stdout.fnmatch_lines(["tiny: 100 traces, * steps, *"])


def test_without_workers_there_is_one_shard(run_pytest: RunPytest) -> None:
    """`-n 0` is no worker at all."""
    shards = [
        item
        for item in items(run_pytest("--collect-only", "-q", "-n", "0", ends_early=True))
        if "shard" in item
    ]

    assert shards == ["test_tiny.py::test_tiny[shard-0]"]


def test_what_a_killed_worker_had_found_is_kept(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """The case is on disk and named in the report, the other items are run, and no host is left."""
    result = run_pytest("-n", "1", "--junitxml=report.xml", faults="outside,kill")
    report = failures(pytester.path / "report.xml")

    assert saved(pytester.path) == ["outside-type-add"]
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "crashed while running" in report["test_tiny[shard-0]"]
    assert (
        "cases that this run had already saved:\n  cases/tiny/outside-type-add-"
        in report["test_tiny[shard-0]"]
    )
    result.stdout.fnmatch_lines(["*cases/tiny/outside-type-add-*"])
    assert not left_behind(pytester.path)


def left_behind(folder: Path) -> list[int]:
    """Return the processes that still work in a folder, after the time that a dying one may take."""
    until = time.monotonic() + 5
    while True:
        found = [int(p.parent.name) for p in Path("/proc").glob("[0-9]*/cwd") if works_in(p, folder)]
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.05)


def works_in(link: Path, folder: Path) -> bool:
    """Say whether a process other than this one has that working directory."""
    try:
        return link.readlink() == folder and link.parent.name != str(Path("/proc/self").readlink())
    except OSError:
        return False


def test_workers_are_sent_any_name_of_a_case(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """A name that is not UTF-8 is shown with escapes, as without workers."""
    folder = pytester.path / "cases" / "tiny"
    folder.mkdir(parents=True)
    (folder / os.fsdecode(b"a\xff.json")).write_text("{}")
    result = run_pytest("-n", "1")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["FAILED *case-a*"])
    assert "INTERNALERROR" not in result.stdout.str()
