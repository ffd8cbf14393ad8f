"""Which subjects a contract has, and what is said where they are declared wrongly."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from driftcheck.core.errors import SubjectError
from driftcheck.subjects.discover import ModelSource, NativeSource, subjects

CONTRACT = """
from driftcheck import Contract, operation

class Toy(Contract):
    @operation
    def ping(self) -> bool:
        "Answer."
"""
MODEL = """
from {package} import Toy

class {name}(Toy):
    def ping(self) -> bool:
        return True
"""

Make = Callable[..., type]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Make a contract package from texts by path, with both adapters' folders, and return its contract."""
    package = f"toy_{tmp_path.name.replace('-', '_')}"
    monkeypatch.syspath_prepend(tmp_path)

    def contract(files: dict[str, str | bytes] | None = None, *, adapters: bool = True) -> type:
        folder = tmp_path / package
        given = {"__init__.py": CONTRACT, **(files or {})}
        if adapters:
            given = {"go/go.mod": "", "rust/Cargo.toml": "", **given}
        for name, text in given.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(text, str):
                text = text.replace("{package}", package).encode()
            path.write_bytes(text)
        cls = importlib.import_module(package).Toy
        assert isinstance(cls, type)
        return cls

    yield contract
    for name in [m for m in sys.modules if m.partition(".")[0] == package]:
        del sys.modules[name]


def test_defaults(make: Make) -> None:
    """Without subjects.toml the subjects are go from go/ and rust from rust/."""
    contract = make()

    found = subjects(contract)

    assert [(s.name, s.language) for s in found] == [("go", "go"), ("rust", "rust")]
    assert [s.dir.name for s in found if isinstance(s, NativeSource)] == ["go", "rust"]


def test_declared(make: Make) -> None:
    """subjects.toml names the subjects, their folders, features, tags and variables, in its order."""
    toml = """
    [float]
    language = "rust"
    dir = "other"
    features = ["float_roundtrip"]

    [plain]
    language = "go"
    tags = ["a", "b"]
    env = { GOEXPERIMENT = "jsonv2" }
    """
    contract = make({"subjects.toml": toml, "other/Cargo.toml": ""})

    first, second = subjects(contract)

    assert isinstance(first, NativeSource)
    assert isinstance(second, NativeSource)
    assert (first.name, first.language, first.dir.name) == ("float", "rust", "other")
    assert first.features == ("float_roundtrip",)
    assert (second.name, second.language, second.dir.name) == ("plain", "go", "go")
    assert second.features == ("a", "b")
    assert second.env == {"GOEXPERIMENT": "jsonv2"}


def test_model_beside(make: Make) -> None:
    """A subclass of the contract in the module `model` beside it is the subject `model`."""
    contract = make({"model.py": MODEL.replace("{name}", "ToyModel")})

    *_, last = subjects(contract)

    assert last == ModelSource("model", "python", f"{contract.__module__}.model:ToyModel")


def test_model_in_module(make: Make) -> None:
    """A model may stand in the contract's own module."""
    model = "class ToyModel(Toy):\n    def ping(self) -> bool:\n        return True\n"
    contract = make({"__init__.py": CONTRACT + model})

    *_, last = subjects(contract)

    assert last == ModelSource("model", "python", f"{contract.__module__}:ToyModel")


