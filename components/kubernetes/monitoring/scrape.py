"""Whose metrics are read: found in the cluster by namespace and labels, never by an annotation that anybody may set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from components.kubernetes.context import selector
from components.kubernetes.flow import Flow, Peer

NAMESPACE = "monitoring"
_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105  where it lies
_CLUSTER = {
    "authorization": {"credentials_file": f"{_TOKEN}/token"},
    "scheme": "https",
    "tls_config": {"ca_file": f"{_TOKEN}/ca.crt"},
}


@dataclass(frozen=True, kw_only=True)
class Job:
    """Pods that tell metrics."""

    name: str
    namespace: str | None
    """Any when None."""
    labels: Mapping[str, str]
    port: int
    of_others: bool = False
    """Whether it tells of other things than itself: its labels stand, and none of its pod are added."""
    own_certificate: bool = False
    """Whether it wants TLS and our token, with a certificate that it makes itself."""
    more: Mapping[str, str] = field(default_factory=dict[str, str])
    """Labels of the pod that its metrics get, by their names there."""

    def config(self) -> dict[str, Any]:
        """As Prometheus has it."""
        made: dict[str, Any] = {
            "job_name": self.name,
            "honor_labels": self.of_others,
            "kubernetes_sd_configs": [{"role": "pod", **self._where()}],
            "relabel_configs": [*self._chosen(), *([] if self.of_others else self._labelled())],
        }
        if self.own_certificate:
            made |= {**_CLUSTER, "tls_config": {"insecure_skip_verify": True}}
        return made

    def _where(self) -> dict[str, Any]:
        selector = ",".join(f"{key}={value}" for key, value in self.labels.items())
        names = {} if self.namespace is None else {"namespaces": {"names": [self.namespace]}}
        return {**names, "selectors": [{"role": "pod", "label": selector}]}

    def _chosen(self) -> list[dict[str, Any]]:
        """One target a pod, at the job's port; several ports of a pod become the same target."""
        return [
            {"source_labels": ["__meta_kubernetes_pod_phase"], "regex": "Pending|Succeeded|Failed", "action": "drop"},
            {
                "source_labels": ["__meta_kubernetes_pod_ip"],
                "regex": "(.+)",
                "replacement": f"$1:{self.port}",
                "target_label": "__address__",
            },
        ]

    def _labelled(self) -> list[dict[str, Any]]:
        sources = {"namespace": "namespace", "pod": "pod_name", "node": "pod_node_name"}
        named = {key: f"__meta_kubernetes_{source}" for key, source in sources.items()}
        named |= {key: f"__meta_kubernetes_pod_label_{label}" for key, label in self.more.items()}
        return [{"source_labels": [source], "target_label": key} for key, source in named.items()]


def _named(name: str, namespace: str, port: int, *, of_others: bool = False) -> Job:
    return Job(name=name, namespace=namespace, labels=selector(name), port=port, of_others=of_others)


JOBS = (
    _named("prometheus", NAMESPACE, 9090),
    _named("alertmanager", NAMESPACE, 9093),
    _named("kube-state-metrics", NAMESPACE, 8080, of_others=True),
    _named("opencost", "opencost", 9003, of_others=True),
    _named("dcgm-exporter", "gpu-operator", 9400),
    Job(
        name="ray",
        namespace=None,
        labels={"ray.io/is-ray-node": "yes"},
        port=8080,
        more={"ray_io_cluster": "ray_io_cluster", "ray_io_group": "ray_io_group"},
    ),
    _named("kuberay-operator", "falaj-system", 8080, of_others=True),
    Job(
        name="kueue",
        namespace="kueue-system",
        labels={"control-plane": "controller-manager"},
        port=8443,
        of_others=True,
        own_certificate=True,
    ),
    Job(
        name="cert-manager",
        namespace="cert-manager",
        labels={"app.kubernetes.io/component": "controller"},
        port=9402,
        of_others=True,
    ),
    _named("karpenter", "karpenter", 8080, of_others=True),
    _named("external-secrets", "external-secrets", 8080, of_others=True),
    _named("velero", "velero", 8085, of_others=True),
    Job(
        name="gatekeeper",
        namespace="gatekeeper-system",
        labels={"gatekeeper.sh/system": "yes"},
        port=8888,
        of_others=True,
    ),
)


def scraped(pods: Mapping[str, str], *ports: int) -> Flow:
    """The way by which Prometheus reaches a namespace's pods; part of the `flows` of each namespace that has a job."""
    reader = Peer(ports=ports, namespace=NAMESPACE, pods=selector("prometheus"))
    return Flow(name="metrics", pods=pods, ingress=[reader])


def config(stack: str, jobs: Sequence[Job] = JOBS) -> str:
    """The text of Prometheus' configuration."""
    alertmanager = _named("alertmanager", NAMESPACE, 9093).config()
    discovered = {key: alertmanager[key] for key in ("kubernetes_sd_configs", "relabel_configs")}
    told: dict[str, Any] = {
        "global": {"scrape_interval": "30s", "evaluation_interval": "30s", "external_labels": {"stack": stack}},
        "rule_files": ["/etc/prometheus/rules/*.yaml"],
        "alerting": {"alertmanagers": [discovered]},
        "scrape_configs": [_kubelet("kubelet", "/metrics"), _kubelet("cadvisor", "/metrics/cadvisor")]
        + [job.config() for job in jobs],
    }
    return yaml.safe_dump(told, sort_keys=False)


def _kubelet(name: str, path: str) -> dict[str, Any]:
    """The kubelet's own metrics, and its containers'. No agent on the machine is needed, and none is there."""
    return {
        "job_name": name,
        "metrics_path": path,
        "honor_labels": True,
        **_CLUSTER,
        "kubernetes_sd_configs": [{"role": "node"}],
        "relabel_configs": [{"source_labels": ["__meta_kubernetes_node_name"], "target_label": "node"}],
    }
