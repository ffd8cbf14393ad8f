"""The page of the faults of the reconciliation engines: what was predicted of each, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence

from engine_faults import ROOT, Fault, Own

PAGE = ROOT / "docs" / "reference" / "reconcile-faults.md"

_HEAD = """\
# Faults planted in the reconciliation engines

Each fault is a patch of one file of an engine.
This page is made from [the table of all faults](../../tests/finds/reconcile/faults.toml):
`UPDATE_PRINTED=1 pytest tests/finds/test_engine_faults.py` rewrites it.
Before a fault was run, somebody predicted which check finds it, within how many cases or traces,
and to which steps it shrinks.
Every run has seed 0.

In all tables:

- *predicted check*: the check that must find the fault, with the operation, law or invariant that it names.
- *within*: the number of cases or traces in which it must be found.
- *shrunk to*: the predicted steps. `write` is any of `put`, `put_number`, `fill` and `increase`;
  the words after a law are its arguments.
- *found at*: the case or trace that showed the fault first, and what differs from the prediction.
  All but that of I20 in Go were measured before [a guide](../explanation/generation.md) drew the traces.

The shrunk cases are [kept](../../tests/finds/reconcile/cases), and the engines without faults agree on each.

## Each invariant by its own check

The table has a fault for each invariant on each side.
The faulty engine runs alone, so that only the invariant can find the fault:
by cases of its law or, if it is not a law, by traces.
Each fault is *one* finding, which blames its side.
Below the table stands what was not found as predicted.
"""

_SEARCHES = """\
## By whole searches

These searches run the same faults and others, with all checks.
The faulty engine runs alone or, if the table says *beside*,
is compared with the engine in the other language.
Every fault is found.

- *findings*: how many findings show the fault.
  A signature names the operation, the two outcomes and the path of a value,
  so a fault in code that several operations share has a finding for each.
  `+` says that the time was over before all were found.
- Ten traces count as one case of a law.

*As predicted*: the predicted check found the fault within the predicted number of traces,
and it shrank to the predicted steps.
"""


def page(faults: Sequence[Fault], own_checks: Sequence[Own]) -> str:
    """Return the page as it must be."""
    parts = [_HEAD, _own_summary(own_checks), _own_table(own_checks), *_own_differences(own_checks)]
    parts += [
        _SEARCHES,
        _summary(faults),
        "### By invariant\n",
        _table([f for f in faults if not f.held_back]),
    ]
    parts += [
        "### Held back\n",
        "These faults were written first, and not run while the others led to fixes of driftcheck.\n"
        "Afterwards each was run once; `walk_keeps_what_the_peer_lacks` and `link_after_the_first_one`\n"
        "were run after laws had been added, too.\n"
        "Nine were found then, three of them as predicted.\n"
        "The figures are of a later run, with the traces that driftcheck draws now.\n",
        _table([f for f in faults if f.held_back]),
    ]
    different = [fault for fault in faults if fault.why]
    parts += ["### Not as predicted\n", *(f"- `{f.name}`: {f.why}" for f in different)]
    return "\n".join(parts).rstrip() + "\n"


def _own_summary(own_checks: Sequence[Own]) -> str:
    rows = ["| | rows | as predicted |", "|---|---|---|"]
    for name, some in (
        ("nobody knew the shrunk case when the row was written", [own for own in own_checks if not own.seen]),
        ("somebody knew it", [own for own in own_checks if own.seen]),
    ):
        said = sum(not own.why for own in some)
        rows.append(f"| {name} | {len(some)} | {said} |")
    return "\n".join([*rows, ""])


def _own_table(own_checks: Sequence[Own]) -> str:
    rows = [
        "| invariant | side | fault | predicted check | within | shrunk to | found at | in every test run |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for own in own_checks:
        fault = own.fault
        different = f", shrunk to {', '.join(own.found_steps)}" if own.found_steps else ""
        rows.append(
            f"| {', '.join(own.invariants)} | {fault.side} | {_linked(fault)} | {own.check} | {own.within} "
            f"| {', '.join(own.steps)} | {own.found_at}{different} | {'yes' if own.daily else ''} |"
        )
    return "\n".join([*rows, ""])


def _own_differences(own_checks: Sequence[Own]) -> list[str]:
    different = [own for own in own_checks if own.why]
    return [
        "Not as predicted:\n",
        *(f"- {', '.join(o.invariants)}, {o.fault.side}: {o.why}" for o in different),
        "",
    ]


def _linked(fault: Fault) -> str:
    patch = f"../../tests/finds/reconcile/{fault.side}/{fault.name}.patch"
    return f"[`{fault.name}`]({patch}): {fault.does}"


def _summary(faults: Sequence[Fault]) -> str:
    rows = ["| | faults | as predicted | one finding each |", "|---|---|---|---|"]
    for name, some in (
        ("run while driftcheck was being fixed", [f for f in faults if not f.held_back]),
        ("held back", [f for f in faults if f.held_back]),
    ):
        rows.append(
            f"| {name} | {len(some)} | {sum(not f.why for f in some)} "
            f"| {sum(f.is_one_finding for f in some)} |"
        )
    return "\n".join([*rows, ""])


def _table(faults: list[Fault]) -> str:
    rows = [
        "| invariants | side | fault | predicted check | within | shrunk to | found at | findings |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for fault in sorted(faults, key=lambda f: int(f.invariants[0][1:])):
        rows.append(
            f"| {', '.join(fault.invariants)} | {fault.side} | {_linked(fault)} "
            f"| {_must(fault)} | {fault.within} | {', '.join(fault.steps)} "
            f"| {_found(fault)} | {_count(fault)} |"
        )
    return "\n".join([*rows, ""])


def _must(fault: Fault) -> str:
    if not fault.is_expected:
        return "no check finds it"
    return f"{fault.check} {fault.at}{', beside' if fault.beside else ''}"


def _count(fault: Fault) -> str:
    return f"{fault.findings}{'+' if fault.cut_short else ''}"


def _found(fault: Fault) -> str:
    by = f", by {fault.found}" if fault.found else ""
    different = "" if fault.found_steps is None else f", shrunk to {', '.join(fault.found_steps)}"
    return f"{fault.found_at}{by}{different}"