def test_prebuilt_needs_no_sources(make: Make) -> None:
    """A library that came with a wheel makes its subject known where the sources are not."""
    toml = '[one]\nlanguage = "go"\ndir = "../../elsewhere"\n'
    contract = make({"subjects.toml": toml, "_built/one.so": b"ELF"}, adapters=False)

    (only,) = subjects(contract)

    assert isinstance(only, NativeSource)
    assert only.prebuilt.read_bytes() == b"ELF"


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (b"\xff", "is not UTF-8 text (at byte 0); save it as UTF-8"),
        ("[go", "is not TOML: "),
        ("", "declares no subject; add one, or remove the file"),
        ("go = 1", "'go' is 1, not a subject; write a table [go] with its language"),
        ("[go]", "subject 'go' has no language; give language = 'go' or 'rust'"),
        ("[a]\nlanguage = 'zig'", "subject 'a' has the language 'zig'; give language = 'go' or 'rust'"),
        ("[a]\nlanguage = ['go']", "subject 'a' has the language ['go']; give language = 'go' or 'rust'"),
        (
            "[a]\nlanguage = 'python'",
            "subject 'a' has the language 'python'; remove it: a subclass ",
        ),
        ("[model]\nlanguage = 'go'", "subject 'model' has the name of the contract's model; rename it"),
        ("['a b']\nlanguage = 'go'", "subject 'a b' has a name that is not up to 100 letters"),
        (
            "[go]\nlanguage = 'rust'",
            "subject 'go' has the language 'rust'; a subject must not have another's",
        ),
        ("[a]\nlanguage = 'go'\ntag = ['x']", "subject 'a' has the key 'tag'; did you mean 'tags'?"),
        (
            "[a]\nlanguage = 'go'\nfeatures = []",
            "subject 'a' has the key 'features'; a Go subject takes tags",
        ),
        (
            "[a]\nlanguage = 'rust'\ntags = []",
            "subject 'a' has the key 'tags'; a Rust subject takes features",
        ),
        ("[a]\nlanguage = 'go'\nzz = 1", "has the key 'zz'; known names: language, dir, tags, env"),
        ("[a]\nlanguage = 'go'\ntags = 'x'", "subject 'a' has tags = 'x'; give a list of strings"),
        ("[a]\nlanguage = 'go'\nenv = { A = 1 }", "subject 'a': env is {'A': 1}; give a table of strings"),
        (
            "[a]\nlanguage = 'go'\nenv = { 'A=B' = 'x' }",
            "subject 'a': env names a variable 'A=B'; give a name",
        ),
        ("[a]\nlanguage = 'go'\ndir = 'x/" + "y" * 5_000 + "'", "'dir' cannot be read: File name too long"),
        ("[a]\nlanguage = 'go'\ndir = 3", "subject 'a' has dir = 3; give a string"),
        ("[a]\nlanguage = 'go'\ndir = 'no'", "/no, which is not a folder; fix 'dir'"),
        ("[a]\nlanguage = 'go'\ndir = 'rust'", "/rust, which has no go.mod; add one"),
    ],
)
def test_mistakes(make: Make, toml: str | bytes, said: str) -> None:
    """Each mistake in subjects.toml gets one sentence: the file, what was found, what to do."""
    contract = make({"subjects.toml": toml})

    with pytest.raises(SubjectError) as caught:
        subjects(contract)

    message = str(caught.value)
    assert said in message
    assert message.startswith("contract 'toy': /")
    assert "subjects.toml" in message
    assert "\n" not in message


def test_no_subject(make: Make) -> None:
    """A contract without any subject is a mistake."""
    contract = make(adapters=False)

    with pytest.raises(SubjectError, match=r"contract 'toy': no subject is declared: .* add an adapter"):
        subjects(contract)


def test_where_a_model_goes_is_told(make: Make) -> None:
    """Where there is no subject; a subclass that is elsewhere is named."""
    contract = make({"models.py": MODEL.replace("{name}", "Ours")}, adapters=False)
    places = f"a subclass of Toy with bodies, to the module '{contract.__module__}' or {contract.__module__}"
    with pytest.raises(SubjectError, match=rf"or a model, which is {places}\.model$"):
        subjects(contract)

    importlib.import_module(f"{contract.__module__}.models")

    with pytest.raises(
        SubjectError, match=rf"\.model; driftcheck does not look at {contract.__module__}\.models:Ours$"
    ):
        subjects(contract)


def test_a_model_file_beside_a_lone_module_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a package there is no module `model` of it."""
    (tmp_path / "lone_toy.py").write_text(CONTRACT)
    (tmp_path / "model.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(
        SubjectError, match=r"driftcheck does not read .*model\.py, since 'lone_toy' is in no package$"
    ):
        subjects(importlib.import_module("lone_toy").Toy)


def test_two_models(make: Make) -> None:
    """A contract has one model at most."""
    text = MODEL.replace("{name}", "A") + "\nclass B(A):\n    pass\n"
    contract = make({"model.py": text})

    with pytest.raises(SubjectError, match="it has 2 models, A, B; keep one of them"):
        subjects(contract)


def test_model_in_function(make: Make) -> None:
    """A model that a host could not import is a mistake."""
    text = (
        CONTRACT
        + """
def hide():
    class Hidden(Toy):
        def ping(self) -> bool:
            return True
    return Hidden

keep = hide()
"""
    )
    contract = make({"__init__.py": text})

    with pytest.raises(SubjectError, match=r"Hidden is defined in a function; move it to the module"):
        subjects(contract)
