"""The gate's rules for the cluster's own admission: Gatekeeper's templates and constraints, made of the rule files.

No rule is written twice. A template holds a rule and what it imports, moved below `lib`, where Gatekeeper wants them;
its `violation` puts the object that somebody writes into the gate's document and tells what the rule says of it.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from policies.gate import bundle
from policies.gate.bundle import Rule
from policies.gate.document import Stack

Object = dict[str, Any]
GROUP = "constraints.gatekeeper.sh"
TARGET = "admission.k8s.gatekeeper.sh"
EXEMPT = ("kube-system", "gatekeeper-system")
"""Namespaces whose pods must start for admission to answer at all."""

_SERVICE, _INGRESS = "kubernetes:core:Service", "kubernetes:networking.k8s.io:Ingress"
# Rules that look at what stands beside an object, and have something to say of one that stands alone. {rule: which
# types, all when none are named; what is different}
_ALONE: Mapping[str, tuple[Sequence[str], str]] = {
    "IAM-003": ((), "the pod names its account itself"),
    "K8S-005": ((), "the pod says it itself; its ServiceAccount is not looked at"),
    "RAY-001": ((_SERVICE, _INGRESS), "a Service and an Ingress as they are; network policies are the gate's affair"),
    "RES-005": ((), "hosts that are allowed; storage accounts of the stack are not known"),
}
# What no object says. {rule: why}
_UNSEEN: Mapping[str, str] = {
    "DEL-001": "protection is an option of the engine's",
    "DEL-003": "what a change ignores is an option of the engine's",
    "ENC-008": "what looks like a secret is found when the document is made, and a Secret holds one by right",
}
# Drivers and device plugins need the machine; their namespaces say so, and K8S-001 looks at them.
_DRIVERS = {"matchExpressions": [{"key": "falaj.ae/role", "operator": "NotIn", "values": ["gpu-system"]}]}
# Kubernetes' own, which write down the roles that it comes with.
_ITS_OWN = ["system:apiserver", "system:serviceaccount:kube-system:clusterrole-aggregation-controller"]
# What changes of an object while it goes.
_FREED = ["status", *(f"metadata/{part}" for part in ("finalizers", "generation", "managedFields", "resourceVersion"))]
_ACTIONS = {"mandatory": "deny", "advisory": "warn"}
_METADATA = "rego.metadata.chain()"
_IMPORT = re.compile(r"import data\.falaj\.(\w+)")

_ENTRY = """\
# {title}: the gate's rule, asked about one object. Made of {file}.
package admission.{name}

import data.lib.falaj.rules.{name}

group := object.get({{"": "core"}}, input.review.kind.group, input.review.kind.group)

type := sprintf("kubernetes:%s/%s:%s", [group, input.review.kind.version, input.review.kind.kind])

# What is to get a name of the API server's own has none yet.
name := object.get(input.review, "name", "")

# Whoever lets go of an object need not mend it first; whatever else is changed of it is judged.
operation := "delete" if {{
	input.review.object.metadata.deletionTimestamp
	kept(input.review.object) == kept(object.get(input.review, "oldObject", input.review.object))
}} else := "update"

kept(found) := json.remove(found, {freed})

document := {{
	"schema": 1,
	"gate": "resource",
	"stack": input.parameters.stack,
	"params": input.parameters.params,
	"resources": {{"object": {{"type": type, "name": name, "inputs": input.review.object, "edges": {{}}}}}},
	"operations": {{"object": operation}},
}}

verdicts := found if found := {name}.results with input as document

trusted if input.review.userInfo.username in input.parameters.trusted

remediation := {remediation}

violation contains {{"msg": msg, "details": {{"rule": "{id}", "result": verdict.result}}}} if {{
	not trusted
	some verdict in verdicts
	verdict.result != "pass"
	msg := sprintf("{id} %s: %s. %s", [name, verdict.message, remediation])
}}

# A rule that gives no result is no rule that passed.
violation contains {{"msg": "{id}: the rule gave no result", "details": {{"rule": "{id}"}}}} if not verdicts
"""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """One rule at the cluster's door."""

    rule: Rule
    types: Sequence[str]
    """Of objects, as the rule names them: `kubernetes:apps:Deployment`."""
    template: Object
    constraint: Object


