"""`driftcheck export`: a case becomes a test in another language, or one sentence says why not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cli_toys import Call
from recorded_case import write_recorded

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples/cases/json/accept-reject-decode-duplicate-field-63ccd50d.json"
MODEL_IS_RIGHT = {"go": {"accepted": {"text": "1"}}, "model": {"accepted": {"text": "2"}}}


def case(folder: Path, contract: str, check: str, steps: list[dict[str, Any]], **more: Any) -> Path:
    """Write a case that diverges at its last step."""
    operation = steps[-1]["operation"]
    shape = dict.fromkeys(steps[-1].get("outcomes", {"go": 0}), "accepted")
    data = {
        "driftcheck_case": 1,
        "contract": contract,
        "signature": {"check": check, "operation": operation, "shape": shape},
        "at": len(steps),
        **more,
        "steps": steps,
    }
    path = folder / "case.json"
    write_recorded(path, data)
    return path


def step(operation: str, outcomes: Mapping[str, Any] | None = None, **arguments: Any) -> dict[str, Any]:
    """Return a step of a case file."""
    data: dict[str, Any] = {"operation": operation, "arguments": arguments}
    return data if outcomes is None else {**data, "outcomes": outcomes}


def lru(folder: Path, **more: Any) -> Path:
    """Write a case of the cache in which Go reads another value than the model."""
    steps = [
        step("put", key="a", value={"hex": "00 ff"}),
        step("walk"),
        step("advance", cursor={"handle_of_step": 2}),
        step("finish", cursor={"handle_of_step": 2}),
        step("advance", cursor={"handle_of_step": 2}),
        step("get", MODEL_IS_RIGHT, key="a"),
    ]
    return case(folder, "lru", "D103", steps, **{"opening": {"capacity": 2}, "blamed": ["go"], **more})


def exported(driftcheck: Call, path: Path, to: str, into: Path, *more: str) -> dict[str, str]:
    """Export a case, and return the text of each file by its name."""
    done = driftcheck("export", str(path), "--to", to, "--into", str(into), "--json", *more)
    assert done.code == 0, done.err
    return {
        Path(name).name: Path(name).read_bytes().decode("latin-1") for name in json.loads(done.out)["files"]
    }


def refused(driftcheck: Call, path: Path, *arguments: str) -> str:
    """Return the one sentence with which an export ends."""
    done = driftcheck("export", str(path), *arguments)
    assert done.code == 2
    (said,) = done.err.splitlines()
    return said


def test_it_says_what_it_wrote_and_how_to_run_it(driftcheck: Call, tmp_path: Path) -> None:
    """The output names the files, the subject, what is asserted, what was copied, and the command."""
    (tmp_path / "go.mod").write_text("module mine\n")

    done = driftcheck("export", str(SAMPLE), "--to", "go", "--into", str(tmp_path))

    assert done.code == 0
    heads = [line[:9].rstrip() for line in done.out.splitlines()]
    assert heads == ["wrote", "tests", "asserts", "decide", "copied", "run", ""]
    assert "asserts  what the other side, serde, answered\n" in done.out
    assert "GOEXPERIMENT=nojsonv2 go test ." in done.out


def test_in_the_folder_of_the_test_nobody_changes_the_folder(
    driftcheck: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command stands alone where the reader is there already."""
    monkeypatch.chdir(into(tmp_path))

    done = driftcheck("export", str(SAMPLE), "--to", "rust", "--into", ".")

    assert done.out.splitlines()[-1].startswith("run      cargo test --test ")


def test_the_reference_needs_no_decision(driftcheck: Call, tmp_path: Path) -> None:
    """Where the model answered, the test asserts its answer, without a comment that asks the reader."""
    (source,) = exported(driftcheck, lru(tmp_path), "go", into(tmp_path, "go.mod")).values()

    assert "what model, the reference, answered" in source
    assert 'acceptedWith([]byte("2"))' in source
    assert "DECIDE" not in source


