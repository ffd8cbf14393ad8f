"""The page of the faults of the reconciliation engines: what was said of each first, and what came of it."""

from __future__ import annotations

from engine_faults import ROOT, Fault

PAGE = ROOT / "docs" / "reference" / "reconcile-faults.md"

_HEAD = """\
# Faults planted in the reconciliation engines

Each fault is a patch of one file of an engine, beside
[the table of all](../../tests/finds/reconcile/faults.toml) that this page is made from:
`UPDATE_PRINTED=1 pytest tests/finds/test_engine_faults.py` writes it anew.
What must be found, within how many traces, and what it must be shrunk to
was written down before the fault was run.
A fault is run with seed 0: alone, or, where *beside* is said, compared with the other language's engine;
by traces, or by cases of the one law that must tell of it.

- *must be found*: the check, with the operation, law or invariant that it names.
  Ten traces count as one case of a law.
- *shrunk to*: the steps. `write` is any of `put`, `put_number`, `fill` and `increase`;
  what stands behind a law is what stands in its arguments.
- *found at*: the trace at which the first finding came when it was measured.
- *findings*: how many tell of the fault.
  A signature names the operation, the two outcomes and the path of a value,
  so that a fault of what operations share has one for each;
  `+` says that time was over while there were more.

Shrunk cases are [kept](../../tests/finds/reconcile/cases), and the true engines agree on each.
Of faults without a kept case the figures are older than the checks that each invariant has by name.
"""


def page(faults: tuple[Fault, ...]) -> str:
    """Return the page as it must be."""
    parts = [_HEAD, _summary(faults), "## By invariant\n", _table([f for f in faults if not f.held_back])]
    parts += [
        "## Held back\n",
        "These were written first, and run once, when driftcheck had been mended by what the others showed;\n"
        "`walk_keeps_what_the_peer_lacks` and `link_after_the_first_one` when laws had been added, too.\n",
        _table([f for f in faults if f.held_back]),
    ]
    different = [fault for fault in faults if fault.why]
    parts += ["## Not as was said\n", *(f"- `{f.name}`: {f.why}" for f in different)]
    return "\n".join(parts).rstrip() + "\n"


def _summary(faults: tuple[Fault, ...]) -> str:
    rows = ["| | faults | found | as was said | one finding each |", "|---|---|---|---|---|"]
    for name, some in (
        ("run while driftcheck was mended", [f for f in faults if not f.held_back]),
        ("held back", [f for f in faults if f.held_back]),
    ):
        found = [f for f in some if f.found_at is not None]
        rows.append(
            f"| {name} | {len(some)} | {len(found)} | {sum(not f.why for f in found)} "
            f"| {sum(f.is_one_finding for f in found)} |"
        )
    return "\n".join([*rows, ""])


def _table(faults: list[Fault]) -> str:
    rows = [
        "| invariants | side | fault | must be found | within | shrunk to | found at | findings |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for fault in sorted(faults, key=lambda f: int(f.invariants[0][1:])):
        patch = f"../../tests/finds/reconcile/{fault.side}/{fault.name}.patch"
        rows.append(
            f"| {', '.join(fault.invariants)} | {fault.side} | [`{fault.name}`]({patch}): {fault.does} "
            f"| {_must(fault)} | {fault.within} | {', '.join(fault.steps)} "
            f"| {_found(fault)} | {_count(fault)} |"
        )
    return "\n".join([*rows, ""])


def _must(fault: Fault) -> str:
    if not fault.is_expected:
        return "nothing tells of it"
    return f"{fault.check} {fault.at}{', beside' if fault.beside else ''}"


def _count(fault: Fault) -> str:
    return "" if fault.found_at is None else f"{fault.findings}{'+' if fault.cut_short else ''}"


def _found(fault: Fault) -> str:
    if fault.found_at is None:
        return "not found" if fault.is_expected else "as was said"
    by = f", by {fault.found}" if fault.found else ""
    different = "" if fault.found_steps is None else f", shrunk to {', '.join(fault.found_steps)}"
    return f"{fault.found_at}{by}{different}"