def admission(
    stack: Stack,
    params: Mapping[str, Any],
    exempt: Mapping[str, Sequence[str]] | None = None,
    rego: Path = bundle.REGO,
) -> list[Admission]:
    """Every rule that can be asked about one object, as strict as the stack's profile has it.

    `exempt` are further namespaces that a rule is not asked about, by its id. Raises GATE-017 for a rule that
    Gatekeeper could not run, GATE-025 for one in `exempt` that is not asked at all.
    """
    rules = {rule.id: rule for rule in bundle.catalogue(rego)}
    carried = {name: types for name, rule in rules.items() if (types := carries(rule))}
    if unknown := sorted(set(exempt or {}) - set(carried)):
        raise FalajError("GATE-025", unknown[0], "no admission asks that rule")
    made: list[Admission] = []
    for name, types in carried.items():
        modules = _modules(name, rego)
        template = _template(rules[name], modules)
        constraint = _constraint(rules[name], types, stack, params, modules.values(), (exempt or {}).get(name, ()))
        made.append(Admission(rule=rules[name], types=types, template=template, constraint=constraint))
    return made


def carries(rule: Rule) -> tuple[str, ...]:
    """The types of objects that admission asks a rule about; none for a rule that stays at the gate."""
    if rule.id in _UNSEEN or (rule.needs == "stack" and rule.id not in _ALONE):
        return ()
    types = (type for type in rule.applies_to if type.startswith("kubernetes:") and "*" not in type)
    only, _ = _ALONE.get(rule.id, ((), ""))
    return tuple(type for type in types if not only or type in only)


def stays(rule: Rule) -> str:
    """Why a rule about objects of a cluster is asked by the gate alone; "" for one that is not."""
    if carries(rule) or not any(type.startswith("kubernetes:") for type in rule.applies_to):
        return ""
    return _UNSEEN.get(rule.id, "it looks at what stands beside the object")


def differs(rule: Rule) -> str:
    """What admission cannot take into account of what the gate does; "" where both see the same."""
    return _ALONE[rule.id][1] if rule.id in _ALONE else ""


def watched(types: Iterable[str]) -> list[Object]:
    """What the API server has to ask about, as a webhook's `rules` say it: these types and nothing else."""
    groups: dict[str, set[str]] = {}
    for group, kind in map(_kind, types):
        groups.setdefault(group, set()).add(plural(kind))
    groups.get("", set()).update({"pods/ephemeralcontainers"} if "pods" in groups.get("", ()) else ())
    return [
        {"apiGroups": [group], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": sorted(resources)}
        for group, resources in sorted(groups.items())
    ]


def plural(kind: str) -> str:
    """`NetworkPolicy` as the API's paths have it: `networkpolicies`."""
    name = kind.lower()
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}es" if name.endswith("s") else f"{name}s"


def _template(rule: Rule, modules: Mapping[str, str]) -> Object:
    name, (file, *_) = _name(rule.id), modules
    entry = _ENTRY.format(
        title=f"{rule.id} {rule.title}",
        file=file,
        name=name,
        id=rule.id,
        freed=json.dumps(_FREED),
        remediation=json.dumps(rule.remediation, ensure_ascii=False),
    )
    libs = [_spaced(_moved(text, rule)) for text in modules.values()]
    source = {"version": "v1", "rego": _spaced(entry), "libs": libs}
    free: Object = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    users: Object = {"type": "array", "items": {"type": "string"}}
    schema = {"type": "object", "properties": {"stack": free, "params": free, "trusted": users}}
    return {
        "apiVersion": "templates.gatekeeper.sh/v1",
        "kind": "ConstraintTemplate",
        "metadata": {
            "name": _type_name(rule.id).lower(),
            "annotations": {"metadata.gatekeeper.sh/title": rule.title, "description": rule.remediation},
        },
        "spec": {
            "crd": {"spec": {"names": {"kind": _type_name(rule.id)}, "validation": {"openAPIV3Schema": schema}}},
            "targets": [{"target": TARGET, "code": [{"engine": "Rego", "source": source}]}],
        },
    }


