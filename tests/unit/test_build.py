"""Libraries from sources: real builds by Go and Cargo, and what is said where they cannot be."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
import pytest

from driftcheck import Contract, operation, schema_of
from driftcheck.build import BuildError, StaleLibrary, build, compile_native, rust, tool
from driftcheck.codegen import check, generate_all, write
from driftcheck.core.author_code import AuthorLimits, guarded
from driftcheck.subjects.discover import ModelSource, NativeSource, Subject


class Toy(Contract):
    """A contract with as little as can be."""

    @operation
    def ping(self) -> bool:
        """Answer."""


SCHEMA = schema_of(Toy)
GO = {
    "go.mod": "module toy\n\ngo 1.24\n\nrequire driftcheck/sdk v0.0.0\n\n"
    "replace driftcheck/sdk => ./.driftcheck/sdk\n",
    "adapter.go": """package main

import (
	driftcheck "driftcheck/sdk"
	"toy/toy"
)

type adapter struct{}

func (adapter) Ping() (bool, error) { return true, nil }

func init() { driftcheck.Register(toy.Contract(adapter{})) }

func main() {}
""",
}
RUST = {
    "Cargo.toml": """[package]
name = "toy"
version = "0.1.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]

[dependencies]
driftcheck = { version = "0.1", features = ["python"] }

[features]
loud = []
""",
    "src/lib.rs": """mod contract_gen;

use contract_gen::{Subject, contract};
use driftcheck::Outcome;

struct Toy;

impl Subject for Toy {
    fn ping(&mut self) -> Outcome<bool> {
        Ok(true)
    }
}

