"""The workflow that `driftcheck new` writes, and the page that shows it."""

from __future__ import annotations

from pathlib import Path

from blocks import ROOT, blocks

from driftcheck.starter.package import write_package

PAGE = ROOT / "docs" / "how-to" / "nightly.md"


def test_the_page_shows_the_nightly_job_that_new_writes(tmp_path: Path) -> None:
    """The YAML on the page is the nightly job of a new package, word for word."""
    write_package("settings", tmp_path)
    workflow = (tmp_path / ".github" / "workflows" / "driftcheck.yml").read_text(encoding="utf-8")

    (shown,) = blocks(PAGE, "yaml")

    assert shown.text.startswith("  nightly:\n")
    assert workflow.endswith(f"\n{shown.text}")


def test_both_jobs_of_the_workflow_set_up_the_same(tmp_path: Path) -> None:
    """The test job and the nightly job set up the same tools, by the same steps."""
    write_package("settings", tmp_path)
    workflow = (tmp_path / ".github" / "workflows" / "driftcheck.yml").read_text(encoding="utf-8")

    _, *jobs = workflow.split("    steps:\n")
    set_ups = [job.partition("      - run: pip install")[0] for job in jobs]

    assert len(set_ups) == 2
    assert set_ups[0] == set_ups[1]
    assert all(f"uses: actions/{name}@" in set_ups[0] for name in ("checkout", "setup-python", "setup-go"))
