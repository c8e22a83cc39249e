"""What lies between the engine's properties and a cluster's objects."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.local.provider.wire import to_python, to_struct
from infra.errors import FalajError
from infra.plan.cluster.body import id_of, identity, to_object
from infra.plan.cluster.client import RefusedError
from infra.plan.cluster.config import Config
from infra.plan.cluster.drift import overlaid, own, reconciled, strayed
from infra.plan.cluster.ready import HopelessError, awaited
from infra.plan.cluster.refusal import is_early, is_fixed, is_only_fixed, told
from infra.plan.cluster.secrets import Secrets, sealed

CANARY = "canary-f00d-5ecret"
CODED = base64.b64encode(CANARY.encode()).decode()


def test_a_secret_of_texts_becomes_data() -> None:
    given = to_struct({"kind": "Secret", "data": {"a": "MQ=="}, "stringData": sealed({"b": CANARY})})
    assert to_object(given) == {"kind": "Secret", "data": {"a": "MQ==", "b": CODED}}


def test_definitions_are_sent_as_kubernetes_writes_them() -> None:
    given = to_struct({"kind": "CustomResourceDefinition", "spec": {"x_kubernetes_map_type": "atomic"}})
    assert to_object(given)["spec"] == {"x-kubernetes-map-type": "atomic"}


def test_only_webhooks_that_somebody_answers_are_called() -> None:
    service = {"name": "hook", "namespace": "one"}
    webhooks = [
        {"name": "a", "clientConfig": {"service": service}},
        {"name": "b", "clientConfig": {"url": "https://c"}},
    ]
    given = to_struct({"kind": "MutatingWebhookConfiguration", "webhooks": webhooks})
    called = {
        one["name"]: "matchConditions" not in one for one in to_object(given, answered={"one/hook": 1})["webhooks"]
    }
    assert called == {"a": True, "b": False}
    assert all(one["matchConditions"][0]["expression"] == "false" for one in to_object(given)["webhooks"])


def test_an_object_is_known_by_its_id() -> None:
    found = identity("kubernetes:core/v1:Pod", "ray/head", to_struct({}))
    assert found == {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "head", "namespace": "ray"}}
    assert id_of(found) == "ray/head"
    assert id_of(identity("kubernetes:core/v1:Node", "a", to_struct({}))) == "a"


def test_secrets_are_sealed_wherever_they_come_back() -> None:
    live = {
        "kind": "Thing",
        "metadata": {"name": "a", "managedFields": [1]},
        "spec": {"token": CANARY, "many": ["x", {"of": 1}], "plain": "x"},
        "status": {"said": f"using {CANARY}", "coded": CODED, "else": 3},
    }
    given = {"spec": {"token": sealed(CANARY), "many": ["x", sealed({"of": 1})], "plain": "x"}}
    made = to_python(Secrets(to_struct(given)).outputs(live))
    assert made["metadata"] == {"name": "a"}
    assert made["spec"] == {"token": sealed(CANARY), "many": ["x", sealed({"of": 1})], "plain": "x"}
    assert made["status"] == {"said": sealed(f"using {CANARY}"), "coded": sealed(CODED), "else": 3}


def test_the_data_of_a_secret_is_one_whoever_marked_it() -> None:
    secrets = Secrets(to_struct({"kind": "Secret", "stringData": {"a": CANARY}}))
    made = to_python(secrets.outputs({"kind": "Secret", "metadata": {}, "data": {"a": CODED}}))
    assert made["data"] == sealed({"a": CODED})
    assert secrets.hide(f'Invalid value: "{CANARY}", {CODED}') == 'Invalid value: "[secret]", [secret]'
    quoted = Secrets(to_struct({"spec": sealed('a"b\nc')}))
    assert quoted.hide(r"a\"b\nc") == "[secret]"


LIVE: dict[str, Any] = {"spec": {"replicas": 5, "cpu": "1", "ports": [{"port": 1}], "own": "theirs"}}
APPLIED: dict[str, Any] = {"spec": {"replicas": 2, "cpu": "1", "ports": [{"port": 1}, {"port": 2}], "own": "theirs"}}
GIVEN: dict[str, Any] = {"spec": {"replicas": 2, "cpu": "1000m", "ports": [{"port": 1}, {"port": 2}]}}


def test_only_what_would_be_put_right_has_strayed() -> None:
    assert list(strayed(GIVEN, LIVE, APPLIED)) == ["spec.replicas", "spec.ports"]
    assert list(strayed({"a.b": {"c": 1}}, {"a.b": {"c": 2}}, {"a.b": {"c": 1}})) == ['["a.b"].c']
    assert list(strayed([{"a": 1}], [{"a": 2}], [{"a": 1}], "x")) == ["x[0].a"]
    assert reconciled(GIVEN, LIVE, APPLIED) == {"spec": {"replicas": 5, "cpu": "1000m", "ports": [{"port": 1}]}}
    assert reconciled({"a": sealed("x"), "b": 1}, {"a": "y"}, {"a": "x", "b": 1}) == {"a": sealed("y")}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("1000m", "1", True), (0.5, "500m", True), ("8192Mi", "8Gi", True), ("1Gi", "1G", False), ("1", "one", False)],
)
def test_an_amount_is_the_same_however_it_is_written(one: Any, other: Any, same: bool) -> None:
    for path in ("limits", "sizeLimit"):
        assert (list(strayed({path: one}, {path: other}, {path: one})) == []) is same
        assert (reconciled({path: one}, {path: other}, {path: one}) == {path: one}) is same
    assert list(strayed({"version": "1000m"}, {"version": "1"}, {"version": "1000m"})) == ["version"]


def test_what_is_empty_is_as_good_as_not_there_but_no_is_an_answer() -> None:
    assert list(strayed({"value": "", "args": []}, {}, {"value": "", "args": []})) == []
    assert list(strayed({"mount": False, "none": {}}, {}, {"mount": False, "none": {}})) == ["mount", "none"]


def test_what_the_server_writes_is_nobodys() -> None:
    live = {"metadata": {"name": "a", "uid": "1", "resourceVersion": "2"}, "status": {"x": 1}, "spec": {}}
    assert own(live) == {"metadata": {"name": "a"}, "spec": {}}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("spec.replicas", {"spec": {"replicas": 5, "cpu": "1000m", "ports": GIVEN["spec"]["ports"]}}),
        ("spec.own", {"spec": {**GIVEN["spec"], "own": "theirs"}}),
        ("spec.none.at.all", GIVEN),
    ],
)
def test_what_is_ignored_stays_as_it_is_live(path: str, wanted: dict[str, Any]) -> None:
    assert overlaid(GIVEN, LIVE, path) == wanted


def test_what_is_ignored_may_be_in_lists_and_quoted() -> None:
    given, live = {"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 3}, {"b": 4}]}
    assert overlaid(given, live, "a[1].b") == {"a": [{"b": 1}, {"b": 4}]}
    assert overlaid(given, live, "a[*].b") == live
    assert overlaid({"m": {"x/y.z": 1}}, {"m": {"x/y.z": 2}}, 'm["x/y.z"]') == {"m": {"x/y.z": 2}}


def refusal(status: int, message: str, *causes: tuple[str, str, str]) -> RefusedError:
    listed = [{"field": field, "reason": reason, "message": text} for field, reason, text in causes]
    return RefusedError(status, {"message": message, "details": {"causes": listed}})


POD: dict[str, Any] = {
    "kind": "Pod",
    "metadata": {"name": "a", "namespace": "ray"},
    "spec": {"containers": [{"name": "main", "imag": "x"}]},
}


def test_a_refusal_has_the_object_the_field_and_the_value() -> None:
    typed = "failed to create typed patch object (ray/a; v1, Kind=Pod): "
    where = '.spec.containers[name="main"].imag: field not declared in schema'
    said = told(refusal(500, typed + where), POD)
    assert (said.code, said.place) == ("KUBE-001", "Pod ray/a")
    assert said.problem == "spec.containers[name=\"main\"].imag is 'x': field not declared in schema"
    conflict = refusal(409, "Apply failed", (".spec.replicas", "FieldManagerConflict", 'conflict with "hpa"'))
    assert (told(conflict, POD).code, told(conflict, POD).problem) == ("KUBE-006", 'spec.replicas: conflict with "hpa"')


# As kube-apiserver 1.35 said them.
FIXED = [
    ("spec.selector", 'Invalid value: {"matchLabels":{"a":"c"}}: field is immutable'),
    ("spec", "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals' are forbidden"),
    ("spec", "Forbidden: pod updates may not change fields other than `spec.containers[*].image`"),
    ("spec", "Forbidden: spec is immutable after creation except resources.requests"),
    ("roleRef", 'Invalid value: {"kind":"Role"}: cannot change roleRef'),
    ("spec.clusterIPs[0]", 'Invalid value: ["10.0.0.9"]: may not change once set'),
]


@pytest.mark.parametrize(("field", "message"), FIXED)
def test_what_cannot_be_changed_in_place_is_told_from_what_is_wrong(field: str, message: str) -> None:
    wrong = ("spec.replicas", "FieldValueInvalid", "Invalid value: -1: must be greater than or equal to 0")
    fixed = (field, "FieldValueInvalid", message)
    assert is_only_fixed(refusal(422, f"{field}: {message}", fixed))
    both = refusal(422, f"[{field}: {message}, {wrong[2]}]", fixed, wrong)
    assert is_fixed(both)
    assert not is_only_fixed(both)
    assert not is_fixed(refusal(422, wrong[2], wrong))


def test_what_is_not_there_yet_is_told_from_what_is_forbidden() -> None:
    assert is_early(refusal(404, 'namespaces "ray" not found'))
    assert is_early(
        refusal(403, 'pods "a" is forbidden: error looking up service account ray/b: serviceaccount "b" not found')
    )
    assert is_early(refusal(403, 'pods "a" is forbidden: no PriorityClass with name high was found'))
    assert not is_early(refusal(403, 'pods "a" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2'))


def live(kind: str, version: str = "v1", status: Any = None, **more: Any) -> dict[str, Any]:
    notes = more.pop("annotations", {})
    metadata = {"name": "a", "generation": 2, "annotations": notes}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": {}, "status": status or {}, **more}


ROLLED = {"observedGeneration": 2, "updatedReplicas": 2, "readyReplicas": 2}


@pytest.mark.parametrize(
    ("found", "waits"),
    [
        (live("Namespace"), "it is not there"),
        (live("Namespace", status={"phase": "Active"}), ""),
        (live("Deployment", "apps/v1", {**ROLLED, "observedGeneration": 1}), "its controller has not seen it"),
        (live("Deployment", "apps/v1", {**ROLLED, "readyReplicas": 1}, spec={"replicas": 2}), "1 of 2 pods are ready"),
        (live("StatefulSet", "apps/v1", ROLLED, spec={"replicas": 2}), ""),
        (live("DaemonSet", "apps/v1", {"observedGeneration": 2, "desiredNumberScheduled": 1}), "0 of 1 pods are ready"),
        (live("Pod", status={"phase": "Pending"}), "it is Pending"),
        (live("Pod", status={"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}), ""),
        (live("RayCluster", "ray.io/v1"), "it is not seen by its operator"),
        (live("RayCluster", "ray.io/v1", {"state": "ready"}), ""),
        (live("RayService", "ray.io/v1"), ""),
        (live("Pod", "metrics.k8s.io/v1", {"phase": "Pending"}), ""),
        (live("RayCluster", "ray.io/v1", annotations={"pulumi.com/skipAwait": "true"}), ""),
        (
            live(
                "RayService",
                "ray.io/v1",
                annotations={"pulumi.com/waitFor": "jsonpath={.status.serviceStatus}=Running"},
            ),
            "jsonpath={.status.serviceStatus}=Running",
        ),
        (
            {
                **live(
                    "ValidatingWebhookConfiguration",
                    "admissionregistration.k8s.io/v1",
                    annotations={"pulumi.com/waitFor": "jsonpath={.webhooks[0].clientConfig.caBundle}"},
                ),
                "webhooks": [{"clientConfig": {"url": "https://a"}}],
            },
            "jsonpath={.webhooks[0].clientConfig.caBundle}",
        ),
        (
            live(
                "Job",
                "batch/v1",
                {"conditions": [{"type": "Complete", "status": "True"}], "succeeded": 1},
                annotations={"pulumi.com/waitFor": '["condition=Complete", "jsonpath={.status.succeeded}=1"]'},
            ),
            "",
        ),
        *(
            (
                live(
                    "ConstraintTemplate",
                    "templates.gatekeeper.sh/v1",
                    {"created": created},
                    annotations={"pulumi.com/waitFor": "jsonpath={.status.created}=true"},
                ),
                "" if created else "jsonpath={.status.created}=true",
            )
            for created in (True, False)
        ),
    ],
)
def test_each_kind_is_ready_in_its_own_way(found: dict[str, Any], waits: str) -> None:
    assert awaited(found, None) == waits  # pyright: ignore[reportArgumentType]  none of these asks the server


def test_some_never_will_be() -> None:
    conditions = [{"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "it timed out"}]
    for found, text in (
        (live("Pod", status={"phase": "Failed", "reason": "Evicted"}), "Evicted"),
        (live("Deployment", "apps/v1", {"conditions": conditions}), "it timed out"),
        (live("Job", annotations={"pulumi.com/waitFor": "ready"}), "it takes condition=TYPE"),
    ):
        with pytest.raises(HopelessError, match=text):
            awaited(found, None)  # pyright: ignore[reportArgumentType]


def test_a_kubeconfig_that_is_none_is_said_to_be(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    for text in (None, "a: [", "current-context: b\ncontexts: []\n", yaml.safe_dump([1])):
        if text is not None:
            file.write_text(text)
        with pytest.raises(FalajError, match="FALAJ-KUBE-005"):
            Config.load(file)
