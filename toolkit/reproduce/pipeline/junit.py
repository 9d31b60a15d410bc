"""Outcomes as JUnit XML, which CI services show: a suite a notebook, a case a cell."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from toolkit.reproduce.notebook import Cell
from toolkit.reproduce.pipeline.plans import Outcome
from toolkit.reproduce.records.record import CellRecord, Record

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TITLE = 60


def junit_xml(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as the text of a JUnit XML file.

    Parameters
    ----------
    outcomes : of one ``toolkit run``

    References
    ----------
    The Jenkins JUnit schema, ``junit-10.xsd``
    """
    suites = ET.Element("testsuites", name="toolkit run")
    for outcome in outcomes:
        suites.append(_suite(outcome))
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(
        suites, encoding="unicode"
    )


def _suite(outcome: Outcome) -> ET.Element:
    notebook, record = outcome.step.notebook, outcome.record
    suite = ET.Element("testsuite", name=_xml(notebook.path))
    by_index = {cell.index: cell for cell in record.cells} if record else {}
    for cell in notebook.code:
        suite.append(_case(notebook.path, cell, by_index.get(cell.index), record))
    if record and record.error and record.error.cell not in by_index:
        case = ET.SubElement(
            suite, "testcase", classname=_xml(notebook.path), name="kernel", time="0"
        )
        _problem(case, "error", record)
    cases = list(suite)
    for tag, plural in (("failure", "failures"), ("error", "errors")):
        suite.set(plural, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    suite.set("tests", str(len(cases)))
    suite.set("time", f"{record.circumstances.seconds if record else 0:.3f}")
    if record:
        suite.set("timestamp", record.circumstances.started.removesuffix("Z"))
    return suite


def _case(
    path: str, cell: Cell, told: CellRecord | None, record: Record | None
) -> ET.Element:
    first = cell.source.strip().splitlines()[0]
    case = ET.Element(
        "testcase",
        classname=_xml(path),
        name=_xml(f"cell {cell.index + 1}: {first}")[:_TITLE],
        time=f"{(told.seconds if told else 0) or 0:.3f}",
    )
    failed_here = record and record.error and record.error.cell == cell.index
    if record and failed_here:
        _problem(case, "failure" if record.status == "failed" else "error", record)
    elif told is None or told.status != "finished":
        ET.SubElement(case, "skipped", message="not run")
    return case


def _problem(case: ET.Element, tag: str, record: Record) -> None:
    error = record.error
    if error is not None:
        element = ET.SubElement(
            case, tag, type=_xml(error.ename), message=_xml(error.evalue)
        )
        element.text = _xml(error.traceback)


def _xml(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
