"""What tries to get past the gate meets the cluster's own admission: a real API server and a real Gatekeeper."""

import copy
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.admission import Admission
from components.kubernetes.bill import types
from infra.plan.cluster.client import Client, Object, RefusedError
from policies.gate import admission as gate
from tests.components.kubernetes import rig
from tests.components.kubernetes.test_admission import args
from tests.components.kubernetes.test_ray import made as ray
from tests.e2e.gatekeeper import Gatekeeper
from tests.e2e.sims import Sims, standing

pytestmark = [pytest.mark.e2e, pytest.mark.cluster, pytest.mark.timeout(300)]
SPACE, SIM = "escape", "admission"
IMAGE = f"{rig.REGISTRY}/falaj/app:1@sha256:{'0' * 64}"


@pytest.fixture(scope="module")
def sims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sims]:
    with standing(tmp_path_factory, "uae-aws", name=SIM) as made:
        yield made


@pytest.fixture(scope="module")
def guard(sims: Sims, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatekeeper]:
    made = rig.deployed(lambda: Admission("admission", args()))
    region = Path(sims.run("kubeconfig", SIM)["kubeconfig"]).parent
    one = Gatekeeper(sims.client(SIM), region, made, tmp_path_factory.mktemp("gatekeeper"))
    try:
        one.set_up()
        # Where Pod Security lets everything pass; made before anybody asked about that.
        one.client.apply(namespace(SPACE, "privileged"))
        one.client.apply(account(SPACE))
        one.hook()
        time.sleep(1)  # the API server takes a hook up within a second
        yield one
    finally:
        one.stop()


@pytest.fixture
def client(guard: Gatekeeper) -> Client:
    return guard.client


def namespace(name: str, level: str = "restricted", **labels: str) -> Object:
    security = {"pod-security.kubernetes.io/enforce": level, "pod-security.kubernetes.io/enforce-version": "latest"}
    said = {key: rig.context().labelled("x")[key] for key in rig.SETTINGS["policy"].get("required_tags", ())}
    tags = {**rig.context().labelled("x"), **said}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {**tags, **security, **labels}},
    }


def pod() -> Object:
    """One that is right in every way."""
    amounts = {"cpu": "100m", "memory": "64Mi", "ephemeral-storage": "64Mi"}
    container = {
        "name": "app",
        "image": IMAGE,
        "resources": {"requests": amounts, "limits": amounts},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    spec = {
        "automountServiceAccountToken": False,
        "serviceAccountName": "app",
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "app", "namespace": SPACE}, "spec": spec}


def account(space: str) -> Object:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "app", "namespace": space}}


def service(selector: dict[str, str], kind: str) -> Object:
    spec = {"type": kind, "selector": selector, "ports": [{"name": "dashboard", "port": 8265}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "head", "namespace": SPACE}, "spec": spec}


def cluster() -> Object:
    (found,) = [dict(one.inputs) for one in ray("runtime").values() if one.type.endswith(":RayCluster")]
    return found


def refused(client: Client, found: Object) -> str:
    with pytest.raises(RefusedError) as caught:
        client.apply(found, dry_run=True)
    return caught.value.message


def changed(change: Callable[[Any], Any], found: Object | None = None) -> Object:
    made = copy.deepcopy(found or pod())
    change(made["spec"])
    return made


BAD: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "privileged": ("K8S-002", lambda spec: spec["containers"][0].update(securityContext={"privileged": True})),
    "host path": ("K8S-002", lambda spec: spec.update(volumes=[{"name": "host", "hostPath": {"path": "/"}}])),
    "host network": ("K8S-002", lambda spec: spec.update(hostNetwork=True)),
    "other registry": (
        "IMG-004",
        lambda spec: spec["containers"][0].update(image="evil.example/app@sha256:" + "0" * 64),
    ),
    "tag alone": ("IMG-001", lambda spec: spec["containers"][0].update(image=f"{rig.REGISTRY}/app:latest")),
    "no limits": ("K8S-003", lambda spec: spec["containers"][0].update(resources={})),
    "a token": ("K8S-005", lambda spec: spec.update(automountServiceAccountToken=True)),
    "another's account": ("IAM-003", lambda spec: spec.update(serviceAccountName="default")),
    "reports": ("TEL-001", lambda spec: spec["containers"][0].update(env=[{"name": "RAY_X", "value": "1"}])),
}


def deployment(spec: Any) -> Object:
    labels = {"app": "app"}
    template = {"metadata": {"labels": labels}, "spec": spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "app", "namespace": SPACE},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }


def test_a_good_pod_is_admitted(client: Client) -> None:
    assert client.apply(pod(), dry_run=True)["kind"] == "Pod"
    assert client.apply(deployment(pod()["spec"]), dry_run=True)["kind"] == "Deployment"


@pytest.mark.parametrize("case", BAD)
def test_a_pod_that_breaks_a_rule_is_refused_by_it(client: Client, case: str) -> None:
    rule, change = BAD[case]
    found = changed(change)
    assert f"[{rule.lower()}] {rule} app: spec." in refused(client, found)
    assert f"[{rule.lower()}] {rule} app: spec.template.spec." in refused(client, deployment(found["spec"]))


