"""`python -m workloads.lib.release --platform FILE VERB …`: what `falaj release` asks, answered as JSON."""

import argparse
import sys
from typing import Any

from policies.gate.decision import Decision
from workloads.lib import command
from workloads.lib.lifecycle.bundled import bundled
from workloads.lib.platform import Platform
from workloads.lib.registry import Registry
from workloads.lib.registry.entry import checked
from workloads.lib.release import request

Asked = argparse.Namespace
Answer = dict[str, Any]


def main() -> int:
    """Answer one verb."""
    return command.run(_parser(), lambda platform, asked: VERBS[asked.verb](platform, asked))


def ask(platform: Platform, asked: Asked) -> Answer:
    """Seal a request and tell the verdict."""
    checked(asked.name)
    workload, latency = bundled(asked.name), None
    if asked.measure:
        bodies = [workload.example]
        latency = request.measure(platform, asked.name, asked.model, bodies, asked.url, asked.requests)
    made, decision = request.request(platform, asked.name, asked.model, workload.thresholds())
    return {"request": made.model_dump(), "latency": latency, **_told(decision)}


def approvable(platform: Platform, asked: Asked) -> Answer:
    """What an approver is about to sign."""
    made = request.approvable(platform, asked.name, asked.model, asked.by)
    decision = request.judge(platform, Registry(platform.open_store()), made)
    return {"request": made.model_dump(), **_told(decision)}


def promote(platform: Platform, asked: Asked) -> Answer:
    """Move production."""
    decision, moved = request.promote(platform, asked.name, asked.model, asked.why)
    return {"record": moved and moved.model_dump(), **_told(decision)}


def rollback(platform: Platform, asked: Asked) -> Answer:
    """Move production back."""
    return {"record": request.rollback(platform, asked.name, asked.to, asked.why).model_dump()}


def status(platform: Platform, asked: Asked) -> Answer:
    """What there is."""
    return request.status(platform, asked.name)


VERBS = {"request": ask, "approvable": approvable, "promote": promote, "rollback": rollback, "status": status}


def _told(decision: Decision) -> Answer:
    found = [
        {"policy": f.policy, "title": f.title, "effect": f.effect, "message": f.message, "fix": f.remediation}
        for f in decision.findings
    ]
    fault = decision.fault and decision.fault.model_dump()
    return {"decision": decision.decision_id, "verdict": decision.verdict, "findings": found, "fault": fault}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m workloads.lib.release", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    made = {verb: verbs.add_parser(verb) for verb in VERBS}
    for verb in made.values():
        verb.add_argument("name")
    for verb in ("request", "approvable", "promote"):
        made[verb].add_argument("model")
    for verb in ("promote", "rollback"):
        made[verb].add_argument("--why", required=True)
    made["approvable"].add_argument("--by", required=True)
    made["rollback"].add_argument("--to", default="previous")
    made["request"].add_argument("--measure", action="store_true")
    made["request"].add_argument("--url", default="")
    made["request"].add_argument("--requests", type=int, default=500)
    return parser


if __name__ == "__main__":
    sys.exit(main())
