"""The stages of a step, and where it can be stopped (R8.1, R8.2, R8.7 of docs/reference/reconcile.md)."""

from __future__ import annotations

from driftcheck import Fault, StepRejected
from driftcheck_contracts.reconcile import Reconcile
from driftcheck_contracts.reconcile.records import Where

_HALTED = {
    "received": Reconcile.halted_received,
    "checked": Reconcile.halted_checked,
    "staged": Reconcile.halted_staged,
    "appended": Reconcile.halted_appended,
}


def interrupted(stage: str, fault: str) -> StepRejected:
    """Return the rejection of a step that reached a stage, and no further (R8.2)."""
    return Reconcile.interrupted(Where(stage, 0, "synced", fault, "try again"))


def reach(stage: str, fault: Fault | None) -> None:
    """Reach a stage, where a fault may stop the step (R8.1, R8.7)."""
    if fault is _HALTED[stage]:
        raise interrupted(stage, "halted")
    if stage == "staged" and fault is Reconcile.torn:
        raise interrupted(stage, "torn")
    if stage == "appended" and fault is Reconcile.killed:
        raise interrupted(stage, "killed")
