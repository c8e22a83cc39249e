"""The pages of docs/ that are made of the rules' own metadata and the control catalogue."""

from collections.abc import Iterable

from policies.gate import admission, bundle, controls
from policies.gate.controls import Framework

_POLICIES = """\
# The rules of the gate

Generated from the METADATA of `policies/rego`; change a rule there, never here.

A rule answers *pass*, *fail* or *indeterminate* (a value is not known before apply) for every subject it is about. What
is absent, null or empty fails. *Mandatory* rules deny, *advisory* ones tell. Rules judged *with the stack* need what
stands beside a resource and are asked about whole stacks and plans; the others also about each resource before it is
made. Which controls a rule serves, and where that is written, is in [controls.md](controls.md) the other way round.

"""

_CONTROLS = """\
# Controls and the rules that serve them

Generated from `policies/controls` and the rules' metadata; change them there, never here.

A `verified` control's number and subject were read in the source named; an `unverified` one is general knowledge, or
could not be read at its source, and is to be checked before anybody relies on it. That a rule serves a control is this
project's judgement. None of this is legal advice, and no set of rules makes anybody compliant: *people* marks what no
code can check, *open* what code could check and this gate does not yet.

"""

_ADMISSION = """\
# Admission: the gate's rules in the cluster

Generated from `policies/rego` and `policies/gate/admission.py`; change a rule there, never here.

The gate judges what is planned. What reaches a cluster on another way, by `kubectl`, by an operator, by a stolen
token, meets the same rules at the API server: Gatekeeper runs them out of the same files, and refuses in the gate's
own words.

```console
$ kubectl apply -f pod.yaml
Error from server (Forbidden): admission webhook "validation.gatekeeper.sh" denied the request:
[k8s-002] K8S-002 app: spec.volumes[0] is {"hostPath":{"path":"/","type":""},"name":"host"}, must be no part of …
```

**How.** `components/kubernetes/admission.py` runs Gatekeeper with a ConstraintTemplate and a constraint for each
rule, while `falaj:platform.admission` is true. It is there before the rest of the platform layer, which it judges as
it is made, and goes after it. A template holds the rule and what it imports, moved below `lib`, with its metadata
written out; its `violation` makes the gate's document of the object and asks the rule. No rule is
written twice: `tests/policies/test_admission.py` asks both about every object of every rule's fixtures. A cluster
that is not ours gets them by `falaj gate admission --stack STACK --output DIR`: apply `templates.yaml`, then `kubectl
wait --for=jsonpath='{.status.created}'=true constrainttemplates --all`, then `constraints.yaml`.

**How hard.** What is mandatory in the stack's profile denies, what is advisory warns. Parameters (registries, hosts,
the least version of Ray) are the stack's, written into the constraint. A waiver lifts a rule at the gate alone; in
the cluster name the namespaces that a rule shall not be asked about (`exempt` of
`policies.gate.admission.admission`).

**Where not.** In `kube-system` and `gatekeeper-system` nothing is asked: the network, the name server and Gatekeeper
itself have to start for anything to be answered. In namespaces with `falaj.ae/role` gpu-system, which K8S-001 looks
at, drivers may have the machine (K8S-002); every other rule holds there. The API server is not asked about what it
writes down itself, such as its own roles. What is going may go: who takes finalizers off what is being deleted asks
nobody, and need not mend it first; any other change of it is judged. So are the pods by which KubeRay clears its
Redis, and not their Job, which claims no disk by itself.

**While Gatekeeper is away**, what the table names is refused (`failurePolicy: Fail`): no pod without a look at it.
Leases, events, nodes, secrets and all else is not asked about, so that nodes live, and what runs goes on. Two copies
answer; Gatekeeper's own images are pinned by digest and wait for no check of signatures, so it starts when nothing
else does, and everything in its namespace can be mended meanwhile. A stack can be taken away without it, unless Ray
keeps its state in the cache: the pod that clears that is refused, too, and KubeRay gives up after five minutes. To
let a cluster go on without it, delete the ValidatingWebhookConfiguration; `falaj up` puts it back. That images are
signed (IMG-003) is looked at by sigstore's own controller.

**What is there already** is not taken away: the audit finds it (`kubectl get constraints`), every minute.

"""

UNKNOWN = {
    "deny": "denies",
    "defer": "is left open in a preview and denies at apply",
    "allow": "is noted",
}
_BY = {"code": "", "people": "people", "open": "**open**"}