def test_a_flaky_case_says_that_the_test_may_pass(driftcheck: Call, tmp_path: Path) -> None:
    """Output and file say so of a divergence that was not seen in each process, and of no other one."""
    path = lru(tmp_path, confirmed={"seen": 1, "of": 3})

    done = driftcheck("export", str(path), "--to", "go", "--into", str(into(tmp_path, "go.mod")))
    (flaky,) = exported(driftcheck, path, "go", into(tmp_path, "go.mod")).values()
    (other,) = exported(driftcheck, lru(tmp_path), "go", into(tmp_path, "go.mod")).values()

    assert "flaky    seen in 1 of 3 processes; the test may pass once although nothing is fixed\n" in done.out
    assert "// This test may pass although nothing is fixed. Run it many times" in flaky
    assert "go test -count=1 ." in flaky
    assert "may pass" not in other


def test_nobody_to_blame_is_for_the_reader_to_decide(driftcheck: Call, tmp_path: Path) -> None:
    """Of two subjects each side's test asserts the other's answer, below a comment with DECIDE."""
    of_go = "".join(exported(driftcheck, SAMPLE, "go", into(tmp_path, "go.mod")).values())
    of_rust = "".join(exported(driftcheck, SAMPLE, "rust", into(tmp_path, "Cargo.toml")).values())

    assert "// DECIDE: nobody says who is right. The test asserts what the other side, serde" in of_go
    assert "// DECIDE: nobody says who is right. The test asserts what the other side, go" in of_rust


def test_bytes_handles_and_closed_handles_are_in_it(driftcheck: Call, tmp_path: Path) -> None:
    """Bytes are hexadecimal, a handle is a variable, and a step on a closed handle calls nothing."""
    (source,) = exported(driftcheck, lru(tmp_path), "go", into(tmp_path, "go.mod")).values()

    assert 'subject.Put("a", bytesOf("00 ff"))' in source
    assert "handle2, err := subject.Walk()" in source
    assert source.count("subject.Advance(handle2)") == 1
    assert "Its handle is closed already" in source


def test_they_are_in_a_rust_test_as_well(driftcheck: Call, tmp_path: Path) -> None:
    """A handle is borrowed, and a step that closes it takes it."""
    path = lru(tmp_path, blamed=["rust"])
    path.write_text(path.read_text().replace('"go"', '"rust"'))

    (source,) = exported(driftcheck, path, "rust", into(tmp_path, "Cargo.toml")).values()
    words = " ".join(source.split())

    assert 'Subject::put(&mut subject, "a", &bytes_of("00 ff"))' in words
    assert "let mut handle2 = Subject::walk(&mut subject)" in words
    assert "Subject::advance(&mut subject, &mut handle2)" in words
    assert "Subject::finish(&mut subject, handle2)" in words
    assert words.count("Subject::advance(") == 1


@pytest.mark.parametrize(
    ("language", "name", "call"),
    [
        ("go", "text_order_of_numbers", 'Increase([]byte("c0")'),
        ("rust", "walk_keeps_what_the_peer_lacks", 'b"k1"'),
        ("go", "equal_digests_acknowledge_nothing", "subject2.Reconcile(subject1, 0, NoFault)"),
        ("rust", "watermark_held_to_the_own_vector", "Subject::fill(&mut subject3"),
        ("rust", "schema_1_read_at_3", "::open(0, 3, Algorithm::Off)"),
        ("go", "alone/receive_forgets_their_count", "state7Of1 := shown(subject1.State())"),
        ("go", "alone/acknowledgements_changed_in_place", 'patternOf(states) == "0 1 2 3 1 2'),
    ],
)
def test_what_a_case_gives_to_a_step_is_in_it(
    driftcheck: Call, tmp_path: Path, language: str, name: str, call: str
) -> None:
    """Names in play are values, instances have their steps and schema versions, laws their states."""
    path = ROOT / f"tests/finds/reconcile/cases/{name}.json"
    manifest = {"go": "go.mod", "rust": "Cargo.toml"}[language]

    files = exported(driftcheck, path, language, into(tmp_path, manifest))

    body = "".join(files.values()).partition("assert_eq!(" if language == "rust" else "if want :=")[0]
    assert call in body


