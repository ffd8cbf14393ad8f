"""
Hooks: what a plugin may implement, as specifications of pluggy.

Owns the specifications alone. Which plugins there are, and what they bring, is the registry's matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pluggy

from driftcheck.contract.schema import PluginCheck, Schema
from driftcheck.core.codec import Codec
from driftcheck.core.mutation import PluginMutation
from driftcheck.findings.finding import Finding

GROUP = "driftcheck"  # of entry points

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


class Specs:
    """What a plugin may implement; each function is optional, and so is each of its arguments."""

    @hookspec
    def driftcheck_codecs(self) -> Sequence[type[Codec[Any]]]:  # type: ignore[empty-body] # a specification
        """Name codecs that the package brings, so that `driftcheck contracts --codecs` lists them."""

    @hookspec
    def driftcheck_mutations(self, codec: Codec[Any]) -> Sequence[PluginMutation]:  # type: ignore[empty-body] # likewise
        """Add mutations to a codec; called for each codec of a contract that is run."""

    @hookspec
    def driftcheck_checks(self) -> Sequence[PluginCheck]:  # type: ignore[empty-body] # likewise
        """Add checks; each sees every trace in which driftcheck's own checks find nothing earlier."""

    @hookspec
    def driftcheck_finding(self, finding: Finding, schema: Schema, path: Path) -> None:
        """Take a finding that was saved; `path` is its case file."""
