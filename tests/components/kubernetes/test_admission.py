from functools import cache
from typing import Any

import pytest

from components.kubernetes.admission import Admission, AdmissionArgs
from components.kubernetes.admission_rules import HOOK, NAMESPACE, Rules
from components.kubernetes.bill import types
from policies.gate import about, admission
from tests.components.kubernetes import rig


def rules(**changed: Any) -> Rules:
    stack, limits = about.of_settings(rig.SETTINGS, name="uae-aws", dry_run=True, backend="file://state")
    asked = admission.admission(stack, limits)
    made: dict[str, Any] = {
        "templates": [one.template for one in asked],
        "constraints": [one.constraint for one in asked],
        "watched": admission.watched(type for one in asked for type in one.types),
    }
    return Rules(**{**made, **changed})


@cache
def made() -> dict[str, rig.Made]:
    return rig.deployed(lambda: Admission("admission", AdmissionArgs(context=rig.context(), rules=rules())))


def test_the_gate_finds_nothing() -> None:
    assert rig.findings(made(), "IMG-003") == {}


def test_a_type_is_there_before_its_template_and_that_before_its_constraint() -> None:
    found = made()
    constraint, template = found["admission-k8s-002"], found["admission-k8s-002-template"]
    assert "admission-k8s-002-type" in template.depends_on
    assert {"admission-k8s-002-type", "admission-k8s-002-template"} <= constraint.depends_on
    assert template.inputs["metadata"]["annotations"]["pulumi.com/waitFor"] == "jsonpath={.status.created}=true"
    assert constraint.inputs["metadata"]["annotations"]["pulumi.com/waitFor"].endswith("enforced}=true")
    assert template.inputs["metadata"]["annotations"]["description"].startswith("In each container's")


def test_nobody_is_asked_before_every_rule_is_in_force_or_about_what_a_node_lives_on() -> None:
    found = made()
    constraints = {name for name, one in found.items() if "kubernetes:constraints.gatekeeper.sh" in one.type}
    hook = found["admission-hook"]
    assert len(constraints) >= 18
    assert hook.depends_on >= constraints
    assert hook.inputs["metadata"]["name"] == HOOK
    assert hook.inputs["metadata"]["annotations"]["pulumi.com/waitFor"].endswith(".caBundle}")
    (asked,) = hook.inputs["webhooks"]
    assert asked["failurePolicy"] == "Fail"
    (exempt,) = asked["namespaceSelector"]["matchExpressions"]
    assert exempt["values"] == list(admission.EXEMPT)
    assert not any("*" in rule["resources"] for rule in asked["rules"])


def test_gatekeeper_starts_without_anybody_and_reads_no_secret_of_others() -> None:
    found = made()
    labels = found["admission-space-namespace"].inputs["metadata"]["labels"]
    assert "policy.sigstore.dev/include" not in labels
    (role,) = rig.of_type(found, "ClusterRole")
    assert not [rule for rule in role.inputs["rules"] if "secrets" in rule["resources"]]
    own = [one for one in rig.of_type(found, "Role") if one.inputs["metadata"]["name"] == "gatekeeper-own"]
    assert [one.inputs["metadata"]["namespace"] for one in own] == [NAMESPACE]
    assert {one["metadata"]["name"] for one in types("gatekeeper")} <= {
        one.inputs["metadata"]["name"] for one in rig.of_type(found, "CustomResourceDefinition")
    }


def test_a_template_without_its_constraint_is_no_rule() -> None:
    with pytest.raises(ValueError, match="do not match"):
        rules(constraints=rules().constraints[1:])
