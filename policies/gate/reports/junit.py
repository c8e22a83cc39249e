"""JUnit XML: a suite per decision, a case per rule that judged something, for whatever shows test results."""

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from policies.gate.decision import Decision, Finding
from policies.gate.reports.common import ordered, place

# What XML 1.0 cannot carry, escaped or not.
_UNFIT = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(decisions: Sequence[Decision]) -> str:
    """What denies is a failure, a fault an error; what is waived or left open is skipped."""
    suites = ET.Element("testsuites", name="falaj gate")
    for decision in decisions:
        _suite(suites, decision)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _suite(parent: ET.Element, decision: Decision) -> None:
    suite = ET.SubElement(parent, "testsuite", name=_fit(f"{decision.gate} {decision.stack}"))
    findings = ordered(decision.findings)
    for policy in sorted({*decision.coverage.evaluated, *(finding.policy for finding in findings)}):
        _case(suite, policy, [finding for finding in findings if finding.policy == policy], decision)
    if decision.fault:
        case = ET.SubElement(suite, "testcase", classname="falaj.gate", name=f"FALAJ-{decision.fault.code}", time="0")
        ET.SubElement(case, "error", message=_fit(f"{decision.fault.place}: {decision.fault.problem}"))
    counted = {tag: len(suite.findall(f"testcase/{tag}")) for tag in ("failure", "error", "skipped")}
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(counted["failure"]))
    suite.set("errors", str(counted["error"]))
    suite.set("skipped", str(counted["skipped"]))
    suite.set("time", f"{decision.duration_ms / 1000:.3f}")
    if decision.now:
        suite.set("timestamp", _fit(decision.now[:19]))


def _case(suite: ET.Element, policy: str, findings: list[Finding], decision: Decision) -> None:
    case = ET.SubElement(suite, "testcase", classname=f"falaj.{decision.gate}", name=policy, time="0")
    denials = [finding for finding in findings if finding.effect == "deny"]
    open_ = [finding for finding in findings if finding.effect in ("waive", "defer")]
    if denials:
        failure = ET.SubElement(case, "failure", message=_fit(denials[0].title), type=denials[0].severity)
        failure.text = _fit("\n".join(_lines(denials)))
    elif open_:
        ET.SubElement(case, "skipped", message=_fit("; ".join(_lines(open_))))
    told = [finding for finding in findings if finding.effect in ("advise", "note")]
    if told:
        ET.SubElement(case, "system-out").text = _fit("\n".join(_lines(told)))


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        by = f" (waived by {finding.waived_by})" if finding.waived_by else ""
        yield f"{place(finding)} {finding}{by}".strip()


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)
