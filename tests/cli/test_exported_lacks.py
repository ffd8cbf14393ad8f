"""`driftcheck export` into a tree that lacks what the test needs: the printed commands add it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_toys import Call
from exported_trees import ROOT, run

from driftcheck.export.errors import NotExportable
from driftcheck.export.lacking import of_crate, of_module
from driftcheck.export.manifests import rust_dependencies

SAMPLE = ROOT / "examples/cases/json/accept-reject-decode-duplicate-field-63ccd50d.json"
ABSENT = ROOT / "tests/shipped/witnesses/cases/cbor/absent-is-zero.json"
OF_SONIC = ROOT / "tests/shipped/witnesses/cases/json/any-minus-zero-is-zero.json"
SERDE = {"serde": {"version": "1.0.229", "features": ["derive"]}}


def commands(folder: Path, manifest: str, needed: dict[str, dict[str, object]]) -> list[str]:
    """Return the commands that give a crate what a test needs."""
    (folder / "Cargo.toml").write_text(manifest)
    return [lack.command for lack in of_crate(folder, needed, folder / "adapter")]


@pytest.mark.parametrize(
    ("manifest", "needed", "command"),
    [
        ("", SERDE, "cargo add --dev serde@1.0.229 --features derive"),
        ('[build-dependencies]\nserde = "1"', SERDE, "cargo add --dev serde@1.0.229 --features derive"),
        ('[dependencies]\nserde = "1.0.9"', SERDE, "cargo add --dev serde@1.0.9 --features derive"),
        (
            '[dependencies]\nserde = { version = "1", features = ["derive"], optional = true }',
            SERDE,
            "cargo add --dev serde@1.0.229 --features derive",
        ),
        (
            '[dependencies]\nserde.workspace = true\n[workspace.dependencies]\nserde = "1"',
            SERDE,
            "cargo add --dev serde --features derive",
        ),
        (
            '[dependencies]\nserde = { version = "1", default-features = false }',
            {"serde": {"version": "1"}},
            "cargo add --dev serde@1 --default-features",
        ),
        (
            "",
            {"jiff": {"version": "1.0.2", "default-features": False, "features": ["std"]}},
            "cargo add --dev jiff@1.0.2 --no-default-features --features std",
        ),
        ("", {"a": {"package": "b", "version": "1"}}, "cargo add --dev b@1 --rename a"),
        (
            "",
            {"a": {"git": "https://x.org/a", "tag": "v1"}},
            "cargo add --dev a --git https://x.org/a --tag v1",
        ),
        ("", {"a": {"path": "../library"}}, "cargo add --dev --path ./library"),
    ],
)
def test_a_crate_gets_what_it_lacks(
    tmp_path: Path, manifest: str, needed: dict[str, dict[str, object]], command: str
) -> None:
    """The command has version, features, name and place; what the crate has already keeps its version."""
    (tmp_path / "adapter").mkdir()

    assert commands(tmp_path, manifest, needed) == [command]


@pytest.mark.parametrize(
    "manifest",
    [
        '[dependencies]\nserde = { version = "1", features = ["rc", "derive"] }',
        '[dev-dependencies]\nserde = { version = "1", features = ["derive"] }',
        '[target.\'cfg(unix)\'.dependencies]\nserde = { version = "1", features = ["derive"] }',
        '[dependencies]\nserde = "1"\n[dev-dependencies]\nserde = { version = "1", features = ["derive"] }',
        '[workspace.dependencies]\nserde = { version = "1", features = ["derive"] }\n'
        "[dependencies]\nserde.workspace = true",
        '[workspace.dependencies]\nserde = { version = "1", features = ["derive"] }\n'
        '[dependencies]\nserde = { workspace = true, features = ["rc"] }',
        '[package]\nname = "serde"',
    ],
)
def test_a_crate_that_has_it_lacks_nothing(tmp_path: Path, manifest: str) -> None:
    """Each table counts whose crates an integration test sees, and so does the crate itself."""
    assert commands(tmp_path, manifest, SERDE) == []


def test_a_crate_with_another_version_is_for_the_reader(tmp_path: Path) -> None:
    """Cargo gives no crate two versions of one name, so the sentence says what to change."""
    (tmp_path / "Cargo.toml").write_text('[dependencies]\nbase64 = "0.21"')

    (lack,) = of_crate(tmp_path, {"base64": {"version": "0.23"}}, tmp_path)

    assert lack.what == "base64 0.23, but Cargo.toml has 0.21; adapt the conversions in the test to 0.21"
    assert lack.command == ""


def test_a_go_module_gets_what_it_lacks(tmp_path: Path) -> None:
    """Modules come with the adapter's versions, folders are replaced, and the standard library is there."""
    adapter, module = tmp_path / "adapter", tmp_path / "module"
    adapter.mkdir()
    module.mkdir()
    (adapter / "go.mod").write_text(
        "module mine\nrequire (\n a.org/b v1.2.3\n a.org/b/c v2.0.0\n d v0.0.0\n has.org/e v1.0.0\n"
        " driftcheck/sdk v0.0.0\n)\nreplace d => ../d\nreplace driftcheck/sdk v0.0.0 => "
        f"{adapter}/sdk\nreplace fork.org/f => ours.org/f v1.9.0\nrequire fork.org/f v1.1.0\n"
    )
    (module / "go.mod").write_text("module theirs\nrequire has.org/e v0.9.0 // indirect\n")
    imported = ["a.org/b/c/x", "d/y", "has.org/e", "encoding/json", "mine/z", "fork.org/f"]

    found = [lack.command for lack in of_module(module, imported, adapter)]

    assert found == [
        "go get a.org/b/c@v2.0.0",
        "go mod edit -require=d@v0.0.0 -replace=d=../d -replace=driftcheck/sdk=../adapter/sdk "
        "&& go get d@v0.0.0",
        "go mod edit -replace=fork.org/f=ours.org/f@v1.9.0 && go get fork.org/f@v1.1.0",
        "go mod edit -require=mine@v0.0.0 -replace=d=../d -replace=driftcheck/sdk=../adapter/sdk "
        "-replace=mine=../adapter && go get mine@v0.0.0",
    ]