driftcheck::extension!(contract(|| Ok(Toy)));
""",
}
FILES = {"go": GO, "rust": RUST}


def adapter(language: str, folder: Path) -> NativeSource:
    """Write an adapter for the toy contract, its generated code included."""
    for name, text in FILES[language].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    source = NativeSource(language, language, folder, prebuilt=folder.with_name("_built") / f"{language}.so")
    write(generate_all(SCHEMA, [source]))
    return source


@pytest.fixture(autouse=True)
def shared_target(monkeypatch: pytest.MonkeyPatch, compiled_crates: Mapping[str, str]) -> None:
    """Let Cargo reuse what the checkout's adapters have compiled."""
    for name, value in compiled_crates.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["go", "rust"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> NativeSource:
    """Return an adapter in each language."""
    return adapter(request.param, tmp_path / request.param)


@pytest.fixture
def go_source(tmp_path: Path) -> NativeSource:
    """Return an adapter in Go, which builds in a second."""
    return adapter("go", tmp_path / "go")


@pytest.fixture
def rust_source(tmp_path: Path) -> NativeSource:
    """Return an adapter in Rust."""
    return adapter("rust", tmp_path / "rust")


def described(subject: Subject) -> str:
    """Load a library in a process of its own and return the fingerprint that it tells."""
    program = (
        f"import cbor2; from driftcheck_bindings.{subject.language} import load; "
        f"print(cbor2.loads(load({subject.target!r}).describe())['fingerprint'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_build(source: NativeSource) -> None:
    """A library is built from its sources once, and again when one of them changed."""
    said: list[str] = []

    subject = build(source, SCHEMA, say=said.append)
    again = build(source, SCHEMA, no_build=True, say=said.append)

    assert again == subject
    assert (subject.name, subject.language, subject.loader) == (source.name, source.language, source.language)
    assert described(subject) == SCHEMA.fingerprint
    assert said == [f"building toy: {source.name}"]

    edited = source.dir / {"go": "adapter.go", "rust": "src/lib.rs"}[source.language]
    edited.write_text(edited.read_text() + "\n// edited\n")
    with pytest.raises(StaleLibrary) as refused:
        build(source, SCHEMA, no_build=True)
    build(source, SCHEMA, say=said.append)

    assert str(refused.value) == (
        f"contract 'toy': the library of subject {source.name!r} is stale: "
        f"{edited} changed since the last build; run 'driftcheck build test_build:Toy', or allow builds"
    )
    assert len(said) == 2


def test_damaged(source: NativeSource) -> None:
    """A library that somebody damaged is built again."""
    library = Path(build(source, SCHEMA).target)
    with library.open("r+b") as file:
        file.truncate(library.stat().st_size // 2)

    with pytest.raises(
        StaleLibrary, match=r"\.so was changed since the last build made it; run 'driftcheck build "
    ):
        build(source, SCHEMA, no_build=True)
    again = build(source, SCHEMA)

    assert described(again) == SCHEMA.fingerprint


def test_failure(source: NativeSource) -> None:
    """A failure is one line, with contract, subject, command and folder, over the compiler's own words."""
    broken = source.dir / {"go": "adapter.go", "rust": "src/lib.rs"}[source.language]
    broken.write_text(broken.read_text().replace("ing(", "ong("))
    command, words = {
        "go": (
            "go build",
            "adapter does not implement toy.Subject (missing method Ping)",
        ),
        "rust": ("maturin build", "E0046"),
    }[source.language]

    with pytest.raises(BuildError) as caught:
        build(source, SCHEMA)

    first, *rest = str(caught.value).splitlines()
    assert first == f"contract 'toy': subject {source.name!r}: {command!r} failed in {source.dir}"
    assert any(words in line for line in rest)


def test_shipped(source: NativeSource, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that will be shipped holds no path of this machine, and is taken as it is where it lies."""
    monkeypatch.delenv("CARGO_ENCODED_RUSTFLAGS")  # its build has these flags by itself
    compile_native(source, "toy", source.prebuilt)
    shutil.rmtree(source.dir)

    subject = build(source, SCHEMA, no_build=True)

    assert subject.target == str(source.prebuilt)
    assert described(subject) == SCHEMA.fingerprint
    assert str(source.dir.parent).encode() not in source.prebuilt.read_bytes()
    assert str(rust.sdk_folder(source.language)).encode() not in source.prebuilt.read_bytes()


def test_never_built(go_source: NativeSource) -> None:
    """With no_build a library that was never built is refused by name."""
    with pytest.raises(StaleLibrary, match="the library of subject 'go' is stale: it has not been built"):
        build(go_source, SCHEMA, no_build=True)


def test_settings(go_source: NativeSource) -> None:
    """Other build tags make another library."""
    build(go_source, SCHEMA)

    with pytest.raises(StaleLibrary, match="its features are"):
        build(attrs.evolve(go_source, features=("x",)), SCHEMA, no_build=True)


def test_installed(go_source: NativeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sources of an installed package are built from a copy and left as they are."""
    cache = subprocess.run(["go", "env", "GOCACHE"], capture_output=True, text=True, check=True).stdout
    monkeypatch.setenv("GOCACHE", cache.strip())  # Go's own lies under XDG_CACHE_HOME too
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    installed = tmp_path / "site-packages" / "toy" / "go"
    shutil.copytree(go_source.dir, installed)
    before = sorted(installed.rglob("*"))
    source = attrs.evolve(go_source, dir=installed)

    subject = build(source, SCHEMA)
    build(source, SCHEMA, no_build=True)

    assert Path(subject.target).is_relative_to(tmp_path / "cache")
    assert sorted(installed.rglob("*")) == before

    (installed / "adapter.go").write_text(GO["adapter.go"] + "// edited\n")
    with pytest.raises(StaleLibrary, match=r"adapter\.go changed"):
        build(source, SCHEMA, no_build=True)


def test_two_processes(go_source: NativeSource) -> None:
    """Of two processes that want one library, one builds it and the other waits for it."""
    program = (
        "from pathlib import Path; from types import SimpleNamespace; "
        "from driftcheck.build import build; from driftcheck.subjects.discover import NativeSource; "
        f"source = NativeSource('go', 'go', Path({str(go_source.dir)!r}), Path('/nowhere')); "
        "build(source, SimpleNamespace(name='toy'), say=print)"
    )

    both = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in "ab"
    ]
    lines = [process.communicate()[0] for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert sorted(lines) == ["", "building toy: go\n"]


def test_model() -> None:
    """A model needs no building."""
    subject = build(ModelSource("model", "python", "toy.model:ToyModel"), SCHEMA, no_build=True)

    assert subject == Subject("model", "python", "python", "toy.model:ToyModel")


def test_a_compiler_may_take_more_memory_than_an_authors_code(tmp_path: Path) -> None:
    """It would inherit the limit of this process."""
    takes = "import time; time.sleep(0.5); print(len(bytearray(400 << 20)))"

    with guarded(AuthorLimits(memory_bytes=50 << 20)):
        said = tool.run([sys.executable, "-c", takes], cwd=tmp_path, env={})

    assert said == f"{400 << 20}\n"


def test_no_toolchain(source: NativeSource, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a tool is missing it is said what to install."""
    monkeypatch.setattr(shutil, "which", lambda name, path: None)
    tool = {"go": "'go' is not on the PATH; install Go", "rust": "'cargo' is not on the PATH; install Rust"}

    with pytest.raises(BuildError, match=f"contract 'toy': subject {source.name!r}: {tool[source.language]}"):
        build(source, SCHEMA)


def test_no_replace(go_source: NativeSource) -> None:
    """A Go adapter that does not take the SDK at hand is refused."""
    (go_source.dir / "go.mod").write_text("module toy\n\ngo 1.24\n")

    with pytest.raises(BuildError, match=r"add the line 'replace driftcheck/sdk => \./\.driftcheck/sdk'"):
        build(go_source, SCHEMA)


Edit = Callable[[str], str]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda text: text.replace('"cdylib"', '"rlib"'), "add crate-type = ['cdylib'] under [lib]"),
        (lambda text: text.replace('name = "toy"', 'name = "a-toy"'), "add name = 'a_toy' under [lib]"),
        (lambda text: text.replace("driftcheck =", "#"), "does not depend on the crate 'driftcheck'; add it"),
        (lambda text: "[workspace]\nmembers = ['other']\n", "is not a package; add a [package] table"),
        (
            lambda text: text.replace('version = "0.1", f', 'path = "other", f'),
            "would use the crate 'driftcheck' 0.1.0 from",
        ),
    ],
)
def test_cargo_mistakes(rust_source: NativeSource, edit: Edit, said: str) -> None:
    """A Rust adapter that would not become a host's library, or with a stranger's SDK, is refused."""
    other = rust_source.dir / "other"
    shutil.copytree(rust.sdk_folder("rust"), other)
    manifest = rust_source.dir / "Cargo.toml"
    manifest.write_text(edit(manifest.read_text()))

    with pytest.raises(BuildError) as caught:
        build(rust_source, SCHEMA)

    assert said in str(caught.value)


def test_own_cargo_config(rust_source: NativeSource) -> None:
    """An author's own Cargo configuration is not overwritten; it is said what to add to it."""
    config = rust_source.dir / ".cargo" / "config.toml"
    config.parent.mkdir()
    config.write_text("[net]\noffline = true\n")

    with pytest.raises(
        BuildError, match="is not written by driftcheck and does not use its SDK; add the lines below"
    ) as caught:
        build(rust_source, SCHEMA)

    assert f'driftcheck = {{ path = "{rust.sdk_folder("rust")}" }}' in str(caught.value)
    assert config.read_text() == "[net]\noffline = true\n"


def test_generated_code(source: NativeSource) -> None:
    """Generated code is compared with the contract, and written only where it differs."""
    texts = generate_all(SCHEMA, [source])
    (path,) = texts

    assert check(texts) == []

    path.write_text("// by hand\n")

    assert check(texts) == [path]
    assert write(texts) == [path]
    assert write(texts) == []
