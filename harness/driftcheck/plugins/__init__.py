"""What authors of plugins import: the hook marker, the values of hooks, and the outcomes of steps."""

from driftcheck.contract.schema import Finished, PluginCheck, Report
from driftcheck.core.mutation import PluginMutation
from driftcheck.core.outcome import (
    Accepted,
    Broken,
    Crashed,
    Exhausted,
    Hung,
    NotReached,
    Panicked,
    Rejected,
    Unmapped,
    Unsupported,
    Void,
)
from driftcheck.findings.finding import Finding
from driftcheck.plugins.hooks import hookimpl
from driftcheck.plugins.registry import Registry, load_plugins

__all__ = [
    "Accepted",
    "Broken",
    "Crashed",
    "Exhausted",
    "Finding",
    "Finished",
    "Hung",
    "NotReached",
    "Panicked",
    "PluginCheck",
    "PluginMutation",
    "Registry",
    "Rejected",
    "Report",
    "Unmapped",
    "Unsupported",
    "Void",
    "hookimpl",
    "load_plugins",
]
