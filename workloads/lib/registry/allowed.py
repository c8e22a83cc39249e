"""Whether a decision of the release gate, as its log has it, allowed a model."""

from pathlib import Path
from typing import Any

from infra.errors import FalajError
from policies.gate import documents, history, record


def require_allowed(log: Path | None, decision: str, name: str, model: str) -> None:
    """REG-004 unless `decision` stands in the log, is an allow of the release gate, and was about `model`.

    GATE-015 when the log, or what was asked, kept beside it by digest, is not as it was written.
    """
    where = f"model {name}"
    if not decision or log is None:
        raise FalajError("REG-004", where, f"no decision was given that allows {model}")
    record.verify(log)
    found = next((one for one in history.decisions(log) if one.decision_id == decision), None)
    if found is None:
        raise FalajError("REG-004", where, f"decision {decision[:40]} is not in {log}")
    if found.gate != "release" or not found.allowed:
        raise FalajError("REG-004", where, f"decision {decision[:40]} is {found.verdict} of the gate {found.gate}")
    release: dict[str, Any] = documents.read(log.parent, found.input_digest).get("release") or {}
    if (release.get("model"), release.get("digest")) != (name, model):
        problem = f"decision {decision[:40]} is about {release.get('model')} {release.get('digest')}, not {model}"
        raise FalajError("REG-004", where, problem)
