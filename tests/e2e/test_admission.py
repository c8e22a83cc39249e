"""What tries to get past the gate meets the cluster's own admission: a real API server and a real Gatekeeper."""

import copy
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.kubernetes.admission_rules import NAMESPACE
from components.local import processes
from infra.cli.sim.deploy import deployed
from infra.cli.sim.destroy import destroyed
from infra.home import PROJECT
from infra.plan.cluster.client import Client, Object, RefusedError
from infra.plan.cluster.config import Config
from infra.sim.gatekeeper import NAME
from policies.gate import admission as gate
from policies.gate import bundle
from tests.e2e import simulated
from tests.e2e.sims import Sims, standing

PROGRAM = Path(__file__).with_name("admission_program")
STACK, SPACE = "uae-aws", "escape"
IMAGE = f"{simulated.REGISTRY}/app:1@sha256:{'0' * 64}"
RAY: Object = {"apiVersion": "ray.io/v1", "kind": "RayCluster", "metadata": {"name": "demo", "namespace": "team"}}
pytestmark = [pytest.mark.e2e, pytest.mark.cluster, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def sims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sims]:
    with standing(tmp_path_factory, STACK, "--nodes", "l40s=0", "--nodes", "h200=0") as made:
        yield made


@pytest.fixture(scope="module")
def client(sims: Sims, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """With a namespace where Pod Security lets everything pass, made before anybody asked about that."""
    document = yaml.safe_load((PROJECT / "stacks" / f"Pulumi.{STACK}.yaml").read_text())
    document["config"]["falaj:profile"] = "dev"  # nothing looks at signatures there
    stacks = tmp_path_factory.mktemp("stacks")
    (stacks / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(document))
    there = (STACK, sims.home / "sim" / STACK, sims.home / "sim" / STACK / "kubeconfig", True)
    client = sims.client(STACK)
    for one in (namespace(SPACE, "privileged"), account(SPACE)):
        client.apply(one)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FALAJ_STACKS", str(stacks))
        deployed(*there, project=PROGRAM)
        yield client
        client.delete(RAY)
        gone(client, RAY)  # after a Job has cleared what it kept outside; KubeRay gives up on that after 300 s
        lose(sims)
        destroyed(*there)
    assert client.get({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}) is None


def lose(sims: Sims) -> None:
    """Gatekeeper is gone, and nobody brings it back; `up` does."""
    processes.remove(sims.home / "sim" / STACK / "programs", NAME)


def gone(client: Client, found: Object, seconds: float = 200) -> None:
    deadline = time.monotonic() + seconds
    while client.get(found):
        assert time.monotonic() < deadline, f"{found['metadata']['name']} is still there"
        time.sleep(0.2)


def until(client: Client, found: Object, holds: Callable[[Any], Any], seconds: float = 90) -> Object:
    """The object once its status is so."""
    deadline = time.monotonic() + seconds
    while not holds((now := client.get(found) or {}).get("status") or {}):
        assert time.monotonic() < deadline, f"{found['kind']} {found['metadata']['name']}: {now.get('status')}"
        time.sleep(0.2)
    return now


def namespace(name: str, level: str = "restricted", **labels: str) -> Object:
    security = {"pod-security.kubernetes.io/enforce": level, "pod-security.kubernetes.io/enforce-version": "latest"}
    tags = simulated.context(prod=False).labelled("x")
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
    "tag alone": ("IMG-001", lambda spec: spec["containers"][0].update(image=f"{simulated.REGISTRY}/app:latest")),
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


def test_a_refusal_says_what_the_gate_says(client: Client) -> None:
    message = refused(client, changed(BAD["host path"][1]))
    place = 'spec.volumes[0] is {"hostPath":{"path":"/","type":""},"name":"host"}'
    (description,) = [rule.remediation for rule in bundle.catalogue() if rule.id == "K8S-002"]
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
    live = until(client, RAY, lambda status: status.get("state") == "ready")
    made = {**RAY, "metadata": {"name": "open", "namespace": SPACE}, "spec": live["spec"]}
    message = refused(client, changed(lambda spec: spec.pop("authOptions"), made))
    assert "RAY-002 open: spec.authOptions.mode is absent, must be token" in message


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


@pytest.mark.parametrize("case", ["privileged", "host path"])
def test_in_a_closed_namespace_pod_security_says_no_first(client: Client, case: str) -> None:
    found = changed(BAD[case][1])
    found["metadata"]["namespace"] = "team"
    client.apply(account("team"))
    assert 'violates PodSecurity "restricted:latest"' in refused(client, found)


def accounts(client: Client) -> list[str]:
    listed = client.ask("GET", "/api/v1/serviceaccounts")["items"]
    names = [(one["metadata"]["namespace"], one["metadata"]["name"]) for one in listed]
    return [f"system:serviceaccount:{space}:{name}" for space, name in names if space != "kube-system"]


def may(client: Client, user: str, **what: str) -> bool:
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview"}
    space = user.split(":")[2]
    groups = ["system:serviceaccounts", f"system:serviceaccounts:{space}", "system:authenticated"]
    asked = {**review, "spec": {"user": user, "groups": groups, "resourceAttributes": what}}
    at = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    return client.ask("POST", at, asked)["status"]["allowed"]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("verb", ["get", "list", "watch"])
def test_nobody_reads_another_namespaces_secrets(client: Client, verb: str) -> None:
    users = accounts(client)
    assert {"system:serviceaccount:team:demo", f"system:serviceaccount:{NAMESPACE}:gatekeeper-admin"} <= set(users)
    assert [user for user in users if may(client, user, verb=verb, resource="secrets", namespace="other")] == []
    assert may(
        client,
        f"system:serviceaccount:{NAMESPACE}:gatekeeper-admin",
        verb=verb,
        resource="secrets",
        namespace=NAMESPACE,
    )


def test_a_stolen_token_opens_no_other_namespace_and_turns_nothing_off(client: Client, sims: Sims) -> None:
    for space in ("team", "other"):
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "mine", "namespace": space}}
        client.apply({**secret, "stringData": {"password": f"of {space}"}})
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    at = "/api/v1/namespaces/team/serviceaccounts/demo/token"
    token = client.ask("POST", at, asked)["status"]["token"]  # pyright: ignore[reportArgumentType]
    authority = (sims.home / "sim" / STACK / "pki" / "ca.crt").read_text()
    thief = Client(Config(client.server, ssl.create_default_context(cadata=authority), token))
    tries: list[tuple[Any, str]] = [
        ("GET", "/api/v1/namespaces/other/secrets/mine"),
        ("GET", "/api/v1/namespaces/team/secrets/mine"),
        ("GET", "/api/v1/secrets"),
        ("DELETE", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"),
        ("DELETE", "/apis/constraints.gatekeeper.sh/v1beta1/falajk8s002/k8s-002"),
        ("DELETE", f"/api/v1/namespaces/{NAMESPACE}"),
    ]
    for method, path in tries:
        with pytest.raises(RefusedError, match="system:serviceaccount:team:demo") as caught:
            thief.ask(method, path)
        assert (caught.value.status, caught.value.reason) == (403, "Forbidden"), path


def test_a_secret_of_another_namespace_cannot_be_mounted(client: Client) -> None:
    """There is no word for it: a pod's secrets are those of its own namespace."""
    volume = {"name": "stolen", "secret": {"secretName": "mine", "namespace": "other"}}
    message = refused(client, changed(lambda spec: spec.update(volumes=[volume])))
    assert "secret.namespace: field not declared in schema" in message


def test_rays_own_operator_gets_its_pods_in(client: Client) -> None:
    """What KubeRay adds to the pods that the gate has seen, it adds by the rules."""
    found = until(client, RAY, lambda status: status.get("state") == "ready")
    assert found["status"]["readyWorkerReplicas"] == 1


def test_gatekeeper_finds_nothing_to_change_in_our_types(client: Client) -> None:
    found = client.ask("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")["items"]
    shaped = [one for one in found if one["spec"]["group"] == gate.GROUP]
    assert len(shaped) >= 18
    assert {one["metadata"]["generation"] for one in shaped} == {1}


def leaving(client: Client) -> Object:
    """A pod that somebody holds, and that was to go while it was right."""
    found = pod()
    found["metadata"] |= {"name": "leaving", "finalizers": ["falaj.ae/held"]}
    found["spec"]["schedulerName"] = "nobody"
    client.apply(found)
    client.delete(found)
    return found


def test_while_gatekeeper_is_away_pods_wait_nodes_live_and_what_goes_goes(client: Client, sims: Sims) -> None:
    held = leaving(client)
    lose(sims)
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
        system["spec"]["serviceAccountName"] = "default"
        for space in ("kube-system", NAMESPACE):
            system["metadata"]["namespace"] = space
            client.apply(system, dry_run=True)
        other = copy.deepcopy(held)
        other["metadata"]["labels"] = {"app": "another"}
        assert "failed calling webhook" in refused(client, other)
        del held["metadata"]["finalizers"]
        client.apply(held)
        assert client.get(held) is None
    finally:
        sims.run("up", STACK, "--nodes", "l40s=0", "--nodes", "h200=0")
    client.apply(pod(), dry_run=True)


def test_what_is_there_already_is_found(client: Client) -> None:
    """`default` was there before any rule; the audit says so of it."""
    constraint = {"apiVersion": f"{gate.GROUP}/v1beta1", "kind": "FalajK8s001", "metadata": {"name": "k8s-001"}}
    found = until(client, constraint, lambda status: status.get("totalViolations"), 130)
    names = {one["name"] for one in found["status"]["violations"]}
    assert {"default", SPACE} <= names
    assert not names & set(gate.EXEMPT)