def test_a_long_document_is_a_file(driftcheck: Call, tmp_path: Path) -> None:
    """A document of more than 1,000 bytes lies under testdata, byte for byte, for Go and for Rust."""
    document = '{"id":0,"name":"' + "x" * 2000
    item = {"id": 0, "name": "", "score": 0.0, "note": None, "tags": []}
    outcomes = {"go": {"rejected": "malformed"}, "serde": {"accepted": item}}
    path = case(tmp_path, "json", "D101", [step("decode", outcomes, document={"text": document})])

    of_go = exported(driftcheck, path, "go", into(tmp_path, "go.mod"))
    of_rust = exported(driftcheck, path, "rust", into(tmp_path, "Cargo.toml"))

    assert of_go["document1.bin"] == of_rust["document1.bin"] == document
    assert 'documentAt(t, "testdata/document1.bin")' in "".join(of_go.values())
    assert "include_bytes!" in "".join(of_rust.values())


@pytest.mark.parametrize("language", ["go", "rust"])
def test_instances_faults_flags_and_schema_versions_are_in_it(
    driftcheck: Call, tmp_path: Path, language: str
) -> None:
    """Each instance has its own opening arguments, and a step its peer and its fault."""
    path = ROOT / "tests/finds/reconcile/cases/repeated_part_is_an_error.json"
    manifest = {"go": "go.mod", "rust": "Cargo.toml"}[language]

    (source,) = exported(driftcheck, path, language, into(tmp_path, manifest)).values()

    for word in {
        "go": ("open(0, ", "open(1, ", "Algorithm", "subject1.Reconcile(subject2, 0, FaultRepeated)"),
        "rust": ("open(0, ", "open(1, ", "&mut subject1, &mut subject2, 0, Some(Fault::Repeated)"),
    }[language]:
        assert word in " ".join(source.split())


def test_nested_input_gets_a_large_stack_in_rust(driftcheck: Call, tmp_path: Path) -> None:
    """A debug build needs more stack for a deep document than a test's thread has."""
    outcomes = {"go": {"rejected": "malformed"}, "serde": {"accepted": {"text": "[]"}}}

    def text(document: str) -> str:
        path = case(tmp_path, "json", "D101", [step("rewrite", outcomes, document={"text": document})])
        return "".join(exported(driftcheck, path, "rust", into(tmp_path, "Cargo.toml")).values())

    assert "with_large_stack(|| {" in text('{"a":[' * 64 + "]}" * 64)
    assert "with_large_stack" not in text("[[[]]]")


def test_a_rust_test_has_only_what_it_uses(driftcheck: Call, tmp_path: Path) -> None:
    """Types, rejections and functions of other operations, and the helpers for them, are not in it."""
    outcomes = {"masterminds": {"accepted": {"text": "1"}}, "semver-rs": {"rejected": "malformed"}}
    path = case(tmp_path, "semver", "D101", [step("parse", outcomes, text={"text": "1"})])
    parsed = dict.fromkeys(("major", "minor", "patch", "pre", "build"), "1")
    data = json.loads(path.read_text())
    data["steps"][0]["outcomes"]["masterminds"] = {"accepted": parsed}
    write_recorded(path, data)

    (source,) = exported(driftcheck, path, "rust", into(tmp_path, "Cargo.toml")).values()

    assert "pub struct Parsed" in source
    for other in ("struct Version", "Order", "Rejection", "broken", "unsupported", "bytes_of"):
        assert not re.search(rf"\b{other}\b", source), other


def test_the_reader_sees_what_it_is(driftcheck: Call, tmp_path: Path) -> None:
    """The top says what was found and answered, what the test asserts, and how it is run."""
    source = "".join(exported(driftcheck, SAMPLE, "go", into(tmp_path, "go.mod")).values())

    above = source.partition("\npackage")[0]
    for line in (
        "It found: one subject accepts what another rejects.",
        "They answered step 1, decode:",
        "\tserde: rejected: malformed; in its own words: duplicate field `id` at line 1 column 12",
        "This test calls one of them, go.",
        "It asserts: what the other side, serde, answered.",
        "It fails until somebody decides: see DECIDE below.",
        "run:       GOEXPERIMENT=nojsonv2 go test .  # in this folder",
    ):
        assert f"//{'' if line.startswith(chr(9)) else ' '}{line}\n" in above


