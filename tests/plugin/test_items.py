"""Which items a contract has, in a test file and by its name."""

from __future__ import annotations

import pytest
from inner import RunPytest, items

LRU = ["self-go", "self-rust", "self-model", "shard-0"]


def test_a_test_file_gives_items(run_pytest: RunPytest) -> None:
    """Each subject, law and shard is an item of its own."""
    result = run_pytest("--collect-only", "-q", ends_early=True)

    assert items(result) == [
        f"test_tiny.py::test_tiny[{what}]" for what in ("self-model", "law-reads_alike", "shard-0")
    ]


def test_a_name_gives_items_without_any_file(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """What is installed is tested by its name; what is not, by module and class."""
    (pytester.path / "test_tiny.py").unlink()
    result = run_pytest(
        "--collect-only",
        "-q",
        "--driftcheck-contract=lru",
        "--driftcheck-contract=tiny:Tiny",
        ends_early=True,
    )

    names = [f"lru[{what}]" for what in LRU]
    names += [f"tiny[{what}]" for what in ("self-model", "law-reads_alike", "shard-0")]
    assert items(result) == [f"driftcheck::{name}" for name in names]


def test_an_ini_key_names_contracts_too(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """What an option says once, an ini key says for good."""
    (pytester.path / "test_tiny.py").unlink()
    pytester.makeini("[pytest]\ndriftcheck_contract = tiny:Tiny\ndriftcheck_traces = 7\n")
    result = pytester.runpytest_subprocess("-v")

    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["driftcheck::tiny?shard-0? PASSED*", "tiny: 7 traces, *"])


def test_subjects_can_be_left_out(run_pytest: RunPytest) -> None:
    """A subject that was not asked for is neither tried alone nor compared."""
    result = run_pytest(
        "--collect-only", "-q", "--driftcheck-contract=lru", "--driftcheck-subject=model", ends_early=True
    )

    assert "driftcheck::lru[self-model]" in items(result)
    assert "driftcheck::lru[self-go]" not in items(result)


def test_items_are_marked(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """One marker selects them all, and no other test."""
    pytester.makepyfile(test_other="def test_other(): pass\n")
    result = run_pytest("--strict-markers", "-m", "driftcheck")

    result.assert_outcomes(passed=3, deselected=1)


def test_one_item_runs_alone(run_pytest: RunPytest) -> None:
    """An item is selected by its id, as any test is."""
    result = run_pytest("test_tiny.py::test_tiny[law-reads_alike]")

    result.assert_outcomes(passed=1)


def test_importing_test_itself_collects_nothing(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """`from driftcheck import test` does not make a test of the function."""
    pytester.makepyfile(
        test_tiny="from driftcheck import test\nfrom tiny import Tiny\n\ntest_t = test(Tiny)\n"
    )
    result = run_pytest("--collect-only", "-q", ends_early=True)

    collected = items(result)
    assert collected
    assert all("::test_t[" in item for item in collected)


def test_without_the_plugin_nothing_is_collected(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """A test file still imports where the plugin is switched off."""
    result = pytester.runpytest_subprocess("-p", "no:driftcheck")

    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.nightly
def test_the_contracts_that_ship_agree(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """Both pass, each says what was done, and the asymmetries are listed."""
    (pytester.path / "test_tiny.py").unlink()
    result = run_pytest("--driftcheck-contract=json", "--driftcheck-contract=lru")

    result.assert_outcomes(passed=10)
    result.stdout.fnmatch_lines(
        ["json: 100 traces, 100 steps, seed *", "  asymmetries seen: *", "lru: 100 traces, *"]
    )


def test_the_public_strategy_serves_any_test(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """`driftcheck.traces` draws in a test of Hypothesis' own, and only then imports it."""
    pytester.makepyfile(
        test_tiny="""
        import driftcheck, tiny
        from hypothesis import given

        @given(driftcheck.traces(driftcheck.schema_of(tiny.Tiny), max_steps=3))
        def test_drawn(trace):
            assert len(trace.steps) <= 3
        """
    )

    run_pytest().assert_outcomes(passed=1)