def policies(rules: Iterable[bundle.Rule] | None = None) -> str:
    """The rules' page, in Markdown; of the packs of this checkout when no rules are given."""
    listed = _listed(rules)
    summary = _table(
        ("rule", "title", "severity", "dev", "prod"),
        ((_link(rule.id), rule.title, rule.severity, rule.level.dev, rule.level.prod) for rule in listed),
    )
    return "\n".join([_POLICIES + f"{len(listed)} rules.\n", summary, *map(_rule, listed)])


def control_matrix(rules: Iterable[bundle.Rule] | None = None, known: Iterable[Framework] | None = None) -> str:
    """The controls' page: how far each framework is served, then control by control."""
    serving: dict[str, list[str]] = {}
    for rule in _listed(rules):
        for control in rule.controls:
            serving.setdefault(control.name, []).append(rule.id)
    frameworks = list(controls.frameworks() if known is None else known)
    head = ("framework", "controls", "served by rules", "people", "open", "verified")
    summary = _table(head, (_summary(framework, serving) for framework in frameworks))
    return "\n".join([_CONTROLS, summary, *(_framework(framework, serving) for framework in frameworks)])


def admission_page() -> str:
    """Which rule is asked where, of those about objects of a cluster."""
    rows = [
        (rule.id, rule.title, "with the stack" if rule.needs == "stack" else "yes", *_door(rule))
        for rule in _listed(None)
        if any(kind.startswith("kubernetes:") for kind in rule.applies_to)
    ]
    head = ("rule", "title", "plan, review", "each resource", "admission", "what is different there")
    return _ADMISSION + _table(head, ((f"[{id}](policies.md#{id.lower()})", *rest) for id, *rest in rows))


def _door(rule: bundle.Rule) -> tuple[str, str, str]:
    kinds = sorted({type.rsplit(":", 1)[-1] for type in admission.carries(rule)})
    return (
        "" if rule.needs == "stack" else "yes",
        "pods, wherever they are" if "Pod" in kinds else ", ".join(kinds),
        admission.stays(rule) or admission.differs(rule),
    )


def _rule(rule: bundle.Rule) -> str:
    listed = _table(
        ("framework", "reference", "subject", "status", "source"),
        ((item.framework, item.reference, item.title, item.status, item.source) for item in rule.controls),
    )
    subjects = ", ".join(f"`{kind}`" for kind in rule.applies_to)
    judged = "Judged with the stack. " if rule.needs == "stack" else ""
    waiver = "" if rule.waivable else " Cannot be waived."
    return f"""\
## {rule.id}

**{rule.title}.** {rule.remediation}

About {subjects}. {judged}What is not known yet {UNKNOWN[rule.on_unknown]}. Owner: {rule.owner}.{waiver}

{listed}"""


def _summary(framework: Framework, serving: dict[str, list[str]]) -> tuple[str, ...]:
    entries = framework.controls
    served = sum(f"{framework.framework} {reference}" in serving for reference in entries)
    counted = {by: sum(entry.by == by for entry in entries.values()) for by in _BY}
    verified = sum(entry.status == "verified" for entry in entries.values())
    anchor = framework.framework.lower().replace(":", "")
    link = f"[{framework.framework}](#{anchor})"
    return (link, str(len(entries)), str(served), str(counted["people"]), str(counted["open"]), str(verified))


def _framework(framework: Framework, serving: dict[str, list[str]]) -> str:
    rows = (
        (
            reference,
            entry.title,
            ", ".join(
                f"[{rule}](policies.md#{rule.lower()})"
                for rule in serving.get(f"{framework.framework} {reference}", [])
            )
            or _BY[entry.by],
            entry.status,
            entry.why or entry.source,
        )
        for reference, entry in framework.controls.items()
    )
    note = f" {framework.note}" if framework.note else ""
    return f"""\
## {framework.framework}

{framework.title}. Source: {framework.source}.{note}

{_table(("control", "subject", "rules", "status", "remark"), rows)}"""


def _listed(rules: Iterable[bundle.Rule] | None) -> list[bundle.Rule]:
    return [rule for rule in (bundle.catalogue() if rules is None else rules) if rule.id != bundle.CANARY]


def _link(rule: str) -> str:
    return f"[{rule}](#{rule.lower()})"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
