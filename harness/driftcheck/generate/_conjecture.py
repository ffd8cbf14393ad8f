"""
All private names of Hypothesis that driftcheck uses, and nothing else.

These names change between releases of Hypothesis. `release.check_release` refuses releases that are not known
to work. `tests/unit/test_conjecture.py` checks that Hypothesis still calls what is overridden here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from random import Random
from typing import Any, Generic, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.control import BuildContext, currently_in_test_context
from hypothesis.errors import Flaky, StopTest, UnsatisfiedAssumption
from hypothesis.internal.conjecture import engine
from hypothesis.internal.conjecture.data import ConjectureData, ConjectureResult, Status
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.internal.conjecture.utils import calc_label_from_name
from hypothesis.internal.intervalsets import IntervalSet
from hypothesis.strategies import SearchStrategy

DELETION = "node_program_X"  # the passes that delete runs of choices, of one to five
ENTROPY = 2**26  # bytes of choices that one case may have; Hypothesis' own limit is 8 KiB

T = TypeVar("T")
Choice = bool | int | float | str | bytes
Choices = tuple[Choice, ...]

__all__ = [
    "Choice",
    "Choices",
    "ConjectureData",
    "DrawnStrategy",
    "Flaky",
    "IntervalSet",
    "Runner",
    "SearchStrategy",
    "StopTest",
    "draw_recorded",
    "label",
    "replay",
]


def label(name: str) -> int:
    """Return the label of spans with this name."""
    return calc_label_from_name(name)


class DrawnStrategy(SearchStrategy[T], Generic[T]):
    """A strategy whose subclass draws the choices itself, in `draw_case`."""

    def draw_case(self, data: Any) -> T:
        """Draw a value from a source of choices."""
        raise NotImplementedError

    def do_draw(self, data: ConjectureData) -> T:
        return self.draw_case(data)


class _Provider(HypothesisProvider):
    """Hypothesis' random choices, without the constants that it collects from imported modules.

    With these constants, one seed would give other cases when another module is imported.
    """

    def _maybe_draw_constant(self, *args: Any, **kwargs: Any) -> None:
        return None


def draw_recorded(data: Any, strategy: SearchStrategy[T]) -> tuple[T, Choices]:
    """Draw from a strategy; return the value and the choices that it took."""
    before = len(data.nodes)
    with nullcontext() if currently_in_test_context() else BuildContext(data, wrapped_test=draw_recorded):
        try:
            value = data.draw(strategy)
        except UnsatisfiedAssumption:
            data.mark_invalid()
    return value, tuple(node.value for node in data.nodes[before:])


def fresh_data(random: Random) -> ConjectureData:
    """Return a source of recorded random choices."""
    return ConjectureData(random=random, provider=_Provider)


def draw_fresh(strategy: SearchStrategy[T], random: Random) -> tuple[T, Choices] | None:
    """Draw a value and its choices at random; None where the strategy gave up."""
    data = fresh_data(random)
    try:
        return draw_recorded(data, strategy)
    except StopTest:
        return None


def replay(strategy: SearchStrategy[T], choices: Sequence[Choice]) -> T | None:
    """Return the value that the strategy draws from these choices; None where it draws none."""
    with _room():
        data = ConjectureData.for_choices(tuple(choices))
        try:
            return data.draw(strategy)
        except StopTest:
            return None


@contextmanager
def _room() -> Iterator[None]:
    """Lift Hypothesis' limit on the size of a case while driftcheck drives its engine."""
    before = engine.BUFFER_SIZE
    engine.BUFFER_SIZE = ENTROPY
    try:
        yield
    finally:
        engine.BUFFER_SIZE = before


class Runner(Generic[T]):
    """Hypothesis' shrinker for cases of one strategy, driven directly.

    It calls `judge` with each new case. `judge` returns the signature of the case, or None, and may raise to
    end the shrinking. Hypothesis saves nothing, prints nothing and has no time limit here.
    """

    def __init__(self, strategy: SearchStrategy[T], judge: Callable[[T], Hashable | None], seed: int) -> None:
        self._strategy = strategy
        self._judge = judge
        self._runner = engine.ConjectureRunner(
            self._run,
            settings=settings(
                database=None,
                deadline=None,
                derandomize=False,
                phases=(Phase.shrink,),
                suppress_health_check=list(HealthCheck),
                report_multiple_bugs=True,
                backend="hypothesis",
                verbosity=Verbosity.quiet,
            ),
            random=Random(seed),
            ignore_limits=True,
        )
        self._runner.provider = _Provider

    def _run(self, data: ConjectureData) -> None:
        signature = self._judge(data.draw(self._strategy))
        if signature is not None:
            data.mark_interesting(signature)  # type: ignore[arg-type] # any hashable works as an origin

    def try_choices(self, choices: Choices) -> tuple[Hashable | None, Choices]:
        """Judge the case of these choices; return its signature, and the choices that were used."""
        with _room():
            result = self._runner.cached_test_function(choices)
        if not isinstance(result, ConjectureResult) or result.status < Status.VALID:
            return None, ()
        return result.interesting_origin, result.choices

    def shrink(
        self, choices: Choices, signature: Hashable, best: Callable[[Choices], None], *, deletes: bool = True
    ) -> Choices:
        """Shrink choices that show this signature; call `best` with each improvement at once.

        Args:
            deletes: also try to delete choices; useless where the steps give the number of choices.
        """
        with _room():
            initial = self._runner.cached_test_function(choices)
            assert isinstance(initial, ConjectureResult)

            def same(result: Any) -> bool:
                return result.status is Status.INTERESTING and result.interesting_origin == signature

            def improves(before: Any, after: Any) -> bool:
                best(after.choices)
                return True

            shrinker = self._runner.new_shrinker(initial, same, improves)
            if not deletes:
                passes = [p for p in shrinker.shrink_passes if not str(p.name).startswith(DELETION)]
                shrinker.shrink_passes = passes
            shrinker.shrink()
            return shrinker.shrink_target.choices
