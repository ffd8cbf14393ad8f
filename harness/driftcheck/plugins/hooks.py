"""
Hooks: what a plugin may implement, as specifications of pluggy.

Knows no plugins; the registry loads them and calls their hooks.
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
    """The functions that a plugin may implement; each is optional, and so is each of its arguments."""

    @hookspec
    def driftcheck_codecs(self) -> Sequence[type[Codec[Any]]]:  # type: ignore[empty-body] # a specification
        """Return the codecs of the package, so that `driftcheck contracts --codecs` lists them."""

    @hookspec
    def driftcheck_mutations(self, codec: Codec[Any]) -> Sequence[PluginMutation]:  # type: ignore[empty-body] # likewise
        """Return further mutations of a codec; driftcheck calls it for each codec of a contract that runs."""

    @hookspec
    def driftcheck_checks(self) -> Sequence[PluginCheck]:  # type: ignore[empty-body] # likewise
        """Return further checks; each receives traces in which driftcheck itself finds nothing earlier."""

    @hookspec
    def driftcheck_finding(self, finding: Finding, schema: Schema, path: Path) -> None:
        """Receive a finding that driftcheck saved; `path` is its case file."""
