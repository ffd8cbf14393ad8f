"""
Writes a run as a JUnit file for CI: a suite for each contract.

A failure is a finding, an open case or an alarm; an error is a contract that did not run, or a mistake.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from xml.etree import ElementTree

import attrs

from driftcheck.cli.reported import Entry, NotRun, Reported
from driftcheck.cli.summary import lines
from driftcheck.core.output_file import OutputFile
from driftcheck.core.visible import visible
from driftcheck.findings import replayed as replays
from driftcheck.findings import show
from driftcheck.search.keeper import Kept
from driftcheck.search.saved_cases import SavedCase


def write_junit(file: OutputFile, entries: Sequence[Entry]) -> None:
    """Write the file.

    Raises:
        OutputError: it cannot be written any more.
    """
    root = ElementTree.Element("testsuites")
    for entry in entries:
        _suite(root, entry)
    file.write(to_xml(root))


def to_xml(root: ElementTree.Element) -> str:
    """Return a document as text; what is unsafe to show, or not allowed in XML, is escaped."""
    for element in root.iter():
        element.text = element.text and visible(element.text)
        element.attrib.update({name: visible(value) for name, value in element.attrib.items()})
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data.decode()


def _suite(root: ElementTree.Element, entry: Entry) -> None:
    tests = _tests(entry)
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=f"driftcheck.{entry.name}",
        tests=str(len(tests)),
        failures=str(sum(one.kind == "failure" for one in tests)),
        errors=str(sum(one.kind == "error" for one in tests)),
        skipped=str(sum(one.kind == "skipped" for one in tests)),
    )
    if isinstance(entry, Reported):
        suite.set("time", f"{entry.explored.seconds + entry.cases_s:.3f}")
    for one in tests:
        case = ElementTree.SubElement(suite, "testcase", classname=f"driftcheck.{entry.name}", name=one.name)
        if one.out:
            ElementTree.SubElement(case, "system-out").text = one.out
        if one.kind:
            result = ElementTree.SubElement(case, one.kind, message=one.text.partition("\n")[0])
            result.text = one.text
            if one.check:
                result.set("type", one.check)


@attrs.frozen
class _Test:
    """A test case of the file."""

    name: str
    kind: Literal["", "failure", "error", "skipped"] = ""  # "": it passed
    text: str = ""  # of what it did not pass; its first line is the message
    check: str = ""
    out: str = ""


def _tests(entry: Entry) -> list[_Test]:
    if isinstance(entry, NotRun):
        return [_Test("run", "error", f"did not run: {entry.why_not_run}")]
    findings = [_root_cause(entry, kept, others) for kept, others in entry.root_causes]
    alarms = [_Test(f"{a.kind}-{a.entry.id}", "failure", str(a), a.kind) for a in entry.alarms if a.fails]
    return [_run(entry), *map(_case, entry.cases), *findings, *alarms]


def _run(report: Reported) -> _Test:
    """Return the search itself, which is an error if it did not happen or was broken off."""
    of_cases = [case.fault for case in report.cases]
    wrong = [str(fault) for fault in report.faults if fault not in of_cases]
    if report.why_not_run:
        wrong.insert(0, f"did not run: {report.why_not_run}")
    return _Test("run", "error" if wrong else "", "\n".join(wrong), out="\n".join(lines(report)))


def _case(case: SavedCase) -> _Test:
    name = f"case-{case.path.stem}"
    if case.replayed is None:
        return _Test(name, "error", str(case.fault))
    if case.is_open:
        text = f"{replays.title(case.replayed)}\n\n{replays.render_open(case.replayed)}"
        return _Test(name, "failure", text, str(case.replayed.check))
    if not case.is_judged:
        return _Test(name, "skipped", replays.why_not_judged(case.replayed))
    return _Test(name)


def _root_cause(report: Reported, kept: Kept, others: int) -> _Test:
    divergence = kept.finding.divergence
    text = show.render(attrs.evolve(kept.finding, belongs_to=None), report.schema, path=kept.path)
    text += f"\n\n{others} other divergence{'s' * (others > 1)} like it" if others else ""
    return _Test(divergence.signature.slug, "failure", text, str(divergence.check))
