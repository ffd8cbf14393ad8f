"""`driftcheck new`: a package that is whole, for every name that will do, or nothing at all."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from cli_toys import Call

from driftcheck.cli import VERBS
from driftcheck.contract.declare import schema_of
from driftcheck.contract.lookup import load_named
from driftcheck.oracle.asymmetry_file import read_asymmetries

WRITTEN = {
    ".github/workflows/driftcheck.yml",
    ".gitignore",
    "Makefile",
    "README.md",
    "pyproject.toml",
    "src/driftcheck_price_list/__init__.py",
    "src/driftcheck_price_list/asymmetries.toml",
    "src/driftcheck_price_list/go/adapter.go",
    "src/driftcheck_price_list/go/go.mod",
    "src/driftcheck_price_list/go/pricelist/contract_gen.go",
    "src/driftcheck_price_list/rust/Cargo.toml",
    "src/driftcheck_price_list/rust/src/contract_gen.rs",
    "src/driftcheck_price_list/rust/src/lib.rs",
    "tests/test_price_list.py",
}


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> set[str]:
    """Return what files are below a folder, but for the SDKs, which git ignores."""
    found = [p.relative_to(folder) for p in folder.rglob("*") if p.is_file()]
    return {p.as_posix() for p in found if not {".driftcheck", ".cargo"} & {*p.parts}}


def test_a_package_is_written(driftcheck: Call, empty: Path) -> None:
    """All files stand in a new folder of the contract's name, and the next commands are printed."""
    said = driftcheck("new", "price_list")

    assert said.code == 0
    assert said.out == (
        "price_list: wrote 14 files into price_list/\n"
        "next:\n  cd price_list\n  pip install --editable .\n  driftcheck run price_list\n"
    )
    assert files(empty) == {f"price_list/{name}" for name in WRITTEN}


def test_an_empty_folder_can_be_named(driftcheck: Call, empty: Path) -> None:
    """The working directory will do, and may hold a repository and an environment already."""
    (empty / ".git").mkdir()
    (empty / ".venv").mkdir()

    said = driftcheck("new", "price_list", "--into", ".", "--json")

    assert json.loads(said.out) == {
        "name": "price_list",
        "folder": ".",
        "files": sorted(WRITTEN),
        "next": ["pip install --editable .", "driftcheck run price_list", "pytest"],
    }
    assert files(empty) == WRITTEN


