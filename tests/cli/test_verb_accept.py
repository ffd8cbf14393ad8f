"""`driftcheck accept`: a finding becomes an asymmetry, is counted, and raises an alarm when it changes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli_toys import Author, Call

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
    found = driftcheck(*RUN, "--max-traces", "100")
    (finding,) = json.loads(found.out)[0]["findings"]
    assert found.code == 1
    replay_option = ("--contract", CONTRACT)

    misspelt = driftcheck("accept", finding["case"], *SAID[:-1], "ruts", *replay_option)
    assert misspelt.code == 2
    assert (
        "--deviates ruts names no subject and no language; there are go, model, python, rust" in misspelt.err
    )

    tried = driftcheck("accept", finding["case"], *SAID, *replay_option, "--dry-run", "--json")
    proposed = json.loads(tried.out)
    file = project / "asymmetries" / "faulty.toml"
    assert (tried.code, proposed["file"], proposed["written"]) == (0, str(file), False)
    assert not file.exists()

    accepted = driftcheck("accept", finding["case"], *SAID, *replay_option)
    assert accepted.code == 0
    assert file.read_text() == proposed["entry"] + "\n"
    assert accepted.out.endswith(
        f"written to {file}; from the next run on, the divergence is counted as an asymmetry\n"
    )

    again = driftcheck(*RUN, "--max-traces", "100")
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
    widened = driftcheck(*RUN, "--max-traces", "100")
    assert widened.code == 1
    assert json.loads(widened.out)[0]["widened"] == ["accept-reject-import-bom"]

    file.write_text(entry.replace("2999-01-01", "2020-01-01"))
    expired = driftcheck(*RUN, "--max-traces", "100")
    assert expired.code == 1
    assert json.loads(expired.out)[0]["expired"] == ["accept-reject-import-bom"]

    file.write_text(entry)
    plant("")
    healed = driftcheck(*RUN, "--max-traces", "400")
    assert healed.code == 1
    assert json.loads(healed.out)[0]["healed"] == ["accept-reject-import-bom"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("none.json", *SAID), "'none.json' does not exist"),
        (("pyproject.toml", *SAID), "case file pyproject.toml: "),
        (("pyproject.toml", *SAID[:4]), "and an expiry date; also give --expires"),
        (("pyproject.toml",), "and an expiry date; also give --reason --owner --expires"),
        (("pyproject.toml", *SAID[:4], "--expires", "soon"), "'soon' does not match the format '%Y-%m-%d'"),
        (("pyproject.toml", *SAID[:4], "--expires", "2020-01-01"), "--expires 2020-01-01 is past"),
    ],
)
def test_a_mistake_is_told(driftcheck: Call, project: Path, words: tuple[str, ...], told: str) -> None:
    """Exit code 2, and nothing is written."""
    said = driftcheck("accept", *words)

    assert said.code == 2
    assert told in said.err
    assert not (project / "asymmetries").exists()


TOY = """
from typing import Annotated
from driftcheck import Contract, ge, le, operation


class Toy(Contract, name="toy"):
    @operation
    def ping(self, n: Annotated[int, ge(0), le(99)]) -> Annotated[int, ge(0), le(99)]: ...


class ToyModel(Toy):
    def ping(self, n: int) -> int:
        return 100 if n > 50 else n


def is_hundred(operation, arguments, outcomes):
    return operation == "ping" and arguments["n"] > 50 and set(outcomes) == {"model"}


def is_large(operation, arguments, outcomes):
    return arguments["n"] > 90


def is_broken(operation, arguments, outcomes):
    return arguments["m"]
"""
BLAMING = (*SAID[:6], "--deviates", "model")


@pytest.fixture
def hundred(driftcheck: Call, author: Author) -> tuple[str, str]:
    """Return the name of a contract, and the case of 100 that its run has kept."""
    name = author(TOY)
    said = driftcheck("run", name, "--seed", "1", "--max-traces", "100", "--json")
    (finding,) = json.loads(said.out)[0]["findings"]
    return name, finding["case"]


def with_argument(case: str, n: int) -> str:
    """Give the step of a kept case another argument."""
    data = json.loads(Path(case).read_text())
    data["steps"][0]["arguments"]["n"] = n
    Path(case).write_text(json.dumps(data))
    return case


@pytest.mark.parametrize(("where", "left"), [("is_hundred", []), ("is_large", [51])])
def test_a_function_of_the_contract_says_what_is_accepted(
    driftcheck: Call, hundred: tuple[str, str], where: str, left: list[int]
) -> None:
    """The entry names it; what it does not cover is found in the next run."""
    name, case = hundred

    accepted = driftcheck(
        "accept", with_argument(case, 99), *BLAMING, "--contract", name, "--where", where, "--id", "hundred"
    )
    again = driftcheck("run", name, "--seed", "1", "--max-traces", "100", "--json")

    assert accepted.code == 0
    assert f'where = "{where}"\n' in accepted.out
    assert (
        "at first look, the entry covers 49 of the 49 divergences that the last run saw (seed 1)\n"
        in accepted.out
    )
    (report,) = json.loads(again.out)
    assert report["asymmetries"]["hundred"] > 0 or left  # only what was examined is counted
    kept = [json.loads(Path(one["case"]).read_text()) for one in report["findings"]]
    assert [one["steps"][0]["arguments"]["n"] for one in kept] == left


@pytest.mark.parametrize(
    ("n", "where", "told"),
    [
        (99, "is_hundre", "'is_hundre' is not a function that the contract's module"),
        (99, "is_broken", "function 'is_broken', which asymmetries name, raised KeyError: 'm'; see "),
        (60, "is_large", "the function 'is_large' returns False for its diverging step"),
    ],
)
def test_a_function_that_cannot_decide_is_a_mistake(
    driftcheck: Call, hundred: tuple[str, str], n: int, where: str, told: str
) -> None:
    """Exit code 2 and one sentence; nothing is written."""
    name, case = hundred

    said = driftcheck("accept", with_argument(case, n), *BLAMING, "--contract", name, "--where", where)

    assert said.code == 2
    assert told in said.err
    assert said.err.count("\n") == 1
    assert not list(Path().glob("**/asymmetries*"))
