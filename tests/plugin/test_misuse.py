"""Mistakes: one sentence each, and no traceback of ours."""

from __future__ import annotations

import pytest
from inner import RunPytest

OPTIONS = {
    "--driftcheck-contract=nothing": "no contract is named 'nothing'; the contracts are *",
    "--driftcheck-subject=gone": "contract 'tiny': no subject is named 'gone'; the subjects are model",
    "--driftcheck-traces=none": "--driftcheck-traces is 'none'; give a whole number, 1 or more",
    "--driftcheck-traces=0": "--driftcheck-traces is '0'; give a whole number, 1 or more",
    "--driftcheck-max-steps=10001": "--driftcheck-max-steps is '10001'; give a whole number from 1 to 10000",
    "--driftcheck-max-time=soon": "--driftcheck-max-time is 'soon'; give a number of seconds, *",
    "--driftcheck-deadline=0s": "--driftcheck-deadline is '0s'; give more than 0s and at most a year",
    "--driftcheck-memory=1GB": "--driftcheck-memory is '1GB'; give a whole number with a unit *",
    "--driftcheck-seed=x": "--driftcheck-seed is 'x'; give a whole number, 0 or more",
}
FILES = {
    "test_x = driftcheck.test(7)": "contract '7': is not a subclass of driftcheck.Contract",
    "test_x = driftcheck.test(Tiny, max_steps=-1)": "argument 'max_steps' of driftcheck.test is -1; give *",
    "test_x = driftcheck.test(Tiny, deadline=2)": "argument 'deadline' of driftcheck.test is 2; give text *",
    "test_x = driftcheck.test(Tiny, subjects=['go'])": "contract 'tiny': no subject is named 'go'; *",
    "class Bare(driftcheck.Contract):\n"
    "    @driftcheck.operation\n"
    "    def f(self, n: int) -> int: ...": "contract 'bare': operation 'f': argument 'n' is an int without *",
    "class Bare(driftcheck.Contract):\n"
    "    @driftcheck.operation\n"
    "    def f(self) -> bool: ...\n"
    "test_x = driftcheck.test(Bare)": "contract 'bare': no subject is declared: *; add an adapter, or a *",
}


@pytest.mark.parametrize("option", OPTIONS)
def test_a_wrong_option_is_a_usage_error(run_pytest: RunPytest, option: str) -> None:
    """It is reported before anything is collected, with pytest's own exit code for it."""
    result = run_pytest("--driftcheck-contract=tiny:Tiny", option, ends_early=True)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {OPTIONS[option]}"])
    assert "Traceback" not in result.stderr.str()


@pytest.mark.parametrize("text", FILES)
def test_a_mistake_in_a_test_file_is_a_collection_error(
    run_pytest: RunPytest, pytester: pytest.Pytester, text: str
) -> None:
    """The author's sentence stands there alone, and nothing is run."""
    pytester.makepyfile(test_wrong=f"import driftcheck\nfrom tiny import Tiny\n\n{text}\n")
    result = run_pytest("test_wrong.py", ends_early=True)

    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*ERROR collecting test_wrong.py*", FILES[text]])
    assert "Traceback" not in result.stdout.str()
    assert "declare.py" not in result.stdout.str()


@pytest.mark.parametrize("option", [(), ("--driftcheck-contract=tiny:Tiny",)])
def test_cases_that_cannot_be_read_are_not_no_cases(
    run_pytest: RunPytest, pytester: pytest.Pytester, option: tuple[str, ...]
) -> None:
    """One sentence says why they cannot be read, and nothing is run: one of them may be open."""
    pytester.makepyfile(
        test_tiny="import driftcheck\nfrom tiny import Tiny\n\ntest_x = driftcheck.test(Tiny)\n"
    )
    (pytester.path / "cases").symlink_to("cases")
    result = run_pytest("test_tiny.py", *option, ends_early=True)

    assert result.ret == (pytest.ExitCode.USAGE_ERROR if option else pytest.ExitCode.INTERRUPTED)
    said = result.stdout.str() + result.stderr.str()
    assert "the saved cases in cases/tiny cannot be read: Too many levels of symbolic links" in said
    assert "Traceback" not in said


def test_a_stale_library_is_refused_where_nothing_may_be_built(
    run_pytest: RunPytest, pytester: pytest.Pytester
) -> None:
    """`--driftcheck-no-build` names the library, in one sentence."""
    pytester.makepyfile(
        unbuilt="""
        from driftcheck import Contract, operation

        class Unbuilt(Contract):
            @operation
            def f(self) -> bool: ...
        """,
        test_tiny="import driftcheck, unbuilt\n\ntest_unbuilt = driftcheck.test(unbuilt.Unbuilt)\n",
    )
    pytester.mkdir("go")
    (pytester.path / "go" / "go.mod").write_text("module example.org/unbuilt\n")
    result = run_pytest("--driftcheck-no-build", "-k", "shard")

    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(["contract 'unbuilt': *'go'*it has not been built*"])
    assert "Traceback" not in result.stdout.str()
