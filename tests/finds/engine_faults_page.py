"""The page of the faults of the reconciliation engines: what was said of each first, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from engine_faults import ROOT, Fault, Own

PAGE = ROOT / "docs" / "reference" / "reconcile-faults.md"

_HEAD = """\
# Faults planted in the reconciliation engines

Each fault is a patch of one file of an engine, beside
[the table of all](../../tests/finds/reconcile/faults.toml) that this page is made from:
`UPDATE_PRINTED=1 pytest tests/finds/test_engine_faults.py` writes it again.
What must be found, within how many cases or traces, and what it must be shrunk to
was written down before the fault was run.
All is run with seed 0.

In all tables:

- *must be found*: the check, with the operation, law or invariant that it names.
- *shrunk to*: the steps. `write` is any of `put`, `put_number`, `fill` and `increase`;
  what stands behind a law is what stands in its arguments.
- *found at*: the case or trace at which the first finding came when it was measured.

Shrunk cases are [kept](../../tests/finds/reconcile/cases), and the true engines agree on each.

## Each invariant by its own check

For each invariant, and for each side, a fault that breaks it.
The faulty engine is alone, so that nothing but the invariant can tell:
by cases of the law that stands for it, or, where it is no law, by traces.
Each fault is *one* finding, which blames its side; what was found otherwise than said follows the table.
"""

_SEARCHES = """\
## By whole searches

The same faults and others, by traces in which all checks take part:
alone, or, where *beside* is said, compared with the other language's engine.
Each is found.

- *findings*: how many tell of the fault.
  A signature names the operation, the two outcomes and the path of a value,
  so that a fault of what operations share has one for each;
  `+` says that time was over while there were more.
- Ten traces count as one case of a law.

*As was said*: by that check, in that many traces, shrunk to those steps.
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
        "These were written first, and run once, after driftcheck had been fixed by what the others showed;\n"
        "`walk_keeps_what_the_peer_lacks` and `link_after_the_first_one` when laws had been added, too.\n"
        "Nine were found then, three of them as was said.\n"
        "The figures are of a later run, on what is drawn now.\n",
        _table([f for f in faults if f.held_back]),
    ]
    different = [fault for fault in faults if fault.why]
    parts += ["### Not as was said\n", *(f"- `{f.name}`: {f.why}" for f in different)]
    return "\n".join(parts).rstrip() + "\n"


def _own_summary(own_checks: Sequence[Own]) -> str:
    rows = ["| | rows | as was said |", "|---|---|---|"]
    for name, some in (
        ("shrunk case not known before", [own for own in own_checks if not own.seen]),
        ("known before", [own for own in own_checks if own.seen]),
    ):
        said = sum(not own.why for own in some)
        rows.append(f"| {name} | {len(some)} | {said} |")
    return "\n".join([*rows, ""])


def _own_table(own_checks: Sequence[Own]) -> str:
    rows = [
        "| invariant | side | fault | must be found | within | shrunk to | found at | by day |",
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
        "Not as was said:\n",
        *(f"- {', '.join(o.invariants)}, {o.fault.side}: {o.why}" for o in different),
        "",
    ]


def _linked(fault: Fault) -> str:
    patch = f"../../tests/finds/reconcile/{fault.side}/{fault.name}.patch"
    return f"[`{fault.name}`]({patch}): {fault.does}"


def _summary(faults: Sequence[Fault]) -> str:
    rows = ["| | faults | as was said | one finding each |", "|---|---|---|---|"]
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
        "| invariants | side | fault | must be found | within | shrunk to | found at | findings |",
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
        return "nothing tells of it"
    return f"{fault.check} {fault.at}{', beside' if fault.beside else ''}"


def _count(fault: Fault) -> str:
    return f"{fault.findings}{'+' if fault.cut_short else ''}"


def _found(fault: Fault) -> str:
    by = f", by {fault.found}" if fault.found else ""
    different = "" if fault.found_steps is None else f", shrunk to {', '.join(fault.found_steps)}"
    return f"{fault.found_at}{by}{different}"
