"""Writes a run as a JUnit file for CI: a suite for each contract, a failure for each finding or alarm."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from driftcheck.cli.summary import Reported, lines

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(path: Path, reports: Sequence[Reported]) -> None:
    """Write the file whole, or not at all."""
    root = ElementTree.Element("testsuites")
    for report in reports:
        _suite(root, report)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.new")
    ElementTree.ElementTree(root).write(scratch, encoding="utf-8", xml_declaration=True)
    scratch.replace(path)


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
    ElementTree.SubElement(run, "system-out").text = _xml("\n".join(lines(report)))
    if report.fault is not None:
        text = _xml(str(report.fault))
        ElementTree.SubElement(run, "error", message=text.partition("\n")[0]).text = text
    for name, kind, text in failures:
        case = ElementTree.SubElement(suite, "testcase", classname=f"driftcheck.{one.contract}", name=name)
        failure = ElementTree.SubElement(case, "failure", type=kind, message=_xml(text.partition("\n")[0]))
        failure.text = _xml(text)


def _xml(text: str) -> str:
    """Replace characters that no XML document can hold."""
    return _NOT_XML.sub("\ufffd", text)
