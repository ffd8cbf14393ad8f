"""
Checks of plugins: each reads an execution when every subject has answered, and may report one step.

Makes a divergence of each report. Knows nothing of shrinking: it is the same as for the checks of driftcheck.
"""

from __future__ import annotations

from driftcheck.contract.schema import Finished, PluginCheck, Report, Schema
from driftcheck.core.author_code import Misbehaviour, call
from driftcheck.core.errors import PluginFailed
from driftcheck.core.outcome import Outcome, kind
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle.checks import Check
from driftcheck.oracle.signature import Divergence
from driftcheck.values.encoding import OutsideType


def examine(schema: Schema, execution: Execution, start: int) -> Divergence | None:
    """Return the first divergence that a plugin's check reports, at step `start` or after it.

    Raises:
        PluginFailed: a check raised, or reports a step that does not exist.
    """
    if not schema.plugin_checks:
        return None  # without a check the outcomes need not be decoded
    finished = _finished(schema, execution)
    found = []
    for one in schema.plugin_checks:
        report = _report(one, finished)
        if report is not None and report.step >= start:
            found.append(_divergence(one, report, finished))
    return min(found, key=lambda d: d.step or 0, default=None)


def earlier(one: Divergence | None, other: Divergence | None) -> Divergence | None:
    """Return the divergence with the earlier step; at the same step the first of the two."""
    if one is None or other is None:
        return one or other
    return other if (other.step or 0) < (-1 if one.step is None else one.step) else one


def _finished(schema: Schema, execution: Execution) -> Finished:
    outcomes = [
        {name: a.outcome(schema.operation(step.operation), number) for name, a in execution.answers.items()}
        for number, step in enumerate(execution.trace.steps)
    ]
    return Finished(schema, execution.trace, outcomes)


def _report(one: PluginCheck, finished: Finished) -> Report | None:
    def fails(misbehaviour: Misbehaviour) -> PluginFailed:
        return PluginFailed(one.examine.__module__, misbehaviour.sentence(f"its check {one.name!r}"))

    report = call(one.examine, finished, fails=fails)
    if report is not None and not 0 <= report.step < len(finished.outcomes):
        message = f"its check {one.name!r} reports step {report.step} of a trace of {len(finished.outcomes)}"
        raise PluginFailed(one.examine.__module__, message)
    return report


def _divergence(one: PluginCheck, report: Report, finished: Finished) -> Divergence:
    return Divergence(
        Check.from_plugin(one),
        report.step,
        finished.trace.steps[report.step].operation,
        tuple((name, _kind(outcome)) for name, outcome in finished.outcomes[report.step].items()),
        path=report.path,
        blamed=report.blamed,
        detail=report.detail,
    )


def _kind(outcome: Outcome | OutsideType) -> str:
    return "outside its type" if isinstance(outcome, OutsideType) else kind(outcome)
