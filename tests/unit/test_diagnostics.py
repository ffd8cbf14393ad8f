"""What a compiler said, in the order in which the author of an adapter needs it."""

from __future__ import annotations

from driftcheck.build.diagnostics import go_errors, rust_errors

RUST = """\
\U0001f517 Found pyo3 bindings
\U0001f40d Not using a specific python interpreter
   Compiling driftcheck-subject-lru v0.0.0 (/somewhere)
warning: unused variable: `x`
 --> src/contract_gen.rs:10:5

error[E0425]: cannot find value `y` in this scope
 --> src/contract_gen.rs:12:5

error[E0046]: not all trait items implemented, missing: `resize`
 --> src/lib.rs:31:1
  |
31 | impl Subject for Cache {

error: could not compile `driftcheck-subject-lru` (lib) due to 2 previous errors; 1 warning emitted
\U0001f4a5 maturin failed
  Caused by: Failed to build a native library through cargo"""


def test_the_errors_of_the_author_s_file_come_first() -> None:
    """Warnings and progress are left out, and errors in generated code come last; no word is changed."""
    lines = rust_errors(RUST).splitlines()

    assert lines[0] == "error[E0046]: not all trait items implemented, missing: `resize`"
    assert lines[1] == " --> src/lib.rs:31:1"
    assert lines[-2].startswith("error[E0425]")
    assert lines[-1] == " --> src/contract_gen.rs:12:5"
    assert not [line for line in lines if "warning:" in line or "Compiling" in line or "pyo3" in line]


def test_the_cause_of_an_error_stays_with_it() -> None:
    """Cargo says why a dependency cannot be resolved in a paragraph of its own."""
    said = "error: failed to select a version\n\nCaused by:\n  no such crate\n"

    assert rust_errors(said) == "error: failed to select a version\n\nCaused by:\n  no such crate"


def test_output_without_an_error_stays_as_it_is() -> None:
    """What is not understood is not shortened."""
    assert rust_errors("killed\n") == "killed\n"


def test_go_names_the_author_s_file_first() -> None:
    """Of the lines of the Go tool those on generated code come last."""
    said = "# driftcheck-demo\n./demo/contract_gen.go:7:2: undefined: x\n./adapter.go:12:5: undefined: y\n"

    assert go_errors(said).splitlines() == [
        "# driftcheck-demo",
        "./adapter.go:12:5: undefined: y",
        "./demo/contract_gen.go:7:2: undefined: x",
    ]
