"""Writes a run as a JUnit file for CI: a suite for each contract, a failure for each finding or alarm."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from driftcheck.cli.summary import Reported, lines
from driftcheck.core.output_file import OutputFile
from driftcheck.core.visible import visible


def write_junit(file: OutputFile, reports: Sequence[Reported]) -> None:
    """Write the file.

    Raises:
        OutputError: it cannot be written any more.
    """
    root = ElementTree.Element("testsuites")
    for report in reports:
        _suite(root, report)
    file.write(to_xml(root))


def to_xml(root: ElementTree.Element) -> str:
    """Return a document as text; no text in it holds what is unsafe to show, or what XML cannot hold."""
    for element in root.iter():
        element.text = element.text and visible(element.text)
        element.attrib.update({name: visible(value) for name, value in element.attrib.items()})
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data.decode()


def _suite(root: ElementTree.Element, report: Reported) -> None:
    one = report.explored
    failures = [
        (
            f.divergence.signature.slug,
            str(f.divergence.check),
            f"{f.divergence.detail}\ndriftcheck replay {case}",
        )
        for f, case in zip(one.findings, report.paths, strict=True)
    ]
    failures += [(f"{a.kind}-{a.entry.id}", a.kind, str(a)) for a in report.alarms if a.fails]
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=f"driftcheck.{one.contract}",
        tests=str(len(failures) + 1),
        failures=str(len(failures)),
        errors=str(int(report.fault is not None)),
        time=f"{one.seconds:.3f}",
    )
    run = ElementTree.SubElement(suite, "testcase", classname=f"driftcheck.{one.contract}", name="run")
    ElementTree.SubElement(run, "system-out").text = "\n".join(lines(report))
    if report.fault is not None:
        text = str(report.fault)
        ElementTree.SubElement(run, "error", message=text.partition("\n")[0]).text = text
    for name, kind, text in failures:
        case = ElementTree.SubElement(suite, "testcase", classname=f"driftcheck.{one.contract}", name=name)
        failure = ElementTree.SubElement(case, "failure", type=kind, message=text.partition("\n")[0])
        failure.text = text
