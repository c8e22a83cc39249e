"""Ask the platform's decision server whether a model may be released."""

from collections.abc import Mapping
from typing import Any

from infra.errors import FalajError
from policies.gate import params
from policies.gate.decide import Decision, Gate
from policies.gate.document import Stack, from_release
from workloads.lib.platform import Platform


def decide(
    platform: Platform, evidence: Mapping[str, Any], thresholds: Mapping[str, Any], author: str = ""
) -> Decision:
    """The recorded decision, an allow. Raises the gate's error for a deny, and for anything that is no clear allow."""
    decision = ask(platform, evidence, thresholds, author)
    decision.raise_if_denied()
    return decision


def ask(platform: Platform, evidence: Mapping[str, Any], thresholds: Mapping[str, Any], author: str = "") -> Decision:
    """The recorded decision, whatever it is.

    author: whose model it is, who cannot approve it. What the jurisdiction and the regimes demand stands beside the
    workload's thresholds, which cannot soften it.
    """
    try:
        token = platform.decision.token_file.read_text().strip()
    except OSError as error:
        raise FalajError("WRK-001", str(platform.decision.token_file), f"no token: {error.strerror}") from error
    stack = Stack(
        name=platform.stack,
        project="falaj",
        kind=platform.kind,
        profile="dev" if platform.profile == "dev" else "prod",
        jurisdiction=platform.jurisdiction,
        regimes=platform.regimes,
        author=author,
    )
    demanded = params.resolve(platform.jurisdiction, platform.regimes, {})
    server = platform.decision
    with Gate.connect(server.url, token, server.bundle_digest, platform.decision_log) as gate:
        return gate.decide(from_release(evidence, stack, {**thresholds, **demanded}))