def test_the_reader_sees_which_states_differ(driftcheck: Call, tmp_path: Path) -> None:
    """Above the test of a state divergence stand the values that differ, and not the equal answers."""
    equal = {"go": {"accepted": None}, "rust": {"accepted": None}}
    steps = [step("put", equal, key="a", value={"text": "1"})]
    one = {"text": "1"}
    states = {name: {"state": [{"key": key, "value": one}]} for name, key in {"go": "b", "rust": "a"}.items()}
    path = case(tmp_path, "lru", "D201", steps, opening={"capacity": 2}, states=states)

    (source,) = exported(driftcheck, path, "go", into(tmp_path, "go.mod")).values()

    above = source.partition("\npackage")[0]
    assert "// Their states differ after step 1, put:\n" in above
    assert '//\tgo has "b" at [0].key\n//\trust has "a" at [0].key\n' in above
    assert "They answered" not in above
    assert "// It asserts: the state of the other side, rust.\n" in above
    assert "// If not, assert here the state that this library has.\n" in source.replace("\t", "")
    assert re.search(r"^// needs:     github.com/hashicorp/golang-lru/v2 v\d", above, re.M)


def test_the_folder_is_made_where_it_is_missing(driftcheck: Call, tmp_path: Path) -> None:
    """A crate may have no tests yet. Two missing folders are rather a mistyped path, and refused."""
    (tmp_path / "Cargo.toml").write_text("")

    done = driftcheck("export", str(SAMPLE), "--to", "rust", "--into", str(tmp_path / "tests"))
    again = driftcheck("export", str(SAMPLE), "--to", "rust", "--into", str(tmp_path / "tests"))

    assert done.out.startswith("wrote    ")
    assert [*(tmp_path / "tests").glob("*.rs")]
    assert again.out.startswith("replaced ")
    missing = tmp_path / "no" / "tests"
    assert f"--into {missing}: {missing.parent} does not exist; check the path" in refused(
        driftcheck, SAMPLE, "--to", "rust", "--into", str(missing)
    )


def test_two_subjects_of_a_language_have_a_test_each(driftcheck: Call, tmp_path: Path) -> None:
    """The second export leaves the test of the other subject; one subject alone is not in the name."""
    item = {"id": 0, "name": "", "score": 0.0, "note": None, "tags": []}
    refusals = {name: {"rejected": "malformed"} for name in ("serde", "sonic")}
    outcomes = {"go": {"accepted": item}, **refusals}
    path = case(tmp_path, "json", "D101", [step("decode", outcomes, document={"text": "{}"})])
    tree = into(tmp_path, "Cargo.toml")

    (of_serde,) = exported(driftcheck, path, "rust", tree, "--subject", "serde")
    (of_sonic,) = exported(driftcheck, path, "rust", tree, "--subject", "sonic")
    (alone,) = exported(driftcheck, SAMPLE, "rust", tree)

    assert of_serde.startswith("json_accept_reject_decode_serde_")
    assert of_sonic.startswith("json_accept_reject_decode_sonic_")
    assert alone == "json_accept_reject_decode_duplicate_field_63ccd50d.rs"
    assert len([*(tree / "tests").iterdir()]) == 3


@pytest.mark.parametrize(
    ("subject", "to", "manifest"),
    [("go", "go", "go.mod"), ("rust", "rust", "Cargo.toml"), ("model", "pytest", "")],
)
def test_a_file_that_a_reader_changed_stays(
    driftcheck: Call, tmp_path: Path, subject: str, to: str, manifest: str
) -> None:
    """A second export replaces a file that is as it was written, and refuses one with somebody's work."""
    tree = into(tmp_path, manifest)
    more = ("--to", to, "--into", str(tree))

    def written(key: str) -> tuple[Path, Path, bytes]:
        """Export a case in which a query changes the state; return the case, the test and its text."""
        steps = [
            step("put", key=key, value={"text": "1"}),
            step("peek", {subject: {"accepted": None}}, key=key),
        ]
        path = case(tmp_path, "lru", "D203", steps, opening={"capacity": 2}, blamed=[subject])
        done = driftcheck("export", str(path), *more, "--json")
        assert done.code == 0, done.err
        (file,) = (Path(name) for name in json.loads(done.out)["files"])
        return path, file, file.read_bytes()

    _, _, first = written("a")
    path, file, second = written("b")
    file.write_bytes(second + b"\n")
    said = refused(driftcheck, path, *more)

    assert first != second
    assert (
        f"{file} exists, and driftcheck cannot tell that 'driftcheck export' wrote it and nobody changed it"
        in said
    )
    assert file.read_bytes() == second + b"\n"