def _constraint(
    rule: Rule,
    types: Iterable[str],
    stack: Stack,
    params: Mapping[str, Any],
    modules: Iterable[str],
    exempt: Iterable[str],
) -> Object:
    text = "\n".join(modules)
    kinds: dict[str, list[str]] = {}
    for group, kind in map(_kind, types):
        kinds.setdefault(group, []).append(kind)
    facts = stack.model_dump()
    match: Object = {
        "kinds": [{"apiGroups": [group], "kinds": names} for group, names in kinds.items()],
        "excludedNamespaces": [*EXEMPT, *exempt],
    }
    if rule.id == "K8S-002":
        match["namespaceSelector"] = _DRIVERS
    return {
        "apiVersion": f"{GROUP}/v1beta1",
        "kind": _type_name(rule.id),
        "metadata": {"name": rule.id.lower()},
        "spec": {
            "enforcementAction": _ACTIONS[getattr(rule.level, stack.profile)],
            "match": match,
            "parameters": {
                "stack": {key: facts[key] for key in _read("stack", text) if key in facts},
                "params": {key: params[key] for key in _read("params", text) if key in params},
                "trusted": _ITS_OWN if rule.id == "IAM-004" else [],
            },
        },
    }


def _modules(rule: str, rego: Path) -> dict[str, str]:
    """{file: text} of a rule and of all that it imports, the rule first."""
    packages, wanted, found = _packages(rego), [f"rules.{_name(rule)}"], dict[str, str]()
    while wanted:
        file = packages[wanted.pop(0)]
        name, text = file.relative_to(rego.parents[1]).as_posix(), file.read_text()
        if name not in found:
            found[name] = text
            wanted += _imports(name, text)
    return found


def _imports(file: str, text: str) -> list[str]:
    """The packages below `falaj` that a module imports; nothing else of `data` is to be had in there."""
    code = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    imports = [match[1] for line in code if (match := _IMPORT.fullmatch(line))]
    if other := [line for line in code if re.search(r"(?<![\w.])data\.", line) and not _IMPORT.fullmatch(line)]:
        raise FalajError("GATE-017", file, f"no cluster can look that up: {other[0].strip()}")
    return imports


def _moved(text: str, rule: Rule) -> str:
    """A module below `lib`. Gatekeeper reads no metadata, so what a rule asks of its own is written out."""
    moved = re.sub(r"^package falaj\.", "package lib.falaj.", text, count=1, flags=re.MULTILINE)
    moved = re.sub(r"^import data\.falaj\.", "import data.lib.falaj.", moved, flags=re.MULTILINE)
    if not re.search(r"^package lib\.falaj\.rules\.", moved, re.MULTILINE) or _METADATA not in moved:
        return moved
    said = json.dumps([{"annotations": {"custom": {"applies_to": rule.applies_to}}}])
    return f"{moved.replace(_METADATA, 'metadata')}\n# What `{_METADATA}` gives at the gate.\nmetadata := {said}\n"


def _spaced(text: str) -> str:
    """Without the tabs of `opa fmt`, which no YAML can show as they are."""
    return re.sub(r"^\t+", lambda tabs: "  " * len(tabs[0]), text, flags=re.MULTILINE)


def _read(of: str, text: str) -> list[str]:
    """Which facts of `input.stack` or `input.params` a rule reads."""
    found = re.findall(rf'\binput\.{of}\.(\w+)|\["{of}", "(\w+)"', text)
    return sorted({one or other for one, other in found})


@cache
def _packages(rego: Path) -> dict[str, Path]:
    """{package below `falaj`: file}"""
    found: dict[str, Path] = {}
    for file in sorted(rego.rglob("*.rego")):
        if match := re.search(r"^package falaj\.(\S+)$", file.read_text(), re.MULTILINE):
            found[match[1]] = file
    return found


def _kind(type_: str) -> tuple[str, str]:
    """(API group, kind) of a type as rules name it."""
    _, group, kind = type_.split(":")
    return "" if group == "core" else group, kind


def _name(rule: str) -> str:
    return rule.lower().replace("-", "_")


def _type_name(rule: str) -> str:
    return f"Falaj{rule.replace('-', '').capitalize()}"