def test_a_refusal_says_what_the_gate_says(client: Client, guard: Gatekeeper) -> None:
    message = refused(client, changed(BAD["host path"][1]))
    place = 'spec.volumes[0] is {"hostPath":{"path":"/","type":""},"name":"host"}'
    (description,) = [
        one["metadata"]["annotations"]["description"]
        for one in guard.objects()
        if one["kind"] == "ConstraintTemplate" and one["metadata"]["name"] == "falajk8s002"
    ]
    want = f"[k8s-002] K8S-002 app: {place}, must be no part of the node (hostPath). {description}"
    assert message == f'admission webhook "validation.gatekeeper.sh" denied the request: {want}'


def test_a_driver_may_have_the_machine_and_no_image_of_somebody_elses(client: Client) -> None:
    client.apply(namespace("drivers", "privileged", **{"falaj.ae/role": "gpu-system"}))
    client.apply(account("drivers"))
    found = changed(BAD["host path"][1])
    found["metadata"]["namespace"] = "drivers"
    client.apply(found, dry_run=True)
    assert "IMG-004" in refused(client, changed(BAD["other registry"][1], found))


def test_ray_without_a_token_is_refused(client: Client) -> None:
    message = refused(client, changed(lambda spec: spec.pop("authOptions"), located(cluster())))
    assert "RAY-002 demo: spec.authOptions.mode is absent, must be token" in message


@pytest.mark.parametrize("kind", ["LoadBalancer", "NodePort"])
def test_a_public_service_on_rays_head_is_refused(client: Client, kind: str) -> None:
    head = {"ray.io/node-type": "head", "ray.io/cluster": "demo"}
    message = refused(client, service(head, kind))
    assert "RAY-001 head: spec.type is" in message
    assert "NET-009" in message
    client.apply(service(head, "ClusterIP"), dry_run=True)


def test_a_namespace_without_pod_security_is_refused(client: Client) -> None:
    assert "K8S-001 loose:" in refused(client, namespace("loose", "privileged"))


def test_a_role_that_may_do_everything_is_refused(client: Client) -> None:
    everything = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "all"}}
    assert "IAM-004 all:" in refused(client, {**role, "rules": everything})


def located(found: Object) -> Object:
    return {**found, "metadata": {**found["metadata"], "namespace": SPACE}}


def served(status: dict[str, Any]) -> bool:
    return any(one["type"] == "Established" and one["status"] == "True" for one in status.get("conditions") or [])


def test_rays_own_operator_gets_its_pods_in(client: Client, guard: Gatekeeper) -> None:
    """What KubeRay adds to the pods that the gate has seen, it adds by the rules."""
    for one in types("cert-manager"):
        client.apply(one, force=True)
        guard.until(one, served)
    for one in ray("runtime").values():
        if one.type.startswith("kubernetes:"):
            client.apply(dict(one.inputs), force=True)
    found = guard.until(cluster(), lambda status: status.get("state") == "ready", 90)
    assert found["status"]["readyWorkerReplicas"] == 2


def test_gatekeeper_finds_nothing_to_change_in_our_types(client: Client, guard: Gatekeeper) -> None:
    ours = [one for one in guard.objects() if one["kind"] == "CustomResourceDefinition"]
    shaped = [one for one in ours if one["spec"]["group"] == "constraints.gatekeeper.sh"]
    assert len(shaped) >= 18
    for one in shaped:
        live = client.get(one)
        assert live
        assert live["metadata"]["generation"] == 1, one["metadata"]["name"]
        assert client.apply(one)["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]


def test_what_is_there_already_is_found(client: Client, guard: Gatekeeper) -> None:
    """`default` was there before any rule; the audit says so of it."""
    constraint = {"apiVersion": f"{gate.GROUP}/v1beta1", "kind": "FalajK8s001", "metadata": {"name": "k8s-001"}}
    found = guard.until(constraint, lambda status: status.get("totalViolations"), 60)
    names = {one["name"] for one in found["status"]["violations"]}
    assert "default" in names
    assert not names & set(gate.EXEMPT)


def test_while_gatekeeper_is_away_pods_wait_and_nodes_live(client: Client, guard: Gatekeeper) -> None:
    guard.stop()
    try:
        assert "failed calling webhook" in refused(client, pod())
        leases = client.list_of("coordination.k8s.io/v1", "Lease", "kube-node-lease", {})
        lease = {key: leases[0][key] for key in ("metadata", "spec")} | {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
        }
        lease["metadata"] = {key: lease["metadata"][key] for key in ("name", "namespace")}
        client.apply({**lease, "spec": {"holderIdentity": "test"}}, dry_run=True, force=True)
        system = copy.deepcopy(pod())
        system["metadata"]["namespace"] = "kube-system"
        system["spec"]["serviceAccountName"] = "default"
        client.apply(system, dry_run=True)
    finally:
        guard.start()
    client.apply(pod(), dry_run=True)
