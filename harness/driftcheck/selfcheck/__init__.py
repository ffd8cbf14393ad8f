"""
The selfcheck: tests each adapter alone, since a faulty adapter would look like a divergence between
libraries.

Decides what an adapter must do, and the order of the trials. Knows sessions and runs. Knows nothing of
terminals or files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from driftcheck.contract.declare import schema_of
from driftcheck.core.errors import DriftcheckError, SubjectUnsound
from driftcheck.core.shorten import shorten
from driftcheck.core.trace import Trace
from driftcheck.findings import show, words
from driftcheck.findings.finding import Finding
from driftcheck.generate.codec_check import checked_codecs
from driftcheck.lockstep.recovery import SETTLE_S
from driftcheck.oracle import checks, panics
from driftcheck.oracle.signature import Divergence
from driftcheck.search.adapter_check import AdapterCheck, try_adapters
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.explored import Explored
from driftcheck.search.session import Session
from driftcheck.search.settings import SessionSettings
from driftcheck.selfcheck.item import Item, State
from driftcheck.selfcheck.simple import simplest_traces
from driftcheck.selfcheck.steady import ORDERED, Steadiness, Variation, examine_steadiness
from driftcheck.values.encoding import NOT_UTF8

__all__ = ["TRIALS", "Item", "Options", "examine"]

TRIALS = (
    "starts",
    "not-broken",
    "accepts",
    "empty-input",
    "deterministic",
    "stateless",
    "renders-equally",
    "agrees",
)
TRACES = 200  # of each trial
NO_PAYLOADS = "not applicable: no operation takes a payload"
LOW_MEANS = (
    "a search would compare rejections in most steps, and rarely values; "
    "narrow the types of the contract to what the subject accepts, "
    "or check how the adapter reads payloads and what the codec writes"
)
LONGEST = 160  # characters of a trace
ILL_FORMED = (
    "text that is not UTF-8, which 'driftcheck run' reports as D104; "
    "declare bytes if the library may return it, or accept it"
)

Result = tuple[State, str]


@attrs.frozen
class Options:
    """How to build, start and try the subjects."""

    settings: SessionSettings
    traces: int = TRACES
    seed: int = 0
    say: Callable[[str], None] = lambda line: None


def examine(contract: type, options: Options) -> Iterator[Item]:
    """Try a contract's codecs, then each of its subjects alone; yield the result of each trial.

    Raises:
        SubjectError: the subjects are declared wrongly, or none has that name.
    """
    schema = options.settings.extend(schema_of(contract))
    sources = options.settings.sources(contract)
    try:
        checked = checked_codecs(schema, seed=options.seed)
    except DriftcheckError as fault:
        yield Item("", "codecs", "unsound", str(fault))
        return
    for one in checked.faults:
        yield Item("", "codecs", "unsound", str(one))
    if checked.faults:
        return  # a subject cannot be tried with documents of a faulty codec
    tried = checked.tried
    yield Item("", "codecs", "ok", f"{tried} values and all mutations tried" if tried else NO_PAYLOADS)
    for source in sources:
        results = _results(contract, source.name, options)
        for name in TRIALS:
            state, text = results.get(name, ("untried", "fix what is unsound above first"))
            yield Item(source.name, name, state, text)


def _results(contract: type, subject: str, options: Options) -> dict[str, Result]:
    """Build, start and try one subject; return the results of the trials by name."""
    results: dict[str, Result] = {}
    try:
        with options.settings.open(contract, subjects=[subject], say=options.say) as session:
            results["starts"] = "ok", str(session.descriptions[subject].get("toolchain", ""))
            for name, outcome in _trials(session, options):
                results[name] = outcome
    except SubjectUnsound as fault:
        results["not-broken"] = "unsound", f"{fault.what}; fix the adapter"
    except DriftcheckError as fault:
        name = next(name for name in TRIALS if name not in results)
        results[name] = "unsound", str(fault)
    return results


def _trials(session: Session, options: Options) -> Iterator[tuple[str, Result]]:
    """Try a subject, until a later trial could show nothing more.

    Raises:
        SubjectUnsound: the adapter reports that it is broken.
        DriftcheckError: the next trial fails.
    """
    schema, seed, most = session.schema, options.seed, options.traces
    alone = try_adapters(session, seed=seed, max_traces=most)
    for one in alone.unsound:
        if one.is_broken:
            raise SubjectUnsound(schema.name, one.subject, one.what)
    yield "not-broken", ("ok", f"reports no fault of its own in {most} traces")
    yield "accepts", _of_payloads(alone)
    empty = _of_empty_input(session, seed)
    yield "empty-input", empty
    found = examine_steadiness(session, seed=seed, max_traces=most)
    yield "deterministic", _by_chance(session, found.by_chance, most)
    if found.by_chance is None:
        yield "stateless", _by_history(session, found.by_history)
    if found.by_chance is None and found.by_history is None:
        yield "renders-equally", _in_rendering(session, found)
    is_steady = not (found.by_chance or found.by_history or found.in_rendering)
    if not alone.unsound and empty[0] == "ok" and is_steady:
        yield "agrees", _with_itself(session, options)


def _of_payloads(alone: AdapterCheck) -> Result:
    """Judge how many of the well-formed payloads the subject accepted."""
    if alone.unsound:
        what = "; ".join(one.what for one in alone.unsound)
        return "unsound", f"{what}; check how the adapter reads them, and what the codec writes"
    low = [one for one in alone.acceptances if one.is_low]
    if low:
        what = "; ".join(
            f"operation {one.operation!r} accepted only {one.accepted} of {one.payloads} well-formed payloads"
            for one in low
        )
        return "warning", f"{what}; {LOW_MEANS}"
    accepted = sum(one.accepted for one in alone.acceptances)
    payloads = sum(one.payloads for one in alone.acceptances)
    return "ok", f"{accepted} of {payloads} well-formed payloads" if payloads else NO_PAYLOADS


def _of_empty_input(session: Session, seed: int) -> Result:
    """Run the simplest input in a subject, and empty documents."""
    simplest = simplest_traces(session.schema, session.model, seed)
    deadline_s = session.lockstep.limits.deadline_s
    for trace in simplest:
        found = session.oracle.confirm(trace, deadline_s=deadline_s, settle_s=SETTLE_S).divergence
        if found is not None and found.check in (checks.PANIC, *checks.DEATHS):
            return "unsound", f"{_calls(session, trace)}: {_of_death(found)}"
    return "ok", f"{len(simplest)} traces of the simplest values and of empty documents"


def _of_death(found: Divergence) -> str:
    """Say who panicked or died, and what to do about it."""
    if found.check != checks.PANIC:
        return f"it dies ({found.detail}); fix the adapter, or report the fault if it is the library's"
    who = panics.who_panicked(found.detail)
    if who.startswith(panics.LIBRARY):
        return f"{who}; check how the adapter calls it, and do not hide a library's panic in the adapter"
    return f"{who or 'it panics'}; let the adapter reject what it cannot read"


def _by_chance(session: Session, found: Variation | None, most: int) -> Result:
    if found is None:
        return "ok", f"{most} traces, each run twice in two processes"
    what = f"{_calls(session, found.trace)} answered {found.one}, and {found.other} when it ran again"
    return "unsound", f"{what}; look for map order, a clock, random numbers or an address"


def _by_history(session: Session, found: Variation | None) -> Result:
    if found is None:
        return "ok", f"{ORDERED} traces, run in two orders in one process"
    after = "itself" if found.after in (None, found.trace) else _calls(session, found.after)
    what = f"{_calls(session, found.trace)} answered {found.one}, and {found.other} when it ran after {after}"
    return "unsound", f"{what}; reset global state in 'open', or keep it in what 'open' returns"


def _in_rendering(session: Session, steadiness: Steadiness) -> Result:
    found = steadiness.in_rendering
    if found is None:
        if not steadiness.rewritten:
            return "ok", "not applicable: no payload has items that could be added in another order"
        return "ok", f"{steadiness.rewritten} documents of equal values, with items added in another order"
    calls = _calls(session, found.trace)
    if found.instead is None:
        what = f"{calls} wrote {found.one}, and {found.other} when it ran again; both mean the same"
        return "unsound", f"{what}; write unordered items always in the same order"
    other = _calls(session, found.instead)
    what = f"{calls} answered {found.one}, and for an equal value, {other}, {found.other}"
    return "unsound", f"{what}; declare what has an order as a tuple, not as a dict or unordered"


def _with_itself(session: Session, options: Options) -> Result:
    """Search for promises that the subject breaks alone, except asymmetries.

    Text that is not UTF-8 is not the adapter's fault: it passes on what the library returns, as it must.
    """
    explored = _searched(session, options, fail_fast=True)
    if explored.findings and all(map(_is_ill_formed_text, explored.findings)):
        explored = _searched(session, options, fail_fast=False)  # something else may stand behind it
    of_adapter = [one for one in explored.findings if not _is_ill_formed_text(one)]
    if of_adapter:
        seen = (
            f"'driftcheck run' with '--subject {session.lockstep.subjects[0].name}' shows the whole finding"
        )
        title = show.title(session.schema, of_adapter[0].divergence)
        return "unsound", f"{title}: {_calls(session, _trace(of_adapter[0]))}; {seen}"
    if explored.findings:
        return "ok", f"{_calls(session, _trace(explored.findings[0]))} returns {ILL_FORMED}"
    return "ok", f"{explored.statistics.traces} traces without a finding"


def _searched(session: Session, options: Options, *, fail_fast: bool) -> Explored:
    budget = Budget(max_traces=options.traces)
    return explore(session, budget, seed=options.seed, fail_fast=fail_fast, witnesses=False)


def _is_ill_formed_text(finding: Finding) -> bool:
    divergence = finding.divergence
    return divergence.check == checks.OUTSIDE_TYPE and NOT_UTF8 in divergence.detail


def _trace(finding: Finding) -> Trace:
    return finding.case if isinstance(finding.case, Trace) else finding.case.trace


def _calls(session: Session, trace: Trace | None) -> str:
    """Write the calls of a trace in one line."""
    if trace is None:
        return ""
    schema = session.schema
    calls = [show.call(schema, trace, number) for number in range(len(trace.steps))]
    opening = [words.opening(schema, trace)] if schema.opening or not calls else []
    return shorten("; ".join([*opening, *calls]), LONGEST)