def test_a_document_that_a_reader_changed_stays(driftcheck: Call, tmp_path: Path) -> None:
    """A file under testdata has no mark, so it must be the one that would be written."""
    item = {"id": 0, "name": "", "score": 0.0, "note": None, "tags": []}
    outcomes = {"go": {"rejected": "malformed"}, "serde": {"accepted": item}}
    document = {"text": '{"id":0,"name":"' + "x" * 2000}
    path = case(tmp_path, "json", "D101", [step("decode", outcomes, document=document)])
    tree = into(tmp_path, "go.mod")
    exported(driftcheck, path, "go", tree)
    exported(driftcheck, path, "go", tree)
    (file,) = tree.rglob("document1.bin")
    file.write_bytes(b"mine")

    said = refused(driftcheck, path, "--to", "go", "--into", str(tree))

    assert "document1.bin exists, and driftcheck cannot tell" in said
    assert file.read_bytes() == b"mine"


def test_a_missing_case_file_says_where_it_was_looked_for(
    driftcheck: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path that is not absolute starts in the working directory, which the sentence names."""
    monkeypatch.chdir(tmp_path)

    assert f"case file cases/a.json: there is no such file in {tmp_path}; check the path" in refused(
        driftcheck, Path("cases/a.json"), "--to", "go"
    )
    assert "x.json: there is no such file in " in refused(driftcheck, Path("x" * 300 + ".json"), "--to", "go")
    assert f"case file {tmp_path}/a.json: there is no such file; check the path" in refused(
        driftcheck, tmp_path / "a.json", "--to", "go"
    )


def test_a_workspace_without_a_package_is_refused(driftcheck: Call, tmp_path: Path) -> None:
    """Cargo would not run a test there, so the message names the members of the workspace."""
    (tmp_path / "Cargo.toml").write_text('[workspace]\nmembers = ["parser"]\n')

    said = refused(driftcheck, SAMPLE, "--to", "rust", "--into", str(tmp_path))

    assert f"{tmp_path} is a workspace without a package" in said
    assert "name the folder of one of its members with --into (parser)" in said


def test_a_folder_in_no_module_gets_a_manifest(driftcheck: Call, tmp_path: Path) -> None:
    """Outside a module or crate the versions of the adapter are written, without driftcheck."""
    of_go = exported(driftcheck, lru(tmp_path), "go", into(tmp_path))
    of_rust = exported(driftcheck, SAMPLE, "rust", into(tmp_path))

    assert "github.com/hashicorp/golang-lru/v2 v" in of_go["go.mod"]
    assert "serde_json" in of_rust["Cargo.toml"]
    assert "driftcheck" not in of_go["go.mod"] + of_rust["Cargo.toml"]


@pytest.mark.parametrize("language", ["go", "rust"])
def test_folders_that_the_new_manifest_names_are_listed(
    driftcheck: Call, tmp_path: Path, language: str
) -> None:
    """Who sends the test to somebody must send them, too; libraries of a registry come by themselves."""
    path = ROOT / "tests/finds/reconcile/cases/repeated_part_is_an_error.json"
    engine = ROOT / f"{language}_shim" / "reconcile"

    said = driftcheck("export", str(path), "--to", language, "--into", str(tmp_path / "one"))
    listed = driftcheck("export", str(path), "--to", language, "--into", str(tmp_path / "two"), "--json")
    published = driftcheck("export", str(SAMPLE), "--to", language, "--into", str(tmp_path / "three"))

    assert json.loads(listed.out)["outside"] == [str(engine)]
    assert re.search(
        rf"^outside .*{language}_shim/reconcile; send this folder with the test$", said.out, re.M
    )
    assert "\noutside" not in published.out


@pytest.mark.parametrize(
    ("language", "manifest", "said"),
    [
        ("rust", "go.mod", ("is in a Go module, ", "crate")),
        ("go", "Cargo.toml", ("is in a crate, ", "Go module")),
    ],
)
def test_a_tree_of_the_other_language_is_refused(
    driftcheck: Call, tmp_path: Path, language: str, manifest: str, said: tuple[str, str]
) -> None:
    """Nothing is written into it, and the sentence says where the test can stand."""
    tree = into(tmp_path, manifest)
    (tree / "inner").mkdir()

    words = refused(driftcheck, SAMPLE, "--to", language, "--into", str(tree / "inner"))

    place, own = said
    told = f"{tree / 'inner'} {place}{tree}, and in no {own}; with --into, name a folder in the {own}"
    assert told in words
    assert [*tree.rglob("*.*")] == [tree / manifest]


@pytest.mark.parametrize(("language", "manifest"), [("go", "go.mod"), ("rust", "Cargo.toml")])
def test_a_manifest_that_is_no_text_is_named(
    driftcheck: Call, tmp_path: Path, language: str, manifest: str
) -> None:
    """The message says which file cannot be read."""
    tree = into(tmp_path)
    (tree / manifest).write_bytes(b"\xff")

    words = refused(driftcheck, SAMPLE, "--to", language, "--into", str(tree))

    assert f"{tree / manifest} is not UTF-8 text (at byte 0); save it as UTF-8" in words


def test_a_crate_inside_a_go_module_is_a_crate(driftcheck: Call, tmp_path: Path) -> None:
    """The folder lies in both trees, so each language has its own."""
    tree = into(tmp_path, "go.mod")
    (tree / "Cargo.toml").write_text("")

    for language in ("go", "rust"):
        assert exported(driftcheck, SAMPLE, language, tree)


def test_a_model_that_breaks_a_promise_is_exported_for_pytest(driftcheck: Call, tmp_path: Path) -> None:
    """The test calls the model with plain literals; it fails while the query changes the state."""
    steps = [step("put", key="a", value={"text": "1"}), step("peek", key="a")]
    path = case(tmp_path, "lru", "D203", steps, opening={"capacity": 2}, blamed=["model"])
    data = json.loads(path.read_text())
    data["steps"][1]["outcomes"] = {"model": {"accepted": {"text": "1"}}}
    write_recorded(path, data)

    (source,) = exported(driftcheck, path, "pytest", into(tmp_path)).values()

    assert "subject = LruModel()\n    subject.open(2)" in source
    assert "assert state1 == state2, 'a query must not change the state'" in source
    namespace: dict[str, Any] = {}
    exec(compile(source, "exported", "exec"), namespace)  # what was written is what is run
    (test,) = (value for name, value in namespace.items() if name.startswith("test_"))
    test()  # the model that ships keeps its promise


def test_what_cannot_fail_is_refused(driftcheck: Call, tmp_path: Path) -> None:
    """A subject that is right, the reference and one that did not run have no failing test."""
    path = lru(tmp_path)

    assert "no subject in Rust ran in it, only go, model; use --to go --subject go" in refused(
        driftcheck, path, "--to", "rust"
    )
    assert "rust is not to blame, go is; use --to go --subject go" in refused(
        driftcheck, path, "--to", "rust", "--subject", "rust"
    )
    assert "model is the reference, which is right; use --to go --subject go" in refused(
        driftcheck, path, "--to", "pytest"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "pytest"), "the contract json has no model; use --to go or --to rust"),
        (("--to", "go", "--subject", "serde"), "serde is a subject in Rust; use --to rust --subject serde"),
        (("--to", "go", "--subject", "sirde"), "has no subject 'sirde'; name one of go, go-v2, serde, "),
        (("--to", "rust", "--subject", "sonic"), "sonic did not run in it; go, serde did"),
    ],
)
def test_a_subject_that_is_not_there_is_named(
    driftcheck: Call, arguments: tuple[str, ...], said: str
) -> None:
    """The sentence says what the contract or the case has, and what to type."""
    assert said in refused(driftcheck, SAMPLE, *arguments)


def test_subjects_that_did_not_run_are_not_named(driftcheck: Call, tmp_path: Path) -> None:
    """The reason is that of the subject that ran; if none of the language did, that is the reason."""
    item = {"id": 0, "name": "", "score": 0.0, "note": None, "tags": []}
    outcomes = {"serde": {"accepted": {"text": "1"}}, "sonic": {"accepted": {"text": "1"}}}
    path = case(tmp_path, "json", "D303", [step("encode", outcomes, item=item)])

    assert refused(driftcheck, path, "--to", "rust").endswith(
        "cannot be exported: its file does not hold the document that was written; "
        "'driftcheck replay --record' adds what is missing"
    )
    assert refused(driftcheck, path, "--to", "go").endswith(
        "no subject in Go ran in it, only serde, sonic; use --to rust"
    )


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("steps", 0, "arguments", "key"), "b"),
        (("steps", 5, "operation"), "peek"),
        (("opening", "capacity"), 3),
        (("steps",), [step("get", MODEL_IS_RIGHT, key="a")]),
        (("names",), {"text 1..8 x4": ["a"]}),
        (("batch",), [{"opening": {"capacity": 2}, "steps": []}]),
    ],
    ids=["argument", "operation", "opening", "step", "names", "batch"],
)
def test_outcomes_of_other_steps_are_refused(
    driftcheck: Call, tmp_path: Path, place: tuple[str | int, ...], value: object
) -> None:
    """A copy with changed steps still has the outcomes of the original, which no test may assert."""
    data = inner = json.loads(lru(tmp_path).read_text())
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = value
    path = tmp_path / "copy.json"
    path.write_text(json.dumps(data))

    said = refused(driftcheck, path, "--to", "go", "--into", str(into(tmp_path, "go.mod")))

    assert said == (
        f"driftcheck: case file {path}: cannot be exported: somebody changed its steps after driftcheck "
        f"recorded what the subjects did; 'driftcheck replay {path} --record' records it again"
    )


def test_states_of_a_contract_without_state_are_refused(driftcheck: Call, tmp_path: Path) -> None:
    """A file that somebody edited gets a sentence."""
    states = {"go": {"state": 1}, "serde": {"state": 2}}
    outcomes = {name: {"rejected": "malformed"} for name in states}
    steps = [step("decode", outcomes, document={"text": "{}"})]
    path = case(tmp_path, "json", "D201", steps, states=states)

    said = refused(driftcheck, path, "--to", "go", "--into", str(into(tmp_path, "go.mod")))

    assert "it is about states, and the contract 'json' has none" in said


def test_what_the_file_does_not_hold_is_named(driftcheck: Call, tmp_path: Path) -> None:
    """A case without the diverging step, without an answer or with a cut one is refused with the reason."""
    by_hand = json.loads(lru(tmp_path).read_text())
    del by_hand["at"]
    (tmp_path / "hand.json").write_text(json.dumps(by_hand))
    cut = json.loads(lru(tmp_path).read_text())
    cut["steps"][-1]["outcomes"]["go"] = {"accepted": "{", "cut": 7}
    (tmp_path / "cut.json").write_text(json.dumps(cut))
    silent = json.loads(lru(tmp_path).read_text())
    silent["signature"]["check"] = "D201"
    (tmp_path / "silent.json").write_text(json.dumps(silent))

    to = ("--to", "go")
    assert "hand.json --record' adds that" in refused(driftcheck, tmp_path / "hand.json", *to)
    assert "only the beginning of a long answer to 'get'" in refused(driftcheck, tmp_path / "cut.json", *to)
    assert "does not hold the state of go" in refused(driftcheck, tmp_path / "silent.json", *to)


def into(folder: Path, manifest: str = "") -> Path:
    """Return a new folder, with an empty manifest where one is named."""
    made = folder / f"tree{len(list(folder.iterdir()))}"
    made.mkdir()
    if manifest:
        (made / manifest).write_text("")
    return made
