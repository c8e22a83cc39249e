"""`falaj status`: what runs, where, how it is, and what to do next."""

import json
import urllib.error
import urllib.request
from typing import Any

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from components.local import processes
from infra.catalog.workloads import workloads
from infra.cli.local import require_local
from infra.cli.output import OK, emit, guarded, out
from infra.cli.run import last_result
from infra.engine import Engine
from infra.errors import Exit
from infra.judge import decision_log

ANSWER_SECONDS = 5
Status = dict[str, Any]


def status(stack: str, as_json: bool) -> int:
    """Print the state of the stack; exit code 1 when a part of it is not well."""
    return guarded(as_json, lambda: _status(Engine(stack), as_json))


def _status(engine: Engine, as_json: bool) -> int:
    found = examine(engine)
    emit(found) if as_json else _show(found)
    return OK if found["ok"] else int(Exit.FAULT)


def examine(engine: Engine) -> Status:
    """Servers, workloads and the gate's last decisions, as they are now. RUN-003 when the stack is not up."""
    require_local(engine.stack)
    engine.require_up()
    platform = json.loads(engine.platform_file.read_text())
    servers = _servers(engine, platform)
    served = [_served(engine, name) for name in workloads() if last_result(engine, name)]
    return {
        "ok": all(server["status"] == "running" for server in servers) and all(model["answers"] for model in served),
        "stack": {key: platform[key] for key in ("stack", "kind", "profile", "jurisdiction")},
        "servers": servers,
        "store": platform["store"]["path"],
        "workloads": served,
        "gate": _gate(),
    }


def _servers(engine: Engine, platform: Status) -> list[Status]:
    folder = engine.folder / "supervisor"
    urls = {
        "decision": ("OPA", platform["decision"]["url"]),
        "tracking": ("MLflow", platform["tracking"]["url"]),
        "ray": (f"Ray; its token: {platform['ray']['token_file']}", platform["ray"]["dashboard"]),
    }
    servers: list[Status] = []
    for name, (what, url) in urls.items():
        try:
            program = processes.Program.model_validate_json((folder / "programs" / f"{name}.json").read_text())
            state, pid = processes.status(folder, program)
        except FileNotFoundError:
            state, pid = "not registered", 0
        servers.append({"name": name, "what": what, "url": url, "status": state, "pid": pid})
    return servers


def _served(engine: Engine, workload: str) -> Status:
    """The workload's last result, and whether its endpoint answers with that model now."""
    result = last_result(engine, workload) or {}
    answer = _ask(result["example"]["url"], result["example"]["body"])
    return {**result, "answer": answer, "answers": answer is not None and answer.get("model") == result.get("model")}


def _ask(endpoint: str, example: Any) -> Status | None:
    request = urllib.request.Request(  # noqa: S310 - our own endpoint
        endpoint, json.dumps(example).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            return json.load(answer)
    except (OSError, ValueError, urllib.error.URLError):
        return None


def _gate() -> Status:
    """The newest decision of each gate point, with the rules it applied."""
    newest: dict[str, Status] = {}
    log = decision_log()
    for line in log.read_text().splitlines() if log.exists() else []:
        decision = json.loads(line)["record"]
        newest[decision["gate"]] = {
            "verdict": decision["verdict"],
            "decision_id": decision["decision_id"],
            "policies": sorted(decision["coverage"]["evaluated"]),
        }
    return {"log": str(log), "newest": newest}


def _show(found: Status) -> None:
    stack = found["stack"]
    about = f"{stack['kind']} · profile {stack['profile']} · jurisdiction {stack['jurisdiction']}"
    head = f"[bold]{stack['stack']}[/]  {about}"
    out.print(Panel(_body(found), title=head, title_align="left", expand=False, padding=(1, 2)))
    for model in found["workloads"]:
        out.print(Text("try it   ", "bold").append(_curl(model), "not bold cyan"))
    out.print(Text("stop it  ", "bold").append("make down", "not bold cyan"))


def _body(found: Status) -> Table:
    body = Table.grid(padding=(0, 2))
    body.add_column(style="bold")
    body.add_column(overflow="fold")
    for server in found["servers"]:
        well = server["status"] == "running"
        mark = _mark(well, server["url"])
        mark.append(f"  {server['what']}" + ("" if well else f"  ({server['status']})"), "dim" if well else "red")
        body.add_row(server["name"], mark)
    body.add_row("store", f"{found['store']}  AES-256-GCM, every object sealed")
    for gate in ("plan", "release"):
        if newest := found["gate"]["newest"].get(gate):
            verdict = Text(newest["verdict"], "green" if newest["verdict"] == "allow" else "red")
            body.add_row(f"gate: {gate}", verdict.append(f"  {', '.join(newest['policies'])}", "dim"))
    for model in found["workloads"]:
        body.add_row("", "")
        body.add_row(model["workload"], _mark(model["answers"], model["example"]["url"]))
        body.add_row("model", model["model"])
        for name, value in model["figures"].items():
            body.add_row(name, value)
        answer: Status = model["answer"] or {}
        told = ", ".join(f"{name} {value:.3f}" for name, value in answer.items() if isinstance(value, float))
        said = f"{told}, from this model" if model["answers"] else "none"
        body.add_row("answer", Text(said, "" if model["answers"] else "red"))
    return body


def _mark(well: bool, text: str) -> Text:
    return Text("● ", "green" if well else "red").append(text, "default")


def _curl(model: Status) -> str:
    body = json.dumps(model["example"]["body"])
    return f"curl -s {model['example']['url']} -H 'Content-Type: application/json' -d '{body}'"
