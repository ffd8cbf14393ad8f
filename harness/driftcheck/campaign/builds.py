"""
The builds of a campaign: ordinary ones first, and those for coverage after all of these.

Puts them into the states of their contracts as they become ready. Knows nothing of workers and turns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType

from driftcheck.build import BuildsAhead
from driftcheck.campaign.state import State
from driftcheck.contract.schema import Schema
from driftcheck.core.errors import DriftcheckError
from driftcheck.search.settings import SessionSettings
from driftcheck.subjects.discover import NativeSource, SubjectSource, for_coverage

_Sources = Mapping[str, tuple[Schema, Sequence[SubjectSource]]]  # of subjects, by the name of the contract


class CampaignBuilds(AbstractContextManager["CampaignBuilds"]):
    """Compiles in the background; a context manager, which ends compilers that still run.

    Args:
        states: of the contracts, by name.
        coverage: also build for coverage.
        building: gets the contract's name and a line for each build that starts, from another thread.
        said: gets a line about builds for coverage that failed; the contract is searched without them.
    """

    native: Path | None = None  # the library that draws traces natively

    def __init__(
        self,
        states: Mapping[str, State],
        settings: SessionSettings,
        *,
        coverage: bool,
        building: Callable[[str, str], None],
        said: Callable[[str], None],
    ) -> None:
        self._states = states
        self._settings = settings
        self._coverage = coverage
        self._building = building
        self._said = said
        self._stack = ExitStack()
        self._ordinary = self._begin(self._sources())
        self._covered: BuildsAhead | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def take(self) -> None:
        """Take what has become ready since the last call, and begin what can be built now."""
        self._take_ordinary()
        all_are_ready = all(one.built is not None or one.is_broken for one in self._states.values())
        if self._coverage and self._covered is None and all_are_ready:
            self._covered = self._begin(self._sources_for_coverage())
        if self._covered is not None:
            self._take_covered(self._covered)

    def _begin(self, contracts: _Sources) -> BuildsAhead:
        builds = BuildsAhead(contracts, no_build=self._settings.no_build, say=self._building)
        return self._stack.enter_context(builds)

    def _sources(self) -> _Sources:
        found = {}
        for name, state in self._states.items():
            try:
                found[name] = state.schema, self._settings.sources(state.contract)
            except DriftcheckError as fault:
                state.break_off(fault)
        return found

    def _take_ordinary(self) -> None:
        for name, state in self._states.items():
            if state.built is None and not state.is_broken and self._ordinary.is_ready(name):
                try:
                    self.native, state.built = self._ordinary.native(), tuple(self._ordinary.built(name))
                except DriftcheckError as fault:
                    state.break_off(fault)

    def _sources_for_coverage(self) -> _Sources:
        """Return the subjects of contracts with a native one."""
        found = {}
        for name, state in self._states.items():
            sources = () if state.is_broken else self._settings.sources(state.contract)
            if any(isinstance(source, NativeSource) for source in sources):
                found[name] = state.schema, [for_coverage(source) for source in sources]
                state.waits_for_coverage = True
        return found

    def _take_covered(self, builds: BuildsAhead) -> None:
        for name, state in self._states.items():
            if not state.waits_for_coverage or not builds.is_ready(name):
                continue
            state.waits_for_coverage = False
            try:
                state.covered = tuple(builds.built(name))
            except DriftcheckError as fault:
                self._said(f"driftcheck: {name} is searched without coverage: {fault}")
