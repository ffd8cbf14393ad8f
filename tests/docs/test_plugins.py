"""The page on plugins: its examples are one plugin, which does what the page says."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
from blocks import ROOT, blocks
from test_tutorial import environment_of

from driftcheck import Json
from driftcheck.core import types as t
from driftcheck.core.codec import mutate_bytes
from driftcheck.oracle.checks import check
from driftcheck.plugins import Registry, load_plugins

PAGE = ROOT / "docs" / "how-to" / "plugins.md"
CONTRACT = '''
from __future__ import annotations

from typing import Annotated

import attrs

from driftcheck import Contract, Json, Payload, Rejection, max_len, operation


@attrs.frozen
class Note:
    text: Annotated[str, max_len(64)]


class Echo(Contract):
    """Reads notes."""

    malformed = Rejection("no note")

    @operation(rejects=[malformed])
    def read(self, document: Payload[Note, Json]) -> str:
        """Return what a note says."""


class EchoModel(Echo):
    """Resolves a reference once too often."""

    def read(self, document: Payload[Note, Json]) -> str:
        if document.value is not None:
            return document.value.text
        if b'"$ref":"#"' in document.data:
            return "echo " * 1000
        raise Echo.malformed()
'''
ALL = "--max-traces 400 --seed 1 --max-steps 1".split()


class Lowest:
    """Draws the lowest choice."""

    def integer(self, lo: int, hi: int) -> int:
        return lo

    def boolean(self, p: float = 0.5) -> bool:
        return False


@pytest.fixture
def source() -> str:
    """Return the examples of the page, one after the other."""
    return "\n\n".join(block.text for block in blocks(PAGE, "python"))


@pytest.fixture
def house(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, Registry]:
    """Return the plugin of the page, plugged in."""
    (tmp_path / "house_rules.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "house_rules", raising=False)
    module = importlib.import_module("house_rules")
    return module, load_plugins([module])


def test_the_codec_is_known(house: tuple[ModuleType, Registry]) -> None:
    """The codec of the page is named by its plugin, and finds nothing odd in what it writes."""
    module, plugins = house
    note = attrs.make_class("Note", ["text"])("hello, Möbius ")

    assert plugins.codecs == (module.Query,)
    assert module.Query().features(module.Query().encode(note)) == set()


def test_the_mutation_is_one_of_json(house: tuple[ModuleType, Registry]) -> None:
    """The mutation of the page breaks JSON by its name, and only what it broke has its feature."""
    _, plugins = house
    codec = plugins.extended_codec(Json())
    type_ = t.Record("Note", object, (t.Field("text", t.Text()),))
    data = b'{"text":"$ref"}'

    broken = mutate_bytes(codec, type_, data, ("json-reference",), Lowest())

    assert "json-reference" in {m.name for m in codec.all_mutations}
    assert broken.applied == ("json-reference",)
    assert codec.all_places(broken.data, type_)["json-reference"] == {""}
    assert codec.all_places(data, type_) == {}


def test_the_check_has_a_code_of_its_own(house: tuple[ModuleType, Registry]) -> None:
    """The check of the page is found by its code."""
    _, plugins = house

    found = check("X-large-answer", plugins.checks)

    assert str(found) == "X-large-answer"
    assert found.says == "an answer is longer than 4,000 characters"


@pytest.fixture
def installed(source: str, tmp_path: Path) -> dict[str, str]:
    """Return an environment in which the page's plugin is installed, and a contract lies at hand."""
    site = tmp_path / "site"
    described = site / "house_rules-1.0.dist-info"
    described.mkdir(parents=True)
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: house-rules\nVersion: 1.0\n")
    (group,) = blocks(PAGE, "toml")
    (described / "entry_points.txt").write_text(
        group.text.replace("project.entry-points.", "").replace('"', "")
    )
    (site / "house_rules.py").write_text(source)
    (site / "echo_contract.py").write_text(CONTRACT)
    return environment_of(
        Path(sys.executable).parent, PYTHONPATH=str(site), FINDINGS=str(tmp_path / "findings.ndjson")
    )


