"""SARIF 2.1.0: findings on the line of the change, in whatever shows code scanning results.

Code scanning refuses a whole file for one result without a place: what has no line of its own stands on the first line
of the stack's file.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from infra.errors import CATALOGUE
from policies.gate.decision import Decision, Finding
from policies.gate.reports.common import name, ordered

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL = {"deny": "error", "advise": "warning", "defer": "note", "note": "note", "waive": "warning"}
_SECURITY = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""CVSS-like numbers that code scanning sorts by: the middle of each of its bands."""


def render(decisions: Sequence[Decision]) -> str:
    """One run per decision; every rule that found something is described in its run."""
    runs = [_run(decision) for decision in decisions]
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": runs}, indent=1) + "\n"


def _run(decision: Decision) -> dict[str, Any]:
    findings = ordered(decision.findings)
    rules = {finding.policy: _rule(finding) for finding in findings}
    results = [_result(finding, list(rules).index(finding.policy), decision.stack) for finding in findings]
    if decision.fault:
        code = f"FALAJ-{decision.fault.code}"
        entry = CATALOGUE[decision.fault.code]
        rules[code] = {"id": code, "shortDescription": {"text": entry.title}, "help": {"text": entry.fix}}
        text = f"{decision.fault.place}: {decision.fault.problem}"
        results.append(
            {
                "ruleId": code,
                "ruleIndex": len(rules) - 1,
                "level": "error",
                "message": {"text": _text(text)},
                "locations": [{"physicalLocation": _place(decision.stack)}],
            }
        )
    return {
        "tool": {"driver": {"name": "falaj", "rules": list(rules.values())}},
        "automationDetails": {"id": f"falaj/{decision.gate}/{decision.stack}/"},
        "invocations": [
            {
                "executionSuccessful": decision.fault is None,
                **_ended(decision),
                "properties": {
                    "decision": decision.decision_id,
                    "verdict": decision.verdict,
                    "bundle": decision.bundle.digest,
                    "input": decision.input_digest,
                },
            }
        ],
        "columnKind": "utf16CodeUnits",
        "results": results,
    }


def _rule(finding: Finding) -> dict[str, Any]:
    controls = [f"{item.framework} {item.reference} ({item.status})" for item in finding.controls]
    text = f"{finding.remediation} Controls: {', '.join(controls)}."
    return {
        "id": finding.policy,
        "shortDescription": {"text": finding.title},
        "help": {"text": text},
        "defaultConfiguration": {"level": "error" if finding.level == "mandatory" else "warning"},
        "properties": {
            "security-severity": _SECURITY[finding.severity],
            "tags": ["security", *dict.fromkeys(controls)],
        },
    }


def _result(finding: Finding, index: int, stack: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "ruleId": finding.policy,
        "ruleIndex": index,
        "level": _LEVEL[finding.effect],
        "message": {"text": _text(f"{name(finding.urn)}: {finding.message}. {finding.remediation}")},
        "locations": [
            {
                "logicalLocations": [{"fullyQualifiedName": finding.urn, "kind": "resource"}],
                "physicalLocation": _place(stack, finding),
            }
        ],
        "partialFingerprints": {"falaj/v1": hashlib.sha256(f"{finding.policy} {finding.urn}".encode()).hexdigest()},
        "properties": {"effect": finding.effect, "result": finding.result, "inputs": finding.inputs},
    }
    if finding.waived_by:
        made["suppressions"] = [{"kind": "external", "status": "accepted", "justification": finding.waived_by}]
    return made


def _place(stack: str, finding: Finding | None = None) -> dict[str, Any]:
    source = finding.source if finding else None
    return {
        "artifactLocation": {
            "uri": quote(source.file if source else f"stacks/Pulumi.{stack}.yaml"),
            "uriBaseId": "%SRCROOT%",
        },
        "region": {"startLine": max(1, source.line) if source else 1},
    }


def _ended(decision: Decision) -> dict[str, str]:
    """When it was decided; nothing when what was asked gave no time, or none that is one."""
    try:
        datetime.fromisoformat(decision.now)
    except ValueError:
        return {}
    return {"endTimeUtc": decision.now.replace("+00:00", "Z")}


def _text(text: str) -> str:
    """A message in which what users wrote makes no link of SARIF's, `[text](address)`."""
    return text.replace("](", "] (")
