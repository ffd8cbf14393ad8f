"""What the plugin costs a project that has no contracts."""

from __future__ import annotations

import pytest
from inner import RunPytest


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_a_project_without_contracts_imports_nothing(
    run_pytest: RunPytest, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    """Neither driftcheck nor Hypothesis, neither before a test nor at the end of the run."""
    pytester.makepyfile(
        test_tiny="""
        import sys

        def test_nothing_is_imported():
            assert "_driftcheck_pytest" in sys.modules
            assert not {"driftcheck", "hypothesis", "attrs", "cbor2"} & set(sys.modules)
        """
    )
    pytester.makeconftest(
        """
        import sys

        def pytest_unconfigure():
            assert "driftcheck" not in sys.modules
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest", *workers)

    result.assert_outcomes(passed=1)
    assert result.ret == 0


def test_a_test_file_of_contracts_does_not_import_hypothesis(pytester: pytest.Pytester) -> None:
    """Only collecting its items does."""
    pytester.makepyfile(
        test_x="""
        import sys
        import driftcheck

        assert callable(driftcheck.test)
        assert "hypothesis" not in sys.modules
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest")

    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