def test_the_commands_stand_before_the_one_that_runs_the_test(driftcheck: Call, tmp_path: Path) -> None:
    """The output says what is lacking; below it stands all that is to be typed, in its order."""
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "parser"\n')

    done = driftcheck("export", str(SAMPLE), "--to", "rust", "--into", str(tmp_path))
    listed = driftcheck("export", str(SAMPLE), "--to", "rust", "--into", str(tmp_path), "--json")

    name = "json_accept_reject_decode_duplicate_field_63ccd50d"
    first = ["cargo add --dev serde@1.0.229 --features derive", "cargo add --dev serde_json@1.0.154"]
    typed = [f"cd {tmp_path}", *first, f"cargo test --test {name}"]
    assert "lacks    serde 1.0.229 with derive; serde_json 1.0.154\n" in done.out
    assert done.out.endswith("run      " + "\n         ".join(typed) + "\n")
    assert json.loads(listed.out)["first"] == first


def test_beside_the_adapter_features_bring_the_crates(
    driftcheck: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The adapter's own crate lacks nothing: the command switches the features of the subject on."""
    monkeypatch.setattr("driftcheck.cli.export._write", lambda exported: set())

    done = driftcheck("export", str(OF_SONIC), "--to", "rust", "--subject", "sonic")

    assert "lacks" not in done.out
    assert "cargo test --features sonic --test json_" in done.out


@pytest.mark.nightly
@pytest.mark.parametrize(("language", "case"), [("rust", SAMPLE), ("go", ABSENT)])
def test_a_tree_that_lacks_everything_gets_a_failing_test(
    driftcheck: Call, tmp_path: Path, language: str, case: Path
) -> None:
    """What is printed is typed in a new crate or module: the test builds, and fails for its reason."""
    tree = tmp_path / "parser"
    new = {"rust": "cargo new --lib parser", "go": "mkdir parser && cd parser && go mod init parser"}[
        language
    ]
    assert run(["sh", "-c", new], tmp_path).code == 0

    done = driftcheck("export", str(case), "--to", language, "--into", str(tree))
    typed = [line[9:] for line in done.out[done.out.index("run      ") :].splitlines()]
    ended = run(["sh", "-ec", "\n".join(typed)], tmp_path)

    assert len(typed) > 2
    assert ended.code != 0
    assert "what the other side, " in ended.said, ended.said


def test_a_crate_that_a_workspace_declares_is_refused() -> None:
    """Its version is in no manifest of the adapter, and the refusal says where to write it."""
    manifest = {"dependencies": {"serde": {"workspace": True}}}
    with pytest.raises(NotExportable, match="takes serde from its workspace; write its version into its own"):
        rust_dependencies(manifest, ())