def told(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command, and return its result."""
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def test_an_installed_plugin_takes_part_in_a_run(installed: dict[str, str], tmp_path: Path) -> None:
    """Its mutation is drawn, its check finds one divergence by that cause, and its sink receives it."""
    done = told(["driftcheck", "run", "echo_contract:Echo", "--json", *ALL], tmp_path, installed)

    assert done.returncode == 1, done.stderr
    (report,) = json.loads(done.stdout)
    (finding,) = report["findings"]
    assert "X-large-answer in echo, read: an answer is longer than 4,000 characters" in done.stderr
    line = json.loads((tmp_path / "findings.ndjson").read_text())
    assert line == {"contract": "echo", "check": "X-large-answer", "case": str(tmp_path / finding["case"])}
    case = json.loads((tmp_path / finding["case"]).read_text())
    assert case["signature"]["check"] == "X-large-answer"
    assert "json-reference" in case["signature"]["cause"]


def test_an_installed_plugin_takes_part_in_pytest_and_replay(
    installed: dict[str, str], tmp_path: Path
) -> None:
    """Its finding fails a test, is handed to the sink, and can be replayed; without it that is refused."""
    (tmp_path / "test_echo.py").write_text(
        "import driftcheck\nfrom echo_contract import Echo\n\ntest_echo = driftcheck.test(Echo)\n"
    )
    pytest_run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--driftcheck-seed", "1"]

    tested = told([*pytest_run, "--driftcheck-traces", "400"], tmp_path, installed)
    (case,) = (tmp_path / "cases" / "echo").glob("*.json")
    replay = ["driftcheck", "replay", "--contract", "echo_contract:Echo", str(case)]
    replayed = told(replay, tmp_path, installed)
    (tmp_path / "site" / "house_rules-1.0.dist-info" / "entry_points.txt").unlink()
    refused = told(replay, tmp_path, installed)

    assert "X-large-answer in echo, read" in tested.stdout
    assert (tmp_path / "findings.ndjson").read_text().count("X-large-answer") == 1
    assert (replayed.returncode, "diverges, as the case says: X-large-answer" in replayed.stdout) == (1, True)
    assert refused.returncode == 2
    assert "no check has the code 'X-large-answer'" in refused.stderr
    assert "install the plugin that provides it" in refused.stderr


def test_a_sink_that_fails_ends_nothing(installed: dict[str, str], tmp_path: Path) -> None:
    """The finding is kept and shown, the plugin is named as on the page, and the exit code is 2."""
    without = {name: value for name, value in installed.items() if name != "FINDINGS"}

    done = told(["driftcheck", "run", "echo_contract:Echo", *ALL], tmp_path, without)

    assert done.returncode == 2
    (said,) = (b.text.strip() for b in blocks(PAGE, "text"))
    told_here = re.sub(r"see \S*/house_rules\.py", "see house_rules.py", done.stderr)
    assert said in told_here.splitlines()
    assert re.search(r"^echo +400 ", done.stdout, re.MULTILINE), done.stdout
    assert len([*(tmp_path / "cases" / "echo").glob("*.json")]) == 1


def test_an_installed_plugin_is_explained(installed: dict[str, str], tmp_path: Path) -> None:
    """Its check is explained, and its codec and mutation are listed."""
    explained = told(["driftcheck", "explain", "X-large-answer"], tmp_path, installed)
    listed = told(["driftcheck", "contracts", "--codecs", "--json"], tmp_path, installed)

    assert explained.stdout.startswith("X-large-answer: an answer is longer than 4,000 characters\n")
    codecs: dict[str, Any] = {one["class"]: one for one in json.loads(listed.stdout)}
    assert codecs["house_rules:Query"]["doc"] == "The query string of a URL, name=value for each field."
    added = {"name": "json-reference", "doc": "Put a reference to the document itself into an object"}
    assert added in codecs["driftcheck.codecs.json:Json"]["mutations"]


def test_a_plugin_that_cannot_be_loaded_is_named(installed: dict[str, str], tmp_path: Path) -> None:
    """A run beside a plugin whose module is not there ends with one sentence."""
    points = tmp_path / "site" / "house_rules-1.0.dist-info" / "entry_points.txt"
    points.write_text("[driftcheck]\nhouse = nowhere\n")

    done = told(["driftcheck", "run", "echo_contract:Echo"], tmp_path, installed)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "driftcheck: plugin 'house': cannot be loaded: it raised ModuleNotFoundError: "
        "No module named 'nowhere'; "
        "fix it, or uninstall it\n"
    )


def test_a_finding_of_a_plugin_can_be_accepted(installed: dict[str, str], tmp_path: Path) -> None:
    """A finding of its check can be accepted as an asymmetry, as any other finding."""
    told(["driftcheck", "run", "echo_contract:Echo", *ALL], tmp_path, installed)
    (case,) = (tmp_path / "cases" / "echo").glob("*.json")
    decision = "--reason house --owner contracts --expires 2999-12-31 --deviates model".split()

    accepted = told(
        ["driftcheck", "accept", str(case), "--contract", "echo_contract:Echo", *decision],
        tmp_path,
        installed,
    )
    done = told(["driftcheck", "run", "echo_contract:Echo", *ALL], tmp_path, installed)

    assert accepted.returncode == 0, accepted.stderr
    assert (done.returncode, "1 of 1" in done.stdout) == (0, True)
