"""Hypothesis has the private names that driftcheck needs, and calls what driftcheck overrides.

Run on the oldest and on the newest supported release.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from random import Random
from typing import Annotated, Any

import pytest
from generation_contracts import LRU, READS
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_predicates import first_shrunk

from driftcheck import Contract, generated, operation, schema_of
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.generate import _conjecture
from driftcheck.generate.release import check_release
from driftcheck.generate.strategy import TraceStrategy, traces


class Foreign(Contract):
    """Takes what only an author's strategy can draw."""

    @operation
    def take(
        self,
        number: Annotated[float, generated(st.floats(0, 1).filter(bool))],
        word: Annotated[str, generated(st.builds(str, st.integers(10, 99)))],
    ) -> None: ...


FOREIGN = schema_of(Foreign)


def any_long_put(trace: Trace) -> str | None:
    """Show a bug where any value has nine bytes."""
    return "long" if any(s.operation == "put" and len(s.arguments[1]) >= 9 for s in trace.steps) else None


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count the calls of the methods that driftcheck overrides."""
    counts = {"do_draw": 0, "_maybe_draw_constant": 0}
    for owner, name in (
        (_conjecture.DrawnStrategy, "do_draw"),
        (_conjecture._Provider, "_maybe_draw_constant"),
    ):
        original = getattr(owner, name)

        def counted(self: Any, *args: Any, name: str = name, original: Any = original, **kwargs: Any) -> Any:
            counts[name] += 1
            return original(self, *args, **kwargs)

        monkeypatch.setattr(owner, name, counted)
    return counts


def test_overrides_exist() -> None:
    """Hypothesis has each overridden name, so that no override is useless."""
    assert hasattr(_conjecture.SearchStrategy, "do_draw")
    assert hasattr(_conjecture.HypothesisProvider, "_maybe_draw_constant")


def test_overrides_while_drawing(calls: dict[str, int]) -> None:
    """A recorded draw goes through our strategy and our provider."""
    assert _conjecture.draw_fresh(traces(LRU), Random(0)) is not None

    assert calls["do_draw"] == 1
    assert calls["_maybe_draw_constant"] >= 100


def test_overrides_while_shrinking(calls: dict[str, int]) -> None:
    """A shrink draws each case through our strategy, and reports each improvement."""
    strategy = traces(LRU)
    judged: list[Trace] = []
    improved: list[_conjecture.Choices] = []

    def judge(trace: Trace) -> str | None:
        judged.append(trace)
        return any_long_put(trace)

    drawn = _conjecture.draw_fresh(strategy, Random(0))
    assert drawn is not None
    runner = _conjecture.Runner(strategy, judge, seed=0)
    choices = runner.shrink(strategy.lift(drawn[0]), "long", improved.append)

    assert calls["do_draw"] >= len(judged) + 1
    assert len(judged) >= 20
    assert len(improved) >= 3
    assert improved[-1] == choices
    assert len(choices) < len(improved[0])


def test_deletion_passes() -> None:
    """Hypothesis has the deletion passes under the name by which driftcheck leaves them out."""
    strategy = traces(LRU)
    drawn = _conjecture.draw_fresh(strategy, Random(0))
    assert drawn is not None
    runner = _conjecture.Runner(strategy, lambda trace: "always", seed=0)
    result = runner._runner.cached_test_function(drawn[1])

    passes = runner._runner.new_shrinker(result, lambda r: True, None).shrink_passes

    assert sum(str(p.name).startswith(_conjecture.DELETION) for p in passes) >= 4
    assert len(passes) >= 10


def test_shrinking_extends_with_our_provider() -> None:
    """A shrinker that draws at random uses our provider."""
    runner = _conjecture.Runner(traces(LRU), any_long_put, seed=0)

    data = runner._runner.new_conjecture_data(())

    assert type(data.provider) is _conjecture._Provider


def test_overrides_under_given(calls: dict[str, int]) -> None:
    """An ordinary `@given` calls our strategy too."""

    @settings(max_examples=10, deadline=None, database=None)
    @given(traces(LRU))
    def check(trace: Trace) -> None:
        assert isinstance(trace, Trace)

    check()

    assert calls["do_draw"] >= 10


def test_no_constants_of_modules() -> None:
    """Constants of imported modules are never drawn, so that one seed gives one case."""

    def drawn() -> list[int]:
        values = []
        for seed in range(300):
            found = _conjecture.draw_fresh(st.integers(), Random(seed))
            assert found is not None
            values.append(found[0])
        return values

    assert drawn() == drawn()
    assert not {2**n for n in range(20, 66)} & set(drawn())


def test_large_cases() -> None:
    """A case may hold more than the eight KiB that Hypothesis allows, and only while we drive its engine."""
    before = _conjecture.engine.BUFFER_SIZE
    strategy = traces(READS)
    trace = Trace((Step("decode", (Document(b"x" * 100_000),)),))

    assert _conjecture.replay(strategy, strategy.lift(trace)) == trace
    assert before == _conjecture.engine.BUFFER_SIZE


def test_authors_strategies() -> None:
    """An author's strategy has the context that it has in a Hypothesis test, and its values shrink."""

    def judge(trace: Trace) -> str | None:
        number, word = trace.steps[0].arguments
        return "big" if number > 0.3 and word > "4" else None

    found = first_shrunk(traces(FOREIGN), judge, seed=0, max_cases=100)

    number, word = found.case.steps[0].arguments
    assert word == "40"
    assert number in (0.5, 1.0)


def test_spans() -> None:
    """Each step is a span, and all these spans have the same label."""
    strategy = traces(LRU)
    assert isinstance(strategy, TraceStrategy)
    data = _conjecture.fresh_data(Random(0))

    trace = strategy.draw_case(data)
    data.freeze()

    label = _conjecture.label("driftcheck step")
    assert sum(span.label == label for span in data.spans) == len(trace.steps)


@pytest.mark.parametrize("release", ["6.100.0", "6.999.0", "7.0.0"])
def test_other_releases(monkeypatch: pytest.MonkeyPatch, release: str) -> None:
    """A release with unknown private names is refused in one sentence that says what to install."""
    monkeypatch.setattr(metadata, "version", lambda name: release)

    with pytest.raises(
        DriftcheckError, match=r"Hypothesis \d+\.\d+\.0 is not supported; install hypothesis>="
    ):
        check_release()


def test_other_releases_are_refused_first() -> None:
    """A release without the private names gets the same sentence, and not an error of an import."""
    program = (
        "import sys; from importlib import metadata; metadata.version = lambda name: '7.0.0'; "
        "sys.modules['hypothesis.internal.conjecture.engine'] = None; import driftcheck.generate.strategy"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert "Hypothesis 7.0.0 is not supported; install hypothesis>=" in done.stderr
    assert "ImportError" not in done.stderr