@pytest.mark.parametrize("name", ["demo", "price_list", "a_1", "v8", "none_such", "http_api", "adapter"])
def test_every_tool_can_read_what_was_written(driftcheck: Call, empty: Path, name: str) -> None:
    """Whatever the name, Go and Rust sources are formatted, Python parses, and the files name each other."""
    driftcheck("new", name)
    package = empty / name / "src" / f"driftcheck_{name}"

    project = tomllib.loads((empty / name / "pyproject.toml").read_text())
    module, cls = project["project"]["entry-points"]["driftcheck.contracts"][name].split(":")
    assert module == package.name
    contract = (package / "__init__.py").read_text()
    assert cls in {n.name for n in ast.walk(ast.parse(contract)) if isinstance(n, ast.ClassDef)}
    ast.parse((empty / name / "tests" / f"test_{name}.py").read_text())
    tomllib.loads((package / "rust" / "Cargo.toml").read_text())
    root = subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()
    for command in (
        [f"{root}/bin/gofmt", "-l", *map(str, package.rglob("*.go"))],
        ["rustfmt", "--check", "--edition", "2024", str(package / "rust" / "src" / "lib.rs")],
        ["ruff", "check", "--quiet", "--isolated", "--line-length", "110", str(empty / name)],
        ["ruff", "format", "--diff", "--quiet", "--isolated", "--line-length", "110", str(empty / name)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_class_has_the_name_that_was_asked_for(
    driftcheck: Call, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract is called as the verb was told, where the class's name alone would give another, too."""
    driftcheck("new", "a_1")
    monkeypatch.chdir(empty / "a_1" / "src")
    monkeypatch.setattr(sys, "path", [*sys.path])

    said = driftcheck("gen", "--check", "driftcheck_a_1:A1")

    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("a_1: ")


def test_a_strict_type_checker_has_nothing_to_say(driftcheck: Call, empty: Path) -> None:
    """What was written passes mypy as its own pyproject.toml sets it up."""
    driftcheck("new", "demo")

    done = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=empty / "demo", capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


def test_the_example_of_a_known_difference_is_one(
    driftcheck: Call, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its comment marks the entry in asymmetries.toml is read."""
    driftcheck("new", "demo", "--into", "here")
    path = empty / "here/src/driftcheck_demo/asymmetries.toml"
    path.write_text(re.sub(r"^# ?(?=\[|\w+ = )", "", path.read_text(), flags=re.MULTILINE))
    monkeypatch.chdir(path.parents[1])
    monkeypatch.setattr(sys, "path", [*sys.path])
    schema = schema_of(load_named("driftcheck_demo:Demo"))

    (entry,) = read_asymmetries([path], schema, {"go": "go", "rust": "rust"}).entries

    assert (entry.id, entry.operation, entry.deviates) == ("zones", "is_loopback", ("rust",))


def test_the_makefile_lists_its_targets_and_calls_verbs_that_there_are(driftcheck: Call, empty: Path) -> None:
    """`make` alone shows help, and each target's commands name a verb of driftcheck's, or pytest."""
    driftcheck("new", "demo", "--into", ".")

    listed = subprocess.run(["make"], capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^make (\w+)", listed, re.MULTILINE)
    asked = subprocess.run(["make", "-n", *targets], capture_output=True, text=True, check=True).stdout
    assert targets == ["help", "test", "fuzz", "matrix", "export", "compat", "nightly"]
    assert "pytest\n" in asked
    assert set(re.findall(r"^driftcheck (\w+) demo", asked, re.MULTILINE)) <= {*VERBS}


def test_the_workflow_s_comparison_is_one(driftcheck: Call, empty: Path) -> None:
    """What was kept by one target is compared by the other, which fails where a change breaks something."""
    driftcheck("new", "demo", "--into", ".")
    told = empty / "src" / "demo-0.dist-info" / "entry_points.txt"  # as if it were installed
    told.parent.mkdir()
    told.write_text("[driftcheck.contracts]\ndemo = driftcheck_demo:Demo\n")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    env = {**outside, "PYTHONPATH": str(empty / "src"), "PATH": path}

    ready = f"{sys.prefix}/driftcheck-demo-ready"  # the package must not be installed beside driftcheck here

    def make(*targets: str) -> subprocess.CompletedProcess[str]:
        command = ["make", "-o", ready, *targets]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    kept = make("export", "compat")
    contract = empty / "src" / "driftcheck_demo" / "__init__.py"
    contract.write_text(contract.read_text().replace("def is_loopback(", "def is_local("))
    broken = make("compat")

    workflow = (empty / ".github" / "workflows" / "driftcheck.yml").read_text()
    assert "if: hashFiles('demo.json') != ''" in workflow
    assert "run: make compat\n" in workflow
    assert (kept.returncode, kept.stdout.splitlines()[-1]) == (0, "demo: nothing breaks")
    assert (broken.returncode, "C101  is_loopback" in broken.stdout) == (2, True)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Price-List", "use lower-case letters, digits and single underscores, such as 'price_list'"),
        ("9lives", "use lower-case letters, digits and single underscores, such as 'lives'"),
        ("été", "use lower-case letters, digits and single underscores, such as 'price_list'"),
        ("../up", "use lower-case letters, digits and single underscores, such as 'up'"),
        ("__", "use lower-case letters, digits and single underscores, such as 'price_list'"),
        ("json", "a contract of that name is installed; choose another name, or uninstall that contract"),
        ("lambda", "it is a reserved word of Python; choose another, such as 'my_lambda'"),
        ("none", "it is a reserved word of Python; choose another, such as 'my_none'"),
        ("go_to", "it is a reserved word of Go; choose another, such as 'my_go_to'"),
        ("main", "it is a reserved word of Go; choose another, such as 'my_main'"),
        ("trait", "it is a reserved word of Rust; choose another, such as 'my_trait'"),
        ("contracts", "driftcheck uses it itself; choose another, such as 'my_contracts'"),
        ("rejection", "driftcheck uses it itself; choose another, such as 'my_rejection'"),
    ],
)
def test_a_name_that_will_not_do_is_refused(driftcheck: Call, empty: Path, name: str, told: str) -> None:
    """A bad name is reported in one sentence with a better one, and nothing is written."""
    said = driftcheck("new", name)

    assert (said.code, said.out) == (2, "")
    assert said.err == f"driftcheck: {name!r} is not a valid name of a contract: {told}\n"
    assert files(empty) == set()


def test_what_is_there_is_left_alone(driftcheck: Call, empty: Path) -> None:
    """A folder that holds something is refused, and stays as it is."""
    (empty / "demo").mkdir()
    (empty / "demo" / "README.md").write_text("mine")

    said = driftcheck("new", "demo")

    assert said.code == 2
    assert (
        said.err
        == "driftcheck: demo: contains 'README.md' already; give a new or an empty folder with --into\n"
    )
    assert files(empty) == {"demo/README.md"}


def test_a_file_is_no_folder(driftcheck: Call, empty: Path) -> None:
    """A path that is a file is refused in one sentence."""
    (empty / "demo").write_text("mine")

    said = driftcheck("new", "demo")

    assert (said.code, said.err) == (
        2,
        "driftcheck: demo: cannot be written: Not a directory; give a new folder with --into\n",
    )


def test_nothing_is_left_half_written(driftcheck: Call, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file cannot be written, those before it and their folders are taken away again."""
    opened = Path.open

    def full(self: Path, *how: object, **more: object) -> object:
        if self.name == "lib.rs" and not self.is_absolute():
            raise OSError(28, "No space left on device")
        return opened(self, *how, **more)  # type: ignore[call-overload] # as it was called

    monkeypatch.setattr(Path, "open", full)

    said = driftcheck("new", "demo", "--into", "deep/down")

    assert said.code == 2
    assert said.err == (
        "driftcheck: deep/down: cannot be written: No space left on device; give another folder with --into\n"
    )
    assert list(empty.iterdir()) == []


def test_the_wheel_of_a_package_carries_sources_alone(driftcheck: Call, empty: Path) -> None:
    """What builds leave stays behind; the sources that an installed package is built from are there."""
    driftcheck("new", "demo", "--into", ".")
    package = empty / "src" / "driftcheck_demo"
    for left in ("go/.driftcheck/build/go.so", "rust/.cargo/config.toml", "rust/target/release/a.d"):
        (package / left).parent.mkdir(parents=True, exist_ok=True)
        (package / left).touch()

    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist"]
    subprocess.run(build, capture_output=True, check=True)
    (wheel,) = (empty / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert carried == {
        f"driftcheck_demo/{name}"
        for name in (
            "__init__.py",
            "asymmetries.toml",
            "go/adapter.go",
            "go/demo/contract_gen.go",
            "go/go.mod",
            "rust/Cargo.toml",
            "rust/src/contract_gen.rs",
            "rust/src/lib.rs",
        )
    }
