"""`driftcheck accept`: a finding becomes an asymmetry, is counted, and raises an alarm when it changes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli_toys import Call

from driftcheck.oracle import asymmetries

CONTRACT = "faulty:Faulty"
RUN = ("run", CONTRACT, "--subject", "go", "--subject", "rust", "--seed", "1", "--json")
SAID = ("--reason", "as in Windows", "--owner", "codec", "--expires", "2999-01-01", "--deviates", "rust")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project in which the Rust subject of `faulty` takes a byte order mark."""
    monkeypatch.chdir(tmp_path)
    plant("import_takes_bom")
    return tmp_path


def plant(fault: str) -> None:
    Path("pyproject.toml").write_text(f'[tool.driftcheck]\nenv = {{ DRIFTCHECK_FAULT = "{fault}" }}\n')


def test_a_finding_from_its_first_day_to_its_last(
    driftcheck: Call, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accepted it is counted, and the run agrees; then it is widened, expires, and heals."""
    monkeypatch.setattr(asymmetries, "HEALED_OUTCOMES", 20)  # triggers, which 100 take thousands of traces
    found = driftcheck(*RUN, "--max-traces", "200")
    (finding,) = json.loads(found.out)[0]["findings"]
    assert found.code == 1
    replay_option = ("--contract", CONTRACT)

    accepted = driftcheck("accept", finding["case"], *SAID, *replay_option)
    assert accepted.code == 0
    file = project / "asymmetries" / "faulty.toml"
    assert accepted.out.endswith(f"written to {file}; from the next run on, it is counted as an asymmetry\n")

    again = driftcheck(*RUN, "--max-traces", "200")
    (report,) = json.loads(again.out)
    assert (again.code, report["findings"]) == (0, [])
    assert report["asymmetries"] == {
        "accept-reject-import-bom": report["asymmetries"]["accept-reject-import-bom"]
    }
    assert report["asymmetries"]["accept-reject-import-bom"] > 0

    entry = file.read_text()
    swapped = (
        entry.replace('"malformed"', '"x"').replace('"accepted"', '"malformed"').replace('"x"', '"accepted"')
    )
    file.write_text(swapped)
    shutil.rmtree("cases")
    widened = driftcheck(*RUN, "--max-traces", "200")
    assert widened.code == 1
    assert json.loads(widened.out)[0]["widened"] == ["accept-reject-import-bom"]

    file.write_text(entry.replace("2999-01-01", "2020-01-01"))
    expired = driftcheck(*RUN, "--max-traces", "200")
    assert expired.code == 1
    assert json.loads(expired.out)[0]["expired"] == ["accept-reject-import-bom"]

    file.write_text(entry)
    plant("")
    healed = driftcheck(*RUN, "--max-traces", "800")
    assert healed.code == 1
    assert json.loads(healed.out)[0]["healed"] == ["accept-reject-import-bom"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("none.json", *SAID), "'none.json' does not exist"),
        (("pyproject.toml", *SAID), "case file pyproject.toml: "),
        (("pyproject.toml", *SAID[:4]), "Missing option '--expires'"),
        (("pyproject.toml", *SAID[:4], "--expires", "soon"), "'soon' does not match the format '%Y-%m-%d'"),
    ],
)
def test_a_mistake_is_told(driftcheck: Call, project: Path, words: tuple[str, ...], told: str) -> None:
    """Exit code 2, and nothing is written."""
    said = driftcheck("accept", *words)

    assert said.code == 2
    assert told in said.err
    assert not (project / "asymmetries").exists()
