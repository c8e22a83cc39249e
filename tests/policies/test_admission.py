"""Admission says what the gate says: templates are asked about every object of their rules' own fixtures."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.errors import FalajError
from policies.gate import admission, bundle, opa, params
from policies.gate.admission import Admission
from policies.gate.document import Stack

HERE = Path(__file__).parent
STACK = Stack(name="uae-aws", profile="prod", jurisdiction="uae", regimes=["pdpl"], data_class="confidential")
LIMITS = params.resolve("uae", ["pdpl"], {"registries": ["mirror.example.ae"]})
# What only the gate can tell: {rule: {(what it says with all that stands beside an object, what of the object alone)}}.
BESIDE = {
    "IAM-003": {("pass", "indeterminate")},
    "IAM-004": {("pass", "indeterminate")},
    "K8S-002": {("pass", "fail")},
    "K8S-005": {("pass", "fail"), ("indeterminate", "fail")},
    "RAY-001": {("fail", "pass"), ("pass", "indeterminate")},
}


@pytest.fixture(scope="module")
def made() -> dict[str, Admission]:
    return {one.rule.id: one for one in admission.admission(STACK, LIMITS)}


@pytest.fixture(scope="module")
def loaded(made: Mapping[str, Admission], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The modules of all templates, and which types and facts each is about."""
    folder = tmp_path_factory.mktemp("templates")
    carried: dict[str, Any] = {}
    for rule, one in made.items():
        for text in modules(one):
            (folder / f"{package(text)}.rego").write_text(text)
        given = one.constraint["spec"]["parameters"]
        carried[rule.lower().replace("-", "_")] = {
            "types": list(one.types),
            "stack": list(given["stack"]),
            "params": list(given["params"]),
        }
    (folder / "data.json").write_text(json.dumps({"carried": carried}))
    return folder


def modules(one: Admission) -> list[str]:
    (code,) = one.template["spec"]["targets"][0]["code"]
    return [code["source"]["rego"], *code["source"]["libs"]]


def package(text: str) -> str:
    return re.findall(r"^package (\S+)$", text, re.MULTILINE)[0]


def evaluate(query: str, *folders: Path, given: Any = None) -> Any:
    data = [argument for folder in folders for argument in ("-d", str(folder))]
    command = [opa.binary(), "eval", "--format", "raw", "--stdin-input", *data, query]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def asked(loaded: Path) -> list[dict[str, Any]]:
    return evaluate("data.falaj_test.admission.asked", loaded, bundle.REGO, HERE / "rego", HERE / "admission")


def result(verdict: Any) -> str:
    return verdict if isinstance(verdict, str) else verdict["result"]


def test_admission_says_of_an_object_what_the_gate_says(made: Mapping[str, Admission], asked: list[Any]) -> None:
    seen: Counter[tuple[str, bool]] = Counter()
    for case in asked:
        rule = made[case["rule"].upper().replace("_", "-")].rule
        admitted = result(case["alone"]) in ("pass", "nothing")
        seen[rule.id, admitted] += 1
        expected = [] if admitted else [f"{rule.id} it: {case['alone']['message']}. {rule.remediation}"]
        assert [one["msg"] for one in case["admission"]] == expected, case["case"]
    assert set(seen) == {(rule, admitted) for rule in made for admitted in (True, False)}


def test_what_only_the_gate_can_tell_is_known(asked: list[Any]) -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for case in asked:
        told = (result(case["gate"]), result(case["alone"]))
        if told[0] != told[1]:
            found.setdefault(case["rule"].upper().replace("_", "-"), set()).add(told)
    assert found == BESIDE


def test_every_rule_about_the_cluster_is_asked_at_admission_or_says_why_not(made: Mapping[str, Admission]) -> None:
    for rule in bundle.catalogue():
        of_cluster = any(type.startswith("kubernetes:") for type in rule.applies_to)
        assert (rule.id in made) + bool(admission.stays(rule)) == of_cluster, rule.id
    assert {"K8S-001", "K8S-002", "IMG-004", "RAY-002", "NET-009"} <= made.keys()


def test_templates_are_what_gatekeeper_takes(made: Mapping[str, Admission], loaded: Path) -> None:
    opa.run(opa.binary(), "check", "--strict", str(loaded))
    for rule, one in made.items():
        entry, *libs = modules(one)
        kind = one.template["spec"]["crd"]["spec"]["names"]["kind"]
        assert one.template["metadata"]["name"] == kind.lower()
        assert one.constraint["kind"] == kind
        assert all(package(text).startswith("lib.falaj.") for text in libs)
        present = {f"data.{package(text)}" for text in libs}
        for text in (entry, *libs):
            code = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
            assert set(re.findall(r"(?<![\w.])data\.[\w.]+", code)) <= present, rule
            assert "rego.metadata" not in code, rule


def ask(made: Mapping[str, Admission], loaded: Path, rule: str, given: Any, **review: Any) -> list[str]:
    about = {"kind": {"group": "", "version": "v1", "kind": "Namespace"}, "object": given, **review}
    parameters = made[rule].constraint["spec"]["parameters"]
    name = rule.lower().replace("-", "_")
    found = evaluate(f"data.admission.{name}.violation", loaded, given={"review": about, "parameters": parameters})
    return [one["msg"] for one in found]


