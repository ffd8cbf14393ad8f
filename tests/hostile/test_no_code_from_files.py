"""
No file makes driftcheck import a module: only the user names one, with `--contract`.

Each verb reads one such file in a process of its own, and the others inside this process, which is faster.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tiny
from frame import Answer, run_inside

from driftcheck.contract.declare import schema_of
from driftcheck.contract.export import export

EVIL = """\
from pathlib import Path
from driftcheck import Contract, operation

Path(__file__).with_name("it-ran").touch()


class X(Contract, name={name!r}):
    @operation
    def add(self, n: bool) -> bool: ...


class Model(X):
    def add(self, n: bool) -> bool:
        return n
"""
CASE = {
    "driftcheck_case": 1,
    "contract": "evil:X",
    "signature": {"check": "D401", "operation": "add", "shape": {"model": "accepted"}},
    "steps": [{"operation": "add", "arguments": {"n": True}}],
}
NAMES = [
    "evil:X",
    "evil",
    "evil:X:X",
    "evil.X",
    "./evil.py:X",
    "EVIL:x",
    "antigravity:fly",
    "lib2to3.__main__:X",
]
ACCEPT = ("--reason", "r", "--owner", "o", "--expires", "2999-01-01")
SUBJECTS = Path(tiny.__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a stranger's checkout, whose module `evil` leaves a file when it is imported."""
    (tmp_path / "evil.py").write_text(EVIL.format(name="evil:X"))
    return tmp_path


def write_case(path: Path, contract: str, **more: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**CASE, "contract": contract, **more}))


def call(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program where the checkout is the first place from which Python imports."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["", str(SUBJECTS), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )


def apart(checkout: Path, *words: str) -> Answer:
    """Run driftcheck in a process of its own."""
    done = call(checkout, "-c", "from driftcheck.cli import main; main()", *words)
    return Answer(done.returncode, done.stdout, done.stderr, 0.0)


def inside(checkout: Path, *words: str) -> Answer:
    """Run driftcheck inside this process, with the places from which `apart` imports."""
    before = [*sys.path]
    sys.path[:0] = ["", str(SUBJECTS)]
    try:
        return run_inside(words, checkout)
    finally:
        sys.path[:] = before


def answer(name: str, checkout: Path, *words: str) -> Answer:
    """Run driftcheck on a file that gives this name: on the first one apart."""
    return (apart if name == NAMES[0] else inside)(checkout, *words)


def is_refused(done: Answer, checkout: Path) -> bool:
    ran = (checkout / "it-ran").exists()
    return not ran and done.code == 2 and "no contract is named" in done.err


@pytest.mark.parametrize("name", NAMES)
def test_replay(checkout: Path, name: str) -> None:
    """A case that names a module is refused, also if the module is installed."""
    write_case(checkout / "case.json", name)

    assert is_refused(answer(name, checkout, "replay", "case.json"), checkout)


@pytest.mark.parametrize("name", NAMES)
def test_accept(checkout: Path, name: str) -> None:
    """Neither does accepting a case import what it names."""
    write_case(checkout / "case.json", name)

    assert is_refused(answer(name, checkout, "accept", "case.json", *ACCEPT), checkout)


def test_replay_of_a_folder(checkout: Path) -> None:
    """Each file of a folder is refused, wherever it lies."""
    for i, name in enumerate(NAMES):
        write_case(checkout / "cases" / "lru" / f"{i}.json", name)
        write_case(checkout / "cases" / "evil:X" / "below" / f"{i}.json", name)

    done = apart(checkout, "replay", "cases")

    assert is_refused(done, checkout)
    assert done.err.count("no contract is named") == 2 * len(NAMES)


def test_the_user_may_name_the_module(checkout: Path) -> None:
    """What `--contract` names is imported, and reads the cases of its own name alone."""
    (checkout / "evil.py").write_text(EVIL.format(name="good"))
    write_case(checkout / "good.json", "good")
    write_case(checkout / "other.json", "lru")

    good = apart(checkout, "replay", "good.json", "--contract", "evil:X")
    other = apart(checkout, "replay", "other.json", "--contract", "evil:X")

    assert (checkout / "it-ran").exists()
    assert (good.code, good.out.splitlines()[-2]) == (0, "agrees: the case does not diverge")
    assert (other.code, other.err.count("belongs to the contract 'lru', not to 'good'")) == (2, 1)


@pytest.mark.parametrize("folder", ["tiny", "evil:X"])
def test_saved_cases_in_pytest(checkout: Path, folder: str) -> None:
    """The plugin replays the cases of the contracts that a test file names; a case names none."""
    (checkout / "test_tiny.py").write_text(
        "import driftcheck\nfrom tiny import Tiny\n\ntest_tiny = driftcheck.test(Tiny)\n"
    )
    write_case(checkout / "cases" / folder / "case.json", "evil:X")

    done = call(checkout, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "--driftcheck-traces=9")

    assert not (checkout / "it-ran").exists()
    refused = "belongs to the contract 'evil:X', not to 'tiny'" in done.stdout
    assert refused == (folder == "tiny")


@pytest.mark.parametrize("name", NAMES)
def test_compat(checkout: Path, name: str) -> None:
    """Exports and saved cases of a contract that is not installed are compared without importing it."""
    data = export(schema_of(tiny.Tiny))
    for path in ("old.json", "new.json"):
        (checkout / path).write_text(json.dumps({**data, "contract": name}))
    write_case(checkout / "cases" / name.replace("/", "_") / "case.json", name)

    done = answer(name, checkout, "compat", "old.json", "new.json")

    assert not (checkout / "it-ran").exists()
    assert done.code in (0, 2)
    assert "Traceback" not in done.err


KEYS = ["operation", "law", "check", "frame", "deviates", "concerns", "feature"]


@pytest.mark.parametrize("key", KEYS)
def test_asymmetries(checkout: Path, key: str) -> None:
    """An entry of a project names parts of the contract, and nothing that is imported."""
    entry = {"operation": "get", "shape": "{ differs = 'x' }", "deviates": "'go'", "reason": "'r'"}
    entry |= {"owner": "'o'", "expires": "2999-01-01", key: "'evil:X'"}
    lines = [f"{k} = {v if v[0] in chr(39) + '{2' else repr(v)}" for k, v in entry.items()]
    (checkout / "asymmetries").mkdir()
    (checkout / "asymmetries" / "lru.toml").write_text("[x]\n" + "\n".join(lines))

    run = apart if key == KEYS[0] else inside
    done = run(checkout, "run", "lru", "--subject", "model", "--max-traces", "1", "--seed", "1")

    assert not (checkout / "it-ran").exists()
    assert "Traceback" not in done.err