def test_what_is_let_go_is_not_held_up(made: Mapping[str, Admission], loaded: Path) -> None:
    (open_,) = ask(made, loaded, "K8S-001", {"metadata": {"name": "x"}}, name="x")
    assert open_.startswith("K8S-001 x: pod-security.kubernetes.io/enforce is absent, must be restricted")
    leaving = {"metadata": {"name": "x", "deletionTimestamp": "2026-11-25T08:00:00Z"}}
    assert ask(made, loaded, "K8S-001", leaving, name="x") == []
    held = {"metadata": {**leaving["metadata"], "finalizers": ["falaj.ae/test"]}}
    assert ask(made, loaded, "K8S-001", leaving, name="x", oldObject=held) == []
    other = {"metadata": {**leaving["metadata"], "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    assert ask(made, loaded, "K8S-001", leaving, name="x", oldObject=other) == [open_]


def test_what_has_no_name_yet_is_judged(made: Mapping[str, Admission], loaded: Path) -> None:
    (message,) = ask(made, loaded, "K8S-001", {"metadata": {"generateName": "x-"}})
    assert message.startswith("K8S-001 : ")


def test_the_cluster_writes_down_its_own_roles_and_nobody_elses(made: Mapping[str, Admission], loaded: Path) -> None:
    kind = {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": "ClusterRole"}
    role = {"metadata": {"name": "admin"}, "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}
    for user, refused in (("system:apiserver", False), ("system:admin", True), ("", True)):
        found = ask(made, loaded, "IAM-004", role, name="admin", kind=kind, userInfo={"username": user})
        assert bool(found) == refused, user
    assert ask(made, loaded, "IAM-004", role, name="admin", kind=kind)  # as the audit has it: nobody asked


def test_a_rule_without_a_result_refuses(made: Mapping[str, Admission], loaded: Path, tmp_path: Path) -> None:
    for file in loaded.iterdir():
        text = file.read_text()
        broken = re.sub(
            r"(?m)^results := \{.*\n(.*\n)*?\}$", 'results := {"x": {"result": "pass", "message": 1 / 0}}', text
        )
        (tmp_path / file.name).write_text(broken if file.name.endswith("rules.k8s_001.rego") else text)
    assert "1 / 0" in (tmp_path / "lib.falaj.rules.k8s_001.rego").read_text()
    good = {"metadata": {"name": "x"}}
    assert ask(made, tmp_path, "K8S-001", good, name="x") == ["K8S-001: the rule gave no result"]


def test_the_profile_says_how_hard_a_rule_acts(made: Mapping[str, Admission]) -> None:
    assert {one.constraint["spec"]["enforcementAction"] for one in made.values()} == {"deny"}
    softer = admission.admission(STACK.model_copy(update={"profile": "dev"}), LIMITS)
    acts = {one.rule.id: one.constraint["spec"]["enforcementAction"] for one in softer}
    assert acts["RAY-002"] == "deny"
    assert acts["K8S-002"] == "warn"


def test_a_constraint_is_about_what_its_rule_is_about() -> None:
    found = {one.rule.id: one.constraint["spec"] for one in admission.admission(STACK, LIMITS, {"IMG-004": ["legacy"]})}
    assert found["RAY-001"]["match"]["kinds"] == [
        {"apiGroups": [""], "kinds": ["Service"]},
        {"apiGroups": ["networking.k8s.io"], "kinds": ["Ingress"]},
    ]
    assert found["IMG-004"]["match"]["excludedNamespaces"] == ["kube-system", "gatekeeper-system", "legacy"]
    assert found["IMG-004"]["parameters"]["params"] == {"registries": ["mirror.example.ae"]}
    assert found["RAY-003"]["parameters"]["stack"] == {"profile": "prod"}
    assert [rule for rule, spec in found.items() if "namespaceSelector" in spec["match"]] == ["K8S-002"]
    with pytest.raises(FalajError, match="GATE-025"):
        admission.admission(STACK, LIMITS, {"GPU-001": ["legacy"]})


def test_the_api_server_asks_about_these_types_and_nothing_else(made: Mapping[str, Admission]) -> None:
    watched = {group: rule["resources"] for rule in rules(made) for group in rule["apiGroups"]}
    assert watched[""] == ["namespaces", "pods", "pods/ephemeralcontainers", "services"]
    assert watched["networking.k8s.io"] == ["ingresses", "networkpolicies"]
    assert "coordination.k8s.io" not in watched  # a node whose lease nobody may renew is lost


def rules(made: Mapping[str, Admission]) -> list[dict[str, Any]]:
    return admission.watched(type for one in made.values() for type in one.types)


def test_a_rule_that_no_cluster_could_run_is_refused(tmp_path: Path) -> None:
    packs = tmp_path / "policies" / "rego"
    for file in bundle.REGO.rglob("*.rego"):
        copy = packs / file.relative_to(bundle.REGO)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text()
        copy.write_text(text + "\nlisted := data.elsewhere.list\n" if file.name.startswith("k8s_001") else text)
    with pytest.raises(FalajError, match=r"GATE-017 .*k8s_001.*data\.elsewhere"):
        admission.admission(STACK, LIMITS, rego=packs)
